"""Alignment on a plane: turn and stretch one task's cloud, or let Algorithm 1 do it.

Task 1 is the target, task 2 the source. Both are linear regressions on a plane; all fits are exact
(see `alignment_exact`), so every repetition of every setting is there at once.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mtlviz.engine.measures.covariance import Spectrum, truncated
from mtlviz.engine.measures.similarity import similarity_matrix
from mtlviz.toy.alignment_exact import Moments, alone, together, train_alignment
from mtlviz.toy.alignment_settings import STEPS, AlignmentConfig

Array = NDArray[np.float64]
TURNS = np.arange(-90, 91, 7.5)
_MODEL_ANGLE = 45.0  # Of the target's model, in degrees, against its cloud's long axis.
_SHOWN_POINTS = 150


@dataclass(frozen=True, eq=False)
class AlignmentToy:
    """What the two tasks learn; scores are shares of the labels' variance explained on new points.

    Attributes:
        alone: Score of each task alone, (S, 2).
        plain: The two together without any R, (S, 2).
        by_hand: Together with the R₂ of the settings, (S, 2).
        trained: After every step of Algorithm 1 from there, (STEPS + 1, S, 2).
        by_turn: The target's score together, for R₂ a turn by each of TURNS alone, (A, S).
        similar_by_turn: Equation 5 between the clouds after each of these turns, (A,).
        similar: Equation 5 between the clouds before R₂, with the R₂ of the settings, and of the
            target's cloud with itself.
        points: Some points of each task in the first repetition, (2, n, 2).
        labels: Their labels, (2, n).
        matrices: R of each task in the first repetition after every step, (STEPS + 1, 2, 2, 2).
        shared: The shared direction B in the first repetition, (2,); None with room for both.
        models: The true direction of each task's labels, (2, 2).
    """

    alone: Array
    plain: Array
    by_hand: Array
    trained: Array
    by_turn: Array
    similar_by_turn: Array
    similar: tuple[float, float, float]
    points: Array
    labels: Array
    matrices: Array
    shared: Array | None
    models: Array


def run_alignment(config: AlignmentConfig) -> AlignmentToy:
    """Everything the page shows for these settings; milliseconds."""
    covariances = np.stack([_cloud(0.0, config.stretch), _cloud(config.direction, config.stretch)])
    models = np.stack([_unit(_MODEL_ANGLE), _unit(_MODEL_ANGLE + config.angle)])
    moments, points, labels = _draws(config, covariances, models)
    score = _Score(covariances, models)
    own = alone(moments)
    hand = np.stack([np.eye(2), _by_hand(config)])
    direction, fitted = _fit(config, moments, hand)
    steps, matrices = train_alignment(moments, direction, hand, STEPS)
    turns = np.stack([_turn(degrees) for degrees in TURNS])
    pairs = np.stack([np.broadcast_to(np.eye(2), turns.shape), turns], axis=1)
    _, turned = _fit(config, moments, pairs[:, None])
    wide = config.capacity > 1
    return AlignmentToy(
        alone=score(own),
        plain=score(_fit(config, moments, np.stack([np.eye(2)] * 2))[1]),
        by_hand=score(fitted),
        trained=score(np.broadcast_to(own, steps.shape) if wide else steps),
        by_turn=score(np.broadcast_to(turned, (len(TURNS), *own.shape)))[..., 0],
        similar_by_turn=np.array([_similar(covariances, each) for each in turns]),
        similar=(
            _similar(covariances, np.eye(2)),
            _similar(covariances, hand[1]),
            _similar(covariances[[0, 0]], np.eye(2)),
        ),
        points=points,
        labels=labels,
        # With room for both every fit is the best already: no step moves a matrix.
        matrices=np.broadcast_to(hand, matrices[:, 0].shape) if wide else matrices[:, 0],
        shared=None if wide else direction[0],
        models=models,
    )


@dataclass(frozen=True)
class _Score:
    """Share of the labels' variance that a model explains on new points of its task."""

    covariances: Array
    models: Array

    def __call__(self, fitted: Array) -> Array:
        """Scores (..., K) of models (..., K, 2): 1 is perfect, 0 is always answering zero."""
        error = fitted - self.models
        wrong = np.einsum("...ki,kij,...kj->...k", error, self.covariances, error)
        return 1 - wrong / np.einsum("ki,kij,kj->k", self.models, self.covariances, self.models)


def _fit(config: AlignmentConfig, moments: Moments, matrices: Array) -> tuple[Array, Array]:
    """The shared direction, and each task's model; with room for all tasks, their own fits."""
    direction, models = together(moments, matrices)
    return (direction, alone(moments)) if config.capacity > 1 else (direction, models)


def _draws(
    config: AlignmentConfig, covariances: Array, models: Array
) -> tuple[Moments, Array, Array]:
    """Moments of every repetition, and some points and labels of the first."""
    generator = np.random.default_rng((config.seed, 6))
    squares, products, shown = [], [], []
    for count, covariance, model in zip(
        (config.target_examples, config.source_examples), covariances, models, strict=True
    ):
        values, axes = np.linalg.eigh(covariance)
        normal = generator.standard_normal((config.seeds, count, 2))
        inputs = normal @ (axes * np.sqrt(values)).T
        spread = config.noise * np.sqrt(model @ covariance @ model)
        labels = inputs @ model + spread * generator.standard_normal((config.seeds, count))
        squares.append(np.swapaxes(inputs, 1, 2) @ inputs)
        products.append((labels[:, None] @ inputs)[:, 0])
        shown.append(_padded(inputs[0], labels[0]))
    both = np.stack(shown)
    return Moments(np.stack(squares, 1), np.stack(products, 1)), both[..., :2], both[..., 2]


def _padded(inputs: Array, labels: Array) -> Array:
    """The first points with their labels (n, 3), filled up with NaN to one length."""
    rows = np.column_stack([inputs, labels])[:_SHOWN_POINTS]
    return np.pad(rows, ((0, _SHOWN_POINTS - len(rows)), (0, 0)), constant_values=np.nan)


def _by_hand(config: AlignmentConfig) -> Array:
    """R₂: first turn, then stretch; points are rows, so a point x becomes x R₂."""
    return _turn(config.turn) @ np.diag([config.along, config.across])


def _turn(degrees: float) -> Array:
    """The matrix that turns a row vector counterclockwise."""
    return np.stack([_unit(degrees), _unit(degrees + 90)])


def _cloud(degrees: float, stretch: float) -> Array:
    """Covariance of a cloud of area 1 whose long axis has this angle."""
    axes = _turn(degrees)
    return axes.T @ np.diag([stretch, 1 / stretch]) @ axes


def _similar(covariances: Array, matrix: Array) -> float:
    """Equation 5 between the first cloud and the second one turned by R₂."""
    found = [_spectrum(covariances[0]), _spectrum(matrix.T @ covariances[1] @ matrix)]
    return float(similarity_matrix(found)[0, 1])


def _spectrum(covariance: Array) -> Spectrum:
    values, directions = np.linalg.eigh(covariance)
    return truncated(Spectrum(values[::-1], directions[:, ::-1]))


def _unit(degrees: float) -> Array:
    return np.array([np.cos(np.deg2rad(degrees)), np.sin(np.deg2rad(degrees))])
