"""Trains an experiment's runs in the store: what is finished there is not trained again."""

from collections.abc import Callable, Iterable, Iterator, Mapping

from mtlviz.engine.config import RunConfig
from mtlviz.engine.estimate.facts import data_facts
from mtlviz.errors import MtlvizError
from mtlviz.replication.experiment import Experiment, Size
from mtlviz.runs.lease import resume_in_process
from mtlviz.runs.plan_runs import with_baselines
from mtlviz.runs.signature import signature
from mtlviz.runs.single_task import Baseline, TaskSignature, baselines, kind_of
from mtlviz.runs.store import Store
from mtlviz.runs.stored_family import stored_member
from mtlviz.runs.summary import RESUMABLE, RunSummary
from mtlviz.runs.worker import work

Say = Callable[[str], None]


def planned_runs(experiment: Experiment, size: Size, checkpoint: str) -> list[RunConfig]:
    """The experiment's runs, each followed by its tasks alone where none before has trained them.

    Raises:
        MtlvizError: If its data cannot be read.
    """
    planned = list(experiment.runs(size, checkpoint).values())
    found: list[RunConfig] = [] if experiment.alone else planned
    for configs in _alike(planned) if experiment.alone else ():
        found += [each.config for each in with_baselines(configs, data_facts(configs[0].data))]
    # Seed by seed, so that an experiment that is cut short holds whole seeds.
    return sorted(found, key=lambda config: config.seed)


def _alike(configs: Iterable[RunConfig]) -> list[list[RunConfig]]:
    """Those of the same data together."""
    alike: dict[str, list[RunConfig]] = {}
    for config in configs:
        alike.setdefault(config.data.model_dump_json(), []).append(config)
    return list(alike.values())


def stored_runs(
    store: Store, experiment: Experiment, size: Size, checkpoint: str
) -> list[int] | None:
    """The experiment's runs in the order of `planned_runs`, without a look at its data.

    Returns:
        None where one of them, or one of its tasks alone, is not finished here.
    """
    if experiment.runs is None:
        return None
    planned = list(experiment.runs(size, checkpoint).values())
    own = [run for run in store.runs(("finished",)) if run.recorded is None]
    known = {signature(store.config(run.id)): run for run in reversed(own)}
    made = {mark: known.get(mark) for mark in map(signature, planned)}
    alone = _alone(store, own) if experiment.alone else {}
    found: dict[int, int] = {}
    for config in (config for configs in _alike(planned) for config in configs):
        run = made[signature(config)]
        if run is None:
            return None
        found[run.id] = config.seed
        marks = stored_member(store, run, config).marks if experiment.alone else ()
        for mark in filter(None, marks):
            if mark not in alone:
                return None
            found.setdefault(alone[mark].run, config.seed)
    return sorted(found, key=found.__getitem__)


def _alone(store: Store, runs: Iterable[RunSummary]) -> Mapping[TaskSignature, Baseline]:
    """The runs that train one task alone, by what they are the baseline of."""
    configs = ((run, store.config(run.id)) for run in runs)
    found = [stored_member(store, *each) for each in configs if kind_of(each[1]) == "alone"]
    return baselines((each.scored, "alone", each.marks) for each in found)["alone"]


def train_runs(store: Store, configs: list[RunConfig], say: Say) -> list[int]:
    """Train what is missing of these, and return the number of each one's run.

    Raises:
        MtlvizError: If one of them does not finish.
    """
    known = dict(_stored(store, {signature(config): config for config in configs}))
    numbers = []
    for place, config in enumerate(configs, 1):
        mark = signature(config)
        if mark not in known:
            say(f"{place} of {len(configs)}: {config.name}")
            known[mark] = _trained(store, store.create_run(config, queued=False))
        numbers.append(known[mark])
    return numbers


def _stored(store: Store, wanted: Mapping[str, RunConfig]) -> Iterator[tuple[str, int]]:
    """Runs trained here that are one of these; one that was stopped goes on."""
    own = (run for run in store.runs(("finished", *RESUMABLE)) if run.recorded is None)
    for run in reversed(list(own)):
        mark = signature(store.config(run.id))
        if mark in wanted:
            if run.status != "finished":
                resume_in_process(store, run.id)
                _trained(store, run.id)
            yield mark, run.id


def _trained(store: Store, run: int) -> int:
    status = work(store, run)
    if status != "finished":
        why = store.run(run).error or f"it is {status}."
        raise MtlvizError(f"Run {run} did not finish: {why} The same command goes on from there.")
    return run
