"""What transfer is measured against: the same task trained alone, with the same seed and budget.

A run counts as a task's baseline where everything but the sharing agrees: settings and contents of
the data, seed, encoder, head, optimiser, the number of updates in which the task takes part, and
how often the run is scored: the best of more scores is higher by chance. It is either a run of that
task alone, or one task of a run in which every task has an encoder of its own.
"""

import math
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

from mtlviz.engine.config import Budget, RunConfig, evaluate_every, single_task
from mtlviz.engine.purposes import DATA, generator
from mtlviz.engine.tasks import load_tasks
from mtlviz.runs.comparison import Difference, Group, over_seeds
from mtlviz.runs.scored_run import ScoredRun
from mtlviz.runs.signature import BUDGET, OBSERVED, signature
from mtlviz.runs.store import Store
from mtlviz.runs.summary import RESUMABLE, RunSummary

BaselineKind = Literal["alone", "separate"]
KINDS: dict[BaselineKind, str] = {
    "alone": "each task trained alone, in a run of its own",
    "separate": "each task with an encoder of its own, in one run",
}
SEPARATE = "separate"
_EVALUATE = "probes.evaluate_every"


class TaskSignature(NamedTuple):
    """What must be equal for one run to be the single-task baseline of another's task.

    Attributes:
        settings: What decides the training, how long it is and how often it is scored.
        data: Fingerprint of the task's training and development examples, as the settings may name
            a file that has changed since; None where it is not known.
    """

    settings: str
    data: str | None = None

    def before_reading(self) -> "TaskSignature":
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
    kind: BaselineKind
    score: float


def task_signature(
    config: RunConfig, task: int, updates: int, evaluations: int, data: str | None = None
) -> TaskSignature:
    """What must be equal for one run to be the single-task baseline of another's task.

    Args:
        config: Settings of either run.
        task: Number of the task in that run.
        updates: Updates in which the task takes part there.
        evaluations: How often that run is scored: its best is the best of so many.
        data: Fingerprint of its examples there.
    """
    same = signature(single_task(config, task), *OBSERVED, "device", *BUDGET, _EVALUATE)
    # As many as a run of the task alone can have.
    scored = math.ceil(updates / evaluate_every(updates, evaluations))
    return TaskSignature(f"{updates} updates, {scored} times scored, {same}", data)


def planned_signature(config: RunConfig, data: str | None = None) -> TaskSignature | None:
    """The signature that a run of one task will have when it is done; None if nobody knows.

    Args:
        config: Its settings.
        data: Fingerprint of its examples, where they are read already.
    """
    updates, every = config.optimisation.max_updates, config.probes.evaluate_every
    if updates is None or every is None:
        return None
    return task_signature(config, 0, updates, math.ceil(updates / every), data)


def kind_of(config: RunConfig) -> BaselineKind | None:
    """Which kind of baseline a run can be; None if its tasks share or influence each other."""
    if len(config.data.tasks) == 1:
        return "alone"
    chosen = config.optimisation
    is_plain = (chosen.combiner, chosen.weighting, chosen.phases, config.data.heads) == (
        "sum", "equal", (), "own",
    )  # fmt: skip
    return "separate" if config.capacity.sharing == SEPARATE and is_plain else None


def baselines(
    runs: Iterable[tuple[ScoredRun, BaselineKind, Sequence[TaskSignature | None]]],
) -> dict[BaselineKind, dict[TaskSignature, Baseline]]:
    """Every task trained alone in the finished runs, by kind and signature; the newest of equals.

    Args:
        runs: Runs that can be a baseline, which kind of it, and the signatures of their tasks.
    """
    found: dict[BaselineKind, dict[TaskSignature, Baseline]] = {kind: {} for kind in KINDS}
    for run, kind, marks in sorted(runs, key=lambda each: each[0].id):
        for mark, score in zip(marks, run.scores, strict=True):
            if run.counts and mark is not None and math.isfinite(score):
                found[kind][mark] = Baseline(run.id, kind, float(score))
    return found


def is_covered(
    mark: TaskSignature, known: Container[TaskSignature], planned: Container[TaskSignature] = ()
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
    known: Container[TaskSignature],
    planned: Container[TaskSignature] = (),
) -> list[RunConfig]:
    """The runs that would train each task alone, with the same seeds and budgets, each once.

    Args:
        runs: Finished runs of several tasks, with their settings.
        known: Signatures of tasks that are trained alone already.
        planned: Signatures of those about to be, without data where it is not read yet.

    Raises:
        MtlvizError: If the size of a task must be known and its data cannot be read.
    """
    wanted: dict[TaskSignature, RunConfig] = {}
    passes: dict[str, tuple[int, ...]] = {}
    for run, config in runs:
        for task, mark in enumerate(signatures(run, config)):
            if mark is None or mark in wanted or is_covered(mark, known, planned):
                continue
            # How many examples there are does not depend on the seed.
            data = f"{config.data.model_dump_json()} {config.optimisation.accumulate}"
            if data not in passes:
                passes[data] = batches_in_a_pass(config)
            budget = Budget(run.trained[task], passes[data][task], run.evaluations)
            wanted[mark] = single_task_run(config, task, budget)
    return list(wanted.values())


def signatures(run: ScoredRun, config: RunConfig) -> list[TaskSignature | None]:
    """The signature of each task of a run; None where it took part in no update, or is unknown."""
    trained = run.trained or (0,) * len(run.tasks)
    data = run.summary.fingerprints or (None,) * len(run.tasks)
    found = [
        task_signature(config, task, updates, run.evaluations, mark)
        if updates and run.evaluations
        else None
        for task, (updates, mark) in enumerate(zip(trained, data, strict=True))
    ]
    return [mark and _of_its_pack(mark, run.summary) for mark in found]


def _of_its_pack(mark: TaskSignature, run: RunSummary) -> TaskSignature:
    """A recorded run answers for runs of its own pack alone: nobody else knows who trained it."""
    if run.recorded is None:
        return mark
    return mark._replace(settings=f"{mark.settings}, of pack {run.recorded.pack}")


def single_task_run(config: RunConfig, task: int, budget: Budget) -> RunConfig:
    """The run that trains one task of a run alone, for as many updates as it takes part in there.

    Args:
        config: The run of several tasks.
        task: Number of the task.
        budget: What it has of that run.
    """
    found = single_task(config, task, budget)
    # Runs that differ in what is shared have one baseline, so it is not named after one of them.
    name = f"{config.data.tasks[task].name} alone · {budget.updates} updates · seed {config.seed}"
    return found.model_copy(update={"name": name[:120]})


def stored_single_task(store: Store, config: RunConfig, data: str) -> RunSummary | None:
    """The newest stored run that is, or can become, the same baseline; None if there is none.

    Args:
        store: The store.
        config: Settings of the run that would train the task alone.
        data: Fingerprint of its examples.
    """
    wanted = planned_signature(config, data)
    for run in store.runs(("finished", *RESUMABLE)):
        if (
            run.recorded is None
            and run.fingerprints == (data,)
            and _signature_of(store, run, data) == wanted
        ):
            return run
    return None


def _signature_of(store: Store, run: RunSummary, data: str) -> TaskSignature | None:
    """What a run of one task was trained with, or will have been."""
    config = store.config(run.id)
    if run.status != "finished":
        return planned_signature(config, data)
    scored = len(store.records(run.id, kinds=("evaluation",)))
    return task_signature(config, 0, run.updates, scored, data) if run.updates and scored else None


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


def against_baseline(
    group: Group,
    task: str,
    marks: Mapping[int, Sequence[TaskSignature | None]],
    known: Mapping[TaskSignature, Baseline],
) -> Difference:
    """What the runs of a group score more than the same task trained alone, seed by seed.

    Args:
        group: The group.
        task: The task.
        marks: The signatures of each run's tasks, by number of the run.
        known: The baselines.
    """
    runs = [run for run in group.used if task in run.tasks]
    found = {run.id: _baseline(run, task, marks[run.id], known) for run in runs}
    return over_seeds(
        task,
        [(run.seed, run.score(task), each.score) for run in runs if (each := found[run.id])],
        [run.id for run in runs if found[run.id] is None],
    )


def _baseline(
    run: ScoredRun,
    task: str,
    marks: Sequence[TaskSignature | None],
    known: Mapping[TaskSignature, Baseline],
) -> Baseline | None:
    """What a run's task is measured against; None where there is nothing, or the run itself."""
    mark = marks[run.tasks.index(task)]
    found = None if mark is None else known.get(mark)
    is_other = found is not None and found.run != run.id
    return found if is_other and math.isfinite(run.score(task)) else None
