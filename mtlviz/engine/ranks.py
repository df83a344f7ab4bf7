"""Ranks: the processes that train one run together, each on its part of every batch.

Every process holds the whole model and makes every update. What they add up is each task's gradient
and loss, *before* the Gram matrix is taken: the mean of every process's own Gram matrix would count
the noise of small parts of a batch as length. So combiners, weightings and records see what one
process with the whole batch would see, up to rounding, and all of them decide alike.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, Protocol, TypeVar

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from mtlviz.errors import MtlvizError

Item = TypeVar("Item")
_GONE = "Another process of this run is gone; the run can go on from its last checkpoint."
_JOINED = 1 << 22
"""Numbers that are sent together; what is copied for that is no larger."""


class LostRank(MtlvizError):
    """Another process of the run is gone, so that no further update can be made."""


class Ranks(Protocol):
    """The processes of a run, as one of them sees them.

    Attributes:
        rank: Number of this process; 0 keeps the records.
        size: How many there are.
    """

    rank: int
    size: int

    def add_up(self, tensors: Iterable[Tensor]) -> None:
        """Replace tensors by their sums over all processes.

        Raises:
            LostRank: Another process is gone.
        """

    def collected(self, own: Sequence[Item]) -> list[Item]:
        """What all processes have, one of each in turn: what `[rank::size]` has parted."""

    def goes_on(self, more: bool) -> bool:
        """Whether another update is made; the word of process 0 holds for all."""

    def check_same(self, tensors: Iterable[Tensor]) -> None:
        """Check that all processes hold the same numbers.

        Raises:
            MtlvizError: They do not.
        """

    def leave(self) -> None:
        """Part for good; a second time does nothing."""


class Alone:
    """One process that trains by itself: there is nothing to send."""

    rank, size = 0, 1

    def add_up(self, tensors: Iterable[Tensor]) -> None:
        """See `Ranks`."""

    def collected(self, own: Sequence[Item]) -> list[Item]:
        """See `Ranks`."""
        return list(own)

    def goes_on(self, more: bool) -> bool:
        """See `Ranks`."""
        return more

    def check_same(self, tensors: Iterable[Tensor]) -> None:
        """See `Ranks`."""

    def leave(self) -> None:
        """See `Ranks`."""


ALONE = Alone()


class Group:
    """Processes that torch.distributed has brought together: its default group must be there.

    Args:
        loss: One sentence on a process that is gone.
        left: What is to be done in the end.

    Attributes:
        ended: Whether process 0 has said that no update is to come.
    """

    ended = False

    def __init__(
        self, loss: Callable[[], str] = lambda: _GONE, left: Callable[[], None] = lambda: None
    ) -> None:
        from torch import distributed

        self._torch, self._loss, self._left = distributed, loss, left
        self.rank, self.size = distributed.get_rank(), distributed.get_world_size()

    def add_up(self, tensors: Iterable[Tensor]) -> None:
        """See `Ranks`."""
        for together in _runs(tensors):
            if len(together) == 1 and together[0].is_contiguous():
                self._asked("all_reduce", together[0].detach())
                continue
            flat = torch.cat([tensor.detach().reshape(-1) for tensor in together])
            self._asked("all_reduce", flat)
            parts = flat.split([tensor.numel() for tensor in together])
            for tensor, part in zip(together, parts, strict=True):
                tensor.detach().copy_(part.view_as(tensor))

    def collected(self, own: Sequence[Item]) -> list[Item]:
        """See `Ranks`; tensors come back on the CPU."""
        found: list[Any] = [None] * self.size
        self._asked("all_gather_object", found, [_on_cpu(each) for each in own])
        longest = max(map(len, found))
        return [each[place] for place in range(longest) for each in found if place < len(each)]

    def goes_on(self, more: bool) -> bool:
        """See `Ranks`."""
        word = torch.tensor([float(more)])
        self._asked("broadcast", word, 0)
        self.ended = not word[0]
        return not self.ended

    def check_same(self, tensors: Iterable[Tensor]) -> None:
        """See `Ranks`; by a sum of all numbers."""
        total = sum(float(tensor.detach().double().sum()) for tensor in tensors)
        if len({repr(each) for each in self.collected([total])}) > 1:
            raise MtlvizError(
                "The processes of this run no longer hold the same model, so it has ended; go on "
                "from its last checkpoint, or train with one process."
            )

    def told(self, word: Item | None) -> Item:
        """What process 0 has to say to all; what the others give does not count."""
        found = [word]
        self._asked("broadcast_object_list", found)
        return found[0]

    def leave(self) -> None:
        """See `Ranks`."""
        left, self._left = self._left, lambda: None
        left()

    def _asked(self, what: str, *given: Any) -> None:
        """Have torch.distributed do something in which all processes take part."""
        try:
            getattr(self._torch, what)(*given)
        except RuntimeError as error:
            raise LostRank(self._loss()) from error


def part(ranks: Ranks, count: int) -> tuple[NDArray[np.int64], float]:
    """Which of the examples of a batch a process reads, and what share of the batch they are.

    Neighbours, which are of like length, go to different processes. Where there is none for a
    process, it reads one that counts nothing: all of them take part in everything.
    """
    mine = np.arange(ranks.rank, count, ranks.size)
    return (mine, len(mine) / count) if len(mine) else (np.zeros(1, dtype=np.int64), 0.0)


def _runs(tensors: Iterable[Tensor]) -> Iterator[list[Tensor]]:
    """Tensors of one number format in groups of at most `_JOINED` numbers; a larger one alone."""
    together: list[Tensor] = []
    held = 0
    for tensor in tensors:
        full = held + tensor.numel() > _JOINED
        if together and (full or tensor.dtype != together[0].dtype):
            yield together
            together, held = [], 0
        together.append(tensor)
        held += tensor.numel()
    if together:
        yield together


def _on_cpu(each: Any) -> Any:
    return each.cpu() if isinstance(each, Tensor) else each
