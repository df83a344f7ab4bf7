"""Handing a stored run on to a tracker, once or for as long as it trains."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterator

from mtlviz.engine.records import Record
from mtlviz.runs.flat_settings import flat, portable
from mtlviz.runs.signature import signature
from mtlviz.runs.store import Store
from mtlviz.runs.summary import ACTIVE
from mtlviz.trackers.scalars import Scalars
from mtlviz.trackers.tracker import Picture, TrackedRun, Tracker

_PAUSE = 1.0
_KINDS = ("step", "evaluation", "affinity", "phase")
_UNDER_WAY = ("queued", *ACTIVE)


def tracked_run(store: Store, run: int) -> TrackedRun:
    """What a tracker is told of a stored run.

    Raises:
        MtlvizError: There is no such run.
    """
    summary, config = store.run(run), store.config(run)
    group = hashlib.sha256(signature(config, "seed").encode()).hexdigest()[:8]
    settings = {place: _plain(value) for place, value in flat(portable(config)).items()}
    return TrackedRun(
        run, summary.name, f"equal but for the seed {group}", summary.created, settings
    )


def mirror(  # noqa: PLR0913 (what the shell command takes, by names)
    store: Store,
    run: int,
    tracker: Tracker,
    *,
    follow: bool = False,
    pictures: Callable[[], dict[str, Picture]] = dict,
    pause: Callable[[], None] = lambda: time.sleep(_PAUSE),
) -> int:
    """Hand a run's records on, oldest first, and return how many rows were.

    Training knows nothing of it: records are read from the store.

    Args:
        store: The store.
        run: Number of the run.
        tracker: The tool, opened for this run; closed at the end.
        follow: Wait for more for as long as the run is waiting or under way.
        pictures: Gives the pictures of the run as it ended.
        pause: Waits between two looks.
    """
    scalars, count = Scalars([task.name for task in store.config(run).data.tasks]), 0
    for records in _looks(store, run, follow, pause):
        rows = list(scalars.rows(records))
        tracker.write(rows)
        count += len(rows)
    tracker.draw(pictures())
    tracker.close(store.run(run).status)
    return count


def _looks(
    store: Store, run: int, follow: bool, pause: Callable[[], None]
) -> Iterator[list[Record]]:
    """The records that came since the look before; what a resumed run makes again comes once."""
    place, edition = -1, store.run(run).edition
    sent: dict[str, int] = {}
    again: dict[str, int] = {}
    while True:
        summary = store.run(run)
        if summary.edition != edition:
            place, edition, again = -1, summary.edition, dict(sent)
        found = store.records(run, after=place, kinds=_KINDS)
        new = [record for _, record in found if record.update > again.get(record.kind, -1)]
        sent |= {record.kind: record.update for record in new}
        place = found[-1][0] if found else place
        yield new
        if not (follow and summary.status in _UNDER_WAY):
            return
        pause()


def _plain(value: object) -> object:
    """A setting as every tool takes it."""
    return value if isinstance(value, bool | int | float | str) else str(value)
