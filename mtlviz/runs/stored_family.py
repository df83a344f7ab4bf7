"""The family of a stored run, read from the store for shell and programs."""

from contextlib import suppress

from mtlviz.engine.config import RunConfig
from mtlviz.engine.records import EvalRecord
from mtlviz.errors import ConfigError
from mtlviz.runs.family import SEEDS, Family, Member, family, member
from mtlviz.runs.flat_settings import flat
from mtlviz.runs.scored_run import scored_run
from mtlviz.runs.single_task import kind_of, signatures
from mtlviz.runs.store import Store
from mtlviz.runs.summary import RunSummary


def stored_family(store: Store, run: int) -> Family | None:
    """What training together did, over all seeds of a finished run; None for any other run.

    Args:
        store: The store.
        run: Number of the run.

    Raises:
        MtlvizError: If its settings or records cannot be read.
    """
    config = store.config(run)
    if store.run(run).status != "finished" or len(config.data.tasks) == 1:
        return None
    found: dict[int, Member] = {}
    for summary in store.runs(("finished",)):
        with suppress(ConfigError):  # Settings of a newer version.
            other = store.config(summary.id)
            if _may_belong(other, config):
                found[summary.id] = stored_member(store, summary, other)
    return family(found[run], found.values())


def _may_belong(other: RunConfig, config: RunConfig) -> bool:
    """Whether a run is another seed of this one, or could train one of its tasks alone."""
    names = {task.name for task in config.data.tasks}
    inside = {task.name for task in other.data.tasks} <= names
    return inside and (kind_of(other) is not None or SEEDS.mark(other) == SEEDS.mark(config))


def stored_member(store: Store, summary: RunSummary, config: RunConfig) -> Member:
    """A finished run with the signatures of its tasks."""
    found = [record for _, record in store.records(summary.id, kinds=("evaluation",))]
    evaluations = [record for record in found if isinstance(record, EvalRecord)]
    due = store.steps_array(summary.id).due.sum(axis=0)
    scored = scored_run(summary, flat(config), evaluations, tuple(map(int, due)))
    return member(scored, config, signatures(scored, config))
