"""The paper's linear regression in many dimensions: how transfer changes with more source data.

Four tasks with capacity 1. Task 1 is the target. The sources share a model that differs a little
from the target's; they differ in their covariance:

    T2  the target's covariance      T3  other coordinates are large      T4  rotated

Inputs are X = R D Q: Gaussian R, a diagonal D that stretches a tenth of the coordinates by kappa,
a rotation Q. (Printed as R Q D, which would make Q irrelevant for a Gaussian R.)

Reference:
    Wu, Zhang, Ré, ICLR 2020, Figure 3 and equation 3. https://arxiv.org/abs/2005.00944
    Dimension, noise and target size are not in the paper; the defaults are ours.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field
from scipy import stats

Array = NDArray[np.float64]
SOURCES = ("T2", "T3", "T4")
SOURCE_TITLES = {"T2": "same covariance", "T3": "other coordinates", "T4": "rotated"}
_RIDGE = 1e-6
_ROUNDS = 60


class RegressionConfig(BaseModel):
    """The regression's settings."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    dimensions: int = Field(50, ge=10, le=200, title="Dimensions d",
                            description="Number of input coordinates.")  # fmt: skip
    target_samples: int = Field(5, ge=2, le=1000, title="Target samples m₁",
                                description="Training examples of the target task.")  # fmt: skip
    stretch: float = Field(100.0, ge=1, le=1000, title="Stretch κ",
                           description="How much larger the large coordinates are.")  # fmt: skip
    cosine: float = Field(0.96, ge=-1, le=1, title="Cosine of the models",
                          description="How alike the target's and the sources' models are.")  # fmt: skip
    noise: float = Field(10.0, ge=0, le=100, title="Label noise σ",
                         description="Standard deviation of the noise on training labels.")  # fmt: skip
    samples: tuple[int, ...] = Field((5, 10, 20, 100, 400, 1600), min_length=1, max_length=20,
                                     title="Source samples",
                                     description="Sizes of the source task to try.")  # fmt: skip
    seeds: int = Field(30, ge=2, le=200, title="Repetitions", description="Paired repetitions.")
    seed: int = Field(0, ge=0, le=9999, title="Seed", description="Decides every random draw.")


@dataclass(frozen=True)
class Curve:
    """Relative change of the target's error through one source, over the source's size.

    Attributes:
        source: `T2`, `T3` or `T4`.
        samples: Source sizes, shape (M,).
        changes: (MSE together − MSE alone) / MSE alone of every repetition, shape (M, S); below
            zero is positive transfer.
        median: Median over repetitions, shape (M,).
        low: Lower end of the median's order-statistic interval, shape (M,).
        high: Its upper end, shape (M,).
    """

    source: str
    samples: NDArray[np.int64]
    changes: Array
    median: Array
    low: Array
    high: Array


def regression_curves(config: RegressionConfig) -> dict[str, Curve]:
    """Train the target alone and with each source at each size, and compare the errors."""
    changes = np.empty((len(SOURCES), len(config.samples), config.seeds))
    for repetition in range(config.seeds):
        changes[:, :, repetition] = _one_repetition(config, repetition)
    return {
        source: _curve(source, config, changes[place]) for place, source in enumerate(SOURCES)
    }


def warning(config: RegressionConfig) -> str | None:
    """A sentence if some number of samples lies near the interpolation peak, else None."""
    near = [m for m in (config.target_samples, *config.samples)
            if 0.8 * config.dimensions <= m <= 1.25 * config.dimensions]  # fmt: skip
    if not near:
        return None
    return (
        f"{near[0]} samples is close to the {config.dimensions} dimensions, where a fit passes "
        f"through every noisy label and errors explode: read the medians, not single repetitions."
    )


def _one_repetition(config: RegressionConfig, repetition: int) -> Array:
    """Relative changes of one repetition, shape (sources, sizes)."""
    generator = np.random.default_rng((config.seed, repetition, 8))
    d, large = config.dimensions, config.dimensions // 10
    order = generator.permutation(d)
    first, second = np.ones(d), np.ones(d)
    first[order[:large]] = config.stretch
    second[order[large : 2 * large]] = config.stretch
    rotations = [_rotation(d, generator) for _ in range(2)]
    target, source = _models(d, config.cosine, generator)
    maps = [first[:, None] * rotations[0], second[:, None] * rotations[0],
            first[:, None] * rotations[1]]  # fmt: skip
    x, y = _data(maps[0], target, config.target_samples, config.noise, generator)
    covariance = maps[0].T @ maps[0]
    own = _moments(x, y)
    alone = _error(_shared_fit([own], config.target_samples)[0], target, covariance)
    found = np.empty((3, len(config.samples)))
    for place, mixing in enumerate(maps):
        most = _data(mixing, source, max(config.samples), config.noise, generator)
        for column, samples in enumerate(config.samples):
            other = _moments(most[0][:samples], most[1][:samples])
            fitted = _shared_fit([own, other], config.target_samples + samples)[0]
            found[place, column] = _error(fitted, target, covariance) / alone - 1
    return found


def _rotation(size: int, generator: np.random.Generator) -> Array:
    q, r = np.linalg.qr(generator.standard_normal((size, size)))
    return q * np.sign(np.diag(r))


def _models(size: int, cosine: float, generator: np.random.Generator) -> tuple[Array, Array]:
    """Two unit vectors with the given cosine."""
    pair, _ = np.linalg.qr(generator.standard_normal((size, 2)))
    return pair[:, 0], cosine * pair[:, 0] + np.sqrt(1 - cosine**2) * pair[:, 1]


def _data(
    mixing: Array, model: Array, samples: int, noise: float, generator: np.random.Generator
) -> tuple[Array, Array]:
    x = generator.standard_normal((samples, len(mixing))) @ mixing
    return x, x @ model + noise * generator.standard_normal(samples)


Moments = tuple[Array, Array]


def _moments(x: Array, y: Array) -> Moments:
    """XᵀX and Xᵀy: all that least squares needs to know."""
    return x.T @ x, x.T @ y


def _shared_fit(tasks: list[Moments], samples: int) -> list[Array]:
    """Each task's model B a_i, fitted by taking turns: B given the heads, heads given B.

    A ridge of 1e-6 times the mean eigenvalue keeps B defined where data are fewer than dimensions.
    """
    size = len(tasks[0][1])
    ridge = _RIDGE * sum(np.trace(gram) for gram, _ in tasks) / size
    shared = sum(moment for _, moment in tasks)
    shared = shared / np.linalg.norm(shared)
    heads = [1.0] * len(tasks)
    for _ in range(1 if len(tasks) == 1 else _ROUNDS):
        gram = sum(head**2 * g for head, (g, _) in zip(heads, tasks, strict=True))
        moment = sum(head * m for head, (_, m) in zip(heads, tasks, strict=True))
        shared = np.linalg.solve(gram + ridge * np.eye(size), moment)
        shared /= np.linalg.norm(shared)
        heads = [float(m @ shared / max(shared @ g @ shared, 1e-300)) for g, m in tasks]
    return [head * shared for head in heads]


def _error(fitted: Array, model: Array, covariance: Array) -> float:
    """Expected squared error on clean new examples of the target."""
    miss = fitted - model
    return float(miss @ covariance @ miss)


def _curve(source: str, config: RegressionConfig, changes: Array) -> Curve:
    ordered = np.sort(changes, axis=-1)
    # The k-th smallest and largest enclose the median with at least 95 % (binomial).
    outside = max(int(stats.binom.ppf(0.025, config.seeds, 0.5)) - 1, 0)
    return Curve(
        source, np.array(config.samples), changes, np.median(changes, axis=-1),
        ordered[:, outside], ordered[:, config.seeds - 1 - outside],
    )  # fmt: skip
