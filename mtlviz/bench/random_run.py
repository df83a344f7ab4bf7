"""A run of a given shape, made of random words."""

import numpy as np

from mtlviz.bench.shape import Shape
from mtlviz.engine.config import (
    CapacityConfig,
    DataConfig,
    HeadConfig,
    OptimisationConfig,
    ProbeConfig,
    RunConfig,
    TaskConfig,
)
from mtlviz.engine.switch import arrange
from mtlviz.engine.tasks.task import Examples, Task
from mtlviz.engine.training import Training, prepare


def training_of(shape: Shape) -> Training:
    """A run of this shape, ready for an update of its last phase: random texts and weights.

    Every text has the same length, so that no case has luckier batches than another.
    """
    made = prepare(_config(shape), [_task(shape, number) for number in range(shape.tasks)])
    arrange(made, len(made.methods) - 1)
    return made


def _config(shape: Shape) -> RunConfig:
    head = HeadConfig(layers=1, dropout=0.1)
    names = [_name(number) for number in range(shape.tasks)]
    return RunConfig(
        name="benchmark",
        data=DataConfig(
            tasks=tuple(TaskConfig(name=name, head=head) for name in names),
            batch_size=shape.batch,
            max_length=shape.length,
        ),
        capacity=encoder_of(shape),
        optimisation=OptimisationConfig(
            learning_rate=1e-4,
            warmup=0.0,
            decay="constant",
            # The other ways do not clip either.
            clip_norm=None,
            epochs=1000,
            precision=shape.precision,
        ),
        probes=ProbeConfig(gram_every=0, planes_every=0, examples_every=0),
        device=shape.device,
    )


def encoder_of(shape: Shape) -> CapacityConfig:
    """A transformer of this shape with random initial weights."""
    return CapacityConfig(
        encoder="transformer", width=shape.width, depth=shape.layers,
        attention_heads=max(1, shape.width // 64), vector_width=shape.width,
        sharing=shape.sharing,
    )  # fmt: skip


def _name(number: int) -> str:
    return f"task {number + 1}"


def _task(shape: Shape, number: int) -> Task:
    drawn = np.random.default_rng((17, number))
    classes = 2 + number % 4
    # Twice each word, or it would be left out of the vocabulary and of the embedding table.
    count = max(16 * shape.batch, -(-2 * shape.vocabulary // shape.length))
    splits = {
        "train": _examples(drawn, count, shape, classes),
        "dev": _examples(drawn, shape.batch, shape, classes),
    }
    labels = tuple(f"class {label}" for label in range(classes))
    return Task(_name(number), "classification", labels, "accuracy", splits, "Random words.")


def _examples(drawn: np.random.Generator, count: int, shape: Shape, classes: int) -> Examples:
    words = np.resize(np.arange(shape.vocabulary), count * shape.length)
    words = drawn.permutation(words).reshape(count, shape.length)
    texts = tuple(" ".join(f"w{word}" for word in row) for row in words)
    labels = np.arange(count) % classes
    return Examples(tuple(map(str, range(count))), texts, None, labels)
