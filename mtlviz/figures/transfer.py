"""Signed transfer: what training together gave or cost each task."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mtlviz.engine.measures.transfer import signed
from mtlviz.figures.cells import cell_map
from mtlviz.figures.theme import DIVERGING, VERDICT_COLORS, layout


@dataclass(frozen=True)
class TransferBar:
    """One bar: a label, its mean in percentage points, half its interval, and the verdict's key."""

    label: str
    mean: float
    half_width: float | None
    verdict: str


_SIGNS = {"helps": "▲ helps", "hurts": "▼ hurts", "undecided": "● cannot be told apart"}


def transfer_bars(bars: Sequence[TransferBar], *, revision: str) -> dict:
    """Transfer per arm: how many points of held-out accuracy sharing adds or takes.

    Read it by the side of zero. Right and blue: training together helps. Left and vermillion: it
    hurts. Grey: the 95 % interval crosses zero, so these seeds cannot tell.
    """
    figure_layout = layout("transfer (percentage points)", "", revision=revision, show_legend=False)
    figure_layout["xaxis"] |= {
        "zeroline": True,
        "zerolinewidth": 1.5,
        "showgrid": True,
        "nticks": 5,
    }
    figure_layout["yaxis"] = {"autorange": "reversed", "automargin": True, "ticksuffix": " "}
    figure_layout |= {"hovermode": "closest", "bargap": 0.35}
    data = {
        "type": "bar",
        "orientation": "h",
        "x": [bar.mean for bar in bars],
        "y": [bar.label for bar in bars],
        "marker": {"color": [VERDICT_COLORS[bar.verdict] for bar in bars]},
        "error_x": {
            "type": "data",
            "array": [bar.half_width or 0.0 for bar in bars],
            "thickness": 1.5,
            "width": 5,
        },
        "customdata": [_SIGNS[bar.verdict] for bar in bars],
        "hovertemplate": "%{y}: %{x:+.1f} points, %{customdata}<extra></extra>",
    }
    return {"data": [data], "layout": figure_layout}


def transfer_matrix(  # noqa: PLR0913 (arrays of one picture and its titles)
    tasks: Sequence[str],
    arms: Sequence[str],
    transfer: NDArray[np.float64],
    half_width: NDArray[np.float64],
    verdicts: Sequence[Sequence[str]],
    *,
    revision: str,
) -> dict:
    """Transfer of every task in every arm that it takes part in.

    Read it by row: what each way of training together gives (blue, ▲) or costs (orange, ▼) that
    task; ● cannot be told apart from zero. Blank: the task is not in that arm.

    Args:
        tasks: Names of the rows, K of them.
        arms: Names of the columns, A of them.
        transfer: Percentage points, shape (K, A), NaN where the task is not in the arm.
        half_width: Half the 95 % interval, shape (K, A).
        verdicts: `helps`, `hurts`, `undecided` or an empty text for each cell.
        revision: Zoom is kept while this stays the same.
    """
    finite = np.abs(transfer[np.isfinite(transfer)])
    reach = max(float(finite.max()) if finite.size else 0.0, _LEAST_REACH)
    text = [[_cell(*cell) for cell in zip(*row, strict=True)]
            for row in zip(transfer, half_width, verdicts, strict=True)]  # fmt: skip
    # What cannot be told apart from zero is drawn as zero: grey, whatever its mean.
    drawn = [[_drawn(mean, verdict) for mean, verdict in zip(*row, strict=True)]
             for row in zip(transfer, verdicts, strict=True)]  # fmt: skip
    hover = "%{y}, %{x}: %{text} points"
    return cell_map(tasks, arms, drawn, text, reach=reach, hover=hover, revision=revision)


def _told(mean: float, half: float) -> str | None:
    """The verdict of one cell of the map in words; None where nothing was computed."""
    if not np.isfinite(mean):
        return None
    verdict = "undecided" if abs(mean) <= half else "helps" if mean > 0 else "hurts"
    return f"{_SIGNS[verdict]}: {signed(mean)} points ± {half:.1f}"


_LEAST_REACH = 5.0  # Points at which a colour is full, so that small effects look small.


def _cell(mean: float, half: float, verdict: str) -> str:
    """Sign, mean and interval of one cell; a single seed has no interval, and so no ±."""
    if not verdict:
        return ""
    spread = f"<br>± {half:.1f}" if np.isfinite(half) else ""
    return f"{_SIGNS[verdict][0]} {signed(mean)}{spread}"


def _drawn(mean: float, verdict: str) -> float | None:
    if not verdict:
        return None
    return 0.0 if verdict == "undecided" else round(float(mean), 3)


def transfer_map(  # noqa: PLR0913 (arrays of one picture and its titles)
    x_values: NDArray[np.float64],
    y_values: NDArray[np.float64],
    transfer: NDArray[np.float64],
    half_width: NDArray[np.float64],
    x_title: str,
    y_title: str,
    *,
    revision: str,
    here: tuple[float, float] | None = None,
) -> dict:
    """Transfer over two controls: blue where sharing helps, orange where it hurts.

    Read it as a weather map: each cell is one setting, trained alone and together over the same
    seeds. A dot marks cells whose 95 % interval crosses zero; blank cells are not computed yet;
    the star is the setting on screen. Hovering says a cell's verdict in words.
    """
    finite = np.abs(transfer[np.isfinite(transfer)])
    reach = float(finite.max()) if finite.size else 1.0
    figure_layout = layout(x_title, y_title, revision=revision, show_legend=False)
    figure_layout |= {"hovermode": "closest"}
    # It stands in a side bar: its cells need the room.
    figure_layout["margin"] |= {"l": 50, "r": 4, "b": 36}
    figure_layout["xaxis"] |= {"nticks": 4, "tickangle": 0}
    heat = {
        "type": "heatmap",
        "x": x_values.tolist(),
        "y": y_values.tolist(),
        "z": [
            [None if not np.isfinite(v) else round(float(v), 3) for v in row] for row in transfer
        ],
        "customdata": [
            [_told(*cell) for cell in zip(*row, strict=True)]
            for row in zip(transfer, half_width, strict=True)
        ],
        "zmin": -max(reach, 1e-9),
        "zmax": max(reach, 1e-9),
        "colorscale": DIVERGING,
        "colorbar": {"thickness": 8, "xpad": 2, "nticks": 5},
        "hovertemplate": f"{x_title}: %{{x:.3g}}<br>{y_title}: %{{y:.3g}}<br>%{{customdata}}"
        "<extra></extra>",
        "hoverongaps": False,
    }
    rows, columns = np.nonzero(np.isfinite(transfer) & (np.abs(transfer) <= half_width))
    unsure = {
        "type": "scatter",
        "mode": "markers",
        "x": x_values[columns].tolist(),
        "y": y_values[rows].tolist(),
        "marker": {"size": 3, "color": "rgba(60,60,60,0.55)"},
        "hoverinfo": "skip",
        "name": "interval crosses zero",
    }
    traces = [heat, unsure]
    if here is not None:
        traces.append(
            {
                "type": "scatter",
                "mode": "markers",
                "x": [here[0]],
                "y": [here[1]],
                "marker": {
                    "symbol": "star",
                    "size": 15,
                    "color": "#FFFFFF",
                    "line": {"color": "#1B1F24", "width": 2},
                },
                "hovertemplate": "the setting on screen<extra></extra>",
                "name": "the setting on screen",
            }
        )
    return {"data": traces, "layout": figure_layout}
