"""The methods a run's settings name, found in their registries or refused in one sentence.

Needs no torch, so that a form can check settings while they are being made.
"""

import numpy as np
from numpy.typing import NDArray

from mtlviz.engine.combiners import make_combiner
from mtlviz.engine.combiners.registry import Bound
from mtlviz.engine.config import RunConfig
from mtlviz.engine.purposes import SCHEDULE, generator
from mtlviz.engine.schedulers import SCHEDULERS, Schedule
from mtlviz.engine.schedulers import options as options_of
from mtlviz.engine.weightings import WEIGHTINGS, make_weighting, required
from mtlviz.errors import unknown_choice

FROM_DATA = {"sizes", "embeddings", "inputs", "targets"}
"""Options of weightings that are taken from the tasks' data where the settings leave them out."""


def check_choices(config: RunConfig) -> None:
    """Check every method and option that does not depend on the data.

    Raises:
        ConfigError: If a combiner, weighting, scheduler or one of their options is wrong.
    """
    tasks = len(config.data.tasks)
    combiner_of(config)
    schedule_of(config, np.ones(tasks, dtype=np.int64))
    name, options = config.optimisation.weighting, config.optimisation.weighting_options
    if name not in WEIGHTINGS or not (required(name) - set(options)) & FROM_DATA:
        make_weighting(name, tasks, **options)


def combiner_of(config: RunConfig) -> Bound:
    """The run's combiner, new for this run.

    Raises:
        ConfigError: If its name or an option is wrong.
    """
    return make_combiner(config.optimisation.combiner, **config.optimisation.combiner_options)


def schedule_of(config: RunConfig, batches: NDArray[np.int64]) -> Schedule:
    """Who is due when, over the whole run.

    Args:
        config: The run's settings.
        batches: Updates in one pass through each task's training split, (K,).

    Raises:
        ConfigError: If the scheduler's name or an option is wrong.
    """
    name, chosen = config.optimisation.scheduler, config.optimisation.scheduler_options
    if name not in SCHEDULERS:
        raise unknown_choice("scheduler", name, SCHEDULERS)
    known = options_of(SCHEDULERS[name])
    for option in chosen:
        if option not in known:
            raise unknown_choice(f"option of the {name} scheduler", option, known)
    drawn = generator(config.seed, SCHEDULE)
    return SCHEDULERS[name](batches, config.optimisation.epochs, drawn, **chosen)
