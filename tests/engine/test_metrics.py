"""Metrics: hand-worked values, scikit-learn and scipy as oracles, what undefined scores give."""

import numpy as np
import pytest
import scipy.stats
import sklearn.metrics

from mtlviz.engine.answer_scores import normalised_answer
from mtlviz.engine.kinds import KINDS
from mtlviz.engine.metrics import METRICS, standard_error
from mtlviz.engine.tasks.task import Examples, Task
from mtlviz.errors import ConfigError, DataError

SPANS = ("span_em", "span_f1", "span_em_v2", "span_f1_v2")
SETS = {
    "f1_micro": lambda true, given: set_f1(true, given, "micro"),
    "f1_macro": lambda true, given: set_f1(true, given, "macro"),
    "subset_accuracy": sklearn.metrics.accuracy_score,
}
NUMERIC = [name for name in METRICS if name not in (*SPANS, "f1_micro", "subset_accuracy")]
ORACLES = {
    "accuracy": sklearn.metrics.accuracy_score,
    "f1": sklearn.metrics.f1_score,
    "f1_macro": lambda true, given: sklearn.metrics.f1_score(true, given, average="macro"),
    "matthews": sklearn.metrics.matthews_corrcoef,
    "pearson": lambda true, given: scipy.stats.pearsonr(true, given)[0],
    "spearman": lambda true, given: scipy.stats.spearmanr(true, given)[0],
}


def set_f1(true, given, average):
    return sklearn.metrics.f1_score(true, given, average=average, zero_division=np.nan)


def label_sets(generator, count=300, labels=4):
    """True and predicted sets of labels, the last label of nobody."""
    true = generator.random((count, labels)) < np.append(np.linspace(0.6, 0.1, labels - 1), 0)
    wrong = (generator.random(true.shape) < 0.2) & (np.arange(labels) < labels - 1)
    return true.astype(int), (true ^ wrong).astype(int)


def noisy_copy(labels, generator, classes):
    random = generator.integers(classes, size=len(labels))
    return np.where(generator.random(len(labels)) < 0.4, random, labels)


@pytest.mark.parametrize("name", ORACLES)
@pytest.mark.parametrize("seed", range(5))
def test_metric_agrees_with_the_oracle(name, seed):
    generator = np.random.default_rng(seed)
    classes = 2 if name == "f1" else 4
    labels = generator.integers(classes, size=60)
    predictions = noisy_copy(labels, generator, classes)
    assert METRICS[name](predictions, labels) == pytest.approx(ORACLES[name](labels, predictions))


def test_every_metric_belongs_to_a_kind_of_task_and_has_a_test_of_its_value():
    assert set(METRICS) == {name for kind in KINDS.values() for name in kind.metrics}
    assert set(NUMERIC) == set(ORACLES)
    assert set(METRICS) == {*NUMERIC, *SETS, *SPANS}


@pytest.mark.parametrize("name", SETS)
@pytest.mark.parametrize("seed", range(3))
def test_metric_of_sets_agrees_with_the_oracle(name, seed):
    true, given = label_sets(np.random.default_rng(seed))
    assert METRICS[name](given, true) == pytest.approx(SETS[name](true, given))
    assert METRICS[name](true, true) == 1.0


@pytest.mark.parametrize("name", SETS)
def test_error_of_sets_agrees_with_deleting_each_example_and_with_the_bootstrap(name):
    generator = np.random.default_rng(5)
    true, given = label_sets(generator)
    error = standard_error(name, given, true)
    draws = generator.integers(len(true), size=(300, len(true)))
    scores = [METRICS[name](given[draw], true[draw]) for draw in draws]
    assert error == pytest.approx(np.std(scores), rel=0.2)
    kept = [np.delete(np.arange(len(true)), place) for place in range(len(true))]
    scores = [METRICS[name](given[rest], true[rest]) for rest in kept]
    # Wilson's is a little wider than the jackknife.
    assert error == pytest.approx(np.sqrt((len(true) - 1) * np.var(scores)), rel=0.01)


@pytest.mark.parametrize("name", SETS)
def test_right_sets_are_no_certainty_and_sets_that_are_all_empty_have_no_f1(name):
    few, many = (np.eye(2, dtype=int)[np.arange(count) % 2] for count in (40, 400))
    errors = [standard_error(name, sets, sets) for sets in (few, many)]
    assert 0 < errors[1] < errors[0] < 0.05
    nothing = np.zeros((5, 2), dtype=int)
    whole = name == "subset_accuracy"
    assert np.isfinite(METRICS[name](nothing, nothing)) == whole
    assert np.isfinite(standard_error(name, nothing, nothing)) == whole


def test_f1_of_sets_worked_by_hand():
    true = np.array([[1, 0, 1], [0, 1, 0]])
    given = np.array([[1, 1, 0], [0, 1, 0]])
    # Two of three predicted and of three true labels are right; by label 1, 2/3 and 0.
    assert METRICS["f1_micro"](given, true) == pytest.approx(2 / 3)
    assert METRICS["f1_macro"](given, true) == pytest.approx((1 + 2 / 3 + 0) / 3)
    assert METRICS["subset_accuracy"](given, true) == 0.5


@pytest.mark.parametrize("name", NUMERIC)
def test_perfect_predictions_score_one(name):
    labels = np.array([0, 1, 1, 0, 1])
    assert METRICS[name](labels, labels) == pytest.approx(1.0)


@pytest.mark.parametrize("name", ["accuracy", "f1", "f1_macro", "matthews"])
def test_no_finite_number_of_right_answers_is_certainty(name):
    few, many = (np.arange(count) % 2 for count in (40, 400))
    errors = [standard_error(name, labels, labels) for labels in (few, many)]
    assert 0 < errors[1] < errors[0] < 0.05
    assert errors[1] * 401 == pytest.approx(errors[0] * 41, rel=0.1)


def test_the_error_of_a_perfect_accuracy_is_half_of_what_one_wrong_answer_more_costs():
    for score in (np.ones(400), np.zeros(400)):
        assert standard_error("accuracy", score, np.ones(400)) == pytest.approx(0.5 / 401)
    words = ["yes"] * 20
    assert standard_error("span_em", words, [[word] for word in words]) == pytest.approx(0.5 / 21)


@pytest.mark.parametrize("name", ["pearson", "spearman"])
@pytest.mark.parametrize("constant", [0.0, 2.5])
def test_correlation_of_a_constant_is_missing_and_so_is_its_error(name, constant):
    labels = np.array([0.0, 1.0, 2.0, 5.0])
    predictions = np.full(4, constant)
    assert np.isnan(METRICS[name](predictions, labels))
    assert np.isnan(METRICS[name](labels, predictions))
    assert np.isnan(standard_error(name, predictions, labels))


@pytest.mark.parametrize("name", ["pearson", "spearman"])
@pytest.mark.parametrize("constant", [-3.7, 0.1, 2.5, 1e6])
def test_correlation_of_what_is_constant_up_to_rounding_is_missing(name, constant):
    labels = np.linspace(0.0, 5.0, 40)
    wobble = np.random.default_rng(0).integers(-2, 3, 40)
    rounded = np.float32(constant) * (1 + wobble * np.finfo(np.float32).eps)
    assert np.ptp(rounded) > 0
    assert np.isnan(METRICS[name](rounded, labels))
    assert np.isnan(standard_error(name, rounded, labels))
    summed = constant * (1 + wobble * np.finfo(np.float64).eps)
    assert np.isnan(METRICS[name](labels, summed))


@pytest.mark.parametrize("name", ["pearson", "spearman"])
def test_scores_far_from_zero_that_do_differ_have_a_correlation(name):
    seconds = 1.7e9 + np.linspace(0.0, 100.0, 40)
    assert METRICS[name](seconds + 0.01, seconds) == pytest.approx(1.0)


@pytest.mark.parametrize("scale", [1e-200, 1.0, 1e200])
def test_pearson_does_not_depend_on_the_scale(scale):
    predictions, labels = np.array([1.0, 2.0, 4.0]), np.array([1.0, 3.0, 2.0])
    expected = scipy.stats.pearsonr(predictions, labels)[0]
    assert METRICS["pearson"](scale * predictions, labels) == pytest.approx(expected)


def test_f1_is_missing_if_class_1_never_occurs_and_zero_if_it_is_only_missed():
    assert np.isnan(METRICS["f1"]([0, 0], [0, 0]))
    assert METRICS["f1"]([0, 0], [0, 1]) == 0.0
    assert METRICS["f1_macro"]([0, 0], [0, 0]) == 1.0


def test_f1_of_class_1_refuses_three_classes():
    with pytest.raises(DataError, match="f1_macro"):
        METRICS["f1"]([0, 1, 2], [0, 1, 2])


def test_matthews_of_a_constant_prediction_is_chance():
    assert METRICS["matthews"]([1, 1, 1], [0, 1, 1]) == 0.0


@pytest.mark.parametrize("name", METRICS)
@pytest.mark.parametrize("count", [0, 3])
def test_unequal_or_empty_input_is_an_error(name, count):
    predictions, labels = (["a"] * count, []) if name in SPANS else ([1] * count, [])
    with pytest.raises(DataError, match=f"{count} predictions for 0 labels"):
        METRICS[name](predictions, labels)


def test_answers_are_compared_without_case_articles_and_punctuation():
    assert normalised_answer(" The  Eiffel-Tower, a (tall) one.") == "eiffeltower tall one"


def test_span_scores_worked_by_hand():
    predictions = ["the Cat", "black dog barks", ""]
    references = [["cat!", "dog"], ["a cat", "black dog"], ["x"]]
    # Second: two words shared of three given and two wanted, 2·2 / 5.
    assert METRICS["span_em"](predictions, references) == pytest.approx(1 / 3)
    assert METRICS["span_f1"](predictions, references) == pytest.approx((1 + 0.8 + 0) / 3)


def test_accuracy_error_is_half_of_wilsons_interval():
    predictions = np.r_[np.ones(81), np.zeros(19)]
    error = standard_error("accuracy", predictions, np.ones(100))
    sure = scipy.stats.binomtest(81, 100).proportion_ci(
        2 * scipy.stats.norm.cdf(1) - 1, method="wilson"
    )
    assert error == pytest.approx((sure.high - sure.low) / 2)
    # Almost the plain binomial one.
    assert error == pytest.approx(np.sqrt(0.81 * 0.19 / 100), rel=0.01)


@pytest.mark.parametrize("name", NUMERIC)
def test_standard_error_agrees_with_the_bootstrap(name):
    generator = np.random.default_rng(3)
    if name in ("pearson", "spearman"):
        labels = generator.normal(size=400)
        predictions = labels + generator.normal(size=400)
    else:
        labels = generator.integers(2, size=400)
        predictions = noisy_copy(labels, generator, 2)
    draws = generator.integers(400, size=(400, 400))
    scores = [METRICS[name](predictions[draw], labels[draw]) for draw in draws]
    assert standard_error(name, predictions, labels) == pytest.approx(np.std(scores), rel=0.2)


@pytest.mark.parametrize("name", ["f1", "f1_macro", "matthews"])
def test_jackknife_by_cells_equals_deleting_each_example(name):
    generator = np.random.default_rng(1)
    labels = generator.integers(2, size=30)
    predictions = noisy_copy(labels, generator, 2)
    kept = [np.delete(np.arange(30), position) for position in range(30)]
    scores = [METRICS[name](predictions[rest], labels[rest]) for rest in kept]
    expected = np.sqrt(29 * np.var(scores))
    assert standard_error(name, predictions, labels) == pytest.approx(expected)


def test_span_error_is_that_of_a_mean():
    scores = [1.0, 0.0, 0.0]
    error = standard_error("span_em", ["a1", "b1", "c1"], [["a1"], ["x"], ["y"]])
    assert error == pytest.approx(np.std(scores, ddof=1) / np.sqrt(3))


def test_standard_error_names_the_metrics_it_knows():
    with pytest.raises(ConfigError, match=r"Unknown metric 'bleu'.*accuracy"):
        standard_error("bleu", [0], [0])


def task(kind, metric, train, dev, names=()):
    def split(labels):
        texts = tuple(f"text {number}" for number in range(len(labels)))
        return Examples(texts, texts, texts, np.array(labels))

    return Task("t", kind, names, metric, {"train": split(train), "dev": split(dev)}, "made up")


def test_baseline_answers_the_class_most_common_in_training():
    made = task("classification", "accuracy", [1, 1, 0], [0, 0, 1, 0], ("no", "yes"))
    assert KINDS[made.kind].floor(made).score == 0.25


def test_no_constant_answer_scores_a_correlation_or_an_undefined_f1():
    scores = task("pair_regression", "pearson", [1.0, 2.0], [1.0, 3.0])
    classes = task("classification", "f1", [0, 0, 1], [0, 0], ("no", "yes"))
    assert [KINDS[made.kind].floor(made) for made in (scores, classes)] == [None, None]
