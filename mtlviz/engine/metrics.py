"""Scores of predictions against labels, their standard errors, and the score of a constant guess.

Every score is a share or a correlation, never a percentage. A score that the data do not define
(the correlation of a constant, F1 when nobody is or is called positive) is nan: missing, not 0.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mtlviz.engine import answer_scores
from mtlviz.engine.answer_scores import check_counts, mean_score, spread_error
from mtlviz.engine.label_sets import macro, micro, set_f1, set_f1_error
from mtlviz.errors import DataError, unknown_choice

Score = Callable[[ArrayLike, ArrayLike], float]
_ROUNDINGS = 16
"""Units of rounding that equal predictions may lie apart: batches add in different orders."""


@dataclass(frozen=True)
class Metric:
    """A score of predictions against labels, called as a function.

    Attributes:
        score: The score itself.
        error: Its standard error, of the same two.
        ends: Its lowest and highest value.
        classes: The number of classes that it is for; None where any number will do.
    """

    score: Score
    error: Score
    ends: tuple[float, float] = (0.0, 1.0)
    classes: int | None = None

    def __call__(self, predictions: ArrayLike, labels: ArrayLike) -> float:
        """The score of N predictions against N labels."""
        return self.score(predictions, labels)


def accuracy(predictions: ArrayLike, labels: ArrayLike) -> float:
    """Share of examples whose predicted class is the labelled one."""
    predicted, true = _paired(predictions, labels)
    return float(np.mean(predicted == true))


def f1(predictions: ArrayLike, labels: ArrayLike) -> float:
    """Harmonic mean of precision and recall of class 1; missing if class 1 never occurs."""
    return _binary_f1(_confusion(*_paired(predictions, labels)))


def f1_macro(predictions: ArrayLike, labels: ArrayLike) -> float:
    """Plain mean over classes of each class's F1, so that rare classes count as much as common.

    Sets of labels (N, C) have the mean over labels.
    """
    predicted, true = _paired(predictions, labels)
    if true.ndim == 2:
        return set_f1(macro, predicted, true)
    return _macro_f1(_confusion(predicted, true))


def f1_micro(predictions: ArrayLike, labels: ArrayLike) -> float:
    """F1 of all labels of all examples (N, C) together; missing if there are none at all."""
    return set_f1(micro, *_paired(predictions, labels))


def subset_accuracy(predictions: ArrayLike, labels: ArrayLike) -> float:
    """Share of examples whose set of labels (N, C) is right in full."""
    predicted, true = _paired(predictions, labels)
    return float(np.mean((predicted == true).all(-1)))


def matthews(predictions: ArrayLike, labels: ArrayLike) -> float:
    """Correlation of predicted and labelled classes: 1 is perfect, 0 is chance.

    A constant prediction scores 0, as GLUE and scikit-learn define it.

    Reference:
        Gorodkin, Comput. Biol. Chem. 2004, eq. 8 (several classes).
    """
    return _matthews(_confusion(*_paired(predictions, labels)))


def pearson(predictions: ArrayLike, labels: ArrayLike) -> float:
    """Linear correlation of predicted and labelled scores; missing if either is constant."""
    predicted, true = (array.astype(np.float64) for array in _paired(predictions, labels))
    if _undefined(predicted, true):
        return float("nan")
    # Dividing by the largest deviation first keeps the squares of huge or tiny scores finite.
    x, y = (_unit_range(array - array.mean()) for array in (predicted, true))
    return float(np.clip(x @ y / np.sqrt((x @ x) * (y @ y)), -1.0, 1.0))


def spearman(predictions: ArrayLike, labels: ArrayLike) -> float:
    """Correlation of the ranks of predicted and labelled scores; missing if either is constant."""
    from scipy.stats import rankdata  # Loading it takes longer than drawing a page.

    predicted, true = _paired(predictions, labels)
    if _undefined(predicted, true):
        return float("nan")
    return pearson(rankdata(predicted), rankdata(true))


def is_constant(values: ArrayLike, size: float | None = None, precision: type = np.float64) -> bool:
    """Whether numbers differ by no more than their rounding, so that nothing correlates with them.

    Args:
        values: The numbers.
        size: The largest of those that were rounded; by default of `values`.
        precision: Format in which they were computed.
    """
    values = np.asarray(values, np.float64)
    size = float(np.abs(values).max()) if size is None else size
    return bool(np.ptp(values) <= _ROUNDINGS * float(np.finfo(precision).eps) * size)


def standard_error(metric: str, predictions: ArrayLike, labels: ArrayLike) -> float:
    """How far the score would typically move on other examples of the same kind.

    Accuracy, also of sets: half the width of Wilson's interval of one standard error, which is
    above 0 also where every answer is right. Correlations: Fisher's z, brought back to the scale of
    the correlation. F1 and Matthews: delete-one jackknife. Spans: standard deviation of the
    examples' scores. Where these two see no spread, as where every answer is right: half of what
    one more example could change, which for accuracy is Wilson's. It covers the draw of evaluation
    examples only, not the seed of the training. Missing where the score is, or with too few
    examples.

    Args:
        metric: Key of METRICS.
        predictions: As the metric takes them, N of them.
        labels: As the metric takes them, N of them.

    Raises:
        ConfigError: The metric is not known.
        DataError: The two differ in number, or are empty.

    Reference:
        Wilson, J. Am. Stat. Assoc. 1927 (here with z = 1); Fisher 1921, variance of z is
        1 / (N − 3); Bonett and Wright, Psychometrika 2000, factor (1 + r² / 2) for ranks; Efron,
        Ann. Stat. 1981 (jackknife).
    """
    if metric not in METRICS:
        raise unknown_choice("metric", metric, METRICS)
    return METRICS[metric].error(predictions, labels)


def _paired(predictions: ArrayLike, labels: ArrayLike) -> tuple[NDArray, NDArray]:
    predicted, true = np.asarray(predictions), np.asarray(labels)
    check_counts(len(predicted), len(true))
    return predicted, true


def _undefined(predicted: NDArray, true: NDArray) -> bool:
    """Whether one side is constant; models compute in float32, whatever holds their scores."""
    # Scores such as years are an offset, which rounds nothing, and what the model gives.
    offset = np.abs(np.subtract.outer([true.min(), true.max()], predicted)).max()
    size = min(float(np.abs(predicted).max()), float(offset))
    return is_constant(true) or is_constant(predicted, size, np.float32)


def _unit_range(deviations: NDArray[np.float64]) -> NDArray[np.float64]:
    return deviations / np.abs(deviations).max()


def _confusion(predicted: NDArray, true: NDArray) -> NDArray[np.float64]:
    """Counts, row = labelled and column = predicted class, shape (C, C) with C at least 2."""
    classes = max(int(predicted.max()), int(true.max()), 1) + 1
    cells = true.astype(np.int64) * classes + predicted.astype(np.int64)
    return np.bincount(cells, minlength=classes**2).reshape(classes, classes).astype(np.float64)


def _class_f1(confusion: NDArray[np.float64]) -> NDArray[np.float64]:
    """F1 of each class, nan for a class that is neither labelled nor predicted."""
    occurrences = confusion.sum(0) + confusion.sum(1)
    return np.divide(
        2 * confusion.diagonal(),
        occurrences,
        out=np.full(len(confusion), np.nan),
        where=occurrences > 0,
    )


def _binary_f1(confusion: NDArray[np.float64]) -> float:
    if len(confusion) > 2:
        raise DataError(
            f"F1 of class 1 needs two classes, got {len(confusion)}; use f1_macro instead."
        )
    return float(_class_f1(confusion)[1])


def _macro_f1(confusion: NDArray[np.float64]) -> float:
    return float(np.nanmean(_class_f1(confusion)))


def _matthews(confusion: NDArray[np.float64]) -> float:
    labelled, predicted, count = confusion.sum(1), confusion.sum(0), confusion.sum()
    covariance = confusion.trace() * count - labelled @ predicted
    variances = (count**2 - labelled @ labelled) * (count**2 - predicted @ predicted)
    return float(covariance / np.sqrt(variances)) if variances > 0 else 0.0


def _accuracy_error(predictions: ArrayLike, labels: ArrayLike) -> float:
    return _wilson_error(accuracy(predictions, labels), len(np.asarray(labels)))


def _macro_error(predictions: ArrayLike, labels: ArrayLike) -> float:
    predicted, true = _paired(predictions, labels)
    if true.ndim == 2:
        return set_f1_error(macro, predicted, true)
    return _jackknife(_macro_f1, _confusion(predicted, true))


def _micro_error(predictions: ArrayLike, labels: ArrayLike) -> float:
    return set_f1_error(micro, *_paired(predictions, labels))


def _subset_error(predictions: ArrayLike, labels: ArrayLike) -> float:
    return _wilson_error(subset_accuracy(predictions, labels), len(np.asarray(labels)))


def _table_error(score: Callable[[NDArray[np.float64]], float]) -> Score:
    """The jackknife of a score of the table of labelled and predicted classes."""
    return lambda predictions, labels: _jackknife(score, _confusion(*_paired(predictions, labels)))


def _jackknife(
    score: Callable[[NDArray[np.float64]], float], confusion: NDArray[np.float64]
) -> float:
    """Delete-one standard error; examples of one cell of the table leave the same score behind."""
    cells = np.argwhere(confusion > 0)
    counts, total = confusion[tuple(cells.T)], confusion.sum()
    if total < 2:
        return float("nan")
    scores = np.array([score(_without_one(confusion, cell)) for cell in cells])
    mean = counts @ scores / total
    error = np.sqrt((total - 1) / total * (counts @ (scores - mean) ** 2))
    return float(error) if error > 0 else _one_more(score, confusion)


def _one_more(
    score: Callable[[NDArray[np.float64]], float], confusion: NDArray[np.float64]
) -> float:
    """Half of the most by which one further example, whatever its cell, changes the score."""
    unit = np.eye(confusion.size).reshape(-1, *confusion.shape)
    changes = [abs(score(confusion + cell) - score(confusion)) for cell in unit]
    return float(np.nanmax(changes)) / 2


def _wilson_error(share: float, count: int) -> float:
    return float(np.sqrt(share * (1 - share) * count + 0.25) / (count + 1))


def _without_one(confusion: NDArray[np.float64], cell: NDArray[np.int64]) -> NDArray[np.float64]:
    fewer = confusion.copy()
    fewer[tuple(cell)] -= 1
    return fewer


def _pearson_error(predictions: ArrayLike, labels: ArrayLike) -> float:
    return _correlation_error(pearson(predictions, labels), len(np.asarray(labels)))


def _spearman_error(predictions: ArrayLike, labels: ArrayLike) -> float:
    rank = spearman(predictions, labels)
    return _correlation_error(rank, len(np.asarray(labels))) * float(np.sqrt(1 + rank**2 / 2))


def _correlation_error(correlation: float, count: int) -> float:
    return float((1 - correlation**2) / np.sqrt(count - 3)) if count > 3 else float("nan")


def _answer_metric(score: answer_scores.Score) -> Metric:
    """A mean over questions of an answer's score against the accepted ones."""
    return Metric(partial(mean_score, score), partial(spread_error, score))


METRICS: dict[str, Metric] = {
    "accuracy": Metric(accuracy, _accuracy_error),
    "f1": Metric(f1, _table_error(_binary_f1), classes=2),
    "f1_macro": Metric(f1_macro, _macro_error),
    "f1_micro": Metric(f1_micro, _micro_error),
    "subset_accuracy": Metric(subset_accuracy, _subset_error),
    "matthews": Metric(matthews, _table_error(_matthews), ends=(-1.0, 1.0)),
    "pearson": Metric(pearson, _pearson_error, ends=(-1.0, 1.0)),
    "spearman": Metric(spearman, _spearman_error, ends=(-1.0, 1.0)),
    # Official evaluation scripts of SQuAD, which give percent.
    "span_em": _answer_metric(answer_scores.same),
    "span_f1": _answer_metric(answer_scores.overlap),
    "span_em_v2": _answer_metric(answer_scores.same_or_none),
    "span_f1_v2": _answer_metric(answer_scores.overlap_or_none),
}
