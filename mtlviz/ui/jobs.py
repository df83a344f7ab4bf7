"""Work of seconds, off the page: one thread computes for everybody, pages look in on it.

A job is an iterator of parts with a `progress` between 0 and 1. It runs on until it is done or
cancelled; cancelling is not asking the iterator again, so nothing is left half-written.
"""

import logging
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import Protocol

from mtlviz.errors import MtlvizError

_log = logging.getLogger(__name__)


class Part(Protocol):
    """What a job yields: how far it is, and whatever else the page shows."""

    @property
    def progress(self) -> float:
        """Share that is done, between 0 and 1."""


class Job:
    """One background computation; every attribute may be read from a page at any time.

    Attributes:
        part: The latest part, or None before the first.
        error: One sentence if it failed, else None.
        running: Whether it is waiting or at work.
    """

    def __init__(self, parts: Iterator[Part]) -> None:
        self.part: Part | None = None
        self.error: str | None = None
        self.running = True
        self._started: float | None = None
        self._cancelled = threading.Event()
        self._future = _jobs_thread().submit(self._work, parts)

    @property
    def waiting(self) -> bool:
        """Whether another job is still in front of this one."""
        return self.running and self._started is None

    def cancel(self) -> None:
        """Stop after the part at work; what is computed stays."""
        self._cancelled.set()
        if self._future.cancel():  # It was still waiting.
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
        except Exception:
            _log.exception("A background computation failed")
            self.error = "The computation failed for a reason that is no setting; see the log."
            raise
        finally:
            self.running = False


@cache
def _jobs_thread() -> ThreadPoolExecutor:
    """One at a time: the second core belongs to the pages."""
    return ThreadPoolExecutor(max_workers=1, thread_name_prefix="job")
