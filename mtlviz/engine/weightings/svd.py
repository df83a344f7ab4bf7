"""SVD reweighting: weigh a task by how much it has in common with the others, to resist noise."""

import numpy as np
from numpy.typing import ArrayLike

from mtlviz.engine.weightings.weighting import Array, Step, Weighting, adding_up
from mtlviz.errors import ConfigError, DataError


def svd_weights(inputs: ArrayLike, targets: ArrayLike, rank: int) -> Array:
    """Task weights by Algorithm 2: the part of Xᵀyᵢ inside the tasks' r main directions.

    With r equal to the number of tasks this is ‖Xᵀyᵢ‖, a weighting by length; r below it is what
    takes noise out. The paper states no scale; here the weights add up to the number of tasks.

    Args:
        inputs: The inputs X that all tasks share, shape (N, d).
        targets: One column of targets per task, shape (N, K).
        rank: Directions r kept, from 1 to K.

    Returns:
        Weights, shape (K,), none negative.

    Raises:
        ConfigError: If the rank is out of range.
        DataError: If the arrays do not fit each other, or no task has any direction.

    Reference:
        Wu, Zhang & Ré, ICLR 2020, Algorithm 2. https://arxiv.org/abs/2005.00944
    """
    features, labels = np.asarray(inputs, np.float64), np.asarray(targets, np.float64)
    if features.ndim != 2 or labels.ndim != 2 or len(features) != len(labels):
        raise DataError(
            "SVD reweighting needs inputs (N, d) and targets (N, K) of the same examples, "
            f"got {features.shape} and {labels.shape}."
        )
    return _shared_lengths(labels.T @ features, rank)


def svd_task_embedding_weights(embeddings: ArrayLike, rank: int) -> Array:
    """Task weights in the blog's wording: the same SVD, on one embedding per task.

    The blog says "aggregated task embeddings" where the paper's algorithm says Xᵀyᵢ. They differ:
    here labels matter only as far as the embeddings hold them. Tasks on the same inputs, for which
    the algorithm is meant, have one and the same mean embedding, and so equal weights.

    Args:
        embeddings: For each task an aggregate, such as the mean, of its examples' embeddings,
            shape (K, d).
        rank: Directions r kept, from 1 to K.

    Returns:
        Weights, shape (K,), none negative, that add up to K.

    Raises:
        ConfigError: If the rank is out of range.
        DataError: If `embeddings` is no table, or all zero.
    """
    vectors = np.asarray(embeddings, np.float64)
    if vectors.ndim != 2:
        raise DataError(f"Task embeddings need the shape (K, d), got {vectors.shape}.")
    return _shared_lengths(vectors, rank)


def _shared_lengths(vectors: Array, rank: int) -> Array:
    """Length of each row inside the rows' r main directions, scaled to add up to K."""
    tasks = len(vectors)
    if not 1 <= rank <= tasks:
        raise ConfigError(f"`rank` must lie between 1 and the {tasks} tasks, got {rank}.")
    if not np.isfinite(vectors).all() or not vectors.any():
        raise DataError("SVD reweighting needs finite task vectors that are not all zero.")
    left, values, _ = np.linalg.svd(vectors, full_matrices=False)
    kept = min(rank, len(values))
    return adding_up(np.linalg.norm(left[:, :kept] * values[:kept], axis=1), tasks)


class Svd(Weighting):
    """Weigh a task by what its labels share with the others': label noise is weighed down.

    For tasks on the same inputs only. The weights are fixed before training; see `svd_weights`.
    Labels count as numbers, so tasks should ask yes or no, or for a score: the paper says nothing
    of more than two classes, whose numbers have no order.

    With the rows Xᵀy_i as a matrix U Σ Vᵀ: w_i is proportional to ‖(U_r Σ_r)_i‖, the part of
    the row inside the r main directions.

    Args:
        tasks: Number of tasks K.
        inputs: The inputs X that all tasks share, shape (N, d).
        targets: One column of targets per task, shape (N, K).
        rank: Directions r kept, from 1 to K.

    Raises:
        ConfigError: If the rank is out of range.
        DataError: If the arrays do not fit each other or the number of tasks.

    Reference:
        Wu, Zhang & Ré, ICLR 2020, Algorithm 2. https://arxiv.org/abs/2005.00944
    """

    title = "SVD"

    def __init__(self, tasks: int, *, inputs: ArrayLike, targets: ArrayLike, rank: int = 1) -> None:
        self._weights = _one_each(svd_weights(inputs, targets, rank), tasks)

    def weights(self, step: Step) -> Array:
        """See `Weighting`."""
        return self._weights.copy()


class SvdTaskEmbeddings(Weighting):
    """Weigh a task by what its embedding shares with the others'; the blog's form of SVD weights.

    The weights are fixed before training; see `svd_task_embedding_weights`.

    With the embeddings as rows of a matrix U Σ Vᵀ: w_i is proportional to ‖(U_r Σ_r)_i‖. Tasks
    on the same inputs have one embedding, and so equal weights.

    Args:
        tasks: Number of tasks K.
        embeddings: One aggregated embedding per task, shape (K, d).
        rank: Directions r kept, from 1 to K.

    Raises:
        ConfigError: If the rank is out of range.
        DataError: If the embeddings do not fit the number of tasks, or are all zero.

    Reference:
        Wu, Zhang & Ré, blog on ICLR 2020: its wording of Algorithm 2.
    """

    title = "SVD of task embeddings"

    def __init__(self, tasks: int, *, embeddings: ArrayLike, rank: int = 1) -> None:
        self._weights = _one_each(svd_task_embedding_weights(embeddings, rank), tasks)

    def weights(self, step: Step) -> Array:
        """See `Weighting`."""
        return self._weights.copy()


def _one_each(weights: Array, tasks: int) -> Array:
    if len(weights) != tasks:
        raise DataError(f"SVD reweighting got {len(weights)} task vectors for {tasks} tasks.")
    return weights
