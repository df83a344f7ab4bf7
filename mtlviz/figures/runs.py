"""Stored runs: losses, scores, conflicts, lengths and weights over the updates."""

from collections.abc import Sequence
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from mtlviz.engine.records import EvalRecord
from mtlviz.figures.arrays import packed
from mtlviz.figures.theme import HURTS, UNDECIDED, faded, layout, task_look

Array = NDArray[np.float64]
Whole = NDArray[np.int64]

_TOP, _BOTTOM = [0.4, 1.0], [0.0, 0.28]


def smoothed(updates: Whole, values: Array, span: float) -> Array:
    """A running average that looks back over about `span` updates; missing values are passed over.

    The weight of the past falls with the distance in updates, so that a thinned curve is smoothed
    as the full one. Missing values stay missing.

    Args:
        updates: Number of each update, (T,).
        values: Values, (T,) or (T, K); NaN where not measured.
        span: Distance in updates at which the past counts 1/e; 0 for no smoothing.
    """
    if span <= 0:
        return values.copy()
    columns = values if values.ndim == 2 else values[:, None]
    result = np.full(columns.shape, np.nan)
    for column in range(columns.shape[1]):
        known = np.flatnonzero(np.isfinite(columns[:, column]))
        result[known, column] = _running(updates[known], columns[known, column], span)
    return result.reshape(values.shape)


def _running(updates: Whole, values: Array, span: float) -> Array:
    """Weighted mean of all values so far, older ones fading; unbiased from the first value on."""
    fading = np.exp(-np.diff(updates, prepend=updates[:1]) / span)
    result, total, weight = np.empty(len(values)), 0.0, 0.0
    for place, (fade, value) in enumerate(zip(fading, values, strict=True)):
        total, weight = fade * total + value, fade * weight + 1.0
        result[place] = total / weight
    return result


def loss_curves(
    updates: Whole, losses: Array, tasks: Sequence[str], span: float, *, chosen: int | None = None
) -> dict:
    """Training loss of each task: the raw line faint, the running average over it.

    Args:
        updates: Number of each update, (T,).
        losses: Training losses, (T, K), NaN where a task took no part.
        tasks: Names of the tasks.
        span: Reach of the running average in updates.
        chosen: The update looked at, marked by a line.
    """
    raw = [
        _line(updates, losses[:, task], task, name, ink=0.25, width=1)
        for task, name in enumerate(tasks)
    ]
    average = smoothed(updates, losses, span)
    thick = [
        _line(updates, average[:, task], task, name, width=2.5) for task, name in enumerate(tasks)
    ]
    figure = layout("update", "training loss", revision="losses")
    return {"data": [*(raw if span > 0 else []), *thick], "layout": _marked(figure, chosen)}


def score_curves(
    evaluations: Sequence[EvalRecord],
    tasks: Sequence[str],
    metrics: Sequence[str],
    *,
    chosen: int | None = None,
) -> dict:
    """Development score of each task with its standard error, and what guessing would score.

    The thin dotted line in a task's hue is the score of always giving the most frequent training
    label; a task whose score has no such line (a correlation) has none.
    """
    at = np.array([record.update for record in evaluations], dtype=np.int64)
    traces = []
    for task, name in enumerate(tasks):
        look = task_look(task)
        baseline = np.array([record.baselines[task] for record in evaluations])
        traces.append(
            {
                **_line(at, baseline, task, f"{name}: always the most frequent label", ink=0.6),
                "line": {"color": look.color, "dash": "dot", "width": 1},
                "showlegend": False,
            }
        )
        score = np.array([record.scores[task] for record in evaluations])
        error = np.array([record.errors[task] for record in evaluations])
        trace = _line(at, score, task, f"{name} ({metrics[task]})", width=2.5)
        trace |= {"mode": "lines+markers", "marker": {"symbol": look.marker, "size": 7}}
        traces.append({**trace, "error_y": {"array": packed(error), "width": 3, "thickness": 1}})
    figure = layout("update", "development score", revision="scores")
    return {"data": traces, "layout": _marked(figure, chosen)}


def pairs(tasks: int) -> list[tuple[int, int]]:
    """Every pair of tasks once, in order."""
    return list(combinations(range(tasks), 2))


def cosine_curves(
    updates: Whole, cosines: Array, tasks: Sequence[str], span: float, *, chosen: int | None = None
) -> dict:
    """Cosine between the gradients of every pair of tasks, and below it the share in conflict.

    Read it by sign: below zero two tasks pull the shared weights apart. The lower picture is the
    share of the pairs measured that are below zero.

    Args:
        updates: Number of each update, (T,).
        cosines: Cosines, (T, K, K); NaN where a gradient was missing or zero.
        tasks: Names of the tasks.
        span: Reach of the running average in updates.
        chosen: The update looked at, marked by a line.
    """
    averages = {(i, j): smoothed(updates, cosines[:, i, j], span) for i, j in pairs(len(tasks))}
    traces = []
    for (i, j), average in averages.items():
        line = {"color": task_look(i).color, "dash": task_look(j).dash, "width": 2.0}
        name = f"{tasks[i]} · {tasks[j]}"
        traces.append({**_line(updates, average, i, name), "line": line})
    traces.append(_share_trace(updates, smoothed(updates, conflict_share(cosines), span)))
    figure = layout("update", "cosine", revision="cosines")
    reach = _reach(list(averages.values()))
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
    return {"data": traces, "layout": _marked(figure, chosen)}


def _share_trace(updates: Whole, share: Array) -> dict:
    """The share of pairs in conflict, as an area in the lower picture."""
    return {
        **_line(updates, share, 0, "pairs in conflict"),
        "yaxis": "y2",
        "line": {"color": HURTS, "width": 1.5, "dash": "solid"},
        "fill": "tozeroy",
        "fillcolor": faded(HURTS, 0.2),
        "showlegend": False,
    }


def _reach(averages: Sequence[Array]) -> float:
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


def per_task_curves(
    updates: Whole,
    values: Array,
    tasks: Sequence[str],
    title: str,
    span: float,
    *,
    logarithmic: bool = False,
    chosen: int | None = None,
) -> dict:
    """One smoothed line a task: lengths of gradients, or weights in the update.

    Args:
        updates: Number of each update, (T,).
        values: Values, (T, K).
        tasks: Names of the tasks.
        title: Title of the vertical axis.
        span: Reach of the running average in updates.
        logarithmic: Whether ratios matter rather than differences.
        chosen: The update looked at, marked by a line.
    """
    average = smoothed(updates, values, span)
    traces = [
        _line(updates, average[:, task], task, name, width=2.0) for task, name in enumerate(tasks)
    ]
    figure = layout("update", title, revision=title)
    if logarithmic:
        dtick = "D2" if _decades(average) < 1.7 else 1
        figure["yaxis"] |= {"type": "log", "dtick": dtick, "tickformat": "~g"}
    return {"data": traces, "layout": _marked(figure, chosen)}


def _decades(values: Array) -> float:
    """How many powers of ten the values span."""
    positive = values[np.isfinite(values) & (values > 0)]
    return float(np.log10(positive.max() / positive.min())) if len(positive) else 0.0


def _line(
    updates: Whole, values: Array, task: int, name: str, *, ink: float = 1.0, width: float = 2.0
) -> dict:
    """One task's line through the updates at which it has a value."""
    known = np.isfinite(values)
    look = task_look(task)
    color = look.color if ink >= 1 else faded(look.color, ink)
    return {
        "type": "scatter",
        "mode": "lines",
        "x": packed(updates[known]),
        "y": packed(values[known]),
        "name": name,
        "legendgroup": name,
        "line": {"color": color, "dash": look.dash if ink >= 1 else "solid", "width": width},
        "showlegend": ink >= 1,
        "hoverinfo": "all" if ink >= 1 else "skip",
    }


def _marked(figure: dict, chosen: int | None) -> dict:
    """The layout with a line at the update looked at."""
    if chosen is None:
        return figure
    line = {"color": UNDECIDED, "width": 1.5, "dash": "dot"}
    ends = {"xref": "x", "yref": "paper", "x0": chosen, "x1": chosen, "y0": 0, "y1": 1}
    return figure | {"shapes": [{"type": "line", **ends, "line": line, "layer": "below"}]}
