"""The toy lab's pictures, as the page draws them and as they are taken home."""

from typing import Any

from mtlviz.toy.summary import Summary
from mtlviz.ui.core import guess, link
from mtlviz.ui.core.toy_words import panel_verdict
from mtlviz.ui.pages.toy import figures
from mtlviz.ui.pages.toy.settings import CURSOR, TOY

Picture = dict[str, Any]


def film_player(summary: Summary) -> Picture:
    """The panels of the task in question, without verdicts while these answer a question."""
    waits, covered = guess.covers("picture"), guess.covers("answer")
    verdicts = [None if covered else panel_verdict(summary, arm) for arm in summary.arms]
    panels = ", ".join(figures.panel_titles(summary)).lower()
    return {
        "payload": {**summary.film, "verdicts": verdicts},
        "alt": f"Panels of the plane, one for each way of training task {summary.target + 1}: "
        f"{panels}. Points are the tasks' data, lines their true and learned boundaries, the "
        "shading how sure the model is.",
        "cursor_group": CURSOR,
        "bar": not waits,
        "autoplay": f"{TOY.preset} seeing" if covered and not waits else "",
    }


def bars(summary: Summary) -> Picture:
    """Signed transfer of the task in question."""
    return {
        "figure": figures.target_bars(summary),
        "alt": f"Signed transfer to task {summary.target + 1} for each partner, in points of "
        "held-out accuracy, with 95 % intervals.",
        "how_to_read": "Right of zero: training together helps. Left: it hurts. Grey: the "
        "interval crosses zero, so these seeds cannot tell.",
        "height": 240,
        "filename": "transfer",
    }


def matrix(summary: Summary) -> Picture:
    """Signed transfer of every task in every arm."""
    return {
        "figure": figures.all_transfers(summary),
        "alt": "Signed transfer of every task in every way of training together.",
        "how_to_read": "A row is a task, a column the tasks trained together. ▲ helps, ▼ hurts, "
        "● cannot be told apart from zero.",
        "height": 240,
        "filename": "transfer-matrix",
    }


def curve(summary: Summary, measure: str) -> Picture:
    """One measure of the task in question over training, with the film's step as a line to drag."""
    return {
        "figure": figures.measure_curves(summary, measure, link.lecture()),
        "alt": f"Task {summary.target + 1}: {figures.MEASURE_TITLES[measure]} over training steps, "
        "one line for each way of training it.",
        "how_to_read": "Thin: alone. Thick: with others, in the partner's hue. Bands: 95 % "
        "interval over seeds. Drag the line to move every picture to a step.",
        "height": 300,
        "cursor_group": CURSOR,
        "filename": measure,
    }
