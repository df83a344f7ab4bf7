"""Task texts as vectors, by any encoder. PyTorch is imported when it is used: for worker processes.

embeddings(tasks, CheckpointEncoder(checkpoint="folder", layer=3), count=200)
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from mtlviz.engine.config import CapacityConfig, DataConfig, RunConfig, TaskConfig
from mtlviz.engine.embedding_request import (
    CheckpointEncoder,
    TaskTexts,
    VectorEncoder,
    drawn_texts,
)
from mtlviz.engine.estimate.checkpoints import is_vector_file
from mtlviz.engine.tasks.task import Task
from mtlviz.engine.text_words import random_vectors, split_words, vocabulary, word_means
from mtlviz.errors import ConfigError, DataError

if TYPE_CHECKING:  # PyTorch takes seconds to import; the app's process does without it.
    from torch import Tensor

    from mtlviz.engine.models.encoders.checkpoint import PretrainedEncoder
    from mtlviz.engine.models.tokens import TokenRow, Tokens

Rows = NDArray[np.float32]
Told = Callable[[float], None]

_BATCH = 32
_LONGEST = 512
"""Word pieces of a text that are averaged, at most."""


def embeddings(
    tasks: Sequence[Task],
    encoder: VectorEncoder | CheckpointEncoder,
    count: int,
    *,
    seed: int = 0,
    on_progress: Told | None = None,
) -> dict[str, Rows]:
    """Embeddings of so many training examples of each task, (n, d) float32 by the task's name.

    Args:
        tasks: The tasks; their names must differ.
        encoder: Mean of word vectors, or a checkpoint at one layer.
        count: Examples of each task; a task with fewer gives all it has.
        seed: Decides which examples; `drawn_texts(task, count, seed)` are the texts of the rows.
        on_progress: Told the share that is done, from 0 to 1.

    Raises:
        MtlvizError: A file or a checkpoint cannot be read, or a setting is wrong.
    """
    texts = [drawn_texts(task, count, seed) for task in tasks]
    found = embedded(texts, encoder, on_progress)
    return {each.name: rows for each, rows in zip(texts, found, strict=True)}


def embedded(
    texts: Sequence[TaskTexts],
    encoder: VectorEncoder | CheckpointEncoder,
    on_progress: Told | None = None,
) -> list[Rows]:
    """Embeddings of each task's texts, (n, d) float32; a pair is read as one input.

    What a text gets does not depend on the other texts, so results can be kept one by one.

    Raises:
        MtlvizError: A file or a checkpoint cannot be read, or a setting is wrong.
    """
    told = on_progress or _nobody
    method = _by_checkpoint if isinstance(encoder, CheckpointEncoder) else _by_vectors
    found = method(texts, encoder, told)
    if not all(np.isfinite(rows).all() for rows in found):
        raise DataError("The encoder gave numbers that are not finite.")
    told(1.0)
    return found


def _by_vectors(texts: Sequence[TaskTexts], encoder: VectorEncoder, told: Told) -> list[Rows]:

    if encoder.vectors != "random" and not is_vector_file(encoder.vectors):
        return _by_table(texts, encoder)
    sentences = [split_words(text) for each in texts for text in _joined(each)]
    told(0.1)
    ends = np.cumsum([len(each) for each in texts])[:-1]
    return np.split(means_of(sentences, encoder), ends)


def means_of(sentences: Sequence[Sequence[str]], encoder: VectorEncoder) -> Rows:
    """Mean word vector of sentences given as words; random vectors need no PyTorch.

    Args:
        sentences: Each as its words.
        encoder: With vectors "random" or from a file.

    Raises:
        DataError: The file cannot be read, or knows no word of the sentences.
    """
    words = vocabulary(sentences)
    if encoder.vectors == "random":
        return word_means(sentences, words, random_vectors(words, encoder.width, encoder.seed))
    from mtlviz.engine.models.vectors import word_vectors
    from mtlviz.engine.models.words import SPECIAL, WordTokenizer

    found = word_vectors(CapacityConfig(vectors=encoder.vectors), WordTokenizer(words))
    is_known = found.is_known[len(SPECIAL) :].numpy()
    known = [word for word, there in zip(words, is_known, strict=True) if there]
    return word_means(sentences, known, found.known[len(SPECIAL) :].numpy()[is_known])


def _by_table(texts: Sequence[TaskTexts], encoder: VectorEncoder) -> list[Rows]:
    """Mean of a checkpoint's own vectors of word pieces, its marks around a text included."""
    from mtlviz.engine.models.checkpoints import embedding_table
    from mtlviz.engine.models.subwords import CheckpointTokenizer

    table = embedding_table(encoder.vectors).numpy()
    tokenizer = CheckpointTokenizer(encoder.vectors)
    numbered = [tokenizer.encode(each.first, each.second, _LONGEST) for each in texts]
    return [np.stack([table[list(row.ids)].mean(axis=0) for row in rows]) for rows in numbered]


def _by_checkpoint(
    texts: Sequence[TaskTexts], encoder: CheckpointEncoder, told: Told
) -> list[Rows]:
    from mtlviz.engine.models.subwords import CheckpointTokenizer

    model = _pretrained(encoder)
    tokenizer = CheckpointTokenizer(encoder.checkpoint)
    done, total = 0, sum(len(each) for each in texts)
    found = []
    for each in texts:
        rows = tokenizer.encode(each.first, each.second, encoder.max_length)
        part = _part(told, done / total, len(each) / total)
        found.append(_pooled(model, rows, tokenizer.pad_id, encoder.layer, part))
        done += len(each)
    return found


def _pretrained(encoder: CheckpointEncoder) -> PretrainedEncoder:
    """The encoder a run would start from, which checks what a checkpoint can do."""
    import torch

    from mtlviz.engine.models.encoders.checkpoint import PretrainedEncoder

    capacity = CapacityConfig(
        encoder="checkpoint", checkpoint=encoder.checkpoint, pooling=encoder.pooling, dropout=0.0
    )
    data = DataConfig(tasks=(TaskConfig(name="texts"),), max_length=encoder.max_length)
    model = PretrainedEncoder(RunConfig(data=data, capacity=capacity), None, torch.Generator())
    return model.eval()


def _pooled(
    encoder: PretrainedEncoder, rows: list[TokenRow], pad_id: int, layer: int | None, told: Told
) -> Rows:
    """One vector a text at one layer; texts of similar length share a batch."""
    import torch

    from mtlviz.engine.models.pooling import average
    from mtlviz.engine.models.tokens import TokenRows

    packed = TokenRows.of(rows)
    order = np.argsort(packed.lengths, kind="stable")
    found = np.empty((len(rows), encoder.output_width), dtype=np.float32)
    for start in range(0, len(order), _BATCH):
        chosen = order[start : start + _BATCH]
        tokens = packed.pad(chosen, pad_id)
        with torch.no_grad():
            hidden = _at_layer(encoder, tokens, layer)
        first = encoder.pooling == "cls"
        found[chosen] = (hidden[:, 0] if first else average(hidden, tokens.mask)).numpy()
        told((start + len(chosen)) / len(order))
    return found


def _at_layer(encoder: PretrainedEncoder, tokens: Tokens, layer: int | None) -> Tensor:
    """Vectors of the tokens (N, T, d) after one layer, of which 0 is the embedding layer."""
    embedded = encoder.embed(tokens)
    if layer is None:
        return encoder.outputs(embedded, tokens).last_hidden_state
    states = encoder.outputs(embedded, tokens, output_hidden_states=True).hidden_states or ()
    if layer >= len(states):
        raise ConfigError(f"This checkpoint has layers 0 to {len(states) - 1}, got layer {layer}.")
    return states[layer]


def _joined(texts: TaskTexts) -> list[str]:
    if texts.second is None:
        return list(texts.first)
    return [f"{one} {two}" for one, two in zip(texts.first, texts.second, strict=True)]


def _part(told: Told, start: float, share: float) -> Told:
    """Tells the whole how far one of its parts is."""
    return lambda done: told(start + share * done)


def _nobody(share: float) -> None:
    """Nobody wants to know."""
