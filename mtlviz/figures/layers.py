"""Conflicts by layer: in which part of the encoder tasks pull apart, over training."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from mtlviz.engine.measures.conflict import SURE
from mtlviz.figures.arrays import packed
from mtlviz.figures.axis import BY_UPDATE, Axis
from mtlviz.figures.marks import rule
from mtlviz.figures.theme import DIVERGING, HURTS, UNDECIDED, layout

Array = NDArray[np.float64]

COLUMNS = 60
"""Moments that a picture can show side by side."""
_LEAST_REACH = 0.1


def layer_cosines(
    updates: NDArray[np.int64],
    cosines: Array,
    titles: Sequence[str],
    axis: Axis = BY_UPDATE,
) -> dict:
    """Heatmap of cosines between task gradients, layer by layer over training.

    Read it by hue: orange where the tasks pull a layer apart, blue where they pull it together,
    the more saturated the more so. The embedding layer lies at the bottom. A blank row is not
    shared, or has no gradient. Of many updates neighbours are averaged.

    Args:
        updates: Number of each update, (T,), rising.
        cosines: Cosines, (T, B); NaN where not known.
        titles: What each layer is called.
        axis: What lies across.
    """
    at, shown = _averaged(axis.at(updates), cosines)
    known = np.abs(shown[np.isfinite(shown)])
    reach = max(_LEAST_REACH, float(np.ceil(20 * known.max(initial=0.0)) / 20))
    heatmap = {
        "type": "heatmap",
        "x": packed(at),
        "y": list(titles),
        "z": packed(shown.T),
        "zmin": -reach,
        "zmax": reach,
        "colorscale": DIVERGING,
        "colorbar": {"title": {"text": "cosine", "side": "right"}, "thickness": 12, "nticks": 5},
        "hoverongaps": False,
        "hovertemplate": "%{y}, %{x:.6~g}: cosine %{z:+.2f}<extra></extra>",
    }
    figure = layout(axis.title, "", revision="layers", show_legend=False)
    figure["yaxis"] |= {"type": "category", "showgrid": False, "nticks": 0, "automargin": True}
    return {"data": [heatmap], "layout": figure | {"hovermode": "closest"}}


def layer_shares(share: Array, error: Array, titles: Sequence[str]) -> dict:
    """Bars of how often two tasks pull a layer apart; the line is one half.

    Read it against the line: an orange bar lies above one half with its whole interval.

    Args:
        share: Share in conflict, (B,); NaN where not known.
        error: Standard errors, (B,).
        titles: What each layer is called.
    """
    with np.errstate(invalid="ignore"):
        sure = share - SURE * error > 0.5
    bars = {
        "type": "bar",
        "orientation": "h",
        "x": packed(share),
        "y": list(titles),
        "marker": {"color": [HURTS if each else UNDECIDED for each in sure]},
        "error_x": {"array": packed(SURE * error), "thickness": 1, "width": 3},
        "hovertemplate": "%{y}: %{x:.0%} in conflict<extra></extra>",
    }
    figure = layout("share in conflict", "", revision="layer shares", show_legend=False)
    figure["xaxis"] |= {"range": [0, 1], "tickformat": ".0%", "nticks": 5}
    figure["yaxis"] |= {"type": "category", "showgrid": False, "nticks": 0, "automargin": True}
    figure["shapes"] = [rule("upright", 0.5, dash="dot", width=1)]
    return {"data": [bars], "layout": figure | {"hovermode": "closest"}}


def _averaged(at: Array, values: Array) -> tuple[Array, Array]:
    """At most so many moments, each the mean of its neighbours."""
    groups = np.array_split(np.arange(len(at)), min(COLUMNS, len(at)))
    known = np.isfinite(values)
    filled = np.where(known, values, 0.0)
    counts = np.stack([known[each].sum(0) for each in groups])
    totals = np.stack([filled[each].sum(0) for each in groups])
    means = np.divide(totals, counts, out=np.full(totals.shape, np.nan), where=counts > 0)
    return np.array([at[each].mean() for each in groups]), means
