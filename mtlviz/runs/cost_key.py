"""Which settings decide what an update costs."""

from mtlviz.engine.config import RunConfig

_ANY_COST = (
    "learning_rate", "head_learning_rate", "weight_decay", "warmup", "decay", "clip_norm",
    "patience", "epochs", "max_updates",
)  # fmt: skip
"""Settings of the optimisation that do not change what an update costs."""


def cost_key(config: RunConfig) -> str:
    """Equal for runs whose updates cost the same."""
    optimisation = config.optimisation.model_dump()
    kept = {name: value for name, value in optimisation.items() if name not in _ANY_COST}
    rest = config.model_dump(mode="json", exclude={"name", "seed", "version", "optimisation"})
    return f"{rest} {kept}"
