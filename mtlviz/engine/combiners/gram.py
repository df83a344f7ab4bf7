"""The Gram matrix split into lengths and directions, so that scale never decides accuracy."""

import numpy as np

from mtlviz.engine.combiners.combination import Array

FLOAT64 = float(np.finfo(np.float64).eps)
"""Relative error of an entry of a Gram matrix whose products were added up in float64."""
FLOAT32 = 8 * float(np.finfo(np.float32).eps)
"""The same in float32: up to 7 eps were measured, for 3 million numbers added up at once."""
BFLOAT16 = 2.0**-14
"""The same for gradients kept in bfloat16, which moves each number by up to 2⁻⁸ of it, at random:
eigenvalues move by the square of that."""


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


def run_precision(gradient_precision: str) -> float:
    """Relative error of the Gram matrices of a run that keeps its gradients in this format."""
    return BFLOAT16 if gradient_precision == "bfloat16" else FLOAT32


def precision_of(gram: Array) -> float:
    """Relative error of the entries, as far as the array's own number format tells."""
    return FLOAT32 if np.asarray(gram).dtype in (np.float16, np.float32) else FLOAT64


def spectrum(gram: Array, precision: float) -> tuple[Array, Array, Array]:
    """Eigenvalues, eigenvectors, and the eigenvalues' reciprocals with 0 for those that are noise.

    Args:
        gram: Gram matrix, shape (..., K, K).
        precision: Relative error of its entries.

    Returns:
        Ascending values (..., K), vectors in columns (..., K, K), reciprocals (..., K).
    """
    values, vectors = np.linalg.eigh(gram)
    noise = values[..., -1:] * gram.shape[-1] * precision
    kept = np.where(values > noise, values, 0.0)
    return values, vectors, reciprocal(kept)


def update_norm(gram: Array, weights: Array) -> Array:
    """Length of the update √(wᵀGw), shape (...)."""
    squared = (weights[..., None, :] @ gram @ weights[..., None])[..., 0, 0]
    return np.sqrt(np.maximum(squared, 0))
