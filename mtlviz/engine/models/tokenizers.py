"""Which tokenizer a run uses, and how a stored one comes back."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from mtlviz.engine.config import RunConfig
from mtlviz.engine.models.encoders import ENCODERS
from mtlviz.engine.models.subwords import CheckpointTokenizer
from mtlviz.engine.models.tokens import Tokenizer
from mtlviz.engine.models.vectors import file_words, is_vector_file
from mtlviz.engine.models.words import WordTokenizer
from mtlviz.engine.tasks.task import Task
from mtlviz.engine.text_words import split_words
from mtlviz.errors import CheckpointError

TOKENIZERS = {"words": WordTokenizer, "checkpoint": CheckpointTokenizer}


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


def restore_tokenizer(state: dict[str, Any]) -> Tokenizer:
    """The tokenizer whose `state` was stored.

    Raises:
        CheckpointError: The state is of an unknown kind.
    """
    kind = state.get("kind")
    if kind not in TOKENIZERS:
        raise CheckpointError(
            f"A stored tokenizer has the unknown kind {kind!r}. Known: {', '.join(TOKENIZERS)}."
        )
    return TOKENIZERS[kind].from_state(state)


def _texts(tasks: Sequence[Task], only_train: bool = False) -> Iterator[str]:
    for task in tasks:
        for split, examples in task.splits.items():
            if split == "train" or not only_train:
                yield from examples.first
                yield from examples.second or ()
