"""The toy lab's figures: from a summary to the dictionaries the chart component shows."""

import numpy as np

from mtlviz.engine.measures.transfer import Transfer
from mtlviz.figures.curves import Curve, curves
from mtlviz.figures.theme import UNDECIDED, task_look
from mtlviz.figures.transfer import TransferBar, transfer_bars, transfer_matrix
from mtlviz.toy.layout import Arm, all_arms
from mtlviz.toy.summary import Summary
from mtlviz.ui.core.toy_words import partner_names

MEASURE_TITLES = {
    "accuracy": "held-out accuracy",
    "loss": "training loss",
    "transfer": "transfer (points)",
}


def _look(arm: Arm, target: int) -> tuple[str, str]:
    """Hue and dash of an arm's curve: those of the partner; of the target where it is alone."""
    others = [task for task in arm if task != target]
    if len(others) > 1:
        return UNDECIDED, "longdashdot"
    look = task_look(others[0] if others else target)
    return look.color, look.dash


def measure_curves(summary: Summary, measure: str, wide: bool) -> dict:
    """The target's curve of one measure in each of its arms."""
    tasks = len(summary.film["tasks"])
    thin, thick = (2.0, 4.5) if wide else (1.5, 3.0)
    lines = []
    for arm in summary.arms:
        if measure == "transfer" and len(arm) == 1:
            continue
        band = summary.bands[measure, arm]
        color, dash = _look(arm, summary.target)
        name = "alone" if len(arm) == 1 else f"with {partner_names(arm, summary.target, tasks)}"
        width = thin if len(arm) == 1 else thick
        lines.append(Curve(name, band.mean, (band.low, band.high), color, dash, width))
    return curves(
        summary.steps,
        lines,
        f"task {summary.target + 1}: {MEASURE_TITLES[measure]}",
        revision=f"{measure} {int(summary.steps[-1])}",
        percent=measure == "accuracy",
        zero_line=measure == "transfer",
    )


def target_bars(summary: Summary) -> dict:
    """Signed transfer of the target in each of its arms."""
    tasks = len(summary.film["tasks"])
    bars = []
    for arm in summary.arms:
        found = summary.transfers.get((arm, summary.target))
        if found is not None:
            label = f"with {partner_names(arm, summary.target, tasks)}"
            bars.append(TransferBar(label, found.mean, half_width(found), found.verdict))
    return transfer_bars(bars, revision=f"bars {tasks}")


def half_width(found: Transfer) -> float | None:
    """Half the interval; None for a single seed, which gives none."""
    return (found.high - found.low) / 2 if np.isfinite(found.low) else None


def all_transfers(summary: Summary) -> dict:
    """Signed transfer of every task in every arm."""
    tasks = len(summary.film["tasks"])
    arms = [arm for arm in all_arms(tasks) if len(arm) > 1]
    cells = [[summary.transfers.get((arm, task)) for arm in arms] for task in range(tasks)]
    return transfer_matrix(
        [f"Task {task + 1}" for task in range(tasks)],
        [" + ".join(str(task + 1) for task in arm) for arm in arms],
        np.array([[np.nan if cell is None else cell.mean for cell in row] for row in cells]),
        np.array([[_shown_half_width(cell) for cell in row] for row in cells]),
        [["" if cell is None else cell.verdict for cell in row] for row in cells],
        revision=f"matrix {tasks}",
    )


def _shown_half_width(found: Transfer | None) -> float:
    """Half the interval as a number; NaN where there is none to show."""
    half = None if found is None else half_width(found)
    return np.nan if half is None else half


def panel_titles(summary: Summary) -> list[str]:
    """Titles of the film's panels."""
    return [panel["title"] for panel in summary.film["panels"]]
