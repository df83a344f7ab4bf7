"""One task's examples as batches of token numbers: tokenised once, bucketed by length."""

from __future__ import annotations

from copy import copy
from dataclasses import dataclass, replace
from math import ceil

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from mtlviz.engine.config import HeadConfig
from mtlviz.engine.kinds import KINDS
from mtlviz.engine.models.tokens import Tokenizer, TokenRows, Tokens
from mtlviz.engine.span_windows import Windows, read_windows
from mtlviz.engine.tasks.task import SplitName, Task
from mtlviz.errors import ConfigError, DataError

POOL = 50
"""Batches whose examples are sorted by length together: enough for little padding, few enough
that every epoch still mixes."""


@dataclass(frozen=True)
class Batch:
    """What one forward pass of one task reads.

    Attributes:
        first: The texts, or the pairs read jointly; None when `features` stand in for them.
        second: The second texts of pairs encoded separately; None otherwise.
        labels: Class numbers (N,) int64, or scores (N,) float32 in the task's own units.
        indices: Which examples of the split these are, (N,).
        tokens: Real tokens that the batch brings; cached features bring none.
        features: Encoder outputs computed before, (N, r), or (N, 2, r) for pairs encoded
            separately; None when the encoder is to run.
        share: What part of a batch that several processes read together this is; `indices` and
            `tokens` are then those of the whole.
    """

    first: Tokens | None
    second: Tokens | None
    labels: Tensor
    indices: NDArray[np.int64]
    tokens: int = 0
    features: Tensor | None = None
    share: float = 1.0

    def __len__(self) -> int:
        return len(self.labels)

    def to(self, device: torch.device | str, non_blocking: bool = False) -> Batch:
        """The same batch on another device."""
        first, second, features = (
            None if part is None else part.to(device, non_blocking=non_blocking)
            for part in (self.first, self.second, self.features)
        )
        labels = self.labels.to(device, non_blocking=non_blocking)
        return replace(self, first=first, second=second, labels=labels, features=features)

    def pin_memory(self) -> Batch:
        """The same batch in page-locked memory, from which a GPU copies without waiting."""
        first, second, features = (
            None if part is None else part.pin_memory()
            for part in (self.first, self.second, self.features)
        )
        labels = self.labels.pin_memory()
        return replace(self, first=first, second=second, labels=labels, features=features)


class TaskBatches:
    """One split of one task, ready to be drawn in batches.

    Args:
        task: The task.
        split: Which of its splits.
        tokenizer: Turns its texts into token numbers, once, here.
        head: Its `pair` decides whether pairs are read jointly or each text alone.
        batch_size: Examples in a batch; the last batch of an epoch may have fewer.
        max_length: Longest input, in tokens.
        pinned: Whether batches are collated into page-locked memory, for CUDA.
        overlap: Tokens that neighbouring windows of a long paragraph share, for spans; half of
            the longest input if None.

    Attributes:
        windows: For spans, the windows that are scored; an example is learned in one of them.
        labelled: Whether its labels mean anything; not so for texts that are only asked about.
        none_threshold: By how much no answer must be ahead of the best to be given.

    Raises:
        DataError: The task lacks the split, the split is empty, or its pairs have no second text.
    """

    labelled: bool = True

    def __init__(  # noqa: PLR0913 (all that decides what a batch holds)
        self,
        task: Task,
        split: SplitName,
        tokenizer: Tokenizer,
        head: HeadConfig,
        batch_size: int,
        max_length: int,
        pinned: bool = False,
        overlap: int | None = None,
    ) -> None:
        examples = task.splits.get(split)
        if not examples:
            raise DataError(f"Task {task.name!r} has no examples in its {split!r} split.")
        self.task, self.split, self.batch_size, self.pinned = task, split, batch_size, pinned
        self.none_threshold = head.none_threshold
        self._pad_id = tokenizer.pad_id
        kind = KINDS[task.kind]
        if kind.pair and examples.second is None:
            raise DataError(f"Task {task.name!r} needs pairs, but its {split!r} split has none.")
        apart = kind.reads_apart(head)
        self._second: TokenRows | None = None
        self.features: Tensor | None = None
        self.windows: Windows | None = None
        if kind.reads_tokens:
            self.windows = read_windows(examples, tokenizer, max_length, overlap, kind.or_none)
            self._first = self.windows.learned
            self.labels = torch.as_tensor(self.windows.learned_labels)
            return
        joined = None if apart else examples.second
        self._first = TokenRows.of(tokenizer.encode(examples.first, joined, max_length))
        if apart:
            self._second = TokenRows.of(tokenizer.encode(examples.second, None, max_length))
        dtype = torch.float32 if kind.label_type is np.float64 else torch.int64
        self.labels = torch.as_tensor(examples.labels).to(dtype)

    def __len__(self) -> int:
        """Examples in the split."""
        return len(self.labels)

    def scored(self) -> TaskBatches:
        """The same split as it is scored: of spans every window, of others every example."""
        if self.windows is None:
            return self
        found = copy(self)
        found._first, found.labels = self.windows.rows, torch.as_tensor(self.windows.labels)
        return found

    def known(self, chosen: NDArray[np.int64]) -> int:
        """How many of these have a label; windows beside the answer have none."""
        if not self.labelled:
            return 0
        if self.windows is None:
            return len(chosen)
        return int((self.labels[torch.as_tensor(chosen), 0] >= 0).sum())

    @property
    def lengths(self) -> NDArray[np.int64]:
        """Tokens of each example, both texts of a pair together, (N,)."""
        return self._first.lengths + (0 if self._second is None else self._second.lengths)

    def batches_per_epoch(self, examples: int | None = None) -> int:
        """Batches in one epoch of all, or of only so many, examples."""
        return ceil(self._drawn(examples) / self.batch_size)

    def epoch(
        self, generator: np.random.Generator, examples: int | None = None
    ) -> list[NDArray[np.int64]]:
        """One epoch's batches in random order, each of examples of similar length.

        All examples (or so many, drawn without replacement) are shuffled, sorted by length
        within pools of 50 batches, cut into batches, and the batches shuffled. The generator
        alone decides the result: the same state gives the same epoch.

        Args:
            generator: Source of the order.
            examples: How many to draw for this epoch; all of them if None or more than exist.

        Returns:
            Example numbers, one array of at most `batch_size` per batch.
        """
        order = generator.permutation(len(self))[: self._drawn(examples)]
        lengths, size = self.lengths, self.batch_size
        batches: list[NDArray[np.int64]] = []
        for start in range(0, len(order), POOL * size):
            pool = order[start : start + POOL * size]
            pool = pool[np.argsort(lengths[pool], kind="stable")]
            batches += [pool[i : i + size] for i in range(0, len(pool), size)]
        return [batches[i] for i in generator.permutation(len(batches))]

    def in_length_order(self) -> list[NDArray[np.int64]]:
        """Every example once, shortest first, in batches: the cheapest order to evaluate in."""
        order = np.argsort(self.lengths, kind="stable")
        return [order[i : i + self.batch_size] for i in range(0, len(order), self.batch_size)]

    def collate(self, indices: NDArray[np.int64]) -> Batch:
        """The chosen examples as one padded batch, no wider than its longest text."""
        labels = self.labels[torch.as_tensor(indices)]
        if self.features is not None:
            features = self.features[torch.as_tensor(indices)]
            batch = Batch(None, None, labels, indices, features=features)
        else:
            first = self._first.pad(indices, self._pad_id)
            second = None if self._second is None else self._second.pad(indices, self._pad_id)
            batch = Batch(first, second, labels, indices, self.tokens(indices))
        return batch.pin_memory() if self.pinned else batch

    def tokens(self, indices: NDArray[np.int64]) -> int:
        """Real tokens that the chosen examples bring; cached features bring none."""
        if self.features is not None:
            return 0
        rows = (self._first, self._second)
        known = [each.starts for each in rows if each is not None]
        return sum(int((starts[indices + 1] - starts[indices]).sum()) for starts in known)

    def use_features(self, features: Tensor) -> None:
        """From now on hand out these encoder outputs instead of tokens.

        Args:
            features: One row per example of the split, as `cached_features` returns them.

        Raises:
            ConfigError: The number of rows is not the number of examples.
        """
        if len(features) != len(self):
            raise ConfigError(
                f"Cached features of task {self.task.name!r} have {len(features)} rows, "
                f"but its {self.split!r} split has {len(self)} examples."
            )
        self.features = features

    def _drawn(self, examples: int | None) -> int:
        return len(self) if examples is None else min(examples, len(self))
