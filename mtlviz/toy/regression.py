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

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mtlviz.settings import Settings, setting

Array = NDArray[np.float64]
SOURCES = ("T2", "T3", "T4")
SOURCE_TITLES = {"T2": "same covariance", "T3": "other coordinates", "T4": "rotated"}
_RIDGE = 1e-6
# Signs are settled by then; where the sources hurt most (around 100 to 400 samples) the size of the
# change still grows with more rounds.
_SETTLED = 1e-5  # Relative change of the heads in a round that counts as none.
# Repetitions between two reports of progress; five would not enclose a median with 95 %.
_CHUNK = 6


class RegressionConfig(Settings):
    """The regression's settings."""

    link_prefix = "reg."

    dimensions: int = setting(50, "Dimensions d", "Number of input coordinates.", low=10, high=200)
    target_samples: int = setting(
        5, "Target samples m₁", "Examples of the target task.", low=2, high=1000
    )
    stretch: float = setting(
        100.0, "Stretch κ", "Scale of the large coordinates.", low=1, high=1000, step=0.5
    )
    cosine: float = setting(
        0.96, "Cosine of the models",
        "How alike the models of the target and of the sources are.", low=-1, high=1, step=0.01,
    )  # fmt: skip
    noise: float = setting(
        10.0, "Label noise σ", "Standard deviation of the noise on training labels.",
        low=0, high=100, step=0.1,
    )  # fmt: skip
    # The sizes to try are the figure's axis, not a control.
    samples: tuple[int, ...] = setting(
        (5, 10, 20, 100, 400, 1600), "Source samples", "Sizes of the source task to try.",
        min_length=1, max_length=20, linked=False,
    )  # fmt: skip
    rounds: int = setting(
        60, "Rounds",
        "Rounds of taking turns between shared module and heads. The paper gives no number; more "
        "rounds fit noise better and transfer worse.", low=1, high=600,
    )  # fmt: skip
    seeds: int = setting(30, "Repetitions", "Paired repetitions.", low=6, high=200)
    seed: int = setting(0, "Seed", "Decides every random draw.", low=0, high=9999)


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


@dataclass(frozen=True)
class RegressionPart:
    """The curves over the repetitions done so far.

    Attributes:
        progress: Share of the repetitions that are done.
        curves: Curve of each source.
    """

    progress: float
    curves: dict[str, Curve]


def regression_parts(config: RegressionConfig) -> Iterator[RegressionPart]:
    """Train the target alone and with each source at each size, a few repetitions at a time."""
    changes = np.empty((0, len(SOURCES), len(config.samples)))
    for start in range(0, config.seeds, _CHUNK):
        chunk = range(start, min(start + _CHUNK, config.seeds))
        changes = np.concatenate([changes, _changes(config, chunk)])
        found = {
            source: _curve(source, config, changes[:, place].T)
            for place, source in enumerate(SOURCES)
        }
        yield RegressionPart(len(changes) / config.seeds, found)


def regression_curves(config: RegressionConfig) -> dict[str, Curve]:
    """Train the target alone and with each source at each size, and compare the errors."""
    *_, last = regression_parts(config)
    return last.curves


def _changes(config: RegressionConfig, chunk: range) -> Array:
    """Relative change of the target's error, shape (repetitions, sources, sizes)."""
    drawn = [_repetition(config, repetition) for repetition in chunk]
    own = [np.stack([each.own[part] for each in drawn])[:, None, None] for part in (0, 1)]
    other = [np.stack([each.sources[part] for each in drawn]) for part in (0, 1)]
    together = _shared_fit([(own[0], own[1]), (other[0], other[1])], config.rounds)
    alone = _shared_fit([(own[0], own[1])], 1)
    target = np.stack([each.target for each in drawn])[:, None, None]
    covariance = np.stack([each.covariance for each in drawn])[:, None, None]
    return _error(together, target, covariance) / _error(alone, target, covariance) - 1


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


@dataclass(frozen=True)
class _Repetition:
    """One draw: the target's model and covariance, and the data as moments XᵀX and Xᵀy."""

    target: Array
    covariance: Array
    own: tuple[Array, Array]
    sources: tuple[Array, Array]


def _repetition(config: RegressionConfig, repetition: int) -> _Repetition:
    generator = np.random.default_rng((config.seed, repetition, 8))
    d, large = config.dimensions, config.dimensions // 10
    order = generator.permutation(d)
    first, second = np.ones((d, 1)), np.ones((d, 1))
    first[order[:large]] = config.stretch
    second[order[large : 2 * large]] = config.stretch
    turn, other_turn = _rotation(d, generator), _rotation(d, generator)
    target, source = _models(d, config.cosine, generator)
    own = _data(first * turn, target, config.target_samples, config.noise, generator)
    moments = []
    for mixing in (first * turn, second * turn, first * other_turn):
        # Larger samples contain the smaller ones.
        x, y = _data(mixing, source, max(config.samples), config.noise, generator)
        moments.append([_moments(x[:samples], y[:samples]) for samples in config.samples])
    return _Repetition(
        target, turn.T @ (first**2 * turn), _moments(*own),
        (np.array([[m[0] for m in row] for row in moments]),
         np.array([[m[1] for m in row] for row in moments])),
    )  # fmt: skip


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


def _shared_fit(tasks: list[Moments], rounds: int) -> Array:
    """The first task's model B a₁, fitted by taking turns: B given the heads, heads given B.

    A ridge of 1e-6 times the mean eigenvalue keeps B defined where data are fewer than dimensions.

    Args:
        tasks: Moments of each task, of shapes (..., d, d) and (..., d).
        rounds: Most rounds; fewer are made where the heads have settled.
    """
    size = tasks[0][1].shape[-1]
    trace = sum(np.trace(gram, axis1=-2, axis2=-1) for gram, _ in tasks)
    ridge = (_RIDGE / size * trace)[..., None, None] * np.eye(size)
    heads = [np.ones(trace.shape)] * len(tasks)
    for _ in range(rounds):
        before = heads
        gram = sum(a[..., None, None] ** 2 * g for a, (g, _) in zip(heads, tasks, strict=True))
        moment = sum(a[..., None] * m for a, (_, m) in zip(heads, tasks, strict=True))
        shared = np.linalg.solve(gram + ridge, moment[..., None])[..., 0]
        shared /= np.linalg.norm(shared, axis=-1, keepdims=True)
        heads = [(m * shared).sum(-1) / _quadratic(g, shared) for g, m in tasks]
        if all(_settled(old, new) for old, new in zip(before, heads, strict=True)):
            break
    return heads[0][..., None] * shared


def _settled(before: Array, now: Array) -> bool:
    return bool(np.all(np.abs(now - before) <= _SETTLED * np.abs(now)))


def _quadratic(matrix: Array, vector: Array) -> Array:
    return np.einsum("...i,...ij,...j->...", vector, matrix, vector)


def _error(fitted: Array, model: Array, covariance: Array) -> Array:
    """Expected squared error on clean new examples of the target."""
    return _quadratic(covariance, fitted - model)


def _curve(source: str, config: RegressionConfig, changes: Array) -> Curve:
    from scipy.stats import binom  # Loading it takes longer than drawing a page.

    ordered = np.sort(changes, axis=-1)
    # The k-th smallest and largest enclose the median with at least 95 % (binomial).
    done = changes.shape[-1]
    outside = max(int(binom.ppf(0.025, done, 0.5)) - 1, 0)
    return Curve(
        source, np.array(config.samples), changes, np.median(changes, axis=-1),
        ordered[:, outside], ordered[:, done - 1 - outside],
    )  # fmt: skip
