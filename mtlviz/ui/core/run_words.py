"""What a run says, in sentences with numbers."""

import re
import time
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mtlviz.engine.measures.conflict import SURE, balanced
from mtlviz.engine.records import EvalRecord, best_evaluation
from mtlviz.figures.runs import pairs
from mtlviz.runs.number_ranges import ranges
from mtlviz.runs.steps import Steps
from mtlviz.runs.summary import RunSummary
from mtlviz.ui.core import run_records
from mtlviz.ui.core.run_view import RunView
from mtlviz.ui.core.words import duration, escaped, grouped, listed, plural, score

# Folders of the server are nobody's business: of a path the file's name stays.
_FOLDERS = re.compile(r"(?<![\w.:/])(?:[A-Za-z]:)?(?:[/\\][^\s/\\:\"']+)*[/\\](?=[^\s/\\:\"']+)")
_PACE = 50  # The pace of the last steps tells the time left.
_MOST_TOLD = 12  # Of more tasks the two ends are told, and how many there are.
MARKS = {
    "queued": ":gray[◔]",
    "starting": ":blue[◑]",
    "running": ":blue[▶]",
    "finished": ":green[✓]",
    "stopped": ":gray[■]",
    "interrupted": ":orange[!]",
    "failed": ":red[✗]",
}
_MOST_NUMBERS = 5


def numbered(runs: Iterable[int]) -> str:
    """`run 3`, `runs 3, 4 and 7`; many in few characters: `runs 2–5, 7–10, 12–15`."""
    found = list(runs)
    if len(found) <= _MOST_NUMBERS:
        return f"{plural(len(found), 'run')} {listed([str(run) for run in found])}"
    return f"runs {ranges(sorted(found)).replace(',', ', ').replace('-', '–')}"


def status(run: RunSummary, steps: Steps | None = None) -> str:
    """How far a run is, in a few words."""
    if run.status == "queued":
        if run.position is None:
            return "waiting for its launcher"
        return f"waiting, number {run.position} in the queue"
    if run.status == "starting":
        return "starting Python …"
    done = f"{grouped(run.updates)} updates"
    if run.planned:
        done = f"update {grouped(run.updates)} of {grouped(run.planned)}"
    if run.status == "running":
        if run.stop_requested:
            return f"stopping after this update, {done}"
        left = "" if steps is None else time_left(run, steps)
        return f"{done}{left}" if run.planned else "loading torch and reading the data …"
    if run.status == "finished" and run.started and run.finished:
        seconds = duration(run.finished - run.started)
        return f"finished: {grouped(run.updates)} updates in {seconds} from start to finish"
    return f"{run.status} at {done}"


def progress(run: RunSummary) -> float | None:
    """Share of the planned updates that is done; None where no plan is known."""
    return min(1.0, run.updates / run.planned) if run.planned else None


def time_left(run: RunSummary, steps: Steps) -> str:
    """About how long the remaining updates will take; empty before the pace is known."""
    pace = steps.seconds[-_PACE:]
    if run.planned is None or not np.isfinite(pace).any():
        return ""
    return f", about {duration(float(np.nanmean(pace)) * (run.planned - run.updates))} left"


def ago(moment: float) -> str:
    """How long ago something happened."""
    return f"{duration(time.time() - moment)} ago"


def learned(evaluations: Sequence[EvalRecord], tasks: Sequence[str]) -> str:
    """Which tasks beat guessing at the best mean, fall short of it, or cannot be told apart.

    Args:
        evaluations: All evaluations so far, at least one, oldest first.
        tasks: Names of the tasks.
    """
    evaluation = best_evaluation(evaluations)
    guess = np.nan_to_num(evaluation.baselines, nan=0.0)
    above, margin = evaluation.scores - guess, SURE * evaluation.errors
    ranks = {
        "Better than guessing": above > margin,
        "Not told apart from guessing": ~(np.abs(above) > margin),
        "Worse than guessing": above < -margin,
    }
    sentences = []
    for words, which in ranks.items():
        those = [task for task in range(len(tasks)) if which[task]]
        told = [_told(evaluation, task, tasks[task]) for task in those]
        if len(told) > _MOST_TOLD:
            told = [f"{len(told)} tasks{_ends(evaluation, those, told)}"]
        sentences += [f"{words}: {listed(told)}."] * bool(told)
    sentences += _apart(evaluation, tasks)
    sentences.append(f"These are the scores at the best mean, update {grouped(evaluation.update)}.")
    return " ".join(sentences)


def _ends(evaluation: EvalRecord, tasks: list[int], told: list[str]) -> str:
    """The lowest and the highest of many scores; nothing where fewer than two are known."""
    scores = evaluation.scores[tasks]
    order = [place for place in np.argsort(scores) if np.isfinite(scores[place])]
    return f", from {told[order[0]]} to {told[order[-1]]}" if len(order) > 1 else ""


def _told(evaluation: EvalRecord, task: int, name: str) -> str:
    found = score(float(evaluation.scores[task]), float(evaluation.errors[task]))
    guess = float(evaluation.baselines[task])
    marks = {"guessing": guess, "people": evaluation.ceiling(task)}
    known = [f"{mark} {score(value)}" for mark, value in marks.items() if not np.isnan(value)]
    beside = f" ({', '.join(known)})" if known else ""
    return f"**{escaped(name)}** {found}{beside}"


def _apart(evaluation: EvalRecord, tasks: Sequence[str]) -> list[str]:
    """The scores of the groups of examples that are scored apart as well."""
    return [
        f"**{escaped(name)}**, {group.name} ({grouped(group.count)} examples): "
        + listed(
            [f"{metric.replace('_', ' ')} {score(value, group.errors[metric])}"
             for metric, value in group.metrics.items()]
        )
        + "."
        for task, name in enumerate(tasks)
        for group in evaluation.groups_of(task)
    ]  # fmt: skip


def conflict(cosines: NDArray[np.float64], tasks: Sequence[str], *, drawn: bool = False) -> str:
    """Which two tasks agree least; why there is nothing to say otherwise.

    Args:
        cosines: Cosines of the recorded updates, (T, K, K).
        tasks: Names of the tasks.
        drawn: Whether these are only the updates that the curves draw, not all.
    """
    if len(tasks) < 2:
        return "One task alone: nothing can conflict."
    measured = [
        (float(values.mean()), (i, j), values)
        for i, j in pairs(len(tasks))
        if len(values := _known(cosines[:, i, j]))
    ]
    if not measured:
        return (
            "No two gradients are known at the same update: the tasks take turns, share nothing, "
            "or were not probed. So there are no cosines."
        )
    cosine, (i, j), values = min(measured, key=lambda found: found[:2])
    share = float(np.mean(values < 0))
    first, second = escaped(tasks[i]), escaped(tasks[j])
    which = f"{'the ' * drawn}{grouped(len(values))} updates{' drawn here' * drawn}"
    number = f"{cosine:+.2f}".replace("-", "−")
    return (
        f"**{first}** and **{second}** agree least: mean cosine {number}, in conflict "
        f"in {share:.0%} of {which}{balanced(values < 0)}."
    )


def _known(values: NDArray[np.float64]) -> NDArray[np.float64]:
    return values[np.isfinite(values)]


def lines(run: RunSummary, view: RunView) -> list[str]:
    """The sentences at the top of the page of a run, as Markdown, the status first."""
    found = [
        f"{MARKS[run.status]} Run {run.id}, **{escaped(run.name)}** · {status(run, view.steps)}"
    ]
    if view.evaluations:
        found.append(learned(view.evaluations, view.tasks))
    if run.updates:
        drawn = len(view.steps.update) < run.updates
        found.append(conflict(view.cosines, view.tasks, drawn=drawn))
    return found


def said(run: RunSummary, view: RunView) -> dict[str, Any]:
    """Everything that the component `live_text` shows of a run, and the stage that it is at."""
    return {
        "lines": lines(run, view),
        "notes": [escaped(note.text) for note in run_records.notes(run)],
        "progress": progress(run),
        "stage": stage(run, view),
    }


def standing(told: Mapping[str, Any]) -> dict[str, Any]:
    """Of what is `said` of a run, where it stands; its stage too, which no second part needs."""
    return {**told, "lines": told["lines"][:1], "notes": []}


def findings(told: Mapping[str, Any]) -> dict[str, Any]:
    """Of what is `said` of a run, what it has found so far."""
    return {**told, "lines": told["lines"][1:], "progress": None, "stage": ""}


def stage(run: RunSummary, view: RunView) -> str:
    """What decides which parts the page of a run has: its status, and what there is to draw."""
    drawn = sorted(view.figures) if run.updates else []
    return " ".join([run.status, *drawn, *map(str, range(len(view.phases)))])


def without_folders(text: str) -> str:
    """A text without the folders of the server: of every path only the file's name stays."""
    return _FOLDERS.sub("", text)
