"""What a model cannot be, said before it is built; the app does without torch, which builds it.

A test holds these rules to what the models themselves refuse.
"""

from mtlviz.access import current, shown
from mtlviz.engine.config import CapacityConfig, RunConfig, TaskConfig
from mtlviz.engine.estimate.checkpoints import check_encoder_fits, is_vector_file
from mtlviz.engine.estimate.shapes import CheckpointShape
from mtlviz.engine.kinds import KINDS
from mtlviz.errors import ConfigError

POOLINGS = {
    "mean": ("mean",),
    "cnn": ("mean",),
    "lstm": ("last", "mean"),
    "transformer": ("mean", "cls"),
    "checkpoint": ("mean", "cls", "pooler"),
}
"""How each encoder can make one vector of many; the first two know one way alone."""
_FILTERS = 3


def check_encoder(config: RunConfig, checkpoint: CheckpointShape | None) -> None:
    """The encoder's settings fit each other and the checkpoint.

    Raises:
        MtlvizError: If they do not.
    """
    capacity = config.capacity
    chosen, known = capacity.pooling, POOLINGS[capacity.encoder]
    if len(known) > 1 and chosen not in known:
        raise ConfigError(
            f"The {capacity.encoder} encoder cannot pool by {chosen!r}. Known: {', '.join(known)}."
        )
    _check_vectors(capacity)
    check = _CHECKS.get(capacity.encoder)
    if check:
        check(capacity)
    if capacity.encoder == "checkpoint" and checkpoint is not None:
        check_encoder_fits(config, checkpoint)


def check_head(task: TaskConfig, kind: str) -> None:
    """A task's head settings fit each other.

    Raises:
        ConfigError: If they do not.
    """
    head = task.head
    if KINDS[kind].reads_apart(head) and head.fusion == "cosine_embedding" and head.layers != 1:
        raise ConfigError(
            f"Fusion 'cosine_embedding' of task {task.name!r} has no layers of its own, so layers "
            f"must be 1, got {head.layers}; 'cosine_hidden' has layers."
        )


def _check_vectors(capacity: CapacityConfig) -> None:
    vectors = capacity.vectors
    if (
        capacity.encoder != "checkpoint"
        and is_vector_file(vectors)
        and not current().is_file(vectors)
    ):
        raise ConfigError(f"There is no file of word vectors {shown(vectors)}.")


def _check_cnn(capacity: CapacityConfig) -> None:
    if capacity.width < _FILTERS or capacity.depth < 1:
        raise ConfigError(
            "The cnn encoder needs a width of at least 3 (a filter of each size) and at least 1 "
            f"layer, got width {capacity.width} and {capacity.depth} layers."
        )


def _check_lstm(capacity: CapacityConfig) -> None:
    if capacity.depth < 1:
        raise ConfigError("The lstm encoder needs at least 1 layer, got 0.")


def _check_transformer(capacity: CapacityConfig) -> None:
    if capacity.width % capacity.attention_heads:
        raise ConfigError(
            "The width must be a multiple of the attention heads, got width "
            f"{capacity.width} and {capacity.attention_heads} heads."
        )


_CHECKS = {"cnn": _check_cnn, "lstm": _check_lstm, "transformer": _check_transformer}
