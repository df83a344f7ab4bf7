"""The methods a run's settings name, found in their registries or refused in one sentence.

Needs no torch, so that a form can check settings while they are being made.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from mtlviz.engine.combiners import COMBINERS, make_combiner
from mtlviz.engine.combiners.registry import Bound
from mtlviz.engine.config import RunConfig
from mtlviz.engine.continual import CONTINUAL, make_recipe
from mtlviz.engine.continual_config import ContinualConfig
from mtlviz.engine.models.encoders import ENCODERS
from mtlviz.engine.models.sharing import SHARING, SharingMethod
from mtlviz.engine.phases import check_phases, phases_of, planned, settings_in
from mtlviz.engine.schedulers import SCHEDULERS, Schedule
from mtlviz.engine.tasks import TASKS
from mtlviz.engine.weightings import WEIGHTINGS, make_weighting
from mtlviz.errors import ConfigError
from mtlviz.methods import Registry

METHODS: dict[str, Registry] = {
    "data.tasks.N.source": TASKS,
    "capacity.encoder": ENCODERS,
    "capacity.sharing": SHARING,
    "optimisation.scheduler": SCHEDULERS,
    "optimisation.weighting": WEIGHTINGS,
    "optimisation.combiner": COMBINERS,
    "continual.method": CONTINUAL,
}
"""Every kind of method, by the place of the setting that names one."""

FROM_DATA = {"sizes", "embeddings", "inputs", "targets"}
"""Options of weightings that are taken from the tasks' data where the settings leave them out."""


def check_choices(config: RunConfig) -> None:
    """Check every method, option, range and pooling that does not depend on the data.

    Raises:
        ConfigError: If a method or one of its options is wrong, or methods do not fit each other.
    """
    check_sources(config)
    check_capacity(config)
    check_optimisation(config)
    check_continual(config)
    check_processes(config)


def check_processes(config: RunConfig) -> None:
    """Check that several processes can share this run.

    Raises:
        ConfigError: One sentence on what stands against it.
    """
    count, size = config.processes, config.data.batch_size
    if count == 1:
        return
    if config.device not in ("auto", "cpu", "cuda"):
        raise ConfigError(
            f"{count} processes need a GPU each, but `device` names one, {config.device!r}; choose "
            "auto, cuda or cpu."
        )
    if count > size:
        raise ConfigError(
            f"{count} processes cannot share a batch of {size}: `processes` may be at most "
            "`data.batch_size`."
        )
    if config.optimisation.compile:
        raise ConfigError(
            f"A compiled encoder trains in one process, but `processes` is {count}; turn off "
            "`optimisation.compile`."
        )


def check_sources(config: RunConfig) -> None:
    """Check where the tasks come from.

    Raises:
        ConfigError: If a source or one of its options is wrong.
    """
    for task in (*config.data.tasks, *config.data.leak_from):
        TASKS.checked(task.source, task.options)


def check_optimisation(config: RunConfig) -> None:
    """Check scheduler, combiner and weighting.

    Raises:
        ConfigError: If a name, an option or a value is wrong.
    """
    check_phases(config)
    schedule_of(config, np.ones(len(config.data.tasks), dtype=np.int64))
    for inside in settings_of_phases(config):
        combiner_of(inside)
        _check_weighting(inside)


def check_continual(config: RunConfig) -> None:
    """Check the method against forgetting, and that heads, phases and sharing fit it.

    Raises:
        ConfigError: One sentence on what does not.
    """
    chosen, heads = config.continual, config.data.heads
    recipe = make_recipe(chosen.method, **chosen.method_options)
    if recipe.own_parts and (sharing_of(config).trains_shared or not sharing_of(config).shares):
        raise ConfigError(
            f"The method against forgetting {chosen.method!r} keeps the encoder and gives each "
            f"task a part of its own, which {config.capacity.sharing!r} does not; choose a way of "
            "sharing such as lora."
        )
    if recipe.distillation and (apart := _read_apart(config)):
        raise ConfigError(
            f"LwF asks the heads of earlier tasks about the texts of later ones, which the head of "
            f"{apart!r}, with each text of a pair by itself, cannot read; read its pairs jointly."
        )
    if recipe.distillation and config.optimisation.compile:
        raise ConfigError("LwF asks the model as it was, which a compiled encoder cannot answer.")
    for number, phase in enumerate(config.optimisation.phases, start=1):
        if heads != "own" and phase.heads == "fresh":
            raise ConfigError(f"Phase {number} has fresh heads, but one head serves all tasks.")
        if heads == "growing" and phase.label_noise:
            raise ConfigError(
                f"Phase {number} has label noise, which could name classes that are not there yet."
            )


def _read_apart(config: RunConfig) -> str:
    """The first task whose head reads each text of a pair by itself; empty if there is none."""
    apart = (task.name for task in config.data.tasks if task.head.pair == "separate")
    return next(apart, "")


def _check_weighting(config: RunConfig) -> None:
    tasks = len(config.data.tasks)
    name, options = config.optimisation.weighting, config.optimisation.weighting_options
    WEIGHTINGS.checked(name, options)
    if not (WEIGHTINGS[name].required - set(options)) & FROM_DATA:
        make_weighting(name, tasks, **options)


def check_capacity(config: RunConfig, kinds: Sequence[str] = ()) -> None:
    """Check encoder and sharing, and that they fit each other and the kinds of task.

    Args:
        config: The run's settings.
        kinds: Kinds of its tasks, as far as they are known.

    Raises:
        ConfigError: If a name, an option or the pooling is wrong, or they do not fit.
    """
    ENCODERS[config.capacity.encoder]().check(config)
    sharing_of(config).check(config, kinds)
    for number, phase in enumerate(config.optimisation.phases, start=1):
        if phase.frozen_layers and ENCODERS[config.capacity.encoder].method.uses_word_vectors:
            raise ConfigError(
                f"Phase {number} freezes lower layers, but the {config.capacity.encoder} encoder "
                "is no checkpoint; freeze all of it, or nothing."
            )


def sharing_of(config: RunConfig) -> SharingMethod:
    """The run's way of sharing, its options set.

    Raises:
        ConfigError: If its name or an option is wrong.
    """
    return SHARING[config.capacity.sharing](**config.capacity.sharing_options)


def nothing_shared(config: RunConfig) -> str:
    """Why there is nothing to combine in a run: one sentence; empty where there is."""
    sharing = sharing_of(config)
    one_head = config.data.heads != "own" and len(config.data.tasks) > 1
    if one_head or (sharing.trains_shared and not config.capacity.frozen):
        return ""
    why = (
        "the encoder is frozen" if config.capacity.frozen else "all that trains is some task's own"
    )
    told = (
        f"Under {SHARING[config.capacity.sharing].title} nothing that trains is shared ({why}), so "
        "there is nothing to combine: combiners do nothing, tasks cannot conflict, and "
    )
    if sharing.meets and not config.capacity.frozen:
        return f"{told}they help each other in another way: {sharing.meets}."
    return f"{told}none can help another. Isolation is not sharing."


def nothing_later(config: RunConfig) -> str:
    """Why a method against forgetting does nothing in a run: one sentence; empty where it acts."""
    method = config.continual.method
    several = config.optimisation.phases or SHARING[config.capacity.sharing].method.stages
    if method == ContinualConfig().method or len(several) > 1:
        return ""
    if make_recipe(method, **config.continual.method_options).own_parts:
        return ""
    return (
        f"The method against forgetting, {CONTINUAL[method].title}, does nothing here: no task "
        "comes later, as all train in one phase. Split the run into phases "
        "(`optimisation.phases`)."
    )


def without_effect(config: RunConfig) -> tuple[str, ...]:
    """What is set although the chosen encoder makes no use of it, a sentence each."""
    capacity, chosen = config.capacity, config.optimisation
    name, found = capacity.encoder, []
    encoder = ENCODERS[name].method
    if capacity.frozen_layers and encoder.uses_word_vectors:
        found.append(f"`capacity.frozen_layers` is for checkpoints: the {name} encoder has none.")
    if capacity.pooling not in encoder.poolings and len(encoder.poolings) == 1:
        found.append(f"`capacity.pooling` does nothing: the {name} encoder knows one way alone.")
    if chosen.gradient_checkpointing and not encoder.attends:
        found.append(
            "`optimisation.gradient_checkpointing` is for transformers: with the "
            f"{name} encoder it does nothing."
        )
    sharing = sharing_of(config)
    # Where an encoder is shared that does not train, the run itself notes it.
    if chosen.combiner != "sum" and not sharing.shares and (said := nothing_shared(config)):
        found.append(said)
    keeps = capacity.frozen or not sharing.trains_encoder
    if encoder.uses_word_vectors and capacity.vectors == "random" and keeps:
        found.append(
            f"The {name} encoder starts at random and is kept as it is: nothing that it passes on "
            "was learned, so tasks share nothing that could help."
        )
    return tuple(found)


def settings_of_phases(config: RunConfig) -> tuple[RunConfig, ...]:
    """The settings that hold in each phase, in order."""
    return tuple(settings_in(config, phase) for phase in phases_of(config))


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
        ConfigError: If a scheduler's name or an option is wrong, or phases begin after the last
            update.
    """
    return planned(config, batches)
