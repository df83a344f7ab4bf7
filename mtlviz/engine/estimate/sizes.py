"""How many numbers a run's model holds, from the settings alone."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from math import prod

from mtlviz.engine.config import CapacityConfig, HeadConfig, RunConfig
from mtlviz.engine.estimate.facts import DataFacts, TaskFacts
from mtlviz.engine.estimate.shapes import CheckpointShape
from mtlviz.engine.kinds import KINDS
from mtlviz.engine.models.encoders import ENCODERS
from mtlviz.engine.models.encoders.method import linear_size, stack_size
from mtlviz.engine.models.inserts.families import FAMILIES
from mtlviz.engine.models.inserts.places import Place
from mtlviz.engine.models.sharing import SHARING
from mtlviz.engine.models.sharing.method import Kept

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
        layers: Parameters of what is looked up (and stands with it) and of each layer above it:
            all of them, and those that train.
        stops: After how many layers other encoders can look in.
        places: Where ways of sharing may put something inside.
        inserted: Parameters put inside, as far as one token passes them.
        kept: What a pass keeps for its backward pass, by the way of sharing.
    """

    embedding: int
    body: int
    trained_embedding: int
    trained_body: int
    table: tuple[int, int]
    width: int
    layers: tuple[tuple[int, int], ...] = ()
    stops: int = 1
    places: tuple[Place, ...] = ()
    inserted: int = 0
    kept: Kept = field(default_factory=Kept)

    @property
    def total(self) -> int:
        """All its parameters."""
        return self.embedding + self.body

    @property
    def trained(self) -> int:
        """Those that train."""
        return self.trained_embedding + self.trained_body


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
    heads = [
        _head(task, settings.head, encoder.width)
        for task, settings in zip(facts.tasks, config.data.tasks, strict=True)
    ]
    capacity = config.capacity
    sharing = SHARING[capacity.sharing](**capacity.sharing_options)
    found, added = sharing.counts(encoder, len(heads)), sharing.size(encoder, len(heads))
    kept = sharing.kept(encoder, len(heads))
    if sharing.shares and not sharing.trains_encoder:
        encoder = replace(encoder, trained_embedding=0, trained_body=0)
    encoder = replace(encoder, inserted=added.inside, kept=kept)
    # One head of several tasks is shared as the encoder is.
    common = heads[0] if config.data.heads != "own" and len(heads) > 1 else 0
    tasks = tuple(found.own + (0 if common else head) for head in heads)
    return ModelSize(found.shared + common, tasks, found.frozen, encoder)


def _encoder(
    config: RunConfig, facts: DataFacts, checkpoint: CheckpointShape | None
) -> EncoderSize:
    capacity = config.capacity
    if not ENCODERS[capacity.encoder].method.uses_word_vectors:
        return _pretrained(capacity, checkpoint)
    table = (_SPECIAL + facts.vocabulary, capacity.vector_width)
    if capacity.vectors != "random" and checkpoint is not None:
        table = checkpoint.table
    method = ENCODERS[capacity.encoder]()
    around, body = method.size(config, table[1])
    trained = 0 if capacity.frozen else around + (prod(table) if capacity.train_vectors else 0)
    trained_body = 0 if capacity.frozen else body
    each = method.layer_sizes(config, table[1])
    # What enters the layers stands with the words.
    entering = body - sum(each)
    words = prod(table) + around + entering, trained + (0 if capacity.frozen else entering)
    layers = (words, *((size, 0 if capacity.frozen else size) for size in each))
    return EncoderSize(
        prod(table) + around, body, trained, trained_body, table, capacity.width, layers,
        method.stops(config),
    )  # fmt: skip


def _pretrained(capacity: CapacityConfig, shape: CheckpointShape | None) -> EncoderSize:
    if shape is None:
        raise ValueError("A pretrained encoder has the size of its checkpoint, which was not given")
    pooler = shape.pooler if capacity.pooling == "pooler" else 0
    body = sum(shape.layers) + pooler
    frozen, count = capacity.frozen, capacity.frozen_layers
    each = [(size, 0 if frozen or place < count else size)
            for place, size in enumerate(shape.layers)]  # fmt: skip
    last, its_trained = each.pop()
    each.append((last + pooler, its_trained + (0 if frozen else pooler)))
    looked_up = 0 if frozen or count else shape.embedding
    trained = sum(size for _, size in each)
    layers = ((shape.embedding, looked_up), *each)
    return EncoderSize(
        shape.embedding, body, looked_up, trained, shape.table, shape.width, layers,
        len(shape.layers) if shape.model_type in FAMILIES else 1,
    )  # fmt: skip


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
