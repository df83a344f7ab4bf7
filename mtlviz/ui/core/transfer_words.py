"""Differences and means of scores, with their uncertainty, in sentences and in tables."""

import numpy as np
from numpy.typing import NDArray

from mtlviz.engine.measures.transfer import ONE_SEED, OUTCOMES, UNCHANGED, Transfer, digits, signed
from mtlviz.ui.core.words import score


def interval(found: Transfer) -> str:
    """`+3.2 points (95 % interval +1.0 to +5.4, 16 paired seeds)`, or why there is none."""
    if found.seeds == 1:
        return f"{signed(found.mean)} points ({ONE_SEED})"
    if found.unchanged:
        return f"{UNCHANGED} in each of {found.seeds} paired seeds"
    if found.spreadless:
        return f"exactly {signed(found.mean)} points in each of {found.seeds} paired seeds"
    mean, low, high = digits(found)
    small = ", small" if found.small else ""
    return f"{mean} points{small} (95 % interval {low} to {high}, {found.seeds} paired seeds)"


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
        return f"{signed(found.mean)} (one seed: no interval yet)"
    if found.unchanged:
        return OUTCOMES["unchanged"]
    if found.spreadless:
        return f"● {signed(found.mean)} in each of {found.seeds} seeds"
    mark = OUTCOMES[found.verdict][0]
    mean, low, high = digits(found)
    small = ", small" if found.small else ""
    return f"{mark} {mean}{small} ({low} to {high})"
