"""Work of seconds, off the page: a thread of each kind computes for all, pages look in on it.

A job is an iterator of parts with a `progress` between 0 and 1. It runs on until it is done or
cancelled; cancelling is not asking the iterator again, so nothing is left half-written.
"""

import logging
import threading
import time
from collections.abc import Callable, Generator, Iterator
from functools import cache, partial
from queue import SimpleQueue
from typing import Protocol

from mtlviz.errors import MtlvizError

_AGAIN_SECONDS = 60.0  # A network that was away, a file that was being written.
_log = logging.getLogger(__name__)


class Part(Protocol):
    """What a job yields: how far it is, and whatever else the page shows."""

    @property
    def progress(self) -> float:
        """Share that is done, between 0 and 1."""


class Job:
    """One background computation; every attribute may be read from a page at any time.

    Args:
        parts: The computation; a generator is closed when the job ends, also by being cancelled.
        thread: Jobs of one thread wait for each other. What waits for a process of its own has
            another thread than what computes here.

    Attributes:
        part: The latest part, or None before the first.
        error: One sentence if it failed, else None.
        running: Whether it is waiting or at work.
    """

    def __init__(self, parts: Iterator[Part], thread: str = "job") -> None:
        self.part: Part | None = None
        self.error: str | None = None
        self.running = True
        self._started: float | None = None
        self._ended = 0.0
        self._cancelled = threading.Event()
        _line(thread).add(partial(self._work, parts))

    @property
    def outdated(self) -> bool:
        """Whether it failed long enough ago to be tried again."""
        failed = self.error is not None and not self.running
        return failed and time.monotonic() - self._ended > _AGAIN_SECONDS

    @property
    def waiting(self) -> bool:
        """Whether another job is still in front of this one."""
        return self.running and self._started is None

    def cancel(self) -> None:
        """Stop after the part at work; what is computed stays."""
        self._cancelled.set()
        if self._started is None:  # It was still waiting.
            self.running = False

    def seconds_left(self) -> float | None:
        """Estimate from the share done so far; None before the first part."""
        if self._started is None or self.part is None or not 0 < self.part.progress < 1:
            return None
        spent = time.monotonic() - self._started
        return spent * (1 - self.part.progress) / self.part.progress

    def _work(self, parts: Iterator[Part]) -> None:
        try:
            self._started = time.monotonic()
            while not self._cancelled.is_set():
                self.part = next(parts)
                # Let pages have the interpreter between two parts.
                time.sleep(0.001)
        except StopIteration:
            pass
        except MtlvizError as error:
            self.error = str(error)
        except Exception:  # noqa: BLE001  whatever it was, the page must hear of it
            _log.exception("A background computation failed")
            self.error = "The computation failed for a reason that is no setting; see the log."
        finally:
            _close(parts)
            self._ended = time.monotonic()
            self.running = False


@cache
def _line(name: str) -> "_Line":
    return _Line(name)


class _Line:
    """Jobs that wait for each other, one at a time: the second core belongs to the pages.

    The app does not wait for its thread when it ends: a job may be waiting for a process for
    minutes, and that process ends when nobody listens to it any more.
    """

    def __init__(self, name: str) -> None:
        self._waiting: SimpleQueue[Callable[[], None]] = SimpleQueue()
        threading.Thread(target=self._work, name=name, daemon=True).start()

    def add(self, work: Callable[[], None]) -> None:
        """Have this done after all that was added before."""
        self._waiting.put(work)

    def _work(self) -> None:
        while True:
            self._waiting.get()()


def _close(parts: Iterator[Part]) -> None:
    """Let a generator clean up now: whoever still holds it must not keep its process alive."""
    if isinstance(parts, Generator):
        parts.close()
