"""What the alignment part says: verdicts with intervals, and what similarity has to do with it."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mtlviz.engine.measures.transfer import Transfer, sentence, signed
from mtlviz.engine.metrics import is_constant
from mtlviz.toy.alignment_settings import AlignmentConfig
from mtlviz.ui.core.words import score

MARKS = {"helps": ":blue[▲] ", "hurts": ":red[▼] ", "undecided": ":gray[●] "}
_RARE = 0.05
STORIES = {
    "Start": "The two tasks ask almost the same of clouds that lie across one another.",
    "Same question, other cloud": "Both tasks follow one direction; only their clouds differ.",
    "Turned to help": "R₂ turns the source until its labels follow the target's direction.",
    "Turned to look alike": "R₂ makes the clouds as similar as can be, labels or not.",
    "Room for both": "Capacity 2 for two tasks: each keeps a direction of its own.",
}


def toy_verdicts(config: AlignmentConfig, found: Mapping[str, Transfer]) -> list[str]:
    """One sentence for plain sharing, and one for each change that is switched on."""
    told = [MARKS[found["plain"].verdict] + _sentence(found["plain"], "task 2")]
    if (config.turn, config.along, config.across) != (0, 1, 1):
        told.append(MARKS[found["hand"].verdict] + _sentence(found["hand"], "task 2 behind R₂"))
    if config.steps:
        how = f"task 2 and {config.steps} steps of Algorithm 1"
        told.append(MARKS[found["trained"].verdict] + _sentence(found["trained"], how))
    return told


def _sentence(found: Transfer, others: str) -> str:
    return sentence(found, "task 1", others)


def similarities(similar: tuple[float, float, float]) -> str:
    """Equation 5 before and after R₂, beside what it gives a cloud with itself."""
    before, after, own = similar
    return (
        f"Similarity of the clouds (eq. 5): {before:.2f} before R₂, {after:.2f} after; a cloud "
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


def run_verdict(task: str, found: Transfer) -> str:
    """What alignment changes for one task of stored runs, against plain sharing.

    Args:
        task: Its name, safe for Markdown.
        found: Aligned less plain sharing.
    """
    return MARKS[found.verdict] + sentence(found, task, "R, against plain sharing,")


def mean(scores: Sequence[float]) -> str:
    """Mean and standard error over seeds; a dash where there is none."""
    values = np.array(scores, dtype=np.float64)
    error = values.std(ddof=1) / np.sqrt(len(values)) if len(values) > 1 else np.nan
    return score(float(values.mean()), float(error)) if len(values) else "–"


def points(found: Transfer | None) -> str:
    """A signed difference with its interval; a dash where there is none."""
    if found is None:
        return "–"
    if found.seeds == 1:
        return f"{signed(found.mean)} (one seed)"
    return f"{signed(found.mean)} ({signed(found.low)} to {signed(found.high)})"


def table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A Markdown table."""
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def measured_verdicts(
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
    mark = ":gray[●]" if not surely else (":blue[▲]" if found["value"] > 0 else ":red[▼]")
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
            f"{MARKS[helps]}{what} {verb} {signed(mean)} points (95 % interval {signed(low)} to "
            f"{signed(high)}), above zero in {cell['above_zero'][name]} of {count} pairs."
        )
    return [line.replace(" -", " −") for line in told]


_ALIGNED = {
    "aligned, B fixed − plain": "Algorithm 1, shared layer fixed, against plain sharing",
    "aligned, B fixed − control": "The same against a control of as many parameters",
    "aligned, joint − plain": "R trained with the shared layer, against plain sharing",
    "aligned, joint − control": "The same against the control",
}


def how_measured(seeds: int) -> str:
    """Where the kept results come from."""
    return (
        f"Eight sentence sets (SST-2, MR, CR, SUBJ, MPQA, TREC, SST-5, CoLA), 1\u2009000 training "
        f"sentences each, {seeds} paired seeds; training sentences that stand in any evaluation "
        "split dropped. Vectors in their 50 main directions, one shared layer with ReLU, linear "
        "heads; test accuracy after the last update. Pairs share tasks, so intervals over pairs "
        "are too narrow rather than too wide."
    )
