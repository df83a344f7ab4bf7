"""What the view of many tasks says."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from mtlviz.engine.config import RunConfig
from mtlviz.engine.measures.clusters import Agreement
from mtlviz.engine.measures.transfer import Transfer, paired_transfer
from mtlviz.ui.core.transfer_words import interval, points
from mtlviz.ui.core.words import MARKS, counted, escaped, listed, table
from mtlviz.ui.pages.capacity.many_tasks import ManyTasks

_SURE = 0.8
NAMES = {"conflict": "cosine", "lookahead": "affinity", "estimate": "estimated relief"}
ALT = {
    "similarity": "How alike the texts of {} tasks look to the encoder, two tasks a cell.",
    "conflict": "Mean cosine between the gradients of {} tasks, two tasks a cell.",
    "lookahead": "Lookahead affinity between {} tasks; row: the task stepped on.",
    "estimate": "Estimated relief between {} tasks; row: the company.",
}
HOW = {
    "similarity": "Blue: more alike than two tasks are on average.",
    "conflict": "Blue: they pull together. Orange: apart.",
    "lookahead": "Row: a step on this task. Blue: the column’s loss falls.",
    "estimate": "Row: the company. Blue: the column’s loss would fall.",
}
MISSING = {
    "similarity": "This run recorded no embeddings (“Embeddings, every … updates”).",
    "conflict": "This run recorded no gradients (“Gram matrix, every … updates”).",
    "lookahead": "This run recorded no affinities.",
    "estimate": "The estimate appears here when it is made.",
}
MEASURE = "Measure affinities of chosen tasks"
THESE, PLANTED = "These groups", "Planted families"
ONE, ALONE = "One encoder for all", "Each task alone"
Scores = Mapping[str, Mapping[int, float]]
"""Mean score of all tasks by seed, of each grouping."""
_BY = {
    "conflict": "which way their gradients point", "lookahead": "who lowers whose loss",
    "estimate": "what pairs are estimated to do to each other",
}  # fmt: skip


def not_grouped(config: RunConfig) -> str:
    """Why groups of a run's tasks cannot be trained beside it, and what to do."""
    if config.optimisation.max_updates is None:
        lasts = counted(config.optimisation.epochs, "pass")
        why = f"This run lasts {lasts} over its data, so a group of its tasks would train shorter"
    else:
        why = "In this run not every task takes part in every update, so a group would train longer"
    return (
        f"{why} than all together, and nothing could be compared: “{MEASURE}”, below, trains such "
        "tasks with a fixed number of updates."
    )


def groups(
    found: ManyTasks, tasks: list[str], by: str, seeds: int, asked: int | None = None
) -> list[str]:
    """How many groups, and whether they are the planted ones; then how sure and how well."""
    clusters = found.clusters
    if clusters is None:
        return []
    how = "the number with the largest total" if clusters.chosen else "the number you chose"
    if asked is not None and clusters.groups < asked:
        how = f"not {asked}: some tasks cannot be told apart"
    first = f"By {_BY[by]}, {len(tasks)} tasks fall into **{counted(clusters.groups, 'group')}**"
    lines = [f"{counted(clusters.groups, 'group')}: {how}."]
    if found.agreement is not None and found.planted is not None:
        better = found.agreement.index > found.agreement.chance
        families = counted(len(set(found.planted)), "family")
        how_well = "**better than chance**" if better else "no better than chance"
        mark = MARKS["helps" if better else "undecided"]
        first = f"{mark} {first}, which find the {families} {how_well}"
        lines[0] += f" {agreed(found.agreement)}"
    if np.isfinite(clusters.stability):
        sure = clusters.stability >= _SURE
        over = f"{seeds} seeds and their updates" if seeds > 1 else "the updates of one seed"
        lines.append(
            f"Groups of resamples over {over} agree with them by **{clusters.stability:.2f}** "
            "(1: always the same, 0: as chance has it)"
            + ("." if sure else ", so they are not settled.")
        )
    return [f"{first}.", *lines]


def agreed(seen: Agreement) -> str:
    """How well groups agree with planted families, in numbers."""
    return (
        f"Groups and families agree by **{seen.index:.2f}** (adjusted Rand index; 1: exactly; 95 % "
        f"of random groups of these sizes stay below {seen.chance:.2f})."
    ).replace("-0", "−0")


def pays(scores: Scores) -> str:
    """Whether the groups score better than one encoder for all."""
    change = _against(scores, THESE, ONE)
    if change is None:
        return f"{THESE}: not measured yet."
    return f"{MARKS[change.verdict]} {THESE} against {ONE.lower()}: {interval(change)}."


def score_table(scores: Scores) -> str:
    """Mean score of each grouping that was trained, against one encoder for all and none shared."""
    rows = [
        [name, f"{np.mean(list(found.values())):.3f}",
         *("" if name == other else points(_against(scores, name, other))
           for other in (ONE, ALONE))]
        for name, found in scores.items() if found
    ]  # fmt: skip
    header = ("trained", "mean score", f"against {ONE.lower()}", f"against {ALONE.lower()}")
    return table(header, rows) if rows else ""


def _against(scores: Scores, name: str, other: str) -> Transfer | None:
    if not scores.get(name) or not scores.get(other):
        return None
    return paired_transfer(scores[name], scores[other])


def of_one(task: int, tasks: list[str], found: ManyTasks) -> str:
    """The task that is lit: nearest in each map, and furthest."""
    alike = _extreme(found.similarity, task, tasks, 1)
    pulls = _most(found.conflict, task, tasks, "pulls most with", "pulls with no other")
    parts = [
        alike and f"looks most like {alike}",
        pulls and f"{pulls} and least of all with {_extreme(found.conflict, task, tasks, -1)}",
        _most(found.lookahead.T, task, tasks, "is helped most by", "is helped by no other"),
    ]
    return f"**{escaped(tasks[task])}** {listed(list(filter(None, parts)))}."


def _most(
    values: NDArray[np.float64] | None, task: int, tasks: list[str], told: str, none: str
) -> str:
    """The task that does most for this one; that none does anything, where that is so."""
    best = _extreme(values, task, tasks, 1)
    if values is None or not best:
        return ""
    return f"{told} {best}" if np.nanmax(np.delete(values[task], task)) > 0 else none


def _extreme(values: NDArray[np.float64] | None, task: int, tasks: list[str], sign: int) -> str:
    """The task at one end of a row; empty where nothing of it is known."""
    if values is None:
        return ""
    row = np.where(np.arange(len(tasks)) == task, np.nan, sign * values[task])
    if not np.isfinite(row).any():
        return ""
    return f"**{escaped(tasks[int(np.nanargmax(row))])}**"
