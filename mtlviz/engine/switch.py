"""A switch between two phases: what trains from now on, by which methods and from which state.

Encoder, pooler and every head stay in one model throughout; nothing is written and read in between.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import nn

from mtlviz.engine.choices import combiner_of, settings_of_phases
from mtlviz.engine.combiners.registry import Bound
from mtlviz.engine.config import RunConfig
from mtlviz.engine.kinds import KINDS
from mtlviz.engine.models.encoders.encoder import Encoder
from mtlviz.engine.models.heads import make_head
from mtlviz.engine.models.model import MultiTaskModel
from mtlviz.engine.phase_config import PhaseConfig
from mtlviz.engine.phases import numbers, phases_of
from mtlviz.engine.probes import run_planes
from mtlviz.engine.purposes import HEADS, NOISE, generator
from mtlviz.engine.records import PhaseRecord
from mtlviz.engine.run_weighting import weighting_of
from mtlviz.engine.streams import Stream
from mtlviz.engine.tasks import Task
from mtlviz.engine.weightings import Weighting

if TYPE_CHECKING:
    from mtlviz.engine.training import Training


@dataclass(frozen=True)
class Methods:
    """How the due tasks' gradients become one update in a phase."""

    combiner: Bound
    weighting: Weighting


def methods_of(
    config: RunConfig, tasks: Sequence[Task], model: MultiTaskModel, feeds: Sequence[Stream]
) -> tuple[Methods, ...]:
    """The methods of each phase, made before training.

    What a method remembers goes on over a switch that does not change it, and begins anew
    otherwise.

    Raises:
        ConfigError: If a name, an option or a value is wrong, or the data cannot give it.
    """
    found: list[Methods] = []
    settings = settings_of_phases(config)
    for number, inside in enumerate(settings):
        before = settings[number - 1].optimisation if number else None
        chosen = inside.optimisation
        combiner = (
            found[-1].combiner
            if before is not None and _named(before, "combiner") == _named(chosen, "combiner")
            else combiner_of(inside)
        )
        weighting = (
            found[-1].weighting
            if before is not None and _named(before, "weighting") == _named(chosen, "weighting")
            else weighting_of(inside, tasks, model, feeds)
        )
        found.append(Methods(combiner, weighting))
    return tuple(found)


def _named(chosen: object, what: str) -> tuple[object, object]:
    """A method and its options."""
    return getattr(chosen, what), getattr(chosen, f"{what}_options")


def arrange(training: Training, number: int) -> None:
    """Let hold what holds in a phase, but for heads and optimiser: these are part of the state.

    Raises:
        ConfigError: The encoder has no layers to freeze, or fewer.
    """
    phase, model = phases_of(training.config)[number], training.model
    kept = set(_frozen(training, number, phase))
    for parameter in training.trainable:
        parameter.requires_grad_(parameter not in kept)
    shared = model.shared_parameters()
    if [*map(id, shared)] != [*map(id, training.shared)]:
        training.shared, training.layers = shared, model.sharing.by_layer(shared)
        training.planes = run_planes(training.config, model, shared)
    model.classes = classes_in(training.config, training.tasks, number, training.device)
    for task, feed in enumerate(training.streams):
        _make_noise(training, number, task, feed)
    training.own = [model.task_parameters(task) for task in range(len(training.tasks))]
    methods = training.methods[number]
    training.combiner, training.weighting = methods.combiner, methods.weighting
    training.progress.phase = number


def _frozen(training: Training, number: int, phase: PhaseConfig) -> Iterator[nn.Parameter]:
    """The parameters that a phase keeps as they are."""
    config, sharing = training.config, training.model.sharing
    yield from sharing.begin_phase(number)
    if phase.frozen or (training.past.recipe.frozen and number > 0):
        yield from sharing.shared_parameters() or sharing.parameters()
    for module in sharing.modules():
        if isinstance(module, Encoder):
            low = module.lowest(max(phase.frozen_layers, config.capacity.frozen_layers))
            module.hold(low)
            yield from (parameter for each in low for parameter in each.parameters())
    for task in numbers(config, phase.frozen_heads) if phase.frozen_heads else ():
        yield from training.model.heads[task].parameters()


def classes_in(
    config: RunConfig, tasks: Sequence[Task], number: int, device: torch.device
) -> torch.Tensor | None:
    """The classes of a head that grows which the tasks up to a phase have brought, (C,)."""
    if config.data.heads != "growing":
        return None
    come = {
        task for each in phases_of(config)[: number + 1] for task in numbers(config, each.tasks)
    }
    found = torch.zeros(tasks[0].outputs, dtype=torch.bool)
    for task in come:
        found[np.unique(tasks[task].splits["train"].labels)] = True
    return found.to(device)


def _make_noise(training: Training, number: int, task: int, feed: Stream) -> None:
    """Let a share of a task's training labels be random in a phase, alike at every resumption."""
    phase = phases_of(training.config)[number]
    split = training.tasks[task].splits["train"]
    due = task in numbers(training.config, phase.tasks)
    share = phase.label_noise if due else 0.0
    if not share:
        feed.relabel(feed.clean_labels)
        return
    drawn = generator(training.config.seed, NOISE, number, task)
    chosen = drawn.permutation(len(split))[: round(share * len(split))]
    labels = split.labels.copy()
    kind = KINDS[training.tasks[task].kind]
    labels[chosen] = kind.noise(training.tasks[task], labels, len(chosen), drawn)
    feed.relabel(torch.as_tensor(labels).to(feed.clean_labels.dtype))


def switch(training: Training) -> PhaseRecord:
    """Go on to the phase of the coming update, and say what that changed."""
    number = training.schedule.phase(training.progress.update)
    arrange(training, number)
    phase = phases_of(training.config)[number]
    # The best state is sought anew: one of an earlier phase has not been through this one.
    training.progress.best_score, training.progress.stale = None, 0
    if phase.optimiser == "reset":
        training.optimiser.state.clear()
    fresh = _returning(training, number) if phase.heads == "fresh" else []
    for task in fresh:
        _begin_anew(training, task, number)
    return begun(training, fresh)


def begun(training: Training, fresh: Sequence[int] = ()) -> PhaseRecord:
    """What holds from the coming update on."""
    number, tasks = training.progress.phase, len(training.tasks)
    phase = phases_of(training.config)[number]
    due = numbers(training.config, phase.tasks)
    trained = [*training.shared, *(p for task in due for p in training.own[task])]
    return PhaseRecord(
        update=training.progress.update,
        phase=number,
        due=np.isin(np.arange(tasks), due),
        fresh=np.isin(np.arange(tasks), list(fresh)),
        optimiser_reset=number > 0 and phase.optimiser == "reset",
        trained=sum(parameter.numel() for parameter in trained),
    )


def _returning(training: Training, number: int) -> list[int]:
    """The tasks of a phase that have trained before it."""
    phases = phases_of(training.config)
    before = {task for each in phases[:number] for task in numbers(training.config, each.tasks)}
    return [task for task in numbers(training.config, phases[number].tasks) if task in before]


@torch.no_grad()
def _begin_anew(training: Training, task: int, number: int) -> None:
    """Give a head new starting weights, of which the optimiser knows nothing yet."""
    config, head = training.config, training.model.heads[task]
    seed = int(generator(config.seed, HEADS, number, task).integers(2**62))
    drawn = make_head(
        training.tasks[task],
        config.data.tasks[task].head,
        training.model.sharing.output_width,
        torch.Generator().manual_seed(seed),
    )
    head.load_state_dict(drawn.state_dict())
    for parameter in head.parameters():
        training.optimiser.state.pop(parameter, None)
