"""The matrix of scores after every step, as a map of what was forgotten."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from mtlviz.engine.measures.conflict import SURE
from mtlviz.engine.measures.transfer import signed
from mtlviz.figures.cells import cell_map
from mtlviz.figures.text import plain

Array = NDArray[np.float64]
_LEAST_REACH = 10.0  # Points at which a colour is full, so that small changes look small.


def score_matrix(  # noqa: PLR0913 (arrays of one picture and its titles)
    steps: Sequence[str],
    tasks: Sequence[str],
    scores: Array,
    changes: Array,
    half: Array,
    learned: Sequence[int],
    *,
    revision: str,
    percent: bool = True,
) -> dict:
    """Scores of every task after every step: blue where a task gained since, orange where it lost.

    Read it down a column: in brackets stands the step in which the task was learned. Below it the
    colour is the change since then (orange: forgotten), above it the change since the untrained
    model. Grey cannot be told from no change. Blank was not measured.

    Args:
        steps: Names of the rows, S of them.
        tasks: Names of the columns, T of them.
        scores: R, shape (S, T); NaN where not measured.
        changes: Change of each cell in points, shape (S, T).
        half: Half the 95 % interval of the changes, shape (S, T); NaN for one seed.
        learned: Row in which each task was learned, counted from 0.
        revision: Zoom is kept while this stays the same.
        percent: Whether scores are shares, shown in per cent.
    """
    own = np.arange(len(steps))[:, None] == np.asarray(learned)
    finite = np.abs(changes[np.isfinite(changes) & ~own])
    reach = max(float(finite.max(initial=0.0)), _LEAST_REACH)
    cells = [[_text(*cell, percent) for cell in zip(*row, strict=True)]
             for row in zip(scores, changes, half, own, strict=True)]  # fmt: skip
    drawn = [[_drawn(*cell) for cell in zip(*row, strict=True)]
             for row in zip(scores, changes, half, own, strict=True)]  # fmt: skip
    names = ([plain(name) for name in steps], [plain(name) for name in tasks])
    hover = "%{x}, %{y}: %{text}"
    found = cell_map(*names, drawn, cells, reach=reach, hover=hover, revision=revision)
    for axis in ("xaxis", "yaxis"):  # A name that is a number is a name.
        found["layout"][axis]["type"] = "category"
    return found


def run_matrix(  # noqa: PLR0913 (arrays of one picture and its titles)
    phases: Sequence[str],
    tasks: Sequence[str],
    scores: Array,
    errors: Array,
    learned: NDArray[np.int64],
    *,
    revision: str,
) -> dict:
    """`score_matrix` of one run: changes since each task was learned, sure by how many were scored.

    Args:
        phases: Who trains in each of S phases.
        tasks: Names of T tasks.
        scores: R, shape (S, T); NaN where not measured.
        errors: Standard error of each, shape (S, T).
        learned: Phase in which each task was learned, counted from 0, (T,).
        revision: Zoom is kept while this stays the same.
    """
    places = np.arange(len(tasks))
    below = np.arange(len(phases))[:, None] > learned
    own, own_error = scores[learned, places], errors[learned, places]
    changes = np.where(below, 100 * (scores - own), np.nan)
    half = np.where(below, 100 * SURE * np.hypot(errors, own_error), np.nan)
    steps = [f"{n} · {name}" for n, name in enumerate(phases, start=1)]
    return score_matrix(steps, tasks, scores, changes, half, learned.tolist(), revision=revision)


def _told(change: float, half: float) -> bool:
    """Whether a change can be told from none; one run alone has no interval to say so."""
    return not np.isfinite(half) or abs(change) > half


def _text(score: float, change: float, half: float, own: bool, percent: bool) -> str:
    if not np.isfinite(score):
        return ""
    text = f"{100 * score:.1f}" if percent else f"{score:.3f}"
    if own:
        return f"[{text}]"
    if not np.isfinite(change):
        return text
    sign = "▼" if change < 0 else "▲"
    mark = "" if not np.isfinite(half) else sign if _told(change, half) else "●"
    return f"{text}<br>{mark} {signed(change)}"


def _drawn(score: float, change: float, half: float, own: bool) -> float | None:
    """The colour's place: none where nothing was measured, the middle where nothing changed."""
    if not np.isfinite(score):
        return None
    if own or not np.isfinite(change) or not _told(change, half):
        return 0.0
    return round(float(change), 3)
