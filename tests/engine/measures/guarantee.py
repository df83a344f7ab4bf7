"""The three conditions of PCGrad's Theorem 2, one by one: what the triad's tables are held to."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from mtlviz.engine.measures.conflict import cosines, curvature_bound, magnitude_similarity
from mtlviz.errors import ConfigError


@dataclass(frozen=True)
class Guarantee:
    """Whether one PCGrad step is guaranteed to end at a loss no higher than the plain step's.

    Attributes:
        angle: (a) The conflict is stronger than the lengths are alike: cos φ ≤ −Φ.
        curvature: (b) The loss bends enough: ℓ ≥ ξ · Lipschitz constant.
        step: (c) The step is long enough: η ≥ 2 / (ℓ − ξ · Lipschitz constant).
        sentences: The three conditions in words, with their numbers.
    """

    angle: bool
    curvature: bool
    step: bool
    sentences: tuple[str, str, str]

    @property
    def holds(self) -> bool:
        """Whether all three conditions hold. If not, PCGrad may still be better."""
        return self.angle and self.curvature and self.step


def guarantee(gram: np.ndarray, *, bend: float, lipschitz: float, step: float) -> Guarantee:
    """Check the three conditions under which PCGrad's step on two tasks beats the plain step.

    The conditions are sufficient, not necessary. Each is False where it is undefined, because a
    gradient is zero or the two add up to zero.

    Args:
        gram: Gram matrix of the two tasks, shape (2, 2).
        bend: ℓ, the curvature along the plain step over ‖g₁ + g₂‖².
        lipschitz: Lipschitz constant of the summed loss's gradient, at least ℓ.
        step: Step size η, above 0.

    Raises:
        ConfigError: If there are not two tasks, or a number is out of its range.

    Reference:
        Yu et al., NeurIPS 2020, Theorem 2. https://arxiv.org/abs/2001.06782
    """
    _check_guarantee(gram, bend, lipschitz, step)
    cosine = float(cosines(gram)[0, 1])
    alike = float(magnitude_similarity(gram)[0, 1])
    asked = float(curvature_bound(gram)[0, 1]) * lipschitz
    spare = bend - asked
    needed = 2 / spare if spare > 0 else np.inf
    angle, curved, long = cosine <= -alike, bend >= asked, step >= needed
    return Guarantee(
        bool(angle),
        bool(curved),
        bool(long),
        (
            f"Cosine {cosine:.3g} is {_verdict(angle)} −{alike:.3g} (lengths alike).",
            f"Curvature {bend:.3g} is {_verdict(curved, above=True)} {asked:.3g}.",
            f"Step {step:.3g} is {_verdict(long, above=True)} {needed:.3g}.",
        ),
    )


def _check_guarantee(gram: np.ndarray, bend: float, lipschitz: float, step: float) -> None:
    if np.shape(gram) != (2, 2):
        raise ConfigError(f"Theorem 2 is about two tasks, got a Gram matrix of {np.shape(gram)}.")
    if not step > 0:
        raise ConfigError(f"The step size must be above 0, got {step}.")
    if not (lipschitz > 0 and bend <= lipschitz):
        raise ConfigError(
            "The Lipschitz constant must be above 0 and at least the curvature "
            f"{bend}, got {lipschitz}."
        )


def _verdict(holds: bool, *, above: bool = False) -> str:
    wanted, other = ("at least", "not at least") if above else ("at most", "not at most")
    return wanted if holds else other


def curvature(
    gradient: Callable[[np.ndarray], np.ndarray],
    start: np.ndarray,
    end: np.ndarray,
    *,
    nodes: int = 32,
) -> float:
    """How much a loss bends on the way between any two points, along its gradient at the first.

    The integral of `step_curvature` for any θ′: Gauss-Legendre quadrature, in which the second
    derivative along g is a central difference of gradients.

    Args:
        gradient: Gradient of the summed loss at a point, (P,) to (P,).
        start: θ, shape (P,).
        end: θ′, shape (P,).
        nodes: Points of the quadrature, at least 1. Kinks of the loss on the way need many.

    Raises:
        ConfigError: If `nodes` is below 1.
    """
    if nodes < 1:
        raise ConfigError(f"`nodes` must be at least 1, got {nodes}.")
    slope = gradient(start)
    length = float(np.linalg.norm(slope))
    if length == 0:
        return 0.0
    # The cube root of the rounding error balances it against the difference's own error.
    shift = 6e-6 * max(1.0, float(np.abs(start).max())) / length * slope
    places, weights = np.polynomial.legendre.leggauss(nodes)
    total = 0.0
    for place, weight in zip((places + 1) / 2, weights / 2, strict=True):
        point = start + place * (end - start)
        bend = slope @ (gradient(point + shift) - gradient(point - shift)) / 2
        total += weight * float(bend) * length / float(np.linalg.norm(shift))
    return total
