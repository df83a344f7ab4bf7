"""Work of seconds, off the page: shared by all who ask for the same, fair, given up when unwatched.

A job is an iterator of parts with a `progress` between 0 and 1. Jobs that compute here take turns,
one part each, visitor by visitor: nobody's map keeps another's picture waiting. What waits for a
process of its own has a thread of its own. A job that nobody has looked at for a while, or whose
visitors all moved on to something else, is cancelled: the iterator is not asked again, so nothing
is left half-written.
"""

import logging
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Generator, Hashable, Iterator
from functools import partial
from typing import Protocol

import streamlit as st

from mtlviz.errors import MtlvizError
from mtlviz.runs.visitor_limits import current_limits
from mtlviz.ui.core import class_copy, session
from mtlviz.ui.core.words import duration, sentence

_log = logging.getLogger(__name__)
_UNWATCHED_SECONDS = 90.0  # A browser's hidden tab looks again once a minute at the least.
_RELOADED_SECONDS = 10.0  # A page that was opened anew looks no more; one in sight does all along.
_AGAIN_SECONDS = 60.0  # A network that was away, a file that was being written.
_MOST_KEPT = 64
_LOOKED_UP = "studio."  # Purposes of what the Studio counts and tries without being asked.
_EVERY = 0.7


class Progress(Protocol):
    """What a job yields: how far it is, and whatever else the page shows."""

    @property
    def progress(self) -> float:
        """Share that is done, between 0 and 1."""


class Job:
    """One background computation; every attribute may be read from a page at any time.

    Args:
        parts: The computation; a generator is closed when the job ends, also by being cancelled.

    Attributes:
        part: The latest part, or None before the first.
        error: One sentence if it failed, else None.
        running: Whether it is waiting or at work.
        cancelled: Whether it was given up.
        watchers: When each visitor looked at it last.
        owners: Whom it counts for, by visitor; nobody where the page looks something up by itself.
    """

    def __init__(self, parts: Iterator[Progress]) -> None:
        self.part: Progress | None = None
        self.error: str | None = None
        self.running = True
        self.cancelled = False
        self.watchers: dict[str, float] = {}
        self.owners: dict[str, str] = {}
        self._parts = parts
        self._started: float | None = None
        self._ended = 0.0

    @property
    def outdated(self) -> bool:
        """Whether it failed long enough ago to be tried again."""
        failed = self.error is not None and not self.running
        return failed and time.monotonic() - self._ended > _AGAIN_SECONDS

    @property
    def waiting(self) -> bool:
        """Whether nothing of it was begun yet."""
        return self.running and self._started is None

    @property
    def done(self) -> bool:
        """Whether it came to its end."""
        return not self.running and not self.cancelled and self.error is None

    def cancel(self) -> None:
        """Stop after the part at work; what is computed stays."""
        self.cancelled = True

    def seconds_left(self) -> float | None:
        """Estimate from the share done so far; None before the first part."""
        if self._started is None or self.part is None or not 0 < self.part.progress < 1:
            return None
        spent = time.monotonic() - self._started
        return spent * (1 - self.part.progress) / self.part.progress

    def watched_by(self, visitor: str) -> None:
        """Note that a visitor looks at it now."""
        self.watchers[visitor] = time.monotonic()

    def left_by(self, visitor: str) -> None:
        """A visitor moved on to something else; the last one who does so ends the job."""
        self.watchers.pop(visitor, None)
        self.owners.pop(visitor, None)
        if not self.watchers:
            self.cancel()

    def step(self) -> None:
        """Compute one part, or come to an end."""
        try:
            self._started = self._started or time.monotonic()
            if not self.cancelled and not self._abandoned():
                self.part = next(self._parts)
                return
            self.cancelled = True
        except StopIteration:
            pass
        except MtlvizError as error:
            self.error = str(error)
        except Exception:  # noqa: BLE001  whatever it was, the page must hear of it
            _log.exception("A background computation failed")
            self.error = "The computation failed for a reason that is no setting; see the log."
        if isinstance(self._parts, Generator):
            self._parts.close()  # Whoever still holds it must not keep its process alive.
        self._ended = time.monotonic()
        self.running = False

    def _abandoned(self) -> bool:
        seen = list(self.watchers.values())
        return bool(seen) and time.monotonic() - max(seen) > _UNWATCHED_SECONDS


class Turns:
    """Jobs that share one thread: the second core belongs to the pages.

    One visitor after the other is served, and of each one job after the other, a part at a time.
    """

    def __init__(self) -> None:
        self._jobs: OrderedDict[str, list[Job]] = OrderedDict()
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None

    def add(self, job: Job, visitor: str) -> None:
        """Have a job done, taking turns with the others."""
        with self._changed:
            self._jobs.setdefault(visitor, []).append(job)
            if self._thread is None:
                self._thread = threading.Thread(target=self._work, name="work", daemon=True)
                self._thread.start()
            self._changed.notify()

    def _work(self) -> None:
        while True:
            with self._changed:
                while not self._jobs:
                    self._changed.wait()
                visitor, jobs = self._jobs.popitem(last=False)
                job = jobs.pop(0)
            job.step()
            with self._changed:
                kept = jobs + self._jobs.get(visitor, []) + ([job] if job.running else [])
                if kept:
                    self._jobs[visitor] = kept
                    self._jobs.move_to_end(visitor)
            time.sleep(0.001)  # Let pages have the interpreter between two parts.


_TURNS = Turns()
_SHARED: OrderedDict[Hashable, Job] = OrderedDict()
_LOCK = threading.Lock()


def shared(
    key: Hashable, parts: Callable[[], Iterator[Progress]], purpose: str, apart: bool = False
) -> Job:
    """The job of this key, begun by whoever asks first; the visitor's last one of the purpose ends.

    Args:
        key: What is computed: equal keys are one job for all visitors.
        parts: Makes the computation.
        purpose: What the visitor wants it for, such as "toy.map": one job at a time each.
        apart: Whether it waits for a process of its own, and so needs no turn here.

    Raises:
        ConfigError: If too many computations of the visitor go on.
    """
    visitor, mine, owner = session.visitor(), _mine(), class_copy.owner()
    before, counts = mine.get(purpose), not purpose.startswith(_LOOKED_UP)
    with _LOCK:
        job = _SHARED.get(key)
        if job is None or job.cancelled or job.outdated:
            if counts:
                _check_room(visitor, owner, before)
            job = _SHARED[key] = Job(parts())
            job.watched_by(visitor)
            _begin(job, owner, apart)
        if counts:
            job.owners[visitor] = owner
        _SHARED.move_to_end(key)
        _forget_old()
    job.watched_by(visitor)
    if before is not None and before is not job:
        before.left_by(visitor)
    mine[purpose] = job
    return job


def _mine() -> dict[str, Job]:
    """The visitor's jobs, by what they were asked for."""
    return session.remember("work.jobs", {})  # type: ignore[return-value]


def _check_room(visitor: str, owner: str, before: Job | None) -> None:
    """The owner may have one more computation, in place of what this visitor had for the same.

    Raises:
        ConfigError: If too many go on; see `Limits.maps`.
    """
    going, now = 0, time.monotonic()
    for job in _SHARED.values():
        mine = {each for each, whose in dict(job.owners).items() if whose == owner}
        gone = {each for each in mine - {visitor}  # Its page was closed, or opened anew.
                if now - job.watchers.get(each, now) > _RELOADED_SECONDS}  # fmt: skip
        for each in gone:
            job.left_by(each)
        still = mine - gone - ({visitor} if job is before else set())
        going += bool(still) and job.running and not job.cancelled
    current_limits().check("maps", going)


def current(purpose: str) -> Job | None:
    """The visitor's job of this purpose; None before there is one."""
    return _mine().get(purpose)


def joined(key: Hashable, parts: Callable[[], Iterator[Progress]], purpose: str) -> Job | None:
    """The job of this key if anybody began it, also one that ended early; else None.

    Whoever finds it at work watches it too, unless they stopped it before.
    """
    with _LOCK:
        job = _SHARED.get(key)
    if job is None or not job.running or job.cancelled:
        return job
    stopped = session.remember(f"work:{purpose}:left", None) is job
    return None if stopped else shared(key, parts, purpose)


def stop(purpose: str) -> None:
    """Give up the visitor's job of this purpose; for others who watch it, it goes on."""
    if (job := current(purpose)) is not None:
        job.left_by(session.visitor())
    session.put(f"work:{purpose}:left", job)
    _mine().pop(purpose, None)


def live(draw: Callable[[], None], going: Callable[[], bool], every: float = _EVERY) -> None:
    """Draw, and again every so often while something goes on.

    The page is drawn anew when that ends, and when a button in here has let it begin.
    """
    was_going = going()

    def again() -> None:
        try:
            if going() != was_going:
                st.rerun()
            draw()
        except MtlvizError as error:  # Drawn again by itself, there is no page around it.
            st.error(sentence(str(error)))

    st.fragment(again, run_every=every if was_going else None)()


def watch(
    job: Job,
    purpose: str,
    draw: Callable[[], None] | None = None,
    stopped: Callable[[], None] | None = None,
    waiting: Callable[[], None] | None = None,
) -> None:
    """Show a job while it goes on: its bar, a Stop, what it has so far; or its one sentence.

    Args:
        job: The job.
        purpose: What it was asked for as.
        draw: Draws what there is so far, below the bar; called after the end as well.
        stopped: What else a visitor's Stop means; for a job that would begin again by itself.
        waiting: Draws what stands there until there is something to draw.
    """

    def look() -> None:
        tell(job, purpose, stopped)
        shown = draw if job.part is not None else waiting if job.error is None else None
        if shown is not None:
            shown()

    live(look, lambda: is_watched(job, purpose))


def is_watched(job: Job | None, purpose: str) -> bool:
    """Whether a job goes on and the visitor did not stop it; for others it may go on then."""
    return job is not None and job.running and current(purpose) is job


def tell(job: Job, purpose: str, stopped: Callable[[], None] | None = None) -> None:
    """How far a job is, with a Stop; or its one sentence. For what is drawn again by itself."""
    if job.error:
        st.error(sentence(job.error))
    elif is_watched(job, purpose):
        job.watched_by(session.visitor())
        _bar(job, purpose, stopped)


def show(
    key: Hashable,
    parts: Callable[[], Iterator[Progress]],
    purpose: str,
    draw: Callable[[], None],
    waiting: Callable[[], None] | None = None,
) -> None:
    """Begin a job by itself and watch it; after a Stop it begins again only when asked to.

    Args:
        key: What is computed.
        parts: Makes the computation.
        purpose: What it is wanted for.
        draw: Draws what there is so far, found as the part of the purpose's `current` job.
        waiting: Draws what stands there until there is something to draw.
    """
    name = f"work:{purpose}:stopped"
    if session.remember(name, None) == key:
        st.button("Compute it", key=f"{purpose}.again", on_click=session.put, args=(name, None))
        if waiting is not None:
            waiting()
        return
    stopped = partial(session.put, name, key)
    watch(shared(key, parts, purpose), purpose, draw, stopped, waiting)


def _bar(job: Job, purpose: str, stopped: Callable[[], None] | None) -> None:
    def give_up() -> None:
        stop(purpose)
        if stopped is not None:
            stopped()

    share = job.part.progress if job.part is not None else 0.0
    with st.container(horizontal=True, vertical_alignment="center"):
        st.progress(min(1.0, share), text=_progress_text(job, share))
        st.button("Stop", key=f"{purpose}.stop", on_click=give_up, help="Give this computation up.")


def _progress_text(job: Job, share: float) -> str:
    """What is being done, and about how long it will take where that can be told."""
    if job.waiting:
        return "Waiting for another computation to finish …"
    stage = getattr(job.part, "stage", "") or "Computing"
    left = job.seconds_left() if share > 0.1 else None
    return f"{stage} …" if left is None else f"{stage}: about {duration(left)} left"


def _begin(job: Job, owner: str, apart: bool) -> None:
    if not apart:
        _TURNS.add(job, owner)
        return

    def work() -> None:
        while job.running:
            job.step()

    # The app does not wait for it when it ends: its process ends when nobody listens to it.
    threading.Thread(target=work, name="work.apart", daemon=True).start()


def _forget_old() -> None:
    ended = [key for key, job in _SHARED.items() if not job.running]
    for key in ended[: max(0, len(_SHARED) - _MOST_KEPT)]:
        del _SHARED[key]
