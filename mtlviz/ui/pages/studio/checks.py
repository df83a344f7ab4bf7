"""What a model cannot be, said before it is built; the app does without torch, which builds it.

A test holds these rules to what the models themselves refuse.
"""

from mtlviz.access import current, shown
from mtlviz.engine.choices import check_capacity
from mtlviz.engine.config import RunConfig, TaskConfig
from mtlviz.engine.estimate.checkpoints import check_encoder_fits, is_vector_file
from mtlviz.engine.estimate.shapes import CheckpointShape
from mtlviz.engine.kinds import KINDS
from mtlviz.engine.models.encoders import ENCODERS
from mtlviz.errors import ConfigError


def check_encoder(config: RunConfig, checkpoint: CheckpointShape | None) -> None:
    """The encoder's settings fit each other and the checkpoint.

    Raises:
        MtlvizError: If they do not.
    """
    check_capacity(config)
    uses_word_vectors = ENCODERS[config.capacity.encoder].method.uses_word_vectors
    if uses_word_vectors:
        _check_vectors(config.capacity.vectors)
    elif checkpoint is not None:
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


def _check_vectors(vectors: str) -> None:
    if is_vector_file(vectors) and not current().is_file(vectors):
        raise ConfigError(f"There is no file of word vectors {shown(vectors)}.")
