"""SVD reweighting on tasks that share their inputs, one of them with wrong labels.

Yes-or-no tasks y_i = sign(X θ_i) on the same Gaussian inputs share r directions; the loss is the
sum of squares, so the optimum of every repetition is exact (`reweighting_exact`), and so is the
accuracy on new inputs: 1 − (angle between the learned and the true model) / π.
"""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from mtlviz.engine.weightings.svd import svd_weights
from mtlviz.errors import ConfigError
from mtlviz.settings import Settings, setting
from mtlviz.toy.reweighting_exact import Inputs, own_models, shared_models

Array = NDArray[np.float64]
NOISES = np.linspace(0, 1, 11)
NOISY = 0
"""The task whose labels are wrong, counted from 0."""


class ReweightingConfig(Settings):
    """Tasks, wrong labels, and how losses are weighted against them."""

    link_prefix: ClassVar[str] = "reweigh."
    noise: float = setting(
        0.6, "Random labels of task 1",
        "Share of task 1's training labels replaced by a coin's; at 1 it teaches nothing.", "Data",
        low=0, high=1,
    )  # fmt: skip
    tasks: int = setting(2, "Tasks", "Tasks on the same inputs.", "Data", low=1, high=5)
    angle: float = setting(
        10.0, "Angle of the models (°)",
        "Angle of each task's true model to the direction that all have in common.", "Data", low=0,
        high=90,
    )  # fmt: skip
    examples: int = setting(
        40, "Examples", "Training inputs, the same for all tasks.", "Data", low=20, high=300
    )
    width: int = setting(8, "Input width d", "Number of input coordinates.", "Data", low=6, high=15)
    capacity: int = setting(
        1, "Capacity r",
        "Directions that the tasks share; with as many as tasks each has its own and weights "
        "change nothing (Proposition 1).", "Capacity", low=1, high=5,
    )  # fmt: skip
    rank: int = setting(
        1, "Rank of the SVD",
        "Main directions kept by Algorithm 2. At the number of tasks its weights are lengths "
        "‖Xᵀyᵢ‖ and nothing is filtered.", "Optimisation", low=1, high=5,
    )  # fmt: skip
    seeds: int = setting(60, "Repetitions", "Paired repetitions.", "Optimisation", low=10, high=200)
    seed: int = setting(0, "Seed", "Decides every random draw.", low=0, high=9999)


def within_tasks(config: ReweightingConfig) -> tuple[ReweightingConfig, list[str]]:
    """The settings with rank and capacity cut to the number of tasks, a sentence on each cut."""
    above = {
        name: getattr(config, name)
        for name in ("rank", "capacity")
        if getattr(config, name) > config.tasks
    }
    told = [
        f"`{config.link_prefix}{name}` must be at most the {config.tasks} tasks, got {value}."
        for name, value in above.items()
    ]
    return config.changed(**dict.fromkeys(above, config.tasks)), told


@dataclass(frozen=True, eq=False)
class ReweightingToy:
    """Accuracy on new inputs with and without reweighting, and what the weights are made of.

    Attributes:
        alone: Accuracy of each task alone, (S, K).
        equal: Together, equal weights, (S, K).
        weighted: Together, weights of Algorithm 2, (S, K).
        weights: Those weights, (S, K); they add up to K.
        values: Singular values of [Xᵀy₁, …, Xᵀy_K], (S, min(d, K)).
        places: Xᵀy_i in the first repetition, in the plane of the two main directions, (K, 2); the
            second coordinate is 0 for one task.
        lengths: Their whole lengths, (K,).
        by_noise: Accuracy for each share of NOISES, equal and weighted, (11, 2, S, K).
    """

    alone: Array
    equal: Array
    weighted: Array
    weights: Array
    values: Array
    places: Array
    lengths: Array
    by_noise: Array


def run_reweighting(config: ReweightingConfig) -> ReweightingToy:
    """Everything the page shows for these settings.

    Raises:
        ConfigError: If the rank or the capacity is above the number of tasks.
    """
    for name in ("rank", "capacity"):
        if getattr(config, name) > config.tasks:
            raise ConfigError(
                f"`{name}` must be at most the number of tasks, {config.tasks}, "
                f"got {getattr(config, name)}."
            )
    draw = _draw(config)
    targets = draw.targets(config.noise)
    weights = _weights(config, draw.inputs, targets)
    vectors = np.swapaxes(targets, 1, 2) @ draw.inputs.rows
    directions = np.linalg.svd(vectors[0], full_matrices=False)[2][:2]
    places = vectors[0] @ directions.T
    # Singular vectors have no sign: most tasks point to the right and up.
    places = places * np.where(places.sum(axis=0) < 0, -1.0, 1.0)
    ones = np.ones_like(weights)
    return ReweightingToy(
        alone=draw.accuracy(own_models(draw.inputs, targets)),
        equal=draw.accuracy(shared_models(draw.inputs, targets, ones, config.capacity)),
        weighted=draw.accuracy(shared_models(draw.inputs, targets, weights, config.capacity)),
        weights=weights,
        values=np.linalg.svd(vectors, compute_uv=False),
        places=np.pad(places, ((0, 0), (0, 2 - places.shape[1]))),
        lengths=np.linalg.norm(vectors[0], axis=1),
        by_noise=np.stack([_both(config, draw, noise) for noise in NOISES]),
    )


@dataclass(frozen=True)
class _Draw:
    """Every random draw, so that two shares of noise differ in nothing else."""

    inputs: Inputs
    models: Array
    order: Array
    coins: Array

    def targets(self, noise: float) -> Array:
        """Labels ±1, one column a task, the first share of one task's order replaced by coins."""
        labels = np.sign(self.inputs.rows @ np.swapaxes(self.models, -1, -2))
        wrong = self.order < round(noise * self.order.shape[1])
        labels[..., NOISY] = np.where(wrong, self.coins, labels[..., NOISY])
        return labels

    def accuracy(self, models: Array) -> Array:
        """Share of new Gaussian inputs on the right side, (S, K)."""
        lengths = np.linalg.norm(models, axis=-1) * np.linalg.norm(self.models, axis=-1)
        inner = (models * self.models).sum(axis=-1)
        # A model of zero answers nothing: as good as a coin.
        cosine = np.divide(inner, lengths, out=np.zeros_like(inner), where=lengths > 0)
        return 1 - np.arccos(np.clip(cosine, -1, 1)) / np.pi


def _draw(config: ReweightingConfig) -> _Draw:
    generator = np.random.default_rng((config.seed, 3))
    seeds, examples = config.seeds, config.examples
    inputs = generator.standard_normal((seeds, examples, config.width))
    # The first direction is common, task i leans towards the direction after it.
    turn = np.linalg.qr(generator.standard_normal((seeds, config.width, config.width)))[0]
    lean = np.deg2rad(config.angle)
    models = np.cos(lean) * turn[:, :1] + np.sin(lean) * turn[:, 1 : config.tasks + 1]
    order = generator.permuted(np.tile(np.arange(examples), (seeds, 1)), axis=1)
    return _Draw(Inputs.of(inputs), models, order, generator.choice([-1.0, 1.0], (seeds, examples)))


def _weights(config: ReweightingConfig, inputs: Inputs, targets: Array) -> Array:
    pairs = zip(inputs.rows, targets, strict=True)
    return np.stack([svd_weights(x, y, config.rank) for x, y in pairs])


def _both(config: ReweightingConfig, draw: _Draw, noise: float) -> Array:
    """Accuracy with equal weights and with those of Algorithm 2, (2, S, K)."""
    targets = draw.targets(noise)
    weights = _weights(config, draw.inputs, targets)
    return np.stack(
        [
            draw.accuracy(shared_models(draw.inputs, targets, each, config.capacity))
            for each in (np.ones_like(weights), weights)
        ]
    )
