"""The runs of a sweep: begun, stopped, gone on with, retried; each once, whoever is killed when.

A run is first stored, then written down as the sweep's. Who is killed between the two finds it
again by its settings, so that nothing is trained twice and nothing is counted twice.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from mtlviz.engine.config import DataConfig, RunConfig
from mtlviz.engine.estimate.facts import DataFacts, counted, data_facts
from mtlviz.errors import ConfigError
from mtlviz.runs import queue
from mtlviz.runs.launcher import Launcher
from mtlviz.runs.lock import locked
from mtlviz.runs.plan_runs import baselines_of, knows_budgets
from mtlviz.runs.signature import signature
from mtlviz.runs.store import Store
from mtlviz.runs.stored_study import Role, check_room, repeatable_runs
from mtlviz.runs.summary import TRAINED_HERE, Status
from mtlviz.runs.sweep.asking import asked
from mtlviz.runs.sweep.halving import check_early
from mtlviz.runs.sweep.plan import SweepPlan, changes, check_plan, chosen, configs, likely
from mtlviz.runs.sweep.stored import (
    ALONE,
    RUN,
    StoredSweep,
    new_sweep,
    stored_sweep,
    unstored,
    write_sweep,
)

_AT_ONCE = 40
"""Settings whose runs are stored before they are written down as the sweep's."""
FactsOf = Callable[[DataConfig], DataFacts]
Planned = dict[Role, RunConfig]


def facts_once() -> FactsOf:
    """The facts of data, counted once for all settings that read the same."""
    known: dict[str, DataFacts] = {}

    def found(data: DataConfig) -> DataFacts:
        key = counted(data).model_dump_json()
        if key not in known:
            known[key] = data_facts(counted(data))
        return known[key]

    return found


def begin_sweep(
    store: Store, plan: SweepPlan, launcher: Launcher, owner: str | None = None
) -> StoredSweep:
    """Store a sweep and let its runs be worked on.

    Raises:
        ConfigError: If a setting is wrong, or the visitor has too many runs waiting.
        StoreError: If the store cannot be used.
    """
    check_sweep(plan)
    if owner is not None:
        all_of_it = replace(unstored(plan, owner), settings=tuple(likely(plan)))
        check_room(store, _new_runs(store, all_of_it), owner)
    return go_on(store, new_sweep(store, plan, owner, launcher.name).id, launcher)


def _new_runs(store: Store, sweep: StoredSweep) -> int:
    """How many runs a sweep should have, tasks alone among them, that are not stored."""
    facts, known = facts_once(), _known(store, sweep)
    missing, new = _missing(sweep), set()
    for start in range(0, len(missing), _AT_ONCE):
        planned = with_alone(sweep, missing[start : start + _AT_ONCE], facts)
        new |= {signature(config) for config in planned.values()} - known.keys()
    return len(new)


def _missing(sweep: StoredSweep) -> list[tuple[int, int]]:
    """Setting and seed of every run it should have and has not."""
    return [each for each in sweep.wanted() if (RUN, *each) not in sweep.study.runs]


def check_sweep(plan: SweepPlan) -> None:
    """Check that every setting can be trained, and in this way.

    Raises:
        ConfigError: One sentence on what is wrong.
    """
    check_plan(plan)
    if plan.early and plan.way.following is not None:
        raise ConfigError(
            f"The search {plan.search!r} learns from the scores at the end of training: settings "
            "cannot be stopped early beside it. Choose one of the two."
        )
    if plan.early:
        for values in chosen(plan):
            check_early(plan.base.with_values(changes(plan, values)))
    if plan.alone and not knows_budgets(plan.base):
        raise ConfigError(
            "Tasks cannot be trained alone beside this sweep: that needs several tasks, and no "
            "early stopping by patience, as nobody knows before for how long each would train."
        )


def go_on(store: Store, number: int, launcher: Launcher, owner: str | None = None) -> StoredSweep:
    """Begin every run that a sweep should have and has not, and let all be worked on.

    Raises:
        MtlvizError: If the data or the store cannot be read.
    """
    sweep = begin_missing(store, number, launcher.name, owner)
    launcher.poll()
    return sweep


def begin_missing(
    store: Store, number: int, launcher: str | None, owner: str | None = None
) -> StoredSweep:
    """Store every run that a sweep should have by now and has not.

    Args:
        store: The store.
        number: Number of the sweep.
        launcher: Name of the launcher that is to start them.
        owner: The visitor who asks for them, if not the one who began the sweep.

    Raises:
        MtlvizError: If the data or the store cannot be read.
    """
    with locked(store):
        sweep, more = _found(store, number), True
        # Where equal runs are finished already, their scores decide on the next at once.
        while more and not sweep.stopped:
            before = len(sweep.settings)
            sweep = asked(store, sweep)
            if missing := _missing(sweep):
                sweep = replace(sweep, launcher=launcher)
                sweep = _begun(store, sweep, missing, owner or sweep.owner)
            more = len(sweep.settings) > before
        return sweep


def _found(store: Store, number: int) -> StoredSweep:
    """A stored sweep without runs that were deleted."""
    sweep = stored_sweep(store, number)
    return sweep.without(sweep.numbers() - {run.id for run in store.runs()})


def _begun(
    store: Store, sweep: StoredSweep, missing: Sequence[tuple[int, int]], owner: str | None
) -> StoredSweep:
    """Store these runs, some at a time, each time writing down whose they are."""
    facts, known = facts_once(), _known(store, sweep)
    for start in range(0, len(missing), _AT_ONCE):
        planned = with_alone(sweep, missing[start : start + _AT_ONCE], facts)
        found = {}
        for role, config in planned.items():
            sign = signature(config)
            if sign not in known:
                known[sign] = store.create_run(
                    config, owner=owner, launcher=sweep.launcher, study=sweep.id
                )
            found[role] = known[sign]
        sweep = sweep.with_runs(found)
        write_sweep(store, sweep)
    return sweep


def with_alone(sweep: StoredSweep, wanted: Sequence[tuple[int, int]], facts: FactsOf) -> Planned:
    """These runs, each followed by its tasks alone where these are asked for."""
    plan = sweep.plan
    settings = {number: sweep.settings[number] for number, _ in wanted}
    made: dict[tuple[int, int], RunConfig] = {}
    for seed in dict.fromkeys(seed for _, seed in wanted):
        own = {n: settings[n] for n, each in wanted if each == seed}
        made |= configs(plan, own, [seed])
    found: Planned = {}
    for place, config in made.items():
        found[RUN, *place] = config
        for task, baseline in _alone(plan, config, facts):
            found[ALONE, *place, task] = baseline
    return found


def _alone(plan: SweepPlan, config: RunConfig, facts: FactsOf) -> Iterator[tuple[int, RunConfig]]:
    if plan.alone and knows_budgets(config):
        names = [task.name for task in config.data.tasks]
        for each in baselines_of(config, facts(config.data)):
            yield names.index(each.config.data.tasks[0].name), each.config


def _known(store: Store, sweep: StoredSweep) -> dict[str, int]:
    """Runs that answer for those of this sweep, by what they were trained with.

    Finished ones, whoever asked for them, and the sweep's own. Among these are such as a killed
    process stored and did not write down.
    """
    # The number of a study that was forgotten is given again.
    query = f"SELECT id FROM runs WHERE study = ? AND created >= ? AND {TRAINED_HERE}"
    with store.connections.reading() as connection:
        rows = connection.execute(query, (sweep.id, sweep.study.created))
        found = {number for (number,) in rows}
    alone = {run for role, run in sweep.study.runs.items() if role[0] == ALONE}
    own = {signature(store.config(run)): run for run in found | alone}
    return repeatable_runs(store) | own


def stop_sweep(store: Store, number: int, launcher: Launcher) -> StoredSweep:
    """Begin nothing more, and let what is at work save a checkpoint and end."""
    sweep = _changed(store, number, stopped=True)
    launcher.stop(sweep.numbers())
    return sweep


def resume_sweep(store: Store, number: int, launcher: Launcher, owner: str | None = None) -> int:
    """Let a sweep go on where it was; how many runs were stopped or broken off.

    Raises:
        ConfigError: If the visitor who asks has too many runs waiting.
        MtlvizError: If the data or the store cannot be read.
    """
    found = _found(store, number)
    _check_more(store, found, owner, "stopped", "interrupted")
    _changed(store, number, stopped=False, launcher=launcher.name)
    sweep = go_on(store, number, launcher, owner)
    return launcher.submit(_in_status(store, sweep, "stopped", "interrupted"))


def retry_sweep(store: Store, number: int, launcher: Launcher, owner: str | None = None) -> int:
    """Let the failed runs of a sweep begin anew; how many they are.

    Raises:
        ConfigError: If the visitor who asks has too many runs waiting.
    """
    failed = _in_status(store, stored_sweep(store, number), "failed")
    queue.check_room(store, len(failed), owner)
    _changed(store, number, launcher=launcher.name)
    return launcher.submit(failed, anew=True)


def confirm_sweep(
    store: Store,
    number: int,
    settings: Sequence[int],
    launcher: Launcher,
    owner: str | None = None,
) -> StoredSweep:
    """Train these settings with new seeds, by which they were not chosen.

    Raises:
        ConfigError: If the visitor who asks has too many runs waiting.
        MtlvizError: If the data or the store cannot be read.
    """
    found = _found(store, number)
    confirmed = tuple(dict.fromkeys((*found.confirmed, *settings)))
    _check_more(store, replace(found, confirmed=confirmed), owner)
    _changed(store, number, stopped=False, confirmed=confirmed)
    return go_on(store, number, launcher, owner)


def _check_more(store: Store, sweep: StoredSweep, owner: str | None, *statuses: Status) -> None:
    """Check that a visitor may ask for the runs that a sweep lacks, and those in these statuses."""
    if owner is not None:
        again = _in_status(store, sweep, *statuses) if statuses else ()
        queue.check_room(store, _new_runs(store, sweep) + len(again), owner)


def _changed(store: Store, number: int, **changes: object) -> StoredSweep:
    with locked(store):
        sweep = replace(stored_sweep(store, number), **changes)
        write_sweep(store, sweep)
    return sweep


def _in_status(store: Store, sweep: StoredSweep, *statuses: Status) -> set[int]:
    going = sweep.going_on()
    return {run.id for run in store.runs(statuses) if run.id in going}
