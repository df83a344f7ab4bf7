"""What is said of a run while it goes on: how far it is, what it has learned, who pulls apart."""

from typing import Any

from mtlviz.runs.summary import RunSummary
from mtlviz.ui import cache
from mtlviz.ui.core.words import escaped
from mtlviz.ui.run import verdict
from mtlviz.ui.run.curves import Seen


def lines(run: RunSummary, seen: Seen) -> list[str]:
    """The sentences at the top of the page of a run, as Markdown, the status first."""
    status = verdict.status(run, seen.steps)
    found = [f"{verdict.MARKS[run.status]} Run {run.id}, **{escaped(run.name)}** · {status}"]
    if seen.evaluations:
        found.append(verdict.learned(seen.evaluations, seen.tasks))
    if run.updates:
        drawn = len(seen.steps.update) < run.updates
        found.append(verdict.conflict(seen.cosines, seen.tasks, drawn=drawn))
    return found


def said(run: RunSummary, seen: Seen) -> dict[str, Any]:
    """Everything that the component `told` shows of a run, and the stage that it is at."""
    return {
        "lines": lines(run, seen),
        "notes": [escaped(note.text) for note in cache.notes(run)],
        "progress": verdict.progress(run),
        "stage": stage(run, seen),
    }


def stage(run: RunSummary, seen: Seen) -> str:
    """What decides which parts the page of a run has: its status, and what there is to draw."""
    drawn = sorted(seen.figures) if run.updates else []
    return " ".join([run.status, *drawn])
