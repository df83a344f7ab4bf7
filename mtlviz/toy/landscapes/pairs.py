"""Every two-task combiner that has a closed form, for thousands of steps in a row.

The registered combiners solve any number of tasks; on two tasks most reduce to a line of algebra
that costs a tenth. Tests hold each closed form equal to its registered combiner. They take the
gradients' cross product along, which says how near the two are to opposite more exactly than the
Gram matrix can: on the way to a Pareto point that is all that counts.
"""

import functools
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from mtlviz.toy.landscapes.formulas import Array

# As in the registered Nash combiner: 1 + cosine at which no step helps both tasks.
_OPPOSITE = 1e-13


@dataclass(frozen=True)
class Pairs:
    """N pairs of gradients on a plane, known by their products.

    Attributes:
        squared: Squared lengths, shape (2, N).
        lengths: Lengths, shape (2, N).
        inner: Inner products, shape (N,).
        cross: Cross products |g₁||g₂| sin φ, shape (N,). Never 0: such pairs are left to the
            registered combiners.
    """

    squared: Array
    lengths: Array
    inner: Array
    cross: Array

    def part(self, columns: slice) -> "Pairs":
        """Some of the pairs, sharing memory."""
        return Pairs(
            self.squared[:, columns],
            self.lengths[:, columns],
            self.inner[columns],
            self.cross[columns],
        )

    def grams(self) -> Array:
        """Gram matrices, shape (N, 2, 2)."""
        rows = [[self.squared[0], self.inner], [self.inner, self.squared[1]]]
        return np.moveaxis(np.array(rows), -1, 0)


Weigh = Callable[[Pairs], Array]
"""From N pairs of gradients to their weights, shape (2, N)."""


def closed_form(name: str, options: dict[str, object]) -> Weigh | None:
    """The closed form of a registered combiner with these options, or None if there is none."""
    known = {"cagrad": {"c", "rescale"}}.get(name, set())
    if name not in CLOSED_FORMS or not set(options) <= known:
        return None
    return functools.partial(CLOSED_FORMS[name], **options)


def _constant(pairs: Pairs, *, weight: float) -> Array:
    return np.full(pairs.squared.shape, weight)


def _pcgrad(pairs: Pairs, *, scale: float = 1.0) -> Array:
    """Each gradient loses its part along the other: in the sum, each gains −b/‖g‖² where b < 0."""
    return scale - (scale * np.minimum(pairs.inner, 0)) / pairs.squared


def _dualproj(pairs: Pairs) -> Array:
    """The mean; where it opposes one gradient, less its part along that one."""
    return 0.5 - np.minimum((pairs.squared + pairs.inner) / pairs.squared, 0) / 2


def _mgda(pairs: Pairs) -> Array:
    """The point of the segment from g₁ to g₂ that is nearest to the origin."""
    first, second = pairs.squared
    share = (second - pairs.inner) / (first - 2 * pairs.inner + second)
    share = np.minimum(np.maximum(share, 0), 1)
    return np.stack([share, 1 - share])


def _imtl_g(pairs: Pairs) -> Array:
    """Weights proportional to 1/‖g‖."""
    return pairs.lengths[::-1] / (pairs.lengths[0] + pairs.lengths[1])


def _nash(pairs: Pairs) -> Array:
    """Weights 1 / (‖g‖ √(1 + cos φ)); 0 where the gradients are opposite."""
    lengths = pairs.lengths[0] * pairs.lengths[1]
    cosine = pairs.inner / lengths
    # 1 + cos φ = sin² φ / (1 − cos φ), which cancels nothing where the gradients are opposite.
    opening = (pairs.cross / lengths) ** 2 / np.maximum(1 - cosine, 1)
    opening = np.where(cosine > 0, 1 + cosine, opening)
    bargain = np.where(opening > _OPPOSITE, 1 / np.sqrt(opening), 0.0)
    return bargain / pairs.lengths


def _cagrad(pairs: Pairs, *, c: float = 0.5, rescale: int = 1) -> Array:
    """Mean plus a move of length c‖g₀‖: along one gradient if it stays the worse off, else both.

    With both equally well off the update is a multiple of the line's point nearest to the origin.
    """
    squared, inner = pairs.squared, pairs.inner
    first, second = squared
    radius = c / 2 * np.sqrt(np.maximum(first + 2 * inner + second, 0))
    apart = first - 2 * inner + second
    nearest = (squared[::-1] - inner) / apart
    unequal = (first - second) / 2
    across = np.sqrt(np.maximum(radius**2 - unequal**2 / apart, 0))
    both = nearest * (1 + across * np.sqrt(apart) / np.abs(pairs.cross))
    # Gain of a task over the other, (g₀ + v)·(gᵢ − gⱼ), when v runs along its own gradient.
    along = radius / pairs.lengths
    lead = along * (squared - inner)
    lead[0] += unequal
    lead[1] -= unequal
    # Where both lead by nothing the gradients agree, and the first rule wins.
    alone = lead <= 0
    alone[1] &= ~alone[0]
    weights = np.where(alone.any(axis=0), 0.5 + alone * along, both)
    return weights / (1.0, 1 + c**2, 1 + c)[rescale]


def _aligned(pairs: Pairs) -> Array:
    """√λ_min M^(−1/2) (1, 1), written with the closed square root of a 2 × 2 matrix."""
    first, second = pairs.squared
    volume, trace = np.abs(pairs.cross), first + second
    largest = (trace + np.sqrt((first - second) ** 2 + 4 * pairs.inner**2)) / 2
    turned = pairs.squared[::-1] + (volume - pairs.inner)
    return turned / np.sqrt(largest * (trace + 2 * volume))


# On two tasks all variants of PCGrad agree, up to a factor (a task never conflicts with itself).
CLOSED_FORMS: dict[str, Callable[..., Array]] = {
    "sum": functools.partial(_constant, weight=1.0),
    "mean": functools.partial(_constant, weight=0.5),
    "pcgrad": _pcgrad,
    "pcgrad_all_orders": _pcgrad,
    "pcgrad_tensorflow": _pcgrad,
    "pcgrad_libmtl": _pcgrad,
    "pcgrad_tseng": functools.partial(_pcgrad, scale=0.5),
    "upgrad": functools.partial(_pcgrad, scale=0.5),
    "dualproj": _dualproj,
    "mgda": _mgda,
    "imtl_g": _imtl_g,
    "nash": _nash,
    "cagrad": _cagrad,
    "aligned": _aligned,
}
