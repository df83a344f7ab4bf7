"""Where the training batches of each task come from, one after another, and how far they are."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from mtlviz.engine.batches import Batch, TaskBatches
from mtlviz.engine.purposes import ORDER, generator


class Stream:
    """One task's training batches without end, reshuffled whenever all have been seen.

    Attributes:
        batches: The task's training split.
        epoch: How often the split has been started over.
        position: Batches already taken from the present pass.
    """

    def __init__(self, batches: TaskBatches, examples: int | None, seed: int, task: int) -> None:
        self.batches = batches
        self.epoch, self.position = 0, 0
        self._examples, self._seed, self._task = examples, seed, task
        self._order = self._shuffled()

    def __len__(self) -> int:
        """Batches in one pass."""
        return self.batches.batches_per_epoch(self._examples)

    def next(self) -> Batch:
        """The next batch, on the CPU."""
        if self.position == len(self._order):
            self.move_to(self.epoch + 1, 0)
        self.position += 1
        return self.batches.collate(self._order[self.position - 1])

    def move_to(self, epoch: int, position: int) -> None:
        """Go to a place that `epoch` and `position` gave before."""
        self.epoch, self.position = epoch, position
        self._order = self._shuffled()

    def _shuffled(self) -> Sequence[NDArray[np.int64]]:
        drawn = generator(self._seed, ORDER, self._task, self.epoch)
        return self.batches.epoch(drawn, self._examples)
