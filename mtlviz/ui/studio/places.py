"""Which settings the Studio shows, in which group, under which label."""

from mtlviz.engine.config import RunConfig, fields
from mtlviz.engine.kinds import KINDS
from mtlviz.engine.models.encoders import ENCODERS

FIELDS = dict(fields())
"""Every setting with its description, a task's under `data.tasks.N`."""
LABELS = {
    "data.batch_size": "Batch size",
    "data.max_length": "Longest input (tokens)",
    "data.overlap": "Overlap of windows (tokens)",
    "data.drop_leaked": "Drop leaked examples",
    "capacity.encoder": "Encoder",
    "capacity.width": "Width (capacity)",
    "capacity.depth": "Layers",
    "capacity.attention_heads": "Attention heads",
    "capacity.dropout": "Dropout",
    "capacity.vectors": "Word vectors",
    "capacity.vector_width": "Width of random word vectors",
    "capacity.train_vectors": "Train the word vectors",
    "capacity.checkpoint": "Pretrained encoder",
    "capacity.pooling": "Pooling",
    "capacity.frozen_layers": "Frozen lower layers",
    "capacity.frozen": "Freeze the whole encoder",
    "capacity.sharing": "Sharing",
    "optimisation.scheduler": "Scheduler",
    "optimisation.weighting": "Weighting",
    "optimisation.combiner": "Combiner",
    "optimisation.match_sum_norm": "As long as the plain sum",
    "optimisation.epochs": "Epochs",
    "optimisation.max_updates": "Updates at most",
    "optimisation.learning_rate": "Learning rate",
    "optimisation.head_learning_rate": "Learning rate of heads",
    "optimisation.weight_decay": "Weight decay",
    "optimisation.warmup": "Warm-up (share of updates)",
    "optimisation.decay": "Decay of the learning rate",
    "optimisation.clip_norm": "Longest update (clipping)",
    "optimisation.accumulate": "Batches added up (accumulation)",
    "optimisation.precision": "Number format",
    "optimisation.gradient_checkpointing": "Recompute activations",
    "optimisation.gradient_precision": "Number format of gradients",
    "optimisation.compile": "Compile the encoder",
    "optimisation.patience": "Patience (early stopping)",
    "probes.gram_every": "Gram matrix, every … updates",
    "probes.planes_every": "Planes, every … updates",
    "probes.embeddings_every": "Embeddings, every … updates",
    "probes.affinity_every": "Affinity, every … updates",
    "probes.evaluate_every": "Scores, every … updates",
    "device": "Device",
    "seed": "Seed",
    "data.tasks.N.train_examples": "Training examples",
    "data.tasks.N.examples_per_epoch": "Drawn anew each epoch",
    "data.tasks.N.dev_examples": "Development examples",
    "data.tasks.N.label_noise": "Label noise",
    "data.tasks.N.head.layers": "Head layers",
    "data.tasks.N.head.width": "Head width",
    "data.tasks.N.head.dropout": "Head dropout",
    "data.tasks.N.head.pair": "Pair is read",
    "data.tasks.N.head.fusion": "Fusion of the two",
}
RECORDING = tuple(place for place in LABELS if place.startswith("probes."))
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
    return [*_METHODS, *_PACE, *_SEED]


def more_places(config: RunConfig, group: str) -> list[str]:
    """The rarely used settings of a group."""
    if group == "Data":
        return ["data.batch_size", "data.max_length", "data.overlap"]
    if group == "Capacity":
        return _more_capacity(config)
    shown = {*places(config, group), *RECORDING}
    others = [place for place in LABELS if place.startswith("optimisation.") and place not in shown]
    return [*others, "device"]


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
    if kind is None or KINDS[kind].can_be_read_apart:
        head.append("head.pair")
        if config.data.tasks[task].head.pair == "separate":
            head.append("head.fusion")
    return [start + name for name in examples], [start + name for name in head]


def general(place: str) -> str:
    """The place as `FIELDS` and `LABELS` have it: a task's number becomes N."""
    parts = place.split(".")
    return ".".join("N" if part.isdecimal() else part for part in parts)


def value_at(config: RunConfig, place: str) -> object:
    """The value of a setting at its dotted place."""
    found: object = config
    for name in place.split("."):
        is_task = isinstance(found, tuple) and name.isdecimal()
        found = found[int(name)] if is_task else getattr(found, name)
    return found
