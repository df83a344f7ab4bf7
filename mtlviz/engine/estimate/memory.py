"""The memory a run is likely to need, from shapes."""

from dataclasses import dataclass, fields
from math import ceil

import numpy as np

from mtlviz.engine.config import RunConfig
from mtlviz.engine.continual import make_recipe
from mtlviz.engine.estimate.facts import DataFacts
from mtlviz.engine.estimate.shapes import CheckpointShape
from mtlviz.engine.estimate.sizes import ModelSize
from mtlviz.engine.estimate.work import Work, keeps_gradients_apart
from mtlviz.engine.models.encoders import ENCODERS
from mtlviz.engine.phases import phases_of

_NUMBER = 4  # Bytes of a float32; weights and gradients are kept in it at any precision.
# Resident size of the worker before it has a model, measured on Linux with torch 2.13 for CPUs.
_PROGRAM = 380_000_000
_PROGRAM_PRETRAINED = 500_000_000
_A_TOKEN = 50  # Bytes that a token of the data takes, its text included.


@dataclass(frozen=True)
class Memory:
    """Bytes that each process of a run needs at its peak, by what they are for.

    Attributes:
        program: Python, torch and the libraries.
        data: The examples of all tasks, as text and as token numbers.
        parameters: The model, and the copy of its best state.
        gradients: The gradients: one each for the tasks due together, or their sum.
        optimiser: The two running means of AdamW.
        activations: What one task's batch, or a process's part of it, leaves behind for its
            backward pass.
        copies: Gradients held at once.
        kept: What a method against forgetting keeps of earlier tasks, beside their examples.
    """

    program: float
    data: float
    parameters: float
    gradients: float
    optimiser: float
    activations: float
    copies: int
    kept: float = 0.0

    @property
    def total(self) -> float:
        """All of it."""
        return sum(getattr(self, field.name) for field in fields(self) if field.name != "copies")


def memory(
    config: RunConfig,
    facts: DataFacts,
    size: ModelSize,
    work: Work,
    checkpoint: CheckpointShape | None = None,
) -> Memory:
    """Add up what a run holds at its peak.

    Args:
        config: The run's settings.
        facts: Its data.
        size: Its parameters.
        work: Its batches and turns.
        checkpoint: Shape of its pretrained encoder, if it has one.
    """
    copies = work.together if keeps_gradients_apart(config) else 1
    own = sum(size.tasks)
    return Memory(
        program=_PROGRAM_PRETRAINED if checkpoint else _PROGRAM,
        data=sum(_A_TOKEN * (task.train + task.dev) * sum(task.words) for task in facts.tasks),
        parameters=_NUMBER * (size.total + size.trained),
        gradients=_gradients(config, copies, size.shared) + _NUMBER * own,
        optimiser=2 * _NUMBER * size.trained,
        activations=_activations(config, size, work, checkpoint) * _part(config),
        copies=copies,
        kept=_kept(config, size),
    )


def _part(config: RunConfig) -> float:
    """The largest part of a batch that one of the processes reads."""
    return ceil(config.data.batch_size / config.processes) / config.data.batch_size


def _kept(config: RunConfig, size: ModelSize) -> float:
    """Bytes that are kept of earlier tasks: two numbers a shared parameter, or an old model.

    Their examples are counted as data, where they are.
    """
    if len(phases_of(config)) < 2:
        return 0.0
    recipe = make_recipe(config.continual.method, **config.continual.method_options)
    old = size.trained if recipe.distillation else 0
    # Slopes are kept as they are, and as the directions that they span; and what is shared, as it
    # was before a step.
    slopes = 2 * recipe.slopes * len(config.data.tasks) + bool(recipe.slopes)
    return float(_NUMBER * (((2 if recipe.stiffness else 0) + slopes) * size.shared + old))


def _gradients(config: RunConfig, copies: int, shared: int) -> float:
    """Bytes of the shared gradients held at once; those that wait may be halved."""
    if copies > 1 and config.optimisation.gradient_precision == "bfloat16":
        # All wait in two bytes a number, and the update is made of them in four.
        return float((_NUMBER // 2 * copies + _NUMBER) * shared)
    return float(_NUMBER * copies * shared)


def _activations(
    config: RunConfig, size: ModelSize, work: Work, checkpoint: CheckpointShape | None
) -> float:
    """Bytes kept of the largest batch, which is one task's: graphs are taken one at a time."""
    capacity, encoder = config.capacity, size.encoder
    if capacity.frozen:
        return float(_NUMBER * work.texts.max() * encoder.width)
    a_layer = ENCODERS[capacity.encoder].method.kept
    layers: float = max(1, capacity.depth)
    width: float = encoder.width
    if checkpoint is not None and capacity.encoder == "checkpoint":
        # The feed-forward part is wider than four widths in some members of the family.
        layers = len(checkpoint.layers) - capacity.frozen_layers
        width = encoder.width * (0.5 + 0.125 * checkpoint.feed_forward / encoder.width)
    inserted = encoder.kept.more
    if config.optimisation.gradient_checkpointing:
        # The layers' inputs, and all of the one layer that is computed again.
        inserted /= max(layers, 1)
        layers = 1 + layers / a_layer
    body = a_layer * width * layers + 2 * encoder.table[1]
    kept = encoder.kept.share * body + inserted
    halved = 1 if config.optimisation.precision == "float32" else 2
    return float(_NUMBER * np.max(work.tokens) * kept / halved)
