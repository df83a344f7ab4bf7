"""IMTL-G: an update with the same projection on every task's gradient direction."""

import numpy as np

from mtlviz.engine.combiners.combination import Array, Combination, from_weights
from mtlviz.engine.combiners.gram import FLOAT64, directions, reciprocal, spectrum
from mtlviz.methods import titled


@titled("IMTL-G")
def imtl_g(gram: Array, generator: np.random.Generator, precision: float = FLOAT64) -> Combination:
    """Treat tasks alike: the update has the same projection on every task's gradient direction.

    The weights add up to 1 and may be negative. A zero gradient has no direction: it is left out,
    with weight 0. Where equal projections are impossible (opposite gradients) they are as equal as
    can be, and where that takes weights adding up to 0, all weights are 0.

    The update is d = Σ w_i g_i with d·g_i / ‖g_i‖ the same for every i and Σ w_i = 1.

    Reference:
        Liu et al., ICLR 2021, Towards Impartial Multi-task Learning; in Gram form
        w ∝ G⁺ √diag(G).
    """
    cosines, lengths = directions(gram)
    _, vectors, inverse = spectrum(cosines, precision)
    ones = (lengths > 0).astype(np.float64)
    seen = (ones[..., None, :] @ vectors) * inverse[..., None, :]
    pulls = (seen @ np.swapaxes(vectors, -1, -2))[..., 0, :]
    shares = reciprocal(lengths)
    weights = pulls * shares
    total = weights.sum(axis=-1, keepdims=True)
    # Where signs cancel, the weights themselves are noise: what counts is what they are made of.
    pulled = inverse.max(axis=-1) * np.maximum(np.abs(pulls).max(axis=-1), 1.0)
    noise = gram.shape[-1] * precision * pulled * shares.sum(axis=-1)
    balanced = np.abs(total) > noise[..., None]
    return from_weights(np.divide(weights, total, out=np.zeros_like(weights), where=balanced))
