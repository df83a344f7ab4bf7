"""Runs that were begun together, told as one: how far they are, and what they have shown so far."""

import re
import time
from collections.abc import Iterable, Sequence
from statistics import mean
from typing import Any

from mtlviz.errors import MtlvizError
from mtlviz.runs.queue import at_once
from mtlviz.runs.summary import RunSummary
from mtlviz.ui.core import run_records, scored_runs
from mtlviz.ui.core.run_words import MARKS
from mtlviz.ui.core.words import counted, duration, escaped

_SEED = re.compile(r" · seed \d+$")
_MOMENT = 60.0  # Seconds; a browser asks every two.
_OTHERS = ("failed", "interrupted", "stopped")


def members(runs: Iterable[RunSummary], number: int | None) -> list[RunSummary]:
    """The runs that were begun together with the one of this number, oldest first."""
    found = [run for run in runs if number is not None and run.family == number]
    return sorted(found, key=lambda run: run.id)


def under_way(runs: Iterable[RunSummary]) -> list[list[RunSummary]]:
    """Every family that has runs which wait or train, or did a moment ago: whoever watches asks."""
    runs, since = list(runs), time.time() - _MOMENT
    numbers = {
        run.family
        for run in runs
        if run.family is not None and (run.pending or (run.finished or 0) > since)
    }
    return [members(runs, number) for number in sorted(numbers)]


def folded(runs: Iterable[RunSummary]) -> list[list[RunSummary]]:
    """All runs in the order in which they are first met; a family, and a pack, is one entry."""
    found: dict[int | str, list[RunSummary]] = {}
    for run in runs:
        together = run.family if run.recorded is None else run.recorded.pack
        found.setdefault(run.id if together is None else together, []).append(run)
    return [sorted(each, key=lambda run: run.id) for each in found.values()]


def title(runs: Sequence[RunSummary]) -> str:
    """What a family is called: as its first run, whatever its seed, or as its pack."""
    if (recorded := runs[0].recorded) is not None:
        return f"{recorded.title}, recorded"
    return _SEED.sub("", runs[0].name)


def told(runs: Sequence[RunSummary], covered: bool = False) -> dict[str, Any]:
    """How far a family is and what it shows so far, for the component `live_text`.

    Args:
        runs: The family.
        covered: Whether what it shows waits for a guess.
    """
    pending = any(run.pending for run in runs)
    lines = [f"{_mark(runs)} **{escaped(title(runs))}** · {progress(runs)}"]
    if not covered and (found := sentence(runs)):
        lines.append(f"So far: {found}" if pending else found)
    share = mean(run.share for run in runs) if pending else None
    return {"lines": lines, "notes": [], "progress": share, "stage": "going" if pending else "over"}


def sentence(runs: Sequence[RunSummary]) -> str:
    """What training together did, as far as the finished ones of these runs tell it.

    A pack may hold several ways of training, of which no one sentence tells.
    """
    for run in () if runs[0].recorded else runs:
        try:
            found = scored_runs.family_of(run) if run.status == "finished" else None
        except MtlvizError:
            continue  # Of a newer version.
        if found is not None:
            return found.sentence(_bold)
    return ""


def progress(runs: Sequence[RunSummary]) -> str:
    """`7 of 25 runs, about 40 s left`, and what became of those that did not finish."""
    done = sum(run.status == "finished" for run in runs)
    parts = [f"{done} of {counted(len(runs), 'run')}"]
    parts += [
        f"{count} {status}"
        for status in _OTHERS
        if (count := sum(run.status == status for run in runs))
    ]
    seconds = seconds_left(runs, time.time())
    if seconds is not None:
        parts.append(f"about {duration(seconds)} left")
    return ", ".join(parts)


def seconds_left(runs: Sequence[RunSummary], now: float) -> float | None:
    """About how long the waiting runs of a family take, by those that finished; None if unknown."""
    pending = [run for run in runs if run.pending]
    known = {run.id: run.finished - run.started for run in runs if _is_timed(run)}
    if not pending or not known:
        return None
    # Runs of several tasks take longer than those of one.
    pace = {
        together: mean(times)
        for together in (True, False)
        if (
            times := [
                known[run.id] for run in runs if run.id in known and _several(run) is together
            ]
        )
    }
    usual = mean(known.values())
    left = [pace.get(_several(run), usual) - _spent(run, now) for run in pending]
    places = at_once(run_records.run_config(run) for run in pending)
    return sum(max(0.0, each) for each in left) / min(places, len(pending))


def _is_timed(run: RunSummary) -> bool:
    return run.status == "finished" and run.started is not None and run.finished is not None


def _several(run: RunSummary) -> bool:
    """Whether a run trains several tasks."""
    return len(run_records.run_config(run).data.tasks) > 1


def _spent(run: RunSummary, now: float) -> float:
    return now - run.started if run.active and run.started is not None else 0.0


def _mark(runs: Sequence[RunSummary]) -> str:
    """The sign of where a family stands: what is at work first, what went wrong before the rest."""
    for status in ("running", "starting", "queued", *_OTHERS):
        if any(run.status == status for run in runs):
            return MARKS[status]
    return MARKS["finished"]


def _bold(task: str) -> str:
    return f"**{escaped(task)}**"
