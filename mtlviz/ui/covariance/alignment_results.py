"""Scores of stored runs, way beside way, with differences paired over seeds."""

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import streamlit as st

from mtlviz.engine.config import RunConfig
from mtlviz.engine.measures.transfer import Transfer
from mtlviz.errors import MtlvizError
from mtlviz.runs import queue
from mtlviz.runs.results import RunResult
from mtlviz.runs.study import PairedRuns, Study
from mtlviz.runs.summary import RunSummary
from mtlviz.ui import cache, state
from mtlviz.ui.core.session import visitor
from mtlviz.ui.core.words import escaped
from mtlviz.ui.covariance import alignment_words

_LOOKED_AT = 300
Runs = dict[int, RunSummary]


@dataclass(frozen=True)
class Question:
    """Which ways of training are compared.

    Attributes:
        study: The ways, called by one word each.
        titles: What each is called on the page.
        compared: Pairs of ways whose difference is told; the first pair makes the verdicts.
    """

    study: Study
    titles: Mapping[str, str]
    compared: Sequence[tuple[str, str]]


def experiments(question: Question, configs: Iterable[tuple[int, RunConfig]]) -> list[PairedRuns]:
    """Experiments in which the first compared way was run beside another, newest first.

    Args:
        question: The ways.
        configs: Number and settings of each run, newest first.
    """
    several = ((run, config) for run, config in configs if len(config.data.tasks) > 1)
    found = question.study.experiments(several).values()
    ways = [{way for way, _ in each.runs} for each in found]
    wanted = question.compared[0][0]
    return [each for each, of in zip(found, ways, strict=True) if wanted in of and len(of) > 1]


def queue_runs(configs: list[RunConfig], key: str) -> None:
    """Put runs into the queue, or keep the sentence that says why not."""
    try:
        queue.start_all(cache.store(), configs, visitor())
    except MtlvizError as error:
        state.put(f"{key}.problem", str(error))


def results(
    question: Question,
    key: str,
    nothing: str,
    tell: Callable[[str, Transfer], str],
    more: Callable[[PairedRuns, Runs], None] | None = None,
) -> None:
    """The newest experiment that answers the question, kept up to date while its runs go on.

    Args:
        question: The ways that are compared.
        key: What the widgets' keys begin with.
        nothing: What to say while there is no such experiment.
        tell: One sentence for a task's name and its first difference.
        more: Shows what else the runs left.
    """
    if problem := state.take(f"{key}.problem"):
        st.error(escaped(str(problem)))
    live = _unfinished(_runs())
    part = st.fragment(_show, run_every=1.5 if live else None)
    part(question, key, nothing, tell, more, live)


def _show(*given: Any) -> None:
    """The results, or the sentence that says why they cannot be read."""
    try:
        _results(*given)
    except MtlvizError as error:
        st.error(escaped(str(error)))


def _results(
    question: Question,
    key: str,
    nothing: str,
    tell: Callable[[str, Transfer], str],
    more: Callable[[PairedRuns, Runs], None] | None,
    live: bool,
) -> None:
    cache.tick()
    runs = _runs()
    if live and not _unfinished(runs):
        st.rerun()  # One whole run ends the timer.
    known = experiments(question, ((run.id, cache.run_config(run)) for run in runs.values()))
    if not known:
        st.caption(nothing)
        return
    group = known[_chosen(known, key)]
    st.progress(_done(group, runs), text=_progress_text(group, runs))
    _scores(question, group, runs, tell)
    if more is not None:
        more(group, runs)


def _runs() -> Runs:
    return {run.id: run for run in cache.store().runs()[:_LOOKED_AT]}


def _unfinished(runs: Runs) -> bool:
    return any(run.active or run.status == "queued" for run in runs.values())


def _chosen(known: list[PairedRuns], key: str) -> int:
    if len(known) == 1:
        return 0
    return st.selectbox(
        "Experiment", range(len(known)), key=f"{key}.group", help="Newest first.",
        format_func=lambda place: f"{', '.join(known[place].tasks)}: {len(known[place].runs)} runs",
    )  # fmt: skip


def _done(group: PairedRuns, runs: Runs) -> float:
    shares = [
        1.0 if run.status == "finished" else min(1.0, run.updates / (run.planned or math.inf))
        for run in (runs[number] for number in group.runs.values())
    ]
    return sum(shares) / len(shares)


def _progress_text(group: PairedRuns, runs: Runs) -> str:
    chosen = [runs[number] for number in group.runs.values()]
    finished = sum(run.status == "finished" for run in chosen)
    text = f"{finished} of {len(chosen)} runs finished"
    failed = [f"{run.id}" for run in chosen if run.status == "failed"]
    return f"{text}; failed: {', '.join(failed)}, see the page Run" if failed else text


def _scores(
    question: Question, group: PairedRuns, runs: Runs, tell: Callable[[str, Transfer], str]
) -> None:
    """One verdict and one row for each task."""
    found: dict[int, RunResult] = {
        number: result
        for number in group.runs.values()
        if runs[number].status == "finished"
        and (result := cache.store().result(number)) is not None
    }
    if not found:
        st.caption("Scores appear when the first runs are finished.")
        return
    told, rows = [], []
    for place, task in enumerate(next(iter(found.values())).tasks):
        scores = {
            number: result.scores[place]
            for number, result in found.items()
            if math.isfinite(result.scores[place])
        }
        differences = [group.difference(scores, *pair) for pair in question.compared]
        if differences[0] is not None:
            told.append(tell(escaped(task), differences[0]))
        means = [_mean(group, scores, way) for way in question.titles]
        rows.append([escaped(task), *means, *map(alignment_words.points, differences)])
    st.markdown("  \n".join(told))
    ways = question.titles
    names = [f"{ways[one]} − {ways[other]}" for one, other in question.compared]
    st.markdown(alignment_words.table(["task", *ways.values(), *names], rows))
    st.caption(
        "Development scores at each run's best evaluation, mean over seeds; differences in points "
        "with 95 % intervals, paired over seeds."
    )


def _mean(group: PairedRuns, scores: dict[int, float], way: str) -> str:
    return alignment_words.mean(list(group.scores(way, scores).values()))
