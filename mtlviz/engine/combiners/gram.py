"""The Gram matrix split into lengths and directions, so that scale never decides accuracy."""

import numpy as np

from mtlviz.engine.combiners.combination import Array


def norms(gram: Array) -> Array:
    """Length of each task's gradient, shape (..., K)."""
    return np.sqrt(np.diagonal(gram, axis1=-2, axis2=-1))


def directions(gram: Array) -> tuple[Array, Array]:
    """Gram matrix of the gradients scaled to length 1, and the lengths they had.

    A zero gradient has no direction: its row and column are zero.

    Returns:
        Cosines of shape (..., K, K), whose diagonal is 1, or 0 for a zero gradient, and lengths of
        shape (..., K).
    """
    lengths = norms(gram)
    inverse = reciprocal(lengths)
    return gram * inverse[..., :, None] * inverse[..., None, :], lengths


def reciprocal(lengths: Array) -> Array:
    """One over each length, and 0 where the length is 0."""
    return np.divide(1.0, lengths, out=np.zeros_like(lengths), where=lengths > 0)
