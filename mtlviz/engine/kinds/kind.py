"""What a kind of task states about itself: inputs, labels, head, loss, metrics, floor and words."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from mtlviz.engine.metrics import METRICS
from mtlviz.engine.models.encoders import ENCODERS
from mtlviz.errors import ConfigError

if TYPE_CHECKING:  # Tasks are made of kinds, and the app opens without torch.
    from torch import Tensor

    from mtlviz.engine.config import HeadConfig
    from mtlviz.engine.tasks.task import Examples, Task

Labels = NDArray[np.int64] | NDArray[np.float64]


@dataclass(frozen=True)
class Floor:
    """What the best answer that never changes scores.

    Attributes:
        score: Its development score.
        answer: The answer, in words.
        why: Why this one, in words.
    """

    score: float
    answer: str
    why: str


@dataclass(frozen=True)
class Ceiling:
    """What people score, where the data tell.

    Attributes:
        scores: Development score by each metric of the task.
        errors: Their standard errors.
        count: Examples that tell.
        how: How they tell, in words.
    """

    scores: Mapping[str, float]
    errors: Mapping[str, float]
    count: int
    how: str


@dataclass(frozen=True)
class TaskKind:
    """One kind of task, complete: nothing else asks what kind a task is.

    Attributes:
        name: Its key in `KINDS`, in meta.json and in stored runs.
        title: Input and output in a few words: "one sentence, a class".
        help: One sentence for somebody who chooses it.
        asks: What goes in and what comes out; {classes}, {low:g} and {high:g} stand for numbers.
        target: What the label column of a table holds: "class", "score" and so on.
        target_title: The same for a person.
        target_help: One sentence on how such labels are written.
        pair: Whether an example is two texts.
        label_type: Type of its labels' numbers.
        metrics: Keys of `METRICS` that fit, the usual main one first.
        outputs: Width of a head's last layer.
        check: Checks one split's labels (task, split, labels); DataError says what is wrong.
        check_training: Checks that the training split has something to learn; as above.
        check_trainable: Checks that a model can be made of it; ConfigError or DataError says why
            not.
        looks_like: Whether the cells of a label column look like this kind's; a first guess.
        parts: Names of labels in a table's cell; None where labels have no names.
        read: Labels of a table's cells (cells, names as they are written).
        problem: What is wrong with such a cell, as a clause, or None (cell, names; None where the
            names are not known yet).
        written: How label names are written in a folder's files.
        write: How one example's label is written there (label, names).
        say: One example's label in words (task, examples, place).
        noise: Random labels (task, labels of the split, how many, generator).
        counts: Examples that bear each label name (labels, C); None where there are none.
        loss: Mean loss of a batch (task, float32 logits (N, C), labels), a scalar.
        predict: Answers (task, logits (N, C)) in the form of labels.
        value: One answer (task, answer) as a program reads it: a class's name, the names of labels,
            a score, or the words of an answer.
        probabilities: Of each class or label (logits (N, C)), (N, C); None where there are none.
        floor: What the best constant answer scores; None where that has no score.
        no_floor: What to say then.
        cosine_is_score: Whether the cosine of a pair's two vectors can itself be the answer.
        reads_tokens: Whether its head reads a vector for each token of a window, not one for all.
        truth: What metrics compare answers with (examples).
        or_none: Whether the right answer may be none; the first token then stands for it.
        read_file: Reads a split's file where that is no table (path).
        ranged: Whether it needs a lowest and a highest score.
        ceiling: What people score on dev; None where the data do not tell (task).
        groups: Examples that are scored apart as well, (N,) each; empty where all are alike.
    """

    name: str
    title: str
    help: str
    asks: str
    target: str
    target_title: str
    target_help: str
    pair: bool
    label_type: type[np.int64] | type[np.float64]
    metrics: tuple[str, ...]
    outputs: Callable[[Task], int]
    check: Callable[[Task, str, Labels], None]
    check_training: Callable[[Task], None]
    check_trainable: Callable[[Task], None]
    looks_like: Callable[[Sequence[str]], bool]
    parts: Callable[[str], Sequence[str]] | None
    read: Callable[[Sequence[str], Sequence[str]], Labels]
    problem: Callable[[str, Sequence[str] | None], str | None]
    written: Callable[[Sequence[str]], Sequence[str]]
    write: Callable[[NDArray, Sequence[str]], str]
    say: Callable[[Task, Examples, int], str]
    noise: Callable[[Task, Labels, int, np.random.Generator], Labels]
    counts: Callable[[Labels, int], NDArray[np.int64] | None]
    loss: Callable[[Task, Tensor, Tensor], Tensor]
    predict: Callable[[Task, NDArray[np.float32]], Labels]
    value: Callable[[Task, Any], Any]
    probabilities: Callable[[NDArray[np.float32]], NDArray[np.float64] | None]
    floor: Callable[[Task], Floor | None]
    no_floor: str
    cosine_is_score: bool = False
    reads_tokens: bool = False
    truth: Callable[[Examples], Any] = lambda examples: examples.labels
    read_file: Callable[[Path], Examples] | None = None
    ranged: bool = False
    or_none: bool = False
    ceiling: Callable[[Task], Ceiling | None] = lambda task: None
    groups: Callable[[Examples], Mapping[str, NDArray[np.bool_]]] = lambda examples: {}

    def reads_apart(self, head: HeadConfig) -> bool:
        """Whether a head sees each text of a pair in a vector of its own."""
        return self.can_be_read_apart and head.pair == "separate"

    @property
    def can_be_read_apart(self) -> bool:
        """Whether there are two texts that a head can see one by one."""
        return self.pair and not self.reads_tokens

    def check_encoder(self, task: str, encoder: str) -> None:
        """Check that an encoder makes what the head of a task reads.

        Raises:
            ConfigError: It does not.
        """
        if self.reads_tokens and not ENCODERS[encoder].method.keeps_tokens:
            raise ConfigError(
                f"Task {task!r} marks words of a text and needs for each a vector that has read "
                f"the question, but the {encoder} encoder makes none; choose another encoder."
            )

    def fitting(self, classes: int) -> tuple[str, ...]:
        """Keys of the metrics that fit so many classes, the usual main one first."""
        return tuple(name for name in self.metrics if METRICS[name].classes in (None, classes))

    def asked(self, task: Task) -> str:
        """What goes in and what comes out of a task, in words."""
        low, high = task.score_range or (0.0, 0.0)
        return self.asks.format(classes=len(task.label_names), low=low, high=high)
