"""Measures over many settings: winners, effects, importance and fronts, against other routes."""

from itertools import product

import numpy as np
import pytest
from scipy import stats

from mtlviz.engine.measures.sweeps import effects, importances, pareto, two_settings, winner


def grid_codes(*sizes):
    return np.array(list(product(*map(range, sizes))))


def test_a_setting_that_always_beats_all_others_is_the_winner():
    scores = np.array([[0.70, 0.72, 0.74], [0.60, 0.62, 0.635], [0.50, 0.51, 0.55]])
    found = winner(scores)
    assert (found.best, found.rivals, found.ties) == (0, 2, ())
    assert found.sure
    test = stats.ttest_rel(100 * scores[0], 100 * scores[found.closest])
    low, high = test.confidence_interval(1 - 0.05 / 2)  # Two comparisons.
    assert (found.found.low, found.found.high) == pytest.approx((low, high))


def test_who_beats_the_runner_up_but_not_an_erratic_third_is_no_winner():
    scores = np.array([[0.70, 0.72, 0.74], [0.60, 0.62, 0.635], [0.90, 0.51, 0.35]])
    found = winner(scores)
    assert (found.sure, found.closest, found.ties) == (False, 2, (2,))


def test_no_winner_is_called_where_seeds_disagree_and_all_that_cannot_be_told_apart_are_named():
    scores = np.array([[0.70, 0.60, 0.66], [0.60, 0.68, 0.64], [0.30, 0.28, 0.31]])
    found = winner(scores)
    assert not found.sure
    assert found.ties == (1,)


def test_of_settings_that_do_the_same_one_is_called_the_winner_in_at_most_one_case_of_twenty():
    drawn, called, alone = np.random.default_rng(0), 0, 0
    for _ in range(300):
        # Two are equally good, and three are far behind: the hardest case for who compares two.
        scores = 0.5 + 0.01 * drawn.standard_normal((5, 4))
        scores[2:] -= 0.3
        found = winner(scores)
        called += found.sure
        alone += stats.ttest_rel(scores[0], scores[1]).pvalue < 0.05
    assert called <= 15
    assert alone > called  # Comparing with the runner-up alone calls more.


def test_one_seed_makes_no_winner():
    assert not winner(np.array([[0.9], [0.1]])).sure


def test_a_setting_without_one_of_its_seeds_is_not_ranked():
    scores = np.array([[0.99, np.nan], [0.5, 0.6], [0.4, 0.5]])
    assert winner(scores).best == 1
    assert winner(np.full((2, 2), np.nan)) is None


def test_in_a_whole_grid_an_effect_is_the_plain_mean_of_its_value():
    codes = grid_codes(2, 3)
    scores = np.random.default_rng(0).random((6, 4))
    found = effects(scores, codes, (2, 3))
    means = scores.mean(axis=1)
    for place, size in enumerate((2, 3)):
        plain = [means[codes[:, place] == value].mean() for value in range(size)]
        np.testing.assert_allclose(found[place].points, 100 * (np.array(plain) - means.mean()))


def test_the_interval_of_two_values_is_that_of_the_two_sample_test():
    codes = np.array([[0]] * 4 + [[1]] * 4)
    scores = np.random.default_rng(1).random((8, 1))
    half = effects(scores, codes, (2,))[0].half
    test = stats.ttest_ind(scores[:4, 0], scores[4:, 0]).confidence_interval()
    np.testing.assert_allclose(half, 100 * (test.high - test.low) / 4)


def test_a_value_that_was_never_tried_has_no_effect():
    found = effects(np.random.default_rng(2).random((4, 2)), np.array([[0], [0], [1], [1]]), (3,))
    assert np.isnan(found[0].points[2])
    assert found[0].counts.tolist() == [2, 2, 0]


def test_values_that_came_together_are_told_of_by_no_number_and_the_others_are():
    codes = np.array([[0, 0, 0], [1, 1, 0], [0, 0, 1], [1, 1, 1]])
    scores = (0.1 * codes[:, 0] + 0.04 * codes[:, 2])[:, None] + [0.0, 0.01]
    found = effects(scores, codes, (2, 2, 2))
    assert [each.confounded for each in found] == [True, True, False]
    assert np.isnan([found[0].points, found[1].points]).all()
    np.testing.assert_allclose(found[2].points, [-2, 2])


def test_a_value_that_was_tried_alone_has_nothing_to_be_compared_with():
    (found,) = effects(np.array([[0.5, 0.6], [0.4, 0.5]]), np.array([[1], [1]]), (3,))
    assert np.isnan(found.points).all()
    assert not found.confounded


def test_importances_of_an_additive_grid_without_noise_add_up_to_one():
    codes = grid_codes(3, 4)
    scores = (0.1 * codes[:, 0] + 0.02 * codes[:, 1])[:, None]
    found = importances(scores, codes, (3, 4), np.random.default_rng(0))
    assert sum(each.share for each in found) == pytest.approx(1.0)
    assert found[0].share > found[1].share
    assert found[0].told


def test_a_setting_that_does_nothing_is_told_from_noise_in_about_one_case_of_twenty():
    codes, drawn = grid_codes(2, 3, 3), np.random.default_rng(3)
    told = 0
    for _ in range(60):
        scores = (0.1 * codes[:, 0] + 0.02 * drawn.standard_normal(len(codes)))[:, None]
        found = importances(scores, codes, (2, 3, 3), drawn)
        assert found[0].told
        told += found[1].told + found[2].told
    assert told <= 15  # Of 120, 6 are expected; 15 or more come once in a thousand times.


def test_equal_scores_have_no_importance():
    found = importances(np.full((4, 1), 0.5), grid_codes(2, 2), (2, 2), np.random.default_rng(0))
    assert [each.told for each in found] == [False, False]


def test_the_front_holds_what_nothing_beats_on_every_task():
    scores = np.array([[0.9, 0.1], [0.5, 0.5], [0.4, 0.4], [0.1, 0.9], [np.nan, 1.0], [0.5, 0.5]])
    assert pareto(scores).tolist() == [True, True, False, True, False, True]


def test_a_pair_of_values_that_was_not_tried_is_blank():
    found = two_settings(np.array([[0.4], [0.6]]), np.array([[0, 0], [1, 1]]), 0, 1, (2, 2))
    np.testing.assert_allclose(found, [[-10, np.nan], [np.nan, 10]])
