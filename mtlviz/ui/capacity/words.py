"""What the capacity view says: verdicts with numbers."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from mtlviz.engine.measures.transfer import Transfer, signed
from mtlviz.engine.measures.widths import Best, Sweep, differences
from mtlviz.ui.core.words import escaped, listed, score

MARKS = {"helps": ":blue[▲] ", "hurts": ":red[▼] ", "undecided": ":gray[●] "}
_VERBS = {"helps": "beats", "hurts": "is beaten by", "undecided": "cannot be told apart from"}
_SAID = {"helps": "**helps**", "hurts": "**hurts**", "undecided": "cannot be told apart from zero"}


def interval(found: Transfer) -> str:
    """`+3.2 points (95 % interval +1.0 to +5.4, 16 paired seeds)`, or why there is none."""
    if found.seeds == 1:
        return f"{signed(found.mean)} points (one seed, so no interval)"
    if found.spreadless:
        return f"exactly {signed(found.mean)} points in each of {found.seeds} paired seeds"
    mean, low, high = _digits(found)
    return f"{mean} points (95 % interval {low} to {high}, {found.seeds} paired seeds)"


def _digits(found: Transfer) -> tuple[str, str, str]:
    """Mean and ends; where the verdict rests on less than one decimal shows, as much as it needs.

    Otherwise "hurts (0.0)" would contradict itself.
    """
    decided = found.verdict != "undecided"
    values = found.mean, found.low, found.high
    mean, low, high = (
        f"{value:+.1g}".replace("-", "−") if decided and signed(value) == "0.0" else signed(value)
        for value in values
    )
    return mean, low, high


def best_verdict(best: Best) -> str:
    """The best shared model against the best models of the tasks' own, with both capacities."""
    own = " + ".join(map(str, best.alone))
    start = (
        f"The best shared encoder, of width **{best.together}**, {{verb}} {len(best.alone)} "
        f"encoders of their own, of widths {own} = **{best.summed}**"
    )
    if best.found is None:
        return f"{MARKS['undecided']}{start.format(verb='is still to be compared with')}."
    verdict = best.found.verdict
    return f"{MARKS[verdict]}{start.format(verb=_VERBS[verdict])}: {interval(best.found)}."


def width_verdict(sweep: Sweep) -> str:
    """At which widths sharing helps, hurts, or does neither."""
    told: dict[str, list[str]] = {"hurts": [], "helps": [], "same": [], "undecided": []}
    for width, found in zip(sweep.widths.tolist(), differences(sweep), strict=True):
        if found is None:
            continue
        same = found.spreadless and abs(found.mean) < 1e-6
        points = "" if same or found.verdict == "undecided" else f" ({_digits(found)[0]})"
        told["same" if same else found.verdict].append(f"{width}{points}")
    parts = [f"{_SAID[name]} at {_widths(told[name])}" for name in _SAID if told[name]]
    if told["same"]:
        parts.append(f"changes nothing at {_widths(told['same'])}")
    return f"Width for width, sharing {'; '.join(parts)}." if parts else ""


def task_verdict(tasks: Sequence[str], points: Sequence[Transfer | None]) -> str:
    """Which tasks gain and which lose between the best widths."""
    told: dict[str, list[str]] = {"helps": [], "hurts": [], "undecided": []}
    for task, found in zip(tasks, points, strict=True):
        if found is not None:
            told[found.verdict].append(f"{escaped(task)} ({_digits(found)[0]})")
    words = {"helps": "**gains**", "hurts": "**loses**", "undecided": "cannot be told apart"}
    parts = [f"{words[verdict]}: {listed(told[verdict])}" for verdict in words if told[verdict]]
    return f"Task by task, {'; '.join(parts)}." if parts else ""


def _widths(texts: Sequence[str]) -> str:
    return f"width{'s' if len(texts) > 1 else ''} {listed(texts)}"


def mean(scores: NDArray[np.float64]) -> str:
    """Mean and standard error of the scores that are known; a dash without any."""
    known = scores[np.isfinite(scores)]
    if not len(known):
        return "–"
    error = known.std(ddof=1) / np.sqrt(len(known)) if len(known) > 1 else np.nan
    return score(float(known.mean()), float(error))


def points(found: Transfer | None) -> str:
    """A difference for a table: `▲ +3.2 (+1.0 to +5.4)`; a dash where nothing is paired."""
    if found is None:
        return "–"
    if found.seeds == 1:
        return f"{signed(found.mean)} (one seed)"
    mark = {"helps": "▲", "hurts": "▼", "undecided": "●"}[found.verdict]
    mean, low, high = _digits(found)
    return f"{mark} {mean} ({low} to {high})"


def unknown(sweep: Sweep) -> int:
    """How many scores of a sweep are not known."""
    return int(np.isnan(sweep.together).sum() + np.isnan(sweep.alone).sum())
