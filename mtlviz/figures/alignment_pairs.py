"""Predicted against measured transfer, one dot a pair of tasks."""

from collections.abc import Sequence
from dataclasses import dataclass

from mtlviz.figures.text import plain
from mtlviz.figures.theme import VERDICT_COLORS, faded, layout


@dataclass(frozen=True)
class Pair:
    """Two tasks: what was predicted before training, and the transfer that was measured.

    Attributes:
        name: Names of both tasks.
        predicted: The score.
        mean: Transfer in percentage points, mean of both tasks.
        low: Lower end of its 95 % interval.
        high: Upper end.
        verdict: `helps`, `hurts` or `undecided`.
    """

    name: str
    predicted: float
    mean: float
    low: float
    high: float
    verdict: str


def predicted_measured(pairs: Sequence[Pair], x_title: str, *, revision: str) -> dict:
    """Each dot is a pair of tasks: how alike they look before training, and what sharing then did.

    Read it by slope: if the score predicts transfer, dots rise from left to right. Bars are 95 %
    intervals over paired seeds; grey dots cannot be told apart from zero.

    Args:
        pairs: The pairs.
        x_title: Which score it is.
        revision: Zoom is kept while this stays the same.
    """
    figure = layout(x_title, "transfer (points)", revision=revision)
    figure["yaxis"]["zeroline"] = True
    figure["hovermode"] = "closest"
    words = (("helps", "helps", "triangle-up"), ("hurts", "hurts", "triangle-down"),
             ("undecided", "cannot be told apart", "circle"))  # fmt: skip
    traces = [
        _dots([pair for pair in pairs if pair.verdict == verdict], word, symbol,
              VERDICT_COLORS[verdict])
        for verdict, word, symbol in words
    ]  # fmt: skip
    return {"data": [trace for trace in traces if trace["x"]], "layout": figure}


def _dots(pairs: Sequence[Pair], word: str, symbol: str, color: str) -> dict:
    return {
        "type": "scatter",
        "mode": "markers",
        "x": [pair.predicted for pair in pairs],
        "y": [pair.mean for pair in pairs],
        "text": [plain(pair.name) for pair in pairs],
        "name": word,
        "marker": {"symbol": symbol, "size": 10, "color": color},
        "error_y": {
            "type": "data",
            "symmetric": False,
            "array": [pair.high - pair.mean for pair in pairs],
            "arrayminus": [pair.mean - pair.low for pair in pairs],
            "thickness": 1.2,
            "width": 3,
            "color": faded(color, 0.6),
        },
        "hovertemplate": "%{text}: score %{x:.2f}, %{y:+.1f} points<extra></extra>",
    }
