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
from mtlviz.engine.weightings import WEIGHTINGS, make_weighting

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
    WEIGHTINGS.checked(name, options)
    if not (WEIGHTINGS[name].required - set(options)) & FROM_DATA:
        make_weighting(name, tasks, **options)


def without_effect(config: RunConfig) -> tuple[str, ...]:
    """What is set although the chosen encoder makes no use of it, a sentence each."""
    capacity, chosen = config.capacity, config.optimisation
    name, found = capacity.encoder, []
    if capacity.frozen_layers and name != "checkpoint":
        found.append(f"`capacity.frozen_layers` is for checkpoints: the {name} encoder has none.")
    if capacity.pooling != "mean" and name in ("mean", "cnn"):
        found.append(f"`capacity.pooling` does nothing: the {name} encoder knows one way alone.")
    if chosen.gradient_checkpointing and name not in ("checkpoint", "transformer"):
        found.append(
            "`optimisation.gradient_checkpointing` is for transformers: with the "
            f"{name} encoder it does nothing."
        )
    if name != "checkpoint" and capacity.vectors == "random" and _keeps_encoder(config):
        found.append(
            f"The {name} encoder starts at random and is kept as it is: nothing that it passes on "
            "was learned, so tasks share nothing that could help."
        )
    return tuple(found)


def _keeps_encoder(config: RunConfig) -> bool:
    """Whether the shared encoder is not trained."""
    variant = config.capacity.sharing_options.get("variant")
    return config.capacity.frozen or variant == "fixed"


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
    chosen, drawn = config.optimisation, generator(config.seed, SCHEDULE)
    method = SCHEDULERS[chosen.scheduler]
    return method(batches, chosen.epochs, drawn, **chosen.scheduler_options)
