"""How many numbers a run's model holds, from the settings alone."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import prod

from mtlviz.engine.config import CapacityConfig, HeadConfig, RunConfig
from mtlviz.engine.estimate.facts import DataFacts, TaskFacts
from mtlviz.engine.estimate.shapes import CheckpointShape
from mtlviz.engine.kinds import KINDS
from mtlviz.engine.models.encoders import ENCODERS
from mtlviz.engine.models.encoders.method import linear_size, stack_size
from mtlviz.engine.models.inserts.places import Place
from mtlviz.engine.models.sharing import SHARING

_SPECIAL = 3  # Padding, unknown word, separator.
_WIDENING = {"sum": 1, "concat": 2, "compare": 4}


@dataclass(frozen=True)
class EncoderSize:
    """One encoder in numbers.

    Attributes:
        embedding: Parameters that are looked up: word, position and segment vectors.
        body: Parameters that every token or text passes, kept as they are.
        trained_embedding: How many of `embedding` train.
        trained_body: How many of `body` train.
        table: Words and width of the table of word vectors.
        width: Width of an encoded text.
        places: Where ways of sharing may put something inside.
        inserted: Parameters put inside, as far as one token passes them.
    """

    embedding: int
    body: int
    trained_embedding: int
    trained_body: int
    table: tuple[int, int]
    width: int
    places: tuple[Place, ...] = ()
    inserted: int = 0


@dataclass(frozen=True)
class ModelSize:
    """The parameters of a whole model.

    Attributes:
        shared: Trained parameters that all tasks share.
        tasks: Trained parameters of each task alone, head included.
        frozen: Parameters that training leaves as they are.
        encoder: One encoder of the model.
    """

    shared: int
    tasks: tuple[int, ...]
    frozen: int
    encoder: EncoderSize

    @property
    def trained(self) -> int:
        """All parameters that train."""
        return self.shared + sum(self.tasks)

    @property
    def total(self) -> int:
        """All parameters."""
        return self.trained + self.frozen


def model_size(
    config: RunConfig, facts: DataFacts, checkpoint: CheckpointShape | None = None
) -> ModelSize:
    """Count the parameters of a run's model.

    Args:
        config: The run's settings.
        facts: Its data; the vocabulary decides the table of word vectors.
        checkpoint: Shape of its pretrained encoder, or of the checkpoint whose word vectors it
            takes; None if it has neither.
    """
    encoder = _encoder(config, facts, checkpoint)
    method = ENCODERS[config.capacity.encoder]()
    encoder = replace(encoder, places=method.places(config, encoder.table[1], checkpoint))
    trained = encoder.trained_embedding + encoder.trained_body
    kept = encoder.embedding + encoder.body - trained
    heads = [
        _head(task, settings.head, encoder.width)
        for task, settings in zip(facts.tasks, config.data.tasks, strict=True)
    ]
    tasks, capacity = len(heads), config.capacity
    sharing = SHARING[capacity.sharing](**capacity.sharing_options)
    if not sharing.shares:
        return ModelSize(0, tuple(trained + head for head in heads), tasks * kept, encoder)
    added = sharing.size(encoder, tasks)
    if not sharing.trains_encoder:
        trained, kept = 0, trained + kept
        encoder = replace(encoder, trained_embedding=0, trained_body=0)
    encoder = replace(encoder, inserted=added.inside)
    own = tuple(added.own + head for head in heads)
    return ModelSize(trained + added.shared, own, kept, encoder)


def _encoder(
    config: RunConfig, facts: DataFacts, checkpoint: CheckpointShape | None
) -> EncoderSize:
    capacity = config.capacity
    if not ENCODERS[capacity.encoder].method.uses_word_vectors:
        return _pretrained(capacity, checkpoint)
    table = (_SPECIAL + facts.vocabulary, capacity.vector_width)
    if capacity.vectors != "random" and checkpoint is not None:
        table = checkpoint.table
    around, body = ENCODERS[capacity.encoder]().size(config, table[1])
    embedding = prod(table) + around
    if capacity.frozen:
        return EncoderSize(embedding, body, 0, 0, table, capacity.width)
    trained = around + (prod(table) if capacity.train_vectors else 0)
    return EncoderSize(embedding, body, trained, body, table, capacity.width)


def _pretrained(capacity: CapacityConfig, shape: CheckpointShape | None) -> EncoderSize:
    if shape is None:
        raise ValueError("A pretrained encoder has the size of its checkpoint, which was not given")
    pooler = shape.pooler if capacity.pooling == "pooler" else 0
    body = sum(shape.layers) + pooler
    frozen, count = capacity.frozen, capacity.frozen_layers
    trained = 0 if frozen else sum(shape.layers[count:]) + pooler
    looked_up = 0 if frozen or count else shape.embedding
    return EncoderSize(shape.embedding, body, looked_up, trained, shape.table, shape.width)


def _head(task: TaskFacts, head: HeadConfig, inputs: int) -> int:
    """Parameters of a task's own layers; see `mtlviz.engine.models.heads`."""
    if not KINDS[task.kind].reads_apart(head):
        return _layers([inputs] + [head.width] * (head.layers - 1), task.outputs)
    if head.fusion in _WIDENING:
        before = min(head.layers - 1, 1)
        fused = _WIDENING[head.fusion] * (head.width if before else inputs)
        after = [fused] + [head.width] * (head.layers - 1 - before)
        return stack_size(inputs, head.width, before) + _layers(after, task.outputs)
    hidden = 0 if head.fusion == "cosine_embedding" else stack_size(inputs, head.width, head.layers)
    return hidden + (0 if KINDS[task.kind].cosine_is_score else linear_size(1, task.outputs))


def _layers(widths: Sequence[int], outputs: int) -> int:
    ends = [*widths[1:], outputs]
    return sum(map(linear_size, widths, ends))
