"""What the reweighting part says: who gains, who loses, and what the weights did."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mtlviz.engine.measures.transfer import Transfer, signed
from mtlviz.toy.reweighting import ReweightingConfig

Array = NDArray[np.float64]
_MARKS = {"helps": ":blue[▲] ", "hurts": ":red[▼] ", "undecided": ":gray[●] "}


def verdict(found: Transfer, whose: str) -> str:
    """What reweighting changes for one task or some, against equal weights."""
    mean = signed(found.mean)
    if found.spreadless:
        return f":gray[●] Reweighting changes nothing for {whose}: the accuracy is the same."
    interval = (
        f"({100 * found.level:g} % interval {signed(found.low)} to {signed(found.high)}, "
        f"{found.seeds} paired seeds)"
    )
    mark = _MARKS[found.verdict]
    if found.verdict == "undecided":
        return (
            f"{mark}Reweighting changes {whose} by {mean} points, which cannot be told apart from "
            f"zero {interval}."
        )
    return f"{mark}Reweighting *{found.verdict}* {whose}: {mean} points {interval}."


def weights(config: ReweightingConfig, found: Array) -> str:
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


def run_verdict(task: str, found: Transfer) -> str:
    """What Algorithm 2 changes for one task of stored runs, against equal weights.

    Args:
        task: Its name, safe for Markdown.
        found: SVD weights less equal weights.
    """
    if found.seeds == 1:
        return f":gray[●] Reweighting changes {task} by {signed(found.mean)} points in one seed."
    return verdict(found, task)


def measured(rows: Sequence[Mapping[str, Any]]) -> str:
    """How often Algorithm 2 gained and lost on real tasks, and the least and the greatest change.

    Args:
        rows: Kept results, each with `change`: mean, lower and upper end in points.
    """
    gains = sum(row["change"][1] > 0 for row in rows)
    losses = sum(row["change"][2] < 0 for row in rows)
    means = [row["change"][0] for row in rows]
    mark = _MARKS["undecided" if gains == losses else ("helps" if gains > losses else "hurts")]
    return (
        f"{mark}Of {len(rows)} changes in AUC by reweighting, {gains} have a 95 % interval above "
        f"zero and {losses} one below; they run from {signed(min(means))} to "
        f"{signed(max(means))} points. The paper reports +2.4 on average over 20 pairs of chest "
        "X-ray tasks."
    )


def how_measured(seeds: int) -> str:
    """Where the kept results come from."""
    return (
        "Yes-or-no tasks on the same sentences: classes of TREC against the rest, thresholds of "
        f"five-class SST; 500 training sentences, {seeds} paired seeds, each the mean over all "
        "pairs or over every choice of the noisy task. Vectors in their 50 main directions, shared "
        "layer of width 5, rank 1. The blog's wording gives these tasks equal weights."
    )
