"""IMTL-G: an update with the same projection on every task's gradient direction."""

import numpy as np

from mtlviz.engine.combiners.combination import Array, Combination, from_weights
from mtlviz.engine.combiners.gram import directions, reciprocal, spectrum


def imtl_g(gram: Array, generator: np.random.Generator) -> Combination:
    """Treat tasks alike: the update has the same projection on every task's gradient direction.

    The weights add up to 1 and may be negative. A zero gradient has no direction: it is left out,
    with weight 0. Where equal projections are impossible (opposite gradients) they are as equal as
    can be, and where that takes weights adding up to 0, all weights are 0.

    Reference:
        Liu et al., ICLR 2021, Towards Impartial Multi-task Learning; in Gram form
        w ∝ G⁺ √diag(G).
    """
    cosines, lengths = directions(gram)
    _, vectors, inverse = spectrum(cosines)
    ones = (lengths > 0).astype(np.float64)
    seen = (ones[..., None, :] @ vectors) * inverse[..., None, :]
    weights = (seen @ np.swapaxes(vectors, -1, -2))[..., 0, :] * reciprocal(lengths)
    total = weights.sum(axis=-1, keepdims=True)
    balanced = np.abs(total) > 1e-12 * np.abs(weights).sum(axis=-1, keepdims=True)
    return from_weights(np.divide(weights, total, out=np.zeros_like(weights), where=balanced))
