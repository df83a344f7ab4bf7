"""Background computations that visitors share: thirty who open one link compute once."""

import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator
from functools import cache
from weakref import WeakSet

from mtlviz.ui import state
from mtlviz.ui.core.words import duration
from mtlviz.ui.jobs import Job, Part

# A walk of all methods from eight starts keeps 2 to 5 MB, a usual one 0.3 MB.
_MOST = 24


class Visitor:
    """Somebody who looks on; forgotten when the session ends."""


class SharedJobs:
    """Jobs by what they compute; the least recently used is dropped.

    A job that all who watch it have left is stopped. One that was stopped or failed makes way for
    a new one when somebody asks again.

    Args:
        most: How many are kept.
    """

    def __init__(self, most: int = _MOST) -> None:
        self._most = most
        self._jobs: OrderedDict[str, tuple[Job, WeakSet[Visitor]]] = OrderedDict()
        self._lock = threading.Lock()

    def find(self, key: str) -> Job | None:
        """The job of this key, if somebody asked for it before."""
        with self._lock:
            if key not in self._jobs:
                return None
            self._jobs.move_to_end(key)
            return self._jobs[key][0]

    def start(self, key: str, visitor: Visitor, parts: Callable[[], Iterator[Part]]) -> Job:
        """Watch the job of this key, which begins now unless it is there already."""
        with self._lock:
            known = self._jobs.get(key)
            if known is None or _is_spoilt(known[0]):
                known = (Job(parts()), WeakSet())
            known[1].add(visitor)
            self._jobs[key] = known
            self._jobs.move_to_end(key)
            while len(self._jobs) > self._most:
                _, (oldest, _) = self._jobs.popitem(last=False)
                oldest.cancel()
            return known[0]

    def leave(self, key: str, visitor: Visitor) -> None:
        """Watch it no longer; nobody left to watch stops it."""
        with self._lock:
            if key not in self._jobs:
                return
            job, watchers = self._jobs[key]
            watchers.discard(visitor)
            if not watchers:
                job.cancel()

    def watches(self, key: str, visitor: Visitor) -> bool:
        """Whether this visitor asked for the job and did not leave it."""
        with self._lock:
            return key in self._jobs and visitor in self._jobs[key][1]


def _is_spoilt(job: Job) -> bool:
    """Whether it ended without its whole answer."""
    return not job.running and (job.part is None or job.part.progress < 1)


@cache
def shared() -> SharedJobs:
    """The jobs of this page, for all visitors of this server."""
    return SharedJobs()


def visitor() -> Visitor:
    """Who is looking, the same through a session."""
    known = state.remember("conflict.visitor", None)
    if not isinstance(known, Visitor):
        known = Visitor()
        state.put("conflict.visitor", known)
    return known


def progress_text(job: Job, verb: str) -> str:
    """What a running job is at, and how long it still takes."""
    if job.waiting:
        return "Waiting for another computation to finish …"
    left = job.seconds_left()
    return f"{verb} …" if left is None else f"{verb} … about {duration(max(1, left))} left"
