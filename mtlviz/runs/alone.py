"""What transfer is measured against: the same task trained alone, with the same seed and budget.

A run counts as a task's baseline where everything but the sharing agrees: data, seed, encoder,
head, optimiser, and the number of updates in which the task takes part. It is either a run of that
task alone, or one task of a run in which every task has an encoder of its own.
"""

import json
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from mtlviz.engine.config import RunConfig, single_task
from mtlviz.engine.measures.transfer import transfer
from mtlviz.engine.purposes import DATA, generator
from mtlviz.engine.tasks import load_tasks
from mtlviz.runs.compared import Compared
from mtlviz.runs.comparison import Difference, Group

Kind = Literal["alone", "separate"]
KINDS: dict[Kind, str] = {
    "alone": "each task trained alone, in a run of its own",
    "separate": "each task with an encoder of its own, in one run",
}
SEPARATE = "separate"
Signature = str


@dataclass(frozen=True)
class Baseline:
    """One task trained alone.

    Attributes:
        run: Number of the run.
        kind: Whether the run has this task alone, or one encoder for each of several.
        score: The task's score there.
    """

    run: int
    kind: Kind
    score: float


def signature(config: RunConfig, task: int, updates: int) -> Signature:
    """What must be equal for one run to be the single-task baseline of another's task.

    Args:
        config: Settings of either run.
        task: Number of the task in that run.
        updates: Updates in which the task takes part there.
    """
    values = without_budget(config, task)
    return json.dumps({**values, "updates": updates}, sort_keys=True)


def without_budget(config: RunConfig, task: int) -> dict:
    """The settings of a task trained alone, less its name, its budget and what is only observed."""
    values = single_task(config, task).model_dump(mode="json")
    for left_out in ("name", "version", "probes", "device"):
        del values[left_out]
    for budget in ("epochs", "max_updates"):
        del values["optimisation"][budget]
    return values


def kind_of(config: RunConfig) -> Kind | None:
    """Which kind of baseline a run can be; None if its tasks share or influence each other."""
    if len(config.data.tasks) == 1:
        return "alone"
    chosen = config.optimisation
    is_plain = (chosen.combiner, chosen.weighting) == ("sum", "equal")
    return "separate" if config.capacity.sharing == SEPARATE and is_plain else None


def baselines(
    runs: Iterable[tuple[Compared, Kind, Sequence[Signature | None]]],
) -> dict[Kind, dict[Signature, Baseline]]:
    """Every task trained alone in the finished runs, by kind and signature; the newest of equals.

    Args:
        runs: Runs that can be a baseline, which kind of it, and the signatures of their tasks.
    """
    found: dict[Kind, dict[Signature, Baseline]] = {kind: {} for kind in KINDS}
    for run, kind, marks in sorted(runs, key=lambda each: each[0].id):
        for mark, score in zip(marks, run.scores, strict=True):
            if run.counts and mark is not None and math.isfinite(score):
                found[kind][mark] = Baseline(run.id, kind, float(score))
    return found


def missing(
    runs: Iterable[tuple[Compared, RunConfig]], known: Mapping[Signature, object]
) -> list[RunConfig]:
    """The runs that would train each task alone, with the same seeds and budgets, each once.

    Args:
        runs: Finished runs of several tasks, with their settings.
        known: Signatures of tasks that are trained alone already, or about to be.

    Raises:
        MtlvizError: If the size of a task must be known and its data cannot be read.
    """
    wanted: dict[Signature, RunConfig] = {}
    passes: dict[str, tuple[int, ...]] = {}
    for run, config in runs:
        for task, mark in enumerate(signatures(run, config)):
            if mark is None or mark in known or mark in wanted:
                continue
            # How many examples there are does not depend on the seed.
            data = f"{config.data.model_dump_json()} {config.optimisation.accumulate}"
            if data not in passes:
                passes[data] = batches_in_a_pass(config)
            wanted[mark] = alone(config, task, run.trained[task], passes[data][task])
    return list(wanted.values())


def signatures(run: Compared, config: RunConfig) -> list[Signature | None]:
    """The signature of each task of a run; None where it took part in no update, or is unknown."""
    trained = run.trained or (0,) * len(run.tasks)
    return [
        signature(config, task, updates) if updates else None
        for task, updates in enumerate(trained)
    ]


def alone(config: RunConfig, task: int, updates: int, batches: int) -> RunConfig:
    """The run that trains one task of a run alone, for as many updates as it takes part in there.

    Args:
        config: The run of several tasks.
        task: Number of the task.
        updates: Updates in which it takes part.
        batches: Updates in one pass through its training split.
    """
    found = single_task(config, task, updates=updates, batches=batches)
    # Runs that differ in what is shared have one baseline, so it is not named after one of them.
    name = f"{config.data.tasks[task].name} alone · {updates} updates · seed {config.seed}"
    return found.model_copy(update={"name": name[:120]})


def batches_in_a_pass(config: RunConfig) -> tuple[int, ...]:
    """Updates in one pass through each task's training split; reads the data if it must.

    Raises:
        MtlvizError: If the data cannot be read.
    """
    data = config.data
    counts = [task.examples_per_epoch or task.train_examples for task in data.tasks]
    if None in counts or data.drop_leaked:
        tasks = load_tasks(data, generator(config.seed, DATA))
        sizes = [len(task.splits["train"]) for task in tasks]
        counts = [min(size, task.examples_per_epoch or size)
                  for size, task in zip(sizes, data.tasks, strict=True)]  # fmt: skip
    batches = (math.ceil(count / data.batch_size) for count in counts if count)
    return tuple(math.ceil(count / config.optimisation.accumulate) for count in batches)


def against_alone(
    group: Group,
    task: str,
    marks: Mapping[int, Sequence[Signature | None]],
    known: Mapping[Signature, Baseline],
) -> Difference:
    """What the runs of a group score more than the same task trained alone, seed by seed.

    Args:
        group: The group.
        task: The task.
        marks: The signatures of each run's tasks, by number of the run.
        known: The baselines.
    """
    pairs, unpaired = [], []
    for run in group.used:
        if task not in run.tasks:
            continue
        mark = marks[run.id][run.tasks.index(task)]
        baseline = None if mark is None else known.get(mark)
        if baseline is not None and baseline.run != run.id and math.isfinite(run.score(task)):
            pairs.append((run, baseline))
        else:
            unpaired.append(run.id)
    found = None
    if pairs:
        found = transfer([run.score(task) for run, _ in pairs], [each.score for _, each in pairs])
    return Difference(task, found, tuple(sorted(run.seed for run, _ in pairs)), tuple(unpaired))
