"""What is to be embedded: a few texts of each task, and by which encoder. Needs no PyTorch."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field

from mtlviz.access import current
from mtlviz.engine.tasks.task import Task
from mtlviz.errors import ConfigError

VERSION = 1
"""Raised whenever the same request would give other numbers."""


class VectorEncoder(BaseModel):
    """Mean of word vectors: fast, blind to word order.

    `vectors` is "random" (every word has a random vector of its own), a GloVe-format file, or a
    checkpoint, whose table of word pieces is used. Words that a file does not know are left out.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")
    kind: Literal["vectors"] = "vectors"
    vectors: str = Field(
        "random",
        min_length=1,
        description="Word vectors: 'random', a GloVe-format file, or a checkpoint's table.",
    )
    width: int = Field(50, ge=1, le=4096, description="Width of random word vectors.")
    seed: int = Field(0, ge=0, lt=2**31, description="Decides random word vectors.")


class CheckpointEncoder(BaseModel):
    """A pretrained encoder of the BERT family, as it is, at any of its layers."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    kind: Literal["checkpoint"] = "checkpoint"
    checkpoint: str = Field(
        min_length=1, description="Pretrained encoder: a local folder or a hub name."
    )
    layer: int | None = Field(
        None, ge=0, le=200, description="0 is the embedding layer; the last layer if empty."
    )
    pooling: Literal["mean", "cls"] = Field(
        "mean", description="Average over a text's tokens, or the vector of its first token (CLS)."
    )
    max_length: int = Field(128, ge=4, le=8192, description="Longest input, in tokens.")


EncoderChoice = Annotated[VectorEncoder | CheckpointEncoder, Field(discriminator="kind")]


@dataclass(frozen=True, eq=False)
class TaskTexts:
    """Some examples of one task, as text.

    Attributes:
        name: Name of the task.
        first: The sentences, or the first of each pair, n of them.
        second: The second of each pair; None for single sentences.
        labels: Class numbers or scores, (n,), or (n, 2) for spans.
        label_names: Names of the classes; empty for scores and spans.
    """

    name: str
    first: tuple[str, ...]
    second: tuple[str, ...] | None
    labels: NDArray[np.int64] | NDArray[np.float64]
    label_names: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.first)

    @property
    def shown(self) -> list[str]:
        """Each example as one line; the texts of a pair are joined by a bar."""
        if self.second is None:
            return list(self.first)
        return [f"{one} | {two}" for one, two in zip(self.first, self.second, strict=True)]


def drawn_texts(task: Task, count: int, seed: int = 0) -> TaskTexts:
    """So many training examples of a task, drawn once per seed; all where it has fewer.

    A smaller draw is part of a larger one of the same seed, in another order.

    Args:
        task: The task.
        count: Examples wanted, at least 2: one point has no covariance.
        seed: Decides the draw.

    Raises:
        ConfigError: The count is below 2.
    """
    if count < 2:
        raise ConfigError(f"At least 2 examples a task are needed, got {count}.")
    examples = task.splits["train"]
    chosen = np.random.default_rng(seed).permutation(len(examples))[:count]
    chosen.sort()
    first = tuple(examples.first[i] for i in chosen)
    second = examples.second and tuple(examples.second[i] for i in chosen)
    return TaskTexts(task.name, first, second, examples.labels[chosen], task.label_names)


def content_key(texts: TaskTexts, encoder: VectorEncoder | CheckpointEncoder) -> str:
    """The same for equal texts under an equal encoder, whatever task or file they come from.

    Files of an encoder count by name, size and time of change.
    """
    found = hashlib.sha256(f"{VERSION} {encoder.model_dump_json()}".encode())
    place = encoder.checkpoint if isinstance(encoder, CheckpointEncoder) else encoder.vectors
    for file in _files(place):
        state = file.stat()
        found.update(repr((file.name, state.st_size, state.st_mtime_ns)).encode())
    found.update(repr((texts.first, texts.second)).encode())
    return found.hexdigest()


def _files(place: str) -> Sequence[Path]:
    """The files an encoder consists of, where they lie on this machine under the name given."""
    folder = current().local_folder(place)
    if folder is not None:
        return sorted(file for file in folder.iterdir() if file.is_file())
    return [current().find(place)] if current().is_file(place) else []
