"""Which runs Start puts into the queue: one a seed, and each task alone where that is asked for."""

from collections.abc import Container, Iterable, Iterator
from dataclasses import dataclass
from operator import attrgetter

from mtlviz.engine.config import Budget, RunConfig
from mtlviz.engine.estimate.facts import DataFacts
from mtlviz.engine.estimate.work import (
    batches_per_epoch,
    earlier_turns,
    evaluations,
    schedule,
)
from mtlviz.engine.presets import preset
from mtlviz.runs import queue
from mtlviz.runs.single_task import TaskSignature, is_covered, planned_signature, single_task_run
from mtlviz.runs.store import Store
from mtlviz.runs.study import Study

_METHODS = (
    "capacity.encoder",
    "capacity.sharing",
    "optimisation.scheduler",
    "optimisation.weighting",
    "optimisation.combiner",
)
_LONGEST = 120
_NAMED = {
    "capacity.width": "width",
    "optimisation.epochs": "epochs",
    "optimisation.max_updates": "updates",
    "optimisation.learning_rate": "rate",
}
"""Numbers that a run is named after where they were changed."""


@dataclass(frozen=True)
class Planned:
    """A run that Start would begin.

    Attributes:
        config: Its settings.
        baseline: Of a run that trains one task of another alone, what makes it that task's
            baseline, as far as that is known before the data is read; None for the other runs.
    """

    config: RunConfig
    baseline: TaskSignature | None = None


def planned(
    config: RunConfig, experiment: str, seeds: int, facts: DataFacts | None
) -> list[Planned]:
    """The runs in the order of the queue: each seed's run, then its tasks alone.

    Runs of one setting differ in seed and name only, so that they can be paired. With patience
    nobody knows before how long a task is trained, so no task is trained alone.

    Args:
        config: The settings; its seed is the first.
        experiment: The preset they came from.
        seeds: How many seeds.
        facts: The data, where every task is to be trained alone too; None where not.
    """
    start = preset(experiment)
    if seeds > 1:
        # Of several seeds each is named, the first one too.
        start = start.model_copy(update={"seed": -1})
    runs = Study({"": {}}).runs(
        config,
        range(config.seed, config.seed + seeds),
        lambda _, seed: run_name(config.model_copy(update={"seed": seed}), start),
    )
    return with_baselines(runs.values(), facts if knows_budgets(config) else None)


def repeated(config: RunConfig, seeds: int, facts: DataFacts) -> list[Planned]:
    """A run with so many seeds from its own upwards, and each of its tasks alone with each seed.

    Args:
        config: The run of the first seed.
        seeds: How many seeds.
        facts: The data of its tasks.
    """
    runs = Study({"": {}}).runs(
        config,
        range(config.seed, config.seed + seeds),
        lambda _, seed: seed_name(config, seed),
    )
    return with_baselines(runs.values(), facts if knows_budgets(config) else None)


def seed_name(config: RunConfig, seed: int) -> str:
    """What the run with another seed is called."""
    name = config.name.rpartition(" · seed ")[0] or config.name
    ending = f" · seed {seed}"
    return name[: _LONGEST - len(ending)] + ending


def with_baselines(runs: Iterable[RunConfig], facts: DataFacts | None) -> list[Planned]:
    """Each of these runs, and after it every task alone that none before it has trained.

    Args:
        runs: The runs.
        facts: Their data, which is the same for all; None where no task is trained alone.
    """
    found: list[Planned] = []
    marks: set[TaskSignature | None] = set()
    for config in runs:
        found.append(Planned(config))
        for each in () if facts is None else baselines_of(config, facts):
            if each.baseline not in marks:
                found.append(each)
                marks.add(each.baseline)
    return found


def knows_budgets(config: RunConfig) -> bool:
    """Whether it is known before for how long each task would be trained alone."""
    return len(config.data.tasks) > 1 and config.optimisation.patience is None


def baselines_of(config: RunConfig, facts: DataFacts) -> Iterator[Planned]:
    """Every task by itself for as many updates as it takes part in, scored as often."""
    planned = schedule(config, facts)
    scored = evaluations(config, planned)
    batches = batches_per_epoch(config, facts).tolist()
    # As its records will count them: what is kept of an earlier task takes part as well.
    taken = planned.due | earlier_turns(config, planned)
    for task, count in enumerate(taken.sum(axis=0).tolist()):
        if count:
            made = single_task_run(config, task, Budget(count, batches[task], scored))
            yield Planned(made, planned_signature(made))


def needed(runs: list[Planned], held: Container[TaskSignature]) -> list[RunConfig]:
    """The runs that Start begins: runs that differ in what is shared have the same baseline.

    Args:
        runs: The runs planned.
        held: Signatures of the tasks alone that are trained already, or about to be.
    """
    return [
        each.config for each in runs if each.baseline is None or not is_covered(each.baseline, held)
    ]


def begin(store: Store, configs: list[RunConfig], owner: str | None = None) -> int:
    """Put these runs into the queue and return the number of the first.

    Raises:
        MtlvizError: If the store cannot be used.
    """
    return queue.start_all(store, configs, owner)[0]


def run_name(config: RunConfig, start: RunConfig) -> str:
    """The experiment's name and what was changed in it, so that runs are told apart in lists.

    Settings from a file keep the first part of the name they came with.
    """
    changes = [
        str(_at(config, place)).replace("_", " ")
        for place in _METHODS
        if _at(config, place) != _at(start, place)
    ]
    if config.optimisation.phases != start.optimisation.phases:
        changes.append("other phases" if config.optimisation.phases else "no phases")
    names, before = ([task.name for task in each.data.tasks] for each in (config, start))
    if names != before:
        changes.append("+".join(names))
    elif config.data.tasks != start.data.tasks:
        changes.append("other task settings")
    changes += [
        f"{word} {_at(config, place)}"
        for place, word in _NAMED.items()
        if _at(config, place) != _at(start, place)
    ]
    seed = f" · seed {config.seed}" if config.seed != start.seed else ""
    name = " · ".join([config.name.split(" · ")[0], *changes])
    return name[: _LONGEST - len(seed)] + seed


def _at(config: RunConfig, place: str) -> object:
    return attrgetter(place)(config)
