"""What each task gets of the training, said before it begins: within the run, and beside others."""

from collections.abc import Iterator
from itertools import islice

from mtlviz.engine.config import RunConfig
from mtlviz.engine.estimate.facts import DataFacts, counted
from mtlviz.errors import MtlvizError
from mtlviz.runs.comparison_budget import Share, budgets_differ, planned_shares, unequal_within
from mtlviz.runs.family import SEEDS
from mtlviz.runs.flat_settings import differing, flat, in_words, is_budget
from mtlviz.runs.summary import RunSummary
from mtlviz.ui.core import run_estimates, run_records
from mtlviz.ui.core.budget_words import told
from mtlviz.ui.core.words import escaped, listed

_LOOKED_AT = 40
"""So many of the newest runs are asked for other settings of the same tasks."""


def within(config: RunConfig, known: DataFacts | None) -> str:
    """That some tasks of the run train more than others; empty where all get as much."""
    found = _shares(config, known)
    if not unequal_within(found):
        return ""
    return (
        f"**Not every task trains as much**: {told(['this run'], [found])} What sharing does to a "
        "task is told against the task alone with as many; scores of two tasks differ by their "
        "training time as well."
    )


def beside(config: RunConfig, known: DataFacts | None) -> str:
    """That a task trains more here than in the newest run of other settings; empty if not."""
    mine = _shares(config, known)
    newest = next(_others(config), None) if len(mine) > 1 else None
    if newest is None:
        return ""
    run, other = newest
    theirs = _shares(other, known)
    differ = bool(theirs) and budgets_differ([mine, theirs])
    return _unequal(run, (config, other), (mine, theirs)) if differ else ""


def _unequal(
    run: RunSummary,
    configs: tuple[RunConfig, RunConfig],
    found: tuple[dict[str, Share], dict[str, Share]],
) -> str:
    there = f"run {run.id}"
    places = [place for place in differing([flat(each) for each in configs]) if is_budget(place)]
    settings = listed([escaped(in_words(place)) for place in places])
    because = f" They differ in {settings}." if settings else ""
    return (
        f"**Unequal budgets**: beside {there}, “{escaped(run.name)}”, a difference may be one of "
        f"training time. {told(['these settings', there], found)}{because}"
    )


def _others(config: RunConfig) -> Iterator[tuple[RunSummary, RunConfig]]:
    """The newest runs of the same tasks, read from the same data, with other settings."""
    mark, data = SEEDS.mark(config), counted(config.data)
    runs = run_records.store().runs()
    for run in islice((each for each in runs if each.recorded is None), _LOOKED_AT):
        if run.status in ("failed", "interrupted", "stopped"):
            continue
        try:
            other = run_records.run_config(run)
        except MtlvizError:
            continue  # Of a newer version.
        if counted(other.data) == data and SEEDS.mark(other) != mark:
            yield run, other


def _shares(config: RunConfig, known: DataFacts | None) -> dict[str, Share]:
    """What each task is to get; empty where nobody knows, as with patience."""
    if known is None or config.optimisation.patience is not None:
        return {}
    try:
        found = run_estimates.estimated(config, known)
    except MtlvizError:
        return {}  # Said where time and memory are.
    return planned_shares(config, found.work.passes.tolist())
