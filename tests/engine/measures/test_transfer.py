import math

import numpy as np
import pytest
from scipy import stats

from mtlviz.engine.measures.transfer import (
    Transfer,
    paired_interval,
    paired_transfer,
    sentence,
    signed,
    transfer,
)
from mtlviz.errors import DataError


@pytest.mark.parametrize("seeds", [2, 5, 32])
def test_interval_is_scipys_paired_t_interval(seeds):
    generator = np.random.default_rng(seeds)
    alone, together = generator.random((2, seeds))
    oracle = stats.ttest_1samp(100 * (together - alone), 0).confidence_interval(0.95)
    found = transfer(together, alone)
    assert (found.low, found.high) == pytest.approx((oracle.low, oracle.high), rel=1e-12)
    assert found.mean == pytest.approx(100 * (together - alone).mean())


def test_two_seeds_worked_by_hand():
    # Differences 2 and 4 points: mean 3, standard error 1, and t(0.975, 1) = 12.7062.
    found = transfer([0.72, 0.84], [0.70, 0.80])
    assert (found.mean, found.low, found.high) == pytest.approx(
        (3, 3 - 12.7062, 3 + 12.7062), rel=1e-5
    )
    assert found.verdict == "undecided"


@pytest.mark.parametrize(
    ("low", "high", "verdict"),
    [(0.1, 2, "helps"), (-2, -0.1, "hurts"), (-1, 1, "undecided"), (0, 1, "undecided"),
     (np.nan, np.nan, "undecided")],
)  # fmt: skip
def test_the_verdict_follows_the_interval(low, high, verdict):
    assert Transfer((low + high) / 2, low, high, 5, 0.95).verdict == verdict


@pytest.mark.parametrize("pair", [([0.75, 0.5], [0.5, 0.25]), ([0.8] * 7, [0.7] * 7)])
def test_equal_differences_have_no_spread_to_judge_by(pair):
    found = transfer(*pair)
    assert found.mean > 9
    assert found.spreadless
    assert found.verdict == "undecided"
    words = sentence(found, "task 1", "task 2")
    assert "no spread to judge by" in words
    assert "too few held-out points" in words
    assert "interval" not in words


def test_equal_scores_change_nothing():
    found = transfer([0.5, 0.7], [0.5, 0.7])
    assert found.verdict == "undecided"
    assert sentence(found, "task 1", "task 2") == (
        "Training with task 2 leaves the score of task 1 exactly as it was in each of 2 paired "
        "seeds."
    )


def test_splits_of_one_table_widen_the_interval_by_the_corrected_variance():
    # Differences 2 and 4 points: variance 2. With 1 held-out for 2 training points the variance of
    # the mean is (1/2 + 1/2) · 2 = 2 instead of 1.
    found = transfer([0.72, 0.84], [0.70, 0.80], resplit=0.5)
    half = 12.7062 * 2**0.5
    assert (found.mean, found.low, found.high) == pytest.approx((3, 3 - half, 3 + half), rel=1e-5)


def test_one_seed_has_no_interval_and_says_so():
    found = transfer([0.9], [0.5])
    assert np.isnan([found.low, found.high]).all()
    assert found.verdict == "undecided"
    assert "one seed: no interval yet, add seeds" in sentence(found, "task 1", "task 2")


def test_the_sentence_names_number_interval_and_seeds():
    assert sentence(Transfer(-11.1, -12.8, -9.4, 32, 0.95), "task 1", "task 3") == (
        "Training with task 3 *hurts* task 1: −11.1 points "
        "(95 % interval −12.8 to −9.4, 32 paired seeds)."
    )
    assert sentence(Transfer(0.01, -1, 1.02, 16, 0.95), "task 1", "task 2") == (
        "Training with task 2 changes task 1 by 0.0 points, which cannot be told apart from zero "
        "(95 % interval −1.0 to +1.0, 16 paired seeds)."
    )


def test_a_number_that_rounds_to_zero_has_no_sign():
    assert [signed(value) for value in (-0.04, 0.04, -0.06, 3)] == ["0.0", "0.0", "−0.1", "+3.0"]


@pytest.mark.parametrize(
    ("together", "alone", "words"),
    [([0.5, 0.6], [0.5], "one score with others and one alone"), ([], [], "each seed"),
     ([0.5, np.nan], [0.5, 0.5], "1 of 2 paired seeds")],
)  # fmt: skip
def test_scores_that_are_not_paired_or_not_finite_are_refused(together, alone, words):
    with pytest.raises(DataError, match=words):
        transfer(together, alone)


def test_intervals_are_taken_over_the_last_axis():
    values = np.random.default_rng(0).normal(size=(3, 4, 6))
    mean, low, high = paired_interval(values)
    oracle = stats.ttest_1samp(values, 0, axis=-1).confidence_interval()
    np.testing.assert_allclose([mean, low, high], [values.mean(-1), oracle.low, oracle.high])


def test_only_seeds_with_both_scores_are_paired():
    together = {0: 0.7, 1: 0.9, 2: math.nan, 3: 0.5}
    alone = {1: 0.8, 0: 0.5, 2: 0.4, 3: math.nan, 4: 0.1}
    found = paired_transfer(together, alone)
    assert found == transfer([0.7, 0.9], [0.5, 0.8])
    assert found.seeds == 2
    assert paired_transfer(together, {}) is None
    assert paired_transfer({2: math.nan}, {2: 0.5}) is None


def test_a_small_effect_is_said_to_be_small_however_sure_it_is():
    small, large = Transfer(-0.3, -0.4, -0.2, 16, 0.95), Transfer(-10.3, -12, -8, 16, 0.95)
    assert sentence(small, "task 1", "task 2").startswith(
        "Training with task 2 *hurts* task 1 a little: −0.3 points"
    )
    assert "a little" not in sentence(large, "task 1", "task 2")
    assert not Transfer(-0.3, -0.9, 0.2, 16, 0.95).small
