"""Stored runs: losses, scores, conflicts, lengths and weights over the updates."""

from collections.abc import Sequence
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from mtlviz.engine.records import EvalRecord, best_evaluation
from mtlviz.figures.arrays import packed
from mtlviz.figures.axis import BY_UPDATE, Axis, smoothed
from mtlviz.figures.marks import rule
from mtlviz.figures.task_map import MANY
from mtlviz.figures.text import plain
from mtlviz.figures.theme import HURTS, UNDECIDED, faded, layout, task_look

Array = NDArray[np.float64]
Whole = NDArray[np.int64]

_TOP, _BOTTOM = [0.4, 1.0], [0.0, 0.28]
_GAP = 12.0  # Times the usual distance of two values.
MOST_PAIRS = 10
"""Lines that one picture of cosines can bear."""
_FEW, _NAMED = 6, 3  # Of more pairs than these few only the first are in colour, and named.


def loss_curves(
    updates: Whole, losses: Array, tasks: Sequence[str], span: float, axis: Axis = BY_UPDATE
) -> dict:
    """Training loss of each task: the raw line faint, the running average over it.

    Args:
        updates: Number of each update, (T,).
        losses: Training losses, (T, K), NaN where a task took no part.
        tasks: Names of the tasks.
        span: Reach of the running average in updates.
        axis: What lies across.
    """
    traces = _raw_and_average(updates, losses, tasks, span, axis)
    return {"data": traces, "layout": _layout(axis, "training loss", len(tasks))}


def score_curves(
    evaluations: Sequence[EvalRecord],
    tasks: Sequence[str],
    metrics: Sequence[str],
    axis: Axis = BY_UPDATE,
) -> dict:
    """Development score of each task with its standard error, and what guessing would score.

    The thin dotted line in a task's hue is the score of an answer without learning, such as
    the most frequent label; a task whose score has no such line (a correlation) has none. The thin
    line of dashes above is what people score, where the data tell. An upright line marks the best
    mean.
    """
    at = axis.at([record.update for record in evaluations])
    traces = []
    for task, name in enumerate(tasks):
        look = task_look(task)
        baseline = np.array([record.baselines[task] for record in evaluations])
        traces.append(_mark(at, baseline, task, f"{name}: without learning", "dot"))
        people = np.array([record.ceiling(task) for record in evaluations])
        if np.isfinite(people).any():
            traces.append(_mark(at, people, task, f"{name}: people", "longdash"))
        score = np.array([record.scores[task] for record in evaluations])
        error = np.array([record.errors[task] for record in evaluations])
        trace = _line(at, score, task, f"{name} ({metrics[task]})", width=2.5)
        trace |= {"mode": "lines+markers", "marker": {"symbol": look.marker, "size": 7}}
        traces.append({**trace, "error_y": {"array": packed(error), "width": 3, "thickness": 1}})
    figure = {"data": traces, "layout": _layout(axis, "development score", len(tasks))}
    if evaluations:
        best = best_evaluation(evaluations)
        figure["layout"]["shapes"] = [rule("upright", axis.at([best.update])[0], width=1)]
    return figure


def _mark(at: Array, score: Array, task: int, name: str, dash: str) -> dict:
    """A thin line in a task's hue, at what somebody else scores."""
    line = {"color": task_look(task).color, "dash": dash, "width": 1}
    return {**_line(at, score, task, name, ink=0.6), "line": line, "showlegend": False}


def pairs(tasks: int) -> list[tuple[int, int]]:
    """Every pair of tasks once, in order."""
    return list(combinations(range(tasks), 2))


def drawn_pairs(cosines: Array) -> list[tuple[int, int]]:
    """The pairs whose cosines are drawn: all, or of many the ten that agree least on average.

    Args:
        cosines: Cosines, (T, K, K); NaN where a gradient was missing or zero.
    """
    every = pairs(cosines.shape[-1])
    if len(every) <= MOST_PAIRS:
        return every
    means = {(i, j): _mean(cosines[:, i, j]) for i, j in every}
    return sorted(sorted(every, key=lambda pair: means[pair])[:MOST_PAIRS])


def _mean(values: Array) -> float:
    """Mean of what was measured; infinite where nothing was, so that it comes last."""
    known = values[np.isfinite(values)]
    return float(known.mean()) if len(known) else float("inf")


def cosine_curves(
    updates: Whole, cosines: Array, tasks: Sequence[str], span: float, axis: Axis = BY_UPDATE
) -> dict:
    """Cosine between the gradients of every pair of tasks, and below it the share in conflict.

    Read it by sign: below zero two tasks pull the shared weights apart. Of many pairs the ten that
    agree least are drawn, the first three of them in colour, the others thin and grey. The lower
    picture is the share of all pairs measured that are below zero.

    Args:
        updates: Number of each update, (T,).
        cosines: Cosines, (T, K, K); NaN where a gradient was missing or zero.
        tasks: Names of the tasks.
        span: Reach of the running average in updates.
        axis: What lies across.
    """
    at = axis.at(updates)
    averages = {(i, j): smoothed(updates, cosines[:, i, j], span) for i, j in drawn_pairs(cosines)}
    named = set(averages)
    if len(averages) > _FEW:
        named = set(sorted(averages, key=lambda pair: _mean(cosines[:, *pair]))[:_NAMED])
    traces = [
        _pair_line(at, averages[pair], pair, tasks, pair in named)
        for pair in sorted(averages, key=lambda pair: pair in named)
    ]
    traces.append(_share_trace(at, smoothed(updates, conflict_share(cosines), span)))
    figure = _layout(axis, "cosine")
    reach = cosine_reach(list(averages.values()))
    figure["yaxis"] |= {"domain": _TOP, "range": [-reach, reach], "nticks": 5, "zeroline": True}
    figure["xaxis"] |= {"anchor": "y2"}
    figure["yaxis2"] = {
        "domain": _BOTTOM,
        "range": [0, 1],
        "tickformat": ".0%",
        "nticks": 3,
        "zeroline": False,
        "title": {"text": "in conflict"},
    }
    return {"data": traces, "layout": figure}


def _pair_line(
    at: Array, average: Array, pair: tuple[int, int], tasks: Sequence[str], named: bool
) -> dict:
    """The cosine of two tasks: hue of the first, dash of the second; or thin and grey."""
    i, j = pair
    line = {"color": task_look(i).color, "dash": task_look(j).dash, "width": 2.0}
    if not named:
        line = {"color": faded(UNDECIDED, 0.6), "dash": "solid", "width": 1.0}
    trace = _line(at, average, i, f"{tasks[i]} · {tasks[j]}")
    return {**trace, "line": line, "showlegend": named}


def _share_trace(at: Array, share: Array) -> dict:
    """The share of pairs in conflict, as an area in the lower picture.

    What is missing stays in it as not-a-number, so that the picture is as wide as the run even
    where cosines end earlier.
    """
    return {
        **_line(at, np.nan_to_num(share), 0, "pairs in conflict"),
        "y": packed(share),
        "connectgaps": True,
        "yaxis": "y2",
        "line": {"color": HURTS, "width": 1.5, "dash": "solid"},
        "fill": "tozeroy",
        "fillcolor": faded(HURTS, 0.2),
        "showlegend": False,
    }


def cosine_reach(averages: Sequence[Array]) -> float:
    """Half the height of the cosines' axis: symmetric, and of few sizes so that it rarely jumps."""
    highest = max((np.nanmax(np.abs(each), initial=0.0) for each in averages), default=0.0)
    return next(size for size in (0.25, 0.5, 1.05) if highest < size)


def conflict_share(cosines: Array) -> Array:
    """Share of the measured pairs whose gradients point apart, (T,); NaN where none was measured.

    Args:
        cosines: Cosines, (T, K, K).
    """
    rows, columns = np.triu_indices(cosines.shape[-1], k=1)
    each = cosines[:, rows, columns]
    known = np.isfinite(each).sum(axis=-1)
    apart = (each < 0).sum(axis=-1)
    return np.divide(apart, known, out=np.full(len(each), np.nan), where=known > 0)


def per_task_curves(  # noqa: PLR0913 (arrays of one picture and its titles)
    updates: Whole,
    values: Array,
    tasks: Sequence[str],
    title: str,
    span: float,
    axis: Axis = BY_UPDATE,
    *,
    logarithmic: bool = False,
) -> dict:
    """One line a task, the raw one faint: lengths of gradients, or weights in the update.

    Args:
        updates: Number of each update, (T,).
        values: Values, (T, K).
        tasks: Names of the tasks.
        title: Title of the vertical axis.
        span: Reach of the running average in updates.
        axis: What lies across.
        logarithmic: Whether ratios matter rather than differences.
    """
    figure = _layout(axis, title, len(tasks))
    if logarithmic:
        decades = _decades(smoothed(updates, values, span))
        dtick = "D2" if decades < 1.7 else max(1, round(decades / 5))
        figure["yaxis"] |= {"type": "log", "dtick": dtick, "tickformat": "~g"}
    return {"data": _raw_and_average(updates, values, tasks, span, axis), "layout": figure}


def _decades(values: Array) -> float:
    """How many powers of ten the values span."""
    positive = values[np.isfinite(values) & (values > 0)]
    return float(np.log10(positive.max() / positive.min())) if len(positive) else 0.0


def _raw_and_average(
    updates: Whole, values: Array, tasks: Sequence[str], span: float, axis: Axis
) -> list[dict]:
    """Each task's values as measured, faint, and their running average over them."""
    at, average = axis.at(updates), smoothed(updates, values, span)
    raw = [
        _turns(at, values[:, task], task, name, ink=0.25, width=1)
        for task, name in enumerate(tasks)
    ]
    thick = [_turns(at, average[:, task], task, name, width=2.5) for task, name in enumerate(tasks)]
    return [*(raw if span > 0 else []), *thick]


def _line(  # noqa: PLR0913 (arrays of one picture and its titles)
    at: Array, values: Array, task: int, name: str, *, ink: float = 1.0, width: float = 2.0
) -> dict:
    """One task's line through the places at which it has a value."""
    known = np.isfinite(values)
    look = task_look(task)
    color = look.color if ink >= 1 else faded(look.color, ink)
    return {
        "type": "scatter",
        "mode": "lines",
        "x": packed(at[known]),
        "y": packed(values[known]),
        "name": plain(name),
        "legendgroup": name,
        "line": {"color": color, "dash": look.dash if ink >= 1 else "solid", "width": width},
        "showlegend": ink >= 1,
        "hoverinfo": "all" if ink >= 1 else "skip",
    }


def _turns(at: Array, values: Array, task: int, name: str, **look: float) -> dict:
    """One task's line, broken where it took no part for far longer than between two turns."""
    known = np.isfinite(values)
    places, found = np.asarray(at, dtype=np.float64)[known], values[known]
    steps = np.diff(places)
    gaps = np.flatnonzero(steps > _GAP * np.median(steps)) + 1 if len(steps) else []
    broken = {"x": packed(np.insert(places, gaps, places[gaps])),
              "y": packed(np.insert(found, gaps, np.nan))} if len(gaps) else {}  # fmt: skip
    return _line(at, values, task, name, **look) | broken


def _layout(axis: Axis, title: str, lines: int = 0) -> dict:
    """The common layout; another axis is another picture, so that no old zoom hides it.

    A legend of more than a dozen lines would leave no room for them: the pointer names each.
    """
    crowded = lines > MANY
    found = layout(axis.title, title, revision=f"{title} by {axis.title}", show_legend=not crowded)
    return found | ({"hovermode": "closest"} if crowded else {})
