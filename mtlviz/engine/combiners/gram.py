"""The Gram matrix split into lengths and directions, so that scale never decides accuracy."""

import numpy as np

from mtlviz.engine.combiners.combination import Array


def squared_norms(gram: Array) -> Array:
    """Squared length of each task's gradient, shape (..., K)."""
    return np.diagonal(gram, axis1=-2, axis2=-1)


def norms(gram: Array) -> Array:
    """Length of each task's gradient, shape (..., K)."""
    return np.sqrt(squared_norms(gram))


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


def spectrum(gram: Array) -> tuple[Array, Array, Array]:
    """Eigenvalues, eigenvectors, and the eigenvalues' reciprocals with 0 for those that are noise.

    Returns:
        Ascending values (..., K), vectors in columns (..., K, K), reciprocals (..., K).
    """
    values, vectors = np.linalg.eigh(gram)
    noise = values[..., -1:] * gram.shape[-1] * np.finfo(np.float64).eps
    kept = np.where(values > noise, values, 0.0)
    return values, vectors, reciprocal(kept)


def update_norm(gram: Array, weights: Array) -> Array:
    """Length of the update √(wᵀGw), shape (...)."""
    squared = (weights[..., None, :] @ gram @ weights[..., None])[..., 0, 0]
    return np.sqrt(np.maximum(squared, 0))
