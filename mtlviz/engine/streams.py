"""Where the training batches of each task come from, one after another, and how far they are."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from mtlviz.engine.batches import Batch, TaskBatches
from mtlviz.engine.purposes import ORDER, generator
from mtlviz.engine.ranks import ALONE, Ranks, part


class Stream:
    """One task's training batches without end, reshuffled whenever all have been seen.

    Args:
        batches: The task's training split.
        examples: How many of its examples each pass draws; None for all.
        seed: Of the run.
        task: Number of the task.
        device: Where the batches are needed.

    Attributes:
        batches: The task's training split.
        epoch: How often the split has been started over.
        position: Batches already taken from the present pass.
        clean_labels: Its labels as the data have them, also while a phase makes noise.
        ranks: The processes that read each batch together.
    """

    ranks: Ranks = ALONE

    def __init__(
        self,
        batches: TaskBatches,
        examples: int | None,
        seed: int,
        task: int,
        device: torch.device | str = "cpu",
    ) -> None:
        self.batches, self.device = batches, device
        self.clean_labels = batches.labels
        self._waiting: Batch | None = None
        self.epoch, self.position = 0, 0
        self._examples, self._seed, self._task = examples, seed, task
        self._order = self._shuffled()

    def __len__(self) -> int:
        """Batches in one pass."""
        return self.batches.batches_per_epoch(self._examples)

    def some(self, count: int) -> NDArray[np.int64]:
        """Numbers of so many examples, in order, drawn by the run's seed: files may be sorted."""
        drawn = generator(self._seed, ORDER, self._task).permutation(len(self.batches))
        return np.sort(drawn[:count])

    def next(self) -> Batch:
        """The next batch, on the device or on its way there."""
        if self.position == len(self._order):
            self.move_to(self.epoch + 1, 0)
        self.prepare()
        batch, self._waiting = self._waiting, None
        self.position += 1
        return batch

    def prepare(self) -> None:
        """Put the next batch of this pass together and send it to the device, ahead of `next`.

        Nothing waits for the copy, and neither order nor place change.
        """
        if self._waiting is None and self.position < len(self._order):
            self._waiting = self.collate(self._order[self.position])

    def collate(self, indices: NDArray[np.int64], labels: Tensor | None = None) -> Batch:
        """This process's part of a batch, on the device or on its way there.

        Args:
            indices: Numbers of the batch's examples, (N,).
            labels: Labels to learn instead of their own, (N, ...).
        """
        mine, share = part(self.ranks, len(indices))
        batch = self.batches.collate(indices[mine])
        if labels is not None:
            batch = replace(batch, labels=labels[mine])
        tokens = self.batches.tokens(indices)
        batch = replace(batch, indices=indices, tokens=tokens, share=share)
        return batch.to(self.device, non_blocking=True)

    def relabel(self, labels: Tensor) -> None:
        """From now on hand out these labels; a batch that waits has the old ones."""
        if labels is not self.batches.labels:
            self.batches.labels, self._waiting = labels, None

    def move_to(self, epoch: int, position: int) -> None:
        """Go to a place that `epoch` and `position` gave before."""
        self.epoch, self.position = epoch, position
        self._order, self._waiting = self._shuffled(), None

    def _shuffled(self) -> Sequence[NDArray[np.int64]]:
        drawn = generator(self._seed, ORDER, self._task, self.epoch)
        return self.batches.epoch(drawn, self._examples)
