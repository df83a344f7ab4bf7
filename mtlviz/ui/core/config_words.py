"""What will run, in plain words."""

from mtlviz.engine.choices import METHODS
from mtlviz.engine.config import OptimisationConfig, RunConfig
from mtlviz.engine.continual import CONTINUAL
from mtlviz.engine.models.encoders import ENCODERS
from mtlviz.engine.models.sharing import SHARING
from mtlviz.engine.phase_config import PhaseConfig
from mtlviz.engine.phases import phases_of
from mtlviz.ui.core.words import counted, escaped, grouped, listed


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
    methods = ", ".join(_titles(chosen))
    if chosen.phases:
        methods = f"{counted(len(chosen.phases), 'phase')}; {methods}"
    return (
        f"Start trains **{names}** with the {encoder}, "
        f"{_sharing(capacity.sharing)}; {methods}; {counted(chosen.epochs, 'epoch')}, "
        f"seed {config.seed}."
    )


def _titles(chosen: OptimisationConfig | PhaseConfig) -> list[str]:
    """What a run's or a phase's own methods are called."""
    names = {each: getattr(chosen, each) for each in ("scheduler", "weighting", "combiner")}
    return [METHODS[f"optimisation.{each}"][name].title for each, name in names.items() if name]


def _sharing(name: str) -> str:
    """`hard sharing`, `sharing by LoRA`."""
    title = SHARING[name].title
    return f"{title} sharing" if title == name else f"sharing by {title}"


def _data(config: RunConfig) -> str:
    names = [f"**{escaped(task.name)}**" for task in config.data.tasks]
    built_in = all(task.source == "synthetic" for task in config.data.tasks)
    kind = "built-in " if built_in else ""
    count = counted(len(names), f"{kind}task")
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
        *_phases(config),
        *_later(config),
        _sentence("optimisation.scheduler", chosen.scheduler),
        _sentence("optimisation.weighting", chosen.weighting),
        _sentence("optimisation.combiner", chosen.combiner),
        f"**{counted(chosen.epochs, 'epoch')}** of AdamW at learning rate "
        f"{chosen.learning_rate:g}, seed {config.seed}.",
    ]


def _phases(config: RunConfig) -> list[str]:
    """Which phases there are, and what each does in its own way."""
    phases = phases_of(config)
    if not config.optimisation.phases and len(phases) == 1:
        return []
    told = "; then ".join(map(phase_in_words, phases))
    return [f"**{counted(len(phases), 'phase')}**: {told}. All tasks are scored at every switch."]


def _later(config: RunConfig) -> list[str]:
    """What is done so that earlier tasks are not forgotten, and whose heads are whose."""
    chosen, heads = config.continual.method, config.data.heads
    spec, found = CONTINUAL[chosen], list[str]()
    if chosen != "sequential":
        found.append(f"Against forgetting, **{spec.title}**: {spec.help}")
    if heads == "one":
        found.append("One head answers for all tasks.")
    if heads == "growing":
        found.append("One head grows by the classes of each task as the task arrives.")
    return found


def phase_in_words(phase: PhaseConfig) -> str:
    """One phase: its tasks, how long it is, and what it does in its own way."""
    tasks = listed([escaped(name) for name in phase.tasks]) or "all tasks"
    own = _titles(phase)
    if phase.frozen or phase.frozen_layers or phase.frozen_heads:
        own.append(_frozen(phase))
    if phase.warmup is not None or phase.decay is not None:
        own.append("a step size of its own")
    own += [f"{phase.label_noise:.0%} of its labels random"] * (phase.label_noise > 0)
    own += ["fresh heads"] * (phase.heads == "fresh")
    own += ["a new optimiser"] * (phase.optimiser == "reset")
    return f"{tasks} for {_length(phase)}{f' ({listed(own)})' if own else ''}"


def _length(phase: PhaseConfig) -> str:
    if phase.updates is not None:
        return f"{grouped(phase.updates)} updates"
    return "all epochs" if phase.share == 1 else f"{phase.share:.3g} of the epochs"


def _frozen(phase: PhaseConfig) -> str:
    kept = ["the encoder"] * phase.frozen
    if phase.frozen_layers and not phase.frozen:
        kept.append(f"the lowest {phase.frozen_layers} layers")
    kept += [f"the head of {escaped(name)}" for name in phase.frozen_heads]
    return f"{listed(kept)} frozen"


def _sentence(place: str, method: str) -> str:
    return f"**{method.replace('_', ' ')}**: {METHODS[place][method].help}"
