"""What the Covariance lab says, in sentences with numbers."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mtlviz.engine.measures.task_spectra import Analysis, compared
from mtlviz.engine.measures.transfer import Transfer, effect, sentence, signed
from mtlviz.engine.metrics import is_constant
from mtlviz.toy.alignment_settings import AlignmentConfig
from mtlviz.toy.reweighting import ReweightingConfig
from mtlviz.ui.core.words import MARKS, escaped

_SURE = 1.96  # Standard errors of a 95 % interval.
_RARE = 0.05


def verdict(found: Analysis, names: list[str]) -> str:
    """Which two tasks are most and least alike, with errors, and what one task scores itself."""
    pairs = compared(found)
    if pairs is None:
        return "Choose at least two tasks to compare them."
    most, least = pairs
    if most == least:
        told = f"Normalised similarity of {_pair(found, names, most)}"
    else:
        told = (
            f"Most alike, by normalised similarity: {_pair(found, names, most)} "
            f"Least alike: {_pair(found, names, least)}"
        )
    return f"{told} {_like_one(found, names, list(dict.fromkeys(pairs)))}"


def _pair(found: Analysis, names: list[str], pair: tuple[int, int]) -> str:
    value, error = found.normalised[pair], found.errors[pair]
    one, two = (escaped(names[task]) for task in pair)
    known = f" (95 % interval {_interval(value, error)})" if np.isfinite(error) else ""
    return f"**{one}** and **{two}**, **{value:.2f}**{known}."


def _like_one(found: Analysis, names: list[str], pairs: list[tuple[int, int]]) -> str:
    """Which of these pairs differ no more than one task does from itself."""
    own = np.diagonal(found.halves)
    alike = [pair for pair in pairs if _alike(found, pair)]
    if not alike:
        return _ceiling(found)
    task = min((task for pair in alike for task in pair), key=lambda task: own[task])
    whose = "This pair" if len(pairs) == 1 else "Neither" if len(alike) == 2 else (
        "The first" if alike[0] == pairs[0] else "The second"
    )  # fmt: skip
    verb = "can" if whose == "Neither" else "cannot"
    return (
        f"{whose} {verb} be told apart from one task: two halves of {escaped(names[task])} "
        f"reach {own[task]:.2f}."
    )


def _interval(value: float, error: float) -> str:
    low, high = max(0.0, value - _SURE * error), min(1.0, value + _SURE * error)
    return f"{low:.2f} to {high:.2f}"


def _alike(found: Analysis, pair: tuple[int, int]) -> bool:
    """Whether halves of the two tasks are as alike as halves of either, within the error.

    What halves of one task reach is no surer than what the two reach: the error counts twice.
    """
    reach = found.halves[pair] + _SURE * np.sqrt(2) * np.nan_to_num(found.errors[pair])
    return bool(reach >= np.diagonal(found.halves)[list(pair)].min())


def _ceiling(found: Analysis) -> str:
    own = np.diagonal(found.halves)
    low, high = f"{np.nanmin(own):.2f}", f"{np.nanmax(own):.2f}"
    told = low if low == high else f"{low} to {high}"
    return f"(Two halves of one task: {told}.)"


def toy_verdicts(config: AlignmentConfig, found: Mapping[str, Transfer]) -> list[str]:
    """One sentence for plain sharing, and one for each change that is switched on."""
    told = [_marked(found["plain"], "task 1", "task 2")]
    if (config.turn, config.along, config.across) != (0, 1, 1):
        told.append(_marked(found["hand"], "task 1", "task 2 behind R₂"))
    if config.steps:
        how = f"task 2 and {config.steps} steps of Algorithm 1"
        told.append(_marked(found["trained"], "task 1", how))
    return told


def _marked(found: Transfer, task: str, others: str) -> str:
    return f"{MARKS[found.verdict]} {sentence(found, task, others)}"


def similarities(similar: tuple[float, float, float]) -> str:
    """Equation 5 before and after R₂, beside what it gives a cloud with itself."""
    before, after, own = similar
    return (
        f"Similarity of the clouds: {before:.2f} before the turn by R₂, {after:.2f} after; a cloud "
        f"has {own:.2f} with itself. Scores are shares of explained variance on new points, in "
        "points; labels stay with their points, so R₂ turns a task's question with its cloud."
    )


def score_and_transfer(transfers: NDArray[np.float64], similarity: NDArray[np.float64]) -> str:
    """Whether the score follows transfer over all turns of the cloud here."""
    if is_constant(transfers) or is_constant(similarity):
        return "Nothing changes over the turns here, so similarity predicts nothing."
    correlation = float(np.corrcoef(transfers, similarity)[0, 1])
    best = signed(float(transfers.max()))
    return (
        f"Over all turns of this cloud, similarity and transfer correlate by {correlation:+.2f}; "
        f"the best turn is worth {best} points. Equation 5 sees inputs, not labels: turned until "
        "the clouds agree, the source may ask another question."
    ).replace("by -", "by −")


def alignment_verdict(task: str, found: Transfer) -> str:
    """What alignment changes for one task of stored runs, against plain sharing.

    Args:
        task: Its name, safe for Markdown.
        found: Aligned less plain sharing.
    """
    return _marked(found, task, "R, against plain sharing,")


def measured_alignment(
    cell: Mapping[str, Any], predictor: str, titles: Mapping[str, str]
) -> list[str]:
    """Whether a score predicted transfer, and what alignment gave, in sentences with numbers.

    Args:
        cell: Kept results of one kind of vectors and one capacity.
        predictor: Which score.
        titles: Names of the scores.
    """
    found, count = cell["spearman"][predictor], len(cell["pairs"])
    # Pairs share tasks, so the interval over pairs alone would claim too much.
    surely = (found["low"] > 0 or found["high"] < 0) and found["chance"] < _RARE
    word = "go" if surely else "cannot be told to go"
    way = "against" if surely and found["value"] < 0 else "with"
    mark = MARKS["undecided" if not surely else ("helps" if found["value"] > 0 else "hurts")]
    told = [
        f"{mark} Over {count} pairs, {titles[predictor]} and transfer {word} {way} one another: "
        f"rank correlation {found['value']:+.2f} (95 % interval {found['low']:+.2f} to "
        f"{found['high']:+.2f}); tasks renamed at random reach as much in {found['chance']:.0%}."
    ]
    for name, what in _ALIGNED.items():
        mean, low, high = cell["overall"][name]
        helps = "undecided" if low <= 0 <= high else ("helps" if low > 0 else "hurts")
        verb = {"helps": "gains", "hurts": "loses", "undecided": "cannot be told apart:"}[helps]
        told.append(
            f"{MARKS[helps]} {what} {verb} {signed(mean)} points (95 % interval {signed(low)} to "
            f"{signed(high)}), above zero in {cell['above_zero'][name]} of {count} pairs."
        )
    return [line.replace(" -", " −") for line in told]


_ALIGNED = {
    "aligned, B fixed − plain": "Algorithm 1, shared layer fixed, against plain sharing",
    "aligned, B fixed − control": "The same against a control of as many parameters",
    "aligned, joint − plain": "R trained with the shared layer, against plain sharing",
    "aligned, joint − control": "The same against the control",
}


def how_alignment_was_measured(seeds: int) -> str:
    """Where the kept results come from."""
    return (
        f"Eight sentence sets (SST-2, MR, CR, SUBJ, MPQA, TREC, SST-5, CoLA), 1\u2009000 training "
        f"sentences each, {seeds} paired seeds; training sentences that stand in any evaluation "
        "split dropped. Vectors in their 50 main directions, one shared layer with ReLU, linear "
        "heads; test accuracy after the last update. Pairs share tasks, so intervals over pairs "
        "are too narrow rather than too wide."
    )


def reweighted(whose: str, found: Transfer) -> str:
    """What Algorithm 2 changes for a task, its name safe for Markdown, against equal weights."""
    return f"{MARKS[found.verdict]} {effect('Reweighting', whose, found)}"


def weights(config: ReweightingConfig, found: NDArray[np.float64]) -> str:
    """How much the task with wrong labels counts, in a sentence.

    Args:
        config: The settings.
        found: Weights of every repetition, (S, K).
    """
    mean = found.mean(axis=0)
    if config.tasks == 1:
        return "One task has the weight 1, whatever its labels."
    edge = (
        " Rank equals the number of tasks: weights are lengths ‖Xᵀyᵢ‖, nothing is filtered out."
        if config.rank == config.tasks
        else ""
    )
    other = float(mean[1:].mean())
    return f"Task 1 counts {mean[0]:.2f}, the others {other:.2f} each on average.{edge}"


def measured_reweighting(rows: Sequence[Mapping[str, Any]]) -> str:
    """How often Algorithm 2 gained and lost on real tasks, and the least and the greatest change.

    Args:
        rows: Kept results, each with `change`: mean, lower and upper end in points.
    """
    gains = sum(row["change"][1] > 0 for row in rows)
    losses = sum(row["change"][2] < 0 for row in rows)
    means = [row["change"][0] for row in rows]
    mark = MARKS["undecided" if gains == losses else ("helps" if gains > losses else "hurts")]
    return (
        f"{mark} Of {len(rows)} changes in AUC by reweighting, {gains} have a 95 % interval above "
        f"zero and {losses} one below; they run from {signed(min(means))} to "
        f"{signed(max(means))} points. The paper reports +2.4 on average over 20 pairs of chest "
        "X-ray tasks."
    )


def how_reweighting_was_measured(seeds: int) -> str:
    """Where the kept results come from."""
    return (
        "Yes-or-no tasks on the same sentences: classes of TREC against the rest, thresholds of "
        f"five-class SST; 500 training sentences, {seeds} paired seeds, each the mean over all "
        "pairs or over every choice of the noisy task. Vectors in their 50 main directions, shared "
        "layer of width 5, rank 1. The blog's wording gives these tasks equal weights."
    )
