"""What will run, in plain words."""

from mtlviz.engine.choices import METHODS
from mtlviz.engine.config import RunConfig
from mtlviz.engine.models.encoders import ENCODERS
from mtlviz.engine.models.sharing import SHARING
from mtlviz.ui.core.words import escaped, listed


def sentences(config: RunConfig) -> list[str]:
    """One sentence for each of data, capacity and optimisation."""
    return [_data(config), _capacity(config), *_optimisation(config)]


def one_line(config: RunConfig) -> str:
    """Everything that matters, in a line."""
    chosen, capacity = config.optimisation, config.capacity
    names = listed([escaped(task.name) for task in config.data.tasks])
    pretrained = capacity.encoder == "checkpoint"
    encoder = (
        f"pretrained encoder “{_name(capacity.checkpoint)}”"
        if pretrained
        else f"{capacity.encoder} encoder, width {capacity.width}"
    )
    methods = ", ".join(
        name.replace("_", " ") for name in (chosen.scheduler, chosen.weighting, chosen.combiner)
    )
    return (
        f"Start trains **{names}** with the {encoder}, "
        f"{capacity.sharing} sharing; {methods}; {chosen.epochs} epochs, seed {config.seed}."
    )


def _data(config: RunConfig) -> str:
    names = [f"**{escaped(task.name)}**" for task in config.data.tasks]
    built_in = all(task.source == "synthetic" for task in config.data.tasks)
    kind = "built-in " if built_in else ""
    count = f"{len(names)} {kind}task" + ("s" if len(names) > 1 else "")
    leaked = ", leaked examples dropped" if config.data.drop_leaked else ""
    return f"{count} ({listed(names)}), {config.data.batch_size} examples of each a batch{leaked}."


def _capacity(config: RunConfig) -> str:
    capacity = config.capacity
    if capacity.encoder == "checkpoint":
        frozen = f", its lowest {capacity.frozen_layers} layers frozen"
        what = f"the pretrained encoder “{_name(capacity.checkpoint)}”"
        what += frozen if capacity.frozen_layers else ""
    else:
        what = f"{ENCODERS[capacity.encoder].method.noun}, **width {capacity.width}**"
    return f"Model: {what}. {SHARING[capacity.sharing].help}"


def _name(checkpoint: str) -> str:
    """A hub name as it is; of a folder of this machine only its own name."""
    own = checkpoint.rstrip("/").rsplit("/", 1)[-1]
    return escaped(own if checkpoint.startswith(("/", "~", ".")) else checkpoint)


def _optimisation(config: RunConfig) -> list[str]:
    chosen = config.optimisation
    return [
        _sentence("optimisation.scheduler", chosen.scheduler),
        _sentence("optimisation.weighting", chosen.weighting),
        _sentence("optimisation.combiner", chosen.combiner),
        f"**{chosen.epochs} epoch{'s' if chosen.epochs > 1 else ''}** of AdamW at learning rate "
        f"{chosen.learning_rate:g}, seed {config.seed}.",
    ]


def _sentence(place: str, method: str) -> str:
    return f"**{method.replace('_', ' ')}**: {METHODS[place][method].help}"
