"""Which runs are equal: a text that two runs share if they agree in every setting but some."""

import json
from collections.abc import Collection, Mapping, Sequence
from functools import lru_cache
from typing import Any

from mtlviz.engine.config import ProbeConfig, RunConfig
from mtlviz.runs.flat_settings import flat, portable

_NAMES = ("name", "version")
OBSERVED = tuple(f"probes.{name}" for name in ProbeConfig.model_fields if name != "evaluate_every")
"""What is only recorded. How often scores are taken is not: a run is judged by its best one."""
BUDGET = tuple(f"optimisation.{name}" for name in ("epochs", "max_updates", "patience"))
"""How long a run goes on."""
_CHEAP = tuple(
    f"optimisation.{name}"
    for name in (
        "learning_rate", "head_learning_rate", "weight_decay", "warmup", "decay", "clip_norm",
    )
)  # fmt: skip
"""Settings that do not change what an update costs."""
_DEFAULTS = {"capacity.sharing_options.variant": "joint"}
"""Options that say no more than leaving them out does."""


def signature(config: RunConfig, *free: str) -> str:
    """What two runs share that are equal but for their names and the settings at some places.

    Args:
        config: Settings of either run.
        free: Dotted places of settings, or of parts of them, that may differ: "seed", "probes",
            "data.tasks" ...
    """
    return _signature(portable(config).model_dump_json(), free)


# Pages that look at hundreds of runs ask again with every look.
@lru_cache(maxsize=1024)
def _signature(text: str, free: tuple[str, ...]) -> str:
    config = RunConfig.model_validate_json(text)
    # Beside a run's flat settings, where the examples to spare come from.
    spared = [task.model_dump(mode="json") for task in config.data.leak_from]
    values = {**flat(config), "data.leak_from": spared}
    plain = {place: value for place, value in values.items() if _DEFAULTS.get(place, ...) != value}
    names = [task.name for task in config.data.tasks]
    return equal_but(plain, [each for place in free for each in _flat_places(place, names)])


def _flat_places(place: str, tasks: Sequence[str]) -> list[str]:
    """A dotted place as flat settings have it, where a task stands under its name."""
    if place == "data.tasks":
        return [place, *(f"{place}[{name}]" for name in tasks)]
    number, _, rest = place.removeprefix("data.tasks.").partition(".")
    if number == place or not number.isdecimal():
        return [place]
    # A task that a run does not have is no setting of it.
    return [f"data.tasks[{name}].{rest}".rstrip(".") for name in tasks[int(number) :][:1]]


def equal_but(settings: Mapping[str, Any], free: Collection[str]) -> str:
    """The same of settings that are flat already; a task's are at "data.tasks[NAME]"."""
    left_out = {*free, *_NAMES}
    inside = tuple(f"{place}." for place in left_out)
    kept = [
        (place, value)
        for place, value in sorted(settings.items())
        if place not in left_out and not place.startswith(inside)
    ]
    return json.dumps(kept, default=str)


def cost_key(config: RunConfig) -> str:
    """Equal for runs whose updates cost the same."""
    return signature(config, "seed", *_CHEAP, *BUDGET)
