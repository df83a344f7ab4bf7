"""Memory: a few training examples of each earlier task, as they were when its phase ended."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from mtlviz.engine.kinds import KINDS
from mtlviz.engine.purposes import MEMORY, REPLAY, generator

if TYPE_CHECKING:
    from mtlviz.engine.batches import Batch
    from mtlviz.engine.streams import Stream


@dataclass
class Memory:
    """Which examples are kept of which task, with the labels they were trained with.

    Attributes:
        numbers: Numbers of the kept training examples of each task, in drawn order.
        labels: Their labels.
    """

    numbers: dict[int, NDArray[np.int64]] = field(default_factory=dict)
    labels: dict[int, Tensor] = field(default_factory=dict)

    def keep(self, task: int, feed: Stream, count: int, balanced: bool, seed: int) -> None:
        """Keep so many examples of a task that has just been trained; fewer where it has fewer.

        Args:
            task: Number of the task.
            feed: Where its batches come from.
            count: Examples to keep.
            balanced: Whether classes are kept in equal parts, as far as there are classes.
            seed: Of the run.
        """
        order = generator(seed, MEMORY, task).permutation(len(feed.batches))
        if balanced:
            order = _in_turns(order, _classes(feed))
        self.numbers[task] = order[:count]
        self.labels[task] = feed.batches.labels[self.numbers[task]].clone()

    def draw(self, task: int, feed: Stream, count: int, seed: int, *place: int) -> Batch:
        """Some kept examples of a task as a batch, all of them where so many are asked for."""
        drawn = generator(seed, REPLAY, task, *place).permutation(len(self.numbers[task]))[:count]
        chosen = np.sort(drawn)
        return feed.collate(self.numbers[task][chosen], self.labels[task][chosen])

    def tensors(self) -> dict[str, Tensor]:
        """The labels, by name."""
        return {f"labels/{task}": labels for task, labels in self.labels.items()}

    def state(self) -> dict[str, list[int]]:
        """The numbers, as JSON."""
        return {str(task): numbers.tolist() for task, numbers in self.numbers.items()}

    def restore(self, state: dict[str, list[int]], tensors: dict[str, Tensor]) -> None:
        """Go on from what `state` and `tensors` gave."""
        self.numbers = {int(task): np.array(each, dtype=np.int64) for task, each in state.items()}
        self.labels = {task: tensors[f"labels/{task}"] for task in self.numbers}


def _classes(feed: Stream) -> NDArray[np.int64]:
    """The class of each training example; one for all where labels are no classes."""
    labels = feed.batches.labels
    if KINDS[feed.batches.task.kind].target != "class":
        return np.zeros(len(labels), dtype=np.int64)
    return labels.numpy()


def _in_turns(order: NDArray[np.int64], classes: NDArray[np.int64]) -> NDArray[np.int64]:
    """The same order, but one of each class in turn as long as there are some."""
    seen: dict[int, int] = {}
    turn = []
    for example in order:
        found = int(classes[example])
        turn.append(seen.get(found, 0))
        seen[found] = turn[-1] + 1
    return order[np.argsort(turn, kind="stable")]
