"""From a run's settings to its tokenizer and its model."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import torch

from mtlviz.engine.choices import check_capacity, sharing_of
from mtlviz.engine.config import CapacityConfig, RunConfig
from mtlviz.engine.estimate.checkpoints import is_vector_file
from mtlviz.engine.kinds import KINDS
from mtlviz.engine.models.encoders import ENCODERS
from mtlviz.engine.models.encoders.encoder import Encoder
from mtlviz.engine.models.heads import Head, make_head
from mtlviz.engine.models.model import MultiTaskModel
from mtlviz.engine.models.subwords import CheckpointTokenizer
from mtlviz.engine.models.tokens import Tokenizer
from mtlviz.engine.models.vectors import WordVectors, file_words, word_vectors
from mtlviz.engine.models.words import WordTokenizer, split_words
from mtlviz.engine.randomness import untouched_random_state
from mtlviz.engine.tasks.task import Task
from mtlviz.errors import ConfigError


def build_tokenizer(config: RunConfig, tasks: Sequence[Task]) -> Tokenizer:
    """The tokenizer that a run's encoder and word vectors call for.

    A pretrained encoder, and word vectors from a checkpoint, use the checkpoint's own. Otherwise
    the words that occur at least twice in the tasks' training texts are numbered. With word
    vectors from a file, so are all words of any split that the file knows.

    Raises:
        MtlvizError: The encoder is unknown, or a checkpoint or a file cannot be read.
    """
    capacity = config.capacity
    if not ENCODERS[capacity.encoder].method.uses_word_vectors:
        return CheckpointTokenizer(capacity.checkpoint)
    if is_vector_file(capacity.vectors):
        occurring = {word for text in _texts(tasks) for word in split_words(text)}
        return WordTokenizer.from_texts(
            _texts(tasks, only_train=True), also=occurring & file_words(capacity.vectors)
        )
    if capacity.vectors != "random":
        return CheckpointTokenizer(capacity.vectors)
    return WordTokenizer.from_texts(_texts(tasks, only_train=True))


def build(
    config: RunConfig, tasks: Sequence[Task], tokenizer: Tokenizer, generator: torch.Generator
) -> MultiTaskModel:
    """Make a run's model on the CPU, with starting weights from the generator alone.

    Args:
        config: The run; `config.data.tasks` gives the heads' settings.
        tasks: The loaded tasks, in the same order.
        tokenizer: From `build_tokenizer`; its vocabulary decides the word vectors.
        generator: Source of every starting weight; torch's own random state is left alone.

    Raises:
        ConfigError: A name or an option is unknown, or settings contradict each other.
        MtlvizError: A checkpoint or a vector file cannot be read, or a task lacks something.
    """
    if len(tasks) != len(config.data.tasks):
        raise ConfigError(
            f"The settings name {len(config.data.tasks)} tasks, but {len(tasks)} were loaded."
        )
    check_capacity(config, [task.kind for task in tasks])
    for task in tasks:
        KINDS[task.kind].check_trainable(task)
        KINDS[task.kind].check_encoder(task.name, config.capacity.encoder)
    with untouched_random_state():
        vectors = _vectors(config.capacity, tokenizer)
        sharing = sharing_of(config).make(
            lambda: _encoder(config, vectors, generator), len(tasks), generator
        )
        heads = _heads(config, tasks, sharing.output_width, generator)
    return MultiTaskModel(sharing, heads, tasks, vectors.coverage if vectors else None)


def _heads(
    config: RunConfig, tasks: Sequence[Task], width: int, generator: torch.Generator
) -> list[Head]:
    """A head for each task, or one for all."""
    settings = config.data.tasks
    if config.data.heads == "own":
        return [
            make_head(task, chosen.head, width, generator)
            for task, chosen in zip(tasks, settings, strict=True)
        ]
    if any(chosen.head != settings[0].head for chosen in settings):
        raise ConfigError("One head for all tasks has one set of settings, but theirs differ.")
    return [make_head(tasks[0], settings[0].head, width, generator)] * len(tasks)


def try_checkpoint(config: RunConfig) -> None:
    """Read the checkpoint that a run's settings name, as `build` will, and let go of it.

    Raises:
        MtlvizError: It cannot be read, or cannot do what the settings ask of it.
    """
    capacity = config.capacity
    if ENCODERS[capacity.encoder].method.uses_word_vectors:
        word_vectors(capacity, CheckpointTokenizer(capacity.vectors))
    else:
        CheckpointTokenizer(capacity.checkpoint)
        ENCODERS[capacity.encoder]().make(config, None, torch.Generator())


def _vectors(capacity: CapacityConfig, tokenizer: Tokenizer) -> WordVectors | None:
    chosen = ENCODERS[capacity.encoder].method
    return word_vectors(capacity, tokenizer) if chosen.uses_word_vectors else None


def _encoder(config: RunConfig, vectors: WordVectors | None, generator: torch.Generator) -> Encoder:
    table = vectors.table(generator) if vectors else None
    encoder = ENCODERS[config.capacity.encoder]().make(config, table, generator)
    if config.capacity.frozen:
        encoder.freeze()
    return encoder


def _texts(tasks: Sequence[Task], only_train: bool = False) -> Iterator[str]:
    for task in tasks:
        for split, examples in task.splits.items():
            if split == "train" or not only_train:
                yield from examples.first
                yield from examples.second or ()
