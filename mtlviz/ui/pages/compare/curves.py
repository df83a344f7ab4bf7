"""Training curves of all groups over each other, one picture a task, bands over seeds."""

import math
from collections.abc import Sequence

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from mtlviz.engine.measures.transfer import paired_interval
from mtlviz.figures.compare import score_range
from mtlviz.figures.curves import GroupCurve, overlaid
from mtlviz.runs.comparison import Group, seed_means
from mtlviz.runs.comparison_budget import updates
from mtlviz.runs.scored_run import ScoredRun
from mtlviz.ui.component import chart
from mtlviz.ui.core import run_records, run_view, scored_runs
from mtlviz.ui.core.controls import control
from mtlviz.ui.core.words import escaped
from mtlviz.ui.pages.compare.compared_runs import ComparedRuns
from mtlviz.ui.pages.compare.scores import side_by_side
from mtlviz.ui.pages.compare.settings import COMPARISON

Array = NDArray[np.float64]
Points = tuple[Array, Array]

_WHAT, _ACROSS = (COMPARISON.control(each).offered() for each in ("curve", "across"))
_MANY = 2
_MEASURED = ("tokens", "time")
"""What lies across that no two runs need have at the same place."""


def curves_section(compared: ComparedRuns) -> None:
    """Choose what is drawn; then one picture a task."""
    st.subheader("While training", anchor="curves")
    with st.container(horizontal=True):
        control(COMPARISON, "curve", key="compare.what", look="segmented")
        across = COMPARISON.now.across or _first(compared)
        control(COMPARISON, "across", value=across, look="segmented")
        what = COMPARISON.now.curve
    for number, place in enumerate(side_by_side(len(compared.tasks))):
        with place:
            _task(compared, number, compared.tasks[number], what, across)


def _first(compared: ComparedRuns) -> str:
    """What lies across before anybody chooses: updates, unless runs differ in their number."""
    counts = {updates(group) for group in compared.groups} - {0}
    return "update" if len(counts) < _MANY else "share"


def _task(compared: ComparedRuns, number: int, task: str, what: str, across: str) -> None:
    st.markdown(f"**{escaped(task)}**")
    title = compared.metric(task) if what == "score" else _WHAT[what]
    figure = compared.once(
        ("curves", number, what, across), lambda: _figure(compared, number, what, across, title)
    )
    if figure is None:
        st.info("No run of this task has recorded anything yet.")
        return
    chart(
        figure,
        key=f"compare.curves.{number}",
        alt=f"{title} of {task} over the training, one line a group of runs.",
        how_to_read="Lines: mean over seeds. Bands: 95 % interval, cut off where no score can be. "
        "Thin: not finished."
        if number == 0
        else "",
        height=330 if number == 0 else 280,
        filename=f"curves-{number + 1}",
    )


def _figure(compared: ComparedRuns, number: int, what: str, across: str, title: str) -> dict | None:
    """The curves of a task; None where nothing was recorded."""
    drawn = [
        curve
        for place, group in enumerate(compared.groups)
        if (curve := group_curve(group, place, compared.tasks[number], what, across)) is not None
    ]
    if not drawn:
        return None
    figure = overlaid(drawn, _ACROSS[across], title, show_legend=number == 0)
    if what == "score":
        figure["layout"]["yaxis"] |= score_range(title)
    if across == "share":
        figure["layout"]["xaxis"] |= {"tickformat": ".0%", "range": [0, 1]}
    return figure


def group_curve(group: Group, number: int, task: str, what: str, across: str) -> GroupCurve | None:
    """A group's curve of one task; None if none of its runs has a value."""
    at, mean, low, high = scored_runs.once_for(
        group.used, ("band", task, what, across), lambda: _mean(group.used, task, what, across)
    )
    others = [
        _points(run, task, what, across)
        for run in group.runs
        if not run.counts and task in run.tasks
    ]
    single = [points for points in others if len(points[0])]
    if not len(at) and not single:
        return None
    return GroupCurve(group.label, number, at, mean, low, high, single)


def _mean(
    runs: Sequence[ScoredRun], task: str, what: str, across: str
) -> tuple[Array, Array, Array, Array]:
    """Places, mean and interval of finished runs."""
    known = [
        (run.seed, points)
        for run in runs
        if task in run.tasks and len((points := _points(run, task, what, across))[0])
    ]
    join = _between if across in _MEASURED else _joined
    at, values = join([points for _, points in known])
    return at, *_band(values, [seed for seed, _ in known])


def _points(run: ScoredRun, task: str, what: str, across: str) -> Points:
    """One run's curve, without what was not measured."""
    place = run.tasks.index(task)
    if what == "score":
        records = run_records.evaluations(run.summary)
        at = np.array([record.update for record in records], dtype=np.float64)
        values = np.array([record.scores[place] for record in records], dtype=np.float64)
    else:
        at, losses = scored_runs.losses(run.summary, len(run.tasks))
        values = losses[:, place] if len(losses) else np.empty(0)
    length = run.summary.planned or run.summary.updates
    known = np.isfinite(values)
    at = at[known] / length if across == "share" and length else at[known]
    return _spent(run, at, across), values[known]


def _spent(run: ScoredRun, updates: Array, across: str) -> Array:
    """Where updates lie by tokens or seconds, which differ between runs; else where they are."""
    if across not in _MEASURED or not len(updates):
        return updates
    recorded = run_view.whole_history(run.summary)
    if not len(recorded.update):
        return updates
    ends = np.append(recorded.update, recorded.update[-1] + 1)
    return np.interp(updates, ends, recorded.read if across == "tokens" else recorded.clock)


def _between(runs: Sequence[Points]) -> tuple[Array, Array]:
    """Curves of several runs at all places of any, in proportion between those of each."""
    places = np.unique(np.concatenate([np.empty(0), *(at for at, _ in runs)]))
    values = [np.interp(places, *each, left=math.nan, right=math.nan) for each in runs]
    return places, np.array(values).T.reshape(len(places), len(runs))


def _joined(runs: Sequence[Points]) -> tuple[Array, Array]:
    """Curves of several runs at all places of any, (T,) and (T, S); NaN where a run has none."""
    places = sorted({round(float(at), 6) for each in runs for at in each[0]})
    row = {place: number for number, place in enumerate(places)}
    values = np.full((len(places), len(runs)), np.nan)
    for run, (at, found) in enumerate(runs):
        for place, value in zip(at, found, strict=True):
            values[row[round(float(place), 6)], run] = value
    return np.array(places), values


def _band(values: Array, seeds: Sequence[int]) -> tuple[Array, Array, Array]:
    """Mean and interval at each place, over the seeds of the runs that have a value there."""
    found = np.full((3, len(values)), math.nan)
    for place, row in enumerate(values):
        known = zip(seeds, row, strict=True)
        means = seed_means((seed, value) for seed, value in known if np.isfinite(value))
        found[:, place] = paired_interval(list(means.values()))
    return found[0], found[1], found[2]
