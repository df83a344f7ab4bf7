"""What a task is: named examples in splits, a kind of head, and a metric."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from mtlviz.engine.kinds import KINDS

Kind = str
"""Key of `mtlviz.engine.kinds.KINDS`."""
SplitName = Literal["train", "dev", "test"]


@dataclass(frozen=True)
class Texts:
    """What a model is asked about: texts without labels.

    Attributes:
        ids: One identifier each, as the source gives it, N of them.
        first: The sentence, or the first of the pair (the question for spans).
        second: The second of the pair (the paragraph for spans); None for single sentences.
    """

    ids: tuple[str, ...]
    first: tuple[str, ...]
    second: tuple[str, ...] | None = None

    def __len__(self) -> int:
        return len(self.first)


@dataclass(frozen=True)
class Examples:
    """One split of a task, as text.

    Attributes:
        ids: One identifier per example, as the source gives it, N of them.
        first: The sentence, or the first of the pair (the question for spans).
        second: The second of the pair (the paragraph for spans); None for single sentences.
        labels: Class numbers (N,) int64; scores (N,) float64; for several labels 1 where an
            example bears one, (N, C) int64; or for spans the answer's first and one-past-last
            character in `second`, (N, 2) int64, both 0 where there is no answer.
        references: Every accepted answer text of each span example, none where there is no answer;
            None for other kinds.
        places: First and one-past-last character of each of them; None where only the label's is
            known.
    """

    ids: tuple[str, ...]
    first: tuple[str, ...]
    second: tuple[str, ...] | None
    labels: NDArray[np.int64] | NDArray[np.float64]
    references: tuple[tuple[str, ...], ...] | None = None
    places: tuple[tuple[tuple[int, int], ...], ...] | None = None

    def __len__(self) -> int:
        return len(self.first)

    def places_of(self, example: int) -> tuple[tuple[int, int], ...]:
        """First and one-past-last character of every answer that is known to a question."""
        if self.places is not None:
            return self.places[example]
        start, end = map(int, self.labels[example])
        return ((start, end),) if end else ()

    @property
    def texts(self) -> Texts:
        """The same without what must not be seen when they are answered."""
        return Texts(self.ids, self.first, self.second)


@dataclass(frozen=True)
class Task:
    """A task: what is asked of which text, and how an answer is scored.

    Attributes:
        name: Unique within a run; shown in every figure.
        kind: Key of `mtlviz.engine.kinds.KINDS`.
        label_names: Names of the classes or labels in order; empty for scores and spans.
        metric: Key of `mtlviz.engine.metrics.METRICS`, the task's main score.
        splits: At least "train" and "dev".
        origin: One sentence: where the examples come from, for display.
        score_range: Lowest and highest score of a regression task; None otherwise.
        notes: One sentence for each thing to know of how its examples were read.
        unlabelled: Reads a split whose labels nobody has but who handed it out: it can be answered
            and never scored, and nothing is learned from it, not even its words.
        clean: What its source does to every text, to be done to further ones as well.
    """

    name: str
    kind: Kind
    label_names: tuple[str, ...]
    metric: str
    splits: Mapping[SplitName, Examples]
    origin: str
    score_range: tuple[float, float] | None = None
    notes: tuple[str, ...] = ()
    unlabelled: Mapping[SplitName, Callable[[], Texts]] = field(default_factory=dict)
    clean: Callable[[str], str] = str

    @property
    def outputs(self) -> int:
        """Width of the head's last layer: classes, or 1 for a score, or 2 for a span."""
        return KINDS[self.kind].outputs(self)
