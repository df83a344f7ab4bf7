"""Which runs Start puts into the queue: one a seed, and each task alone where that is asked for."""

from mtlviz.engine.config import RunConfig
from mtlviz.engine.estimate.facts import DataFacts
from mtlviz.engine.estimate.work import batches_per_epoch, turns
from mtlviz.engine.presets import preset
from mtlviz.runs import queue
from mtlviz.runs.alone import alone
from mtlviz.runs.store import Store
from mtlviz.ui.studio.summary import run_name

_HELD = ("queued", "starting", "running", "finished")


def planned(
    config: RunConfig, experiment: str, seeds: int, facts: DataFacts | None
) -> list[RunConfig]:
    """The runs in the order of the queue: each seed's run, then its tasks alone.

    Runs of one setting differ in seed and name only, so that they can be paired.

    Args:
        config: The settings; its seed is the first.
        experiment: The preset they came from.
        seeds: How many seeds.
        facts: The data, where every task is to be trained alone too; None where not.
    """
    start = preset(experiment)
    found = []
    for seed in range(config.seed, config.seed + seeds):
        seeded = config.changed("seed", seed)
        # Of several seeds each is named, the first one too.
        name = run_name(seeded, start if seeds == 1 else start.changed("seed", 2**31 - 1))
        together = seeded.changed("name", name)
        found.append(together)
        if facts is not None and len(config.data.tasks) > 1:
            found += _alone(together, facts)
    return found


def _alone(config: RunConfig, facts: DataFacts) -> list[RunConfig]:
    """Every task by itself for as many updates as it takes part in."""
    updates = turns(config, facts).sum(axis=0).tolist()
    batches = batches_per_epoch(config, facts).tolist()
    return [
        alone(config, task, updates[task], batches[task])
        for task in range(len(updates))
        if updates[task]
    ]


def begin(store: Store, configs: list[RunConfig]) -> int:
    """Put these runs into the queue and return the number of the first.

    A task alone that is already in the store with the very same settings is not trained again:
    runs that differ in sharing, scheduler or combiner have the same baseline.

    Raises:
        MtlvizError: If the store cannot be used.
    """
    first, *others = configs
    run = queue.start(store, first)
    held = {store.config(each.id).to_json() for each in store.runs(_HELD)}
    for config in others:
        if " alone · " not in config.name or config.to_json() not in held:
            queue.start(store, config)
    return run
