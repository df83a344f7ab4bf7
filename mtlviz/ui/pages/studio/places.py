"""Which settings the Studio shows, in which group; what each is called stands with it."""

from mtlviz.engine.config import OptimisationConfig, ProbeConfig, RunConfig
from mtlviz.engine.kinds import KINDS
from mtlviz.engine.models.encoders import ENCODERS
from mtlviz.runs.machine_slots import gpus

RECORDING = tuple(
    f"probes.{name}" for name, control in ProbeConfig.controls().items() if control.group
)
_SEED = ("seed",)
_METHODS = ("optimisation.scheduler", "optimisation.weighting", "optimisation.combiner")
_PACE = ("optimisation.epochs", "optimisation.learning_rate")
_OWN_ENCODER = ("capacity.width", "capacity.depth")
_WORD_VECTORS = ("capacity.vectors", "capacity.vector_width", "capacity.train_vectors")


def places(config: RunConfig, group: str) -> list[str]:
    """The settings of a group that are always in sight; those of another encoder are left out."""
    if group == "Data":
        return ["data.drop_leaked"]
    if group == "Capacity":
        words = ENCODERS[config.capacity.encoder].method.uses_word_vectors
        own = _OWN_ENCODER if words else ("capacity.checkpoint", "capacity.frozen_layers")
        return ["capacity.encoder", *own, "capacity.sharing"]
    # Without phases nothing comes later, and nothing is forgotten.
    later = ["continual.method"] if config.optimisation.phases else []
    return [*_METHODS, *later, *_PACE, *_SEED]


def more_places(config: RunConfig, group: str) -> list[str]:
    """The rarely used settings of a group."""
    if group == "Data":
        return ["data.heads", "data.batch_size", "data.max_length", "data.overlap"]
    if group == "Capacity":
        return _more_capacity(config)
    known = (f"optimisation.{name}" for name in OptimisationConfig.controls())
    elsewhere = {*places(config, group), "optimisation.phases"}  # Phases have a panel.
    later = [] if config.optimisation.phases else ["continual.method"]
    # With one device there is nothing to choose; a link or a file may have chosen all the same.
    several = ["processes"] if len(gpus()) > 1 or config.processes > 1 else []
    return [*(place for place in known if place not in elsewhere), *later, "device", *several]


def _more_capacity(config: RunConfig) -> list[str]:
    encoder = ENCODERS[config.capacity.encoder].method
    found = list(_WORD_VECTORS) if encoder.uses_word_vectors else []
    if config.capacity.vectors != "random" and "capacity.vector_width" in found:
        found.remove("capacity.vector_width")
    found += [f"capacity.{name}" for name in encoder.settings]
    if len(encoder.poolings) > 1:
        found.append("capacity.pooling")
    return [*found, "capacity.dropout", "capacity.frozen"]


def task_places(config: RunConfig, task: int, kind: str | None) -> tuple[list[str], list[str]]:
    """The settings of one task: its examples, and its head.

    Args:
        config: The run.
        task: Number of the task.
        kind: Its kind; None while that is not known.
    """
    start = f"data.tasks.{task}."
    examples = ["train_examples", "examples_per_epoch", "dev_examples", "label_noise"]
    head = ["head.layers", "head.width", "head.dropout"]
    if kind is not None and KINDS[kind].or_none:
        head.append("head.none_threshold")
    if kind is None or KINDS[kind].can_be_read_apart:
        head.append("head.pair")
        if config.data.tasks[task].head.pair == "separate":
            head.append("head.fusion")
    return [start + name for name in examples], [start + name for name in head]
