"""A new task for a trained model: what it scores, and what the old tasks lose, by what trains.

A run has two phases. In the first the old tasks train together; in the second the new one alone,
with the encoder kept (a new head, or a head and an insert) or with everything free. One more way
trains all tasks together from the start. Optimiser and step size begin anew with the second phase.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from mtlviz.engine.config import RunConfig
from mtlviz.engine.measures.transfer import Transfer, paired_transfer
from mtlviz.engine.records import EvalRecord, PhaseRecord
from mtlviz.runs.stored_study import Role
from mtlviz.runs.study import Study

KIND = "adding"
TOGETHER = "together"
TITLES = {
    "head": "a head alone",
    "insert": "a head and an insert (LoRA)",
    "embedding": "a head and a task embedding (hypernetwork)",
    "everything": "everything",
    TOGETHER: "all tasks from the start",
}
KEEPING = ("head", "insert", "embedding")
"""Ways in which the second phase trains nothing that the old tasks use: they cannot change."""


@dataclass(frozen=True)
class Ending:
    """How one run ended.

    Attributes:
        new: Score of the new task.
        lost: What the second phase changed of the old tasks' mean score, in shares of one; NaN
            where there was none.
    """

    new: float
    lost: float


@dataclass(frozen=True)
class Added:
    """One way of adding the task, over paired seeds, in points.

    Attributes:
        new: The new task's score less what it scores with the others from the start.
        lost: The old tasks' mean after the second phase less before it.
        keeping: Whether the old tasks cannot change, as nothing that they use is trained.
    """

    new: Transfer | None
    lost: Transfer | None
    keeping: bool


def planned(config: RunConfig, seeds: Sequence[int]) -> list[tuple[Role, RunConfig]]:
    """The runs of a study; the last task of the settings is the new one."""
    *old, new = (task.name for task in config.data.tasks)
    anew = {"tasks": [new], "optimiser": "reset", "warmup": 0.1, "decay": "linear"}
    kept = [{"tasks": old}, {**anew, "frozen": True}]
    insert = {"capacity.sharing": "lora", "capacity.sharing_options": {"variant": "joint"}}
    embedding = {**insert, "capacity.sharing": "hypernetwork"}
    hard = {"capacity.sharing": "hard", "capacity.sharing_options": {}}
    study = Study({
        "head": {**hard, "optimisation.phases": kept},
        "insert": {**insert, "optimisation.phases": kept},
        "embedding": {**embedding, "optimisation.phases": kept},
        "everything": {**hard, "optimisation.phases": [{"tasks": old}, anew]},
        TOGETHER: {**hard, "optimisation.phases": []},
    })  # fmt: skip
    made = study.runs(config, seeds, lambda way, seed: f"{new} added · {TITLES[way]} · seed {seed}")
    return [((way, seed), found) for (way, seed), found in made.items()]


def ending(evaluations: Sequence[EvalRecord], phases: Sequence[PhaseRecord]) -> Ending | None:
    """How a finished run ended; None where it was never scored.

    Args:
        evaluations: Its scores, oldest first.
        phases: Its phases as they began.
    """
    if not evaluations:
        return None
    last = evaluations[-1].scores
    if len(phases) < 2:
        return Ending(float(last[-1]), math.nan)
    before = [each.scores for each in evaluations if each.update <= phases[1].update]
    lost = float(np.mean(last[:-1] - before[-1][:-1])) if before else math.nan
    return Ending(float(last[-1]), lost)


def added(roles: Mapping[Role, int], endings: Mapping[int, Ending]) -> dict[str, Added]:
    """Every way of adding the task, as far as its runs are finished.

    Args:
        roles: Number of the run of each role.
        endings: How finished runs ended, by number.
    """
    new, lost = {way: {} for way in TITLES}, {way: {} for way in TITLES}
    for (way, seed), run in roles.items():
        if run in endings:
            new[way][seed], lost[way][seed] = endings[run].new, endings[run].lost
    return {
        way: Added(
            paired_transfer(new[way], new[TOGETHER]),
            paired_transfer(lost[way], dict.fromkeys(lost[way], 0.0)),
            way in KEEPING,
        )
        for way in TITLES
        if way != TOGETHER
    }
