"""What transfer is measured against: the same task trained alone, with the same seed and budget.

A run counts as a task's baseline where everything but the sharing agrees: settings and contents of
the data, seed, encoder, head, optimiser, and the number of updates in which the task takes part. It
is either a run of that task alone, or one task of a run in which every task has an encoder of its
own.
"""

import json
import math
from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

from mtlviz.engine.config import RunConfig, single_task
from mtlviz.engine.purposes import DATA, generator
from mtlviz.engine.tasks import load_tasks
from mtlviz.runs.scored_run import ScoredRun

Kind = Literal["alone", "separate"]
KINDS: dict[Kind, str] = {
    "alone": "each task trained alone, in a run of its own",
    "separate": "each task with an encoder of its own, in one run",
}
SEPARATE = "separate"


class Signature(NamedTuple):
    """What must be equal for one run to be the single-task baseline of another's task.

    Attributes:
        settings: What decides the training, and how long it is, as JSON.
        data: Fingerprint of the task's training and development examples, as the settings may name
            a file that has changed since; None where it is not known.
    """

    settings: str
    data: str | None = None

    def before_reading(self) -> "Signature":
        """The same of a run that has not read its data yet."""
        return self._replace(data=None)


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


def signature(config: RunConfig, task: int, updates: int, data: str | None = None) -> Signature:
    """What must be equal for one run to be the single-task baseline of another's task.

    Args:
        config: Settings of either run.
        task: Number of the task in that run.
        updates: Updates in which the task takes part there.
        data: Fingerprint of its examples there.
    """
    values = without_budget(config, task)
    return Signature(json.dumps({**values, "updates": updates}, sort_keys=True), data)


def without_budget(config: RunConfig, task: int) -> dict:
    """The settings of a task trained alone, less its name, its budget and what is only observed."""
    values = single_task(config, task).model_dump(mode="json")
    for left_out in ("name", "version", "probes", "device"):
        del values[left_out]
    # Whoever is trained for a given number of updates has no patience to lose.
    for budget in ("epochs", "max_updates", "patience"):
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
    runs: Iterable[tuple[ScoredRun, Kind, Sequence[Signature | None]]],
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


def is_covered(
    mark: Signature, known: Container[Signature], planned: Container[Signature] = ()
) -> bool:
    """Whether a task is trained alone already or about to be: the rule of who needs a baseline.

    Args:
        mark: The task's signature.
        known: Signatures of tasks trained alone.
        planned: Signatures of those about to be, without data where it is not read yet.
    """
    return mark in known or mark in planned or mark.before_reading() in planned


def missing(
    runs: Iterable[tuple[ScoredRun, RunConfig]],
    known: Container[Signature],
    planned: Container[Signature] = (),
) -> list[RunConfig]:
    """The runs that would train each task alone, with the same seeds and budgets, each once.

    Args:
        runs: Finished runs of several tasks, with their settings.
        known: Signatures of tasks that are trained alone already.
        planned: Signatures of those about to be, without data where it is not read yet.

    Raises:
        MtlvizError: If the size of a task must be known and its data cannot be read.
    """
    wanted: dict[Signature, RunConfig] = {}
    passes: dict[str, tuple[int, ...]] = {}
    for run, config in runs:
        for task, mark in enumerate(signatures(run, config)):
            if mark is None or mark in wanted or is_covered(mark, known, planned):
                continue
            # How many examples there are does not depend on the seed.
            data = f"{config.data.model_dump_json()} {config.optimisation.accumulate}"
            if data not in passes:
                passes[data] = batches_in_a_pass(config)
            wanted[mark] = single_task_run(config, task, run.trained[task], passes[data][task])
    return list(wanted.values())


def signatures(run: ScoredRun, config: RunConfig) -> list[Signature | None]:
    """The signature of each task of a run; None where it took part in no update, or is unknown."""
    trained = run.trained or (0,) * len(run.tasks)
    data = run.summary.fingerprints or (None,) * len(run.tasks)
    return [
        signature(config, task, updates, mark) if updates else None
        for task, (updates, mark) in enumerate(zip(trained, data, strict=True))
    ]


def single_task_run(config: RunConfig, task: int, updates: int, batches: int) -> RunConfig:
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
    # It has its number of updates; stopping early would make another baseline of it.
    optimisation = found.optimisation.model_copy(update={"patience": None})
    return found.model_copy(update={"name": name[:120], "optimisation": optimisation})


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
