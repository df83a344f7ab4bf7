"""Ranks that are threads of one process: a run's settings trained by several of them together."""

import threading
from collections.abc import Callable

import torch

from mtlviz.engine.ranks import LostRank
from mtlviz.errors import MtlvizError

SECONDS = 60


class Meeting:
    """Where the threads of a run meet."""

    def __init__(self, size: int) -> None:
        self.size, self.barrier, self.brought = size, threading.Barrier(size), [None] * size

    def exchanged(self, rank: int, brought: object) -> list:
        """What every thread has brought."""
        try:
            self.brought[rank] = brought
            self.barrier.wait(SECONDS)
            found = list(self.brought)
            self.barrier.wait(SECONDS)
        except threading.BrokenBarrierError:
            raise LostRank("Another process of this run is gone.") from None
        return found


class Threads:
    """One of them; see `mtlviz.engine.ranks.Ranks`."""

    def __init__(self, meeting: Meeting, rank: int) -> None:
        self._meeting, self.rank, self.size = meeting, rank, meeting.size

    def add_up(self, tensors) -> None:
        own = [tensor.detach() for tensor in tensors]
        brought = self._meeting.exchanged(self.rank, [each.clone() for each in own])
        for tensor, *parts in zip(own, *brought, strict=True):
            tensor.copy_(torch.stack(parts).sum(0))

    def collected(self, own):
        found = self._meeting.exchanged(self.rank, list(own))
        longest = max(map(len, found))
        return [each[place] for place in range(longest) for each in found if place < len(each)]

    def goes_on(self, more):
        return self._meeting.exchanged(self.rank, more)[0]

    def check_same(self, tensors) -> None:
        found = self._meeting.exchanged(self.rank, [each.detach().clone() for each in tensors])
        alike = [torch.equal(a, b) for other in found for a, b in zip(found[0], other, strict=True)]
        if not all(alike):
            raise MtlvizError("The processes of this run no longer hold the same model.")

    def leave(self) -> None:
        self._meeting.barrier.abort()


def together(size: int, work: Callable[[Threads], object]) -> list:
    """What each of so many threads has to return, in the order of ranks."""
    meeting, found, errors = Meeting(size), [None] * size, []

    def one(rank: int) -> None:
        try:
            found[rank] = work(Threads(meeting, rank))
        except BaseException as error:  # noqa: BLE001  the thread that waits for it raises it
            errors.append(error)
            meeting.barrier.abort()

    threads = [threading.Thread(target=one, args=(rank,)) for rank in range(size)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    real = [error for error in errors if not isinstance(error, LostRank)]
    for error in [*real, *errors][:1]:
        raise error
    return found
