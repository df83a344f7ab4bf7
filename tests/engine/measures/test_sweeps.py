"""Measures over many settings: winners, effects, importance and fronts, against other routes."""

from itertools import product

import numpy as np
import pytest
from scipy import stats

from mtlviz.engine.measures.sweeps import (
    _moderated,
    effects,
    importances,
    pareto,
    two_settings,
    winner,
)


def grid_codes(*sizes):
    return np.array(list(product(*map(range, sizes))))


def test_a_setting_that_always_beats_all_others_is_the_winner():
    scores = np.array([[0.70, 0.72, 0.74], [0.60, 0.62, 0.635], [0.50, 0.51, 0.55]])
    found = winner(scores)
    assert (found.best, found.rivals, found.ties) == (0, 2, ())
    assert found.sure
    assert found.found.mean == pytest.approx(100 * np.mean(scores[0] - scores[found.closest]))


def test_of_two_settings_the_interval_is_that_of_the_paired_test():
    scores = np.array([[0.70, 0.72, 0.75], [0.60, 0.63, 0.635]])
    found = winner(scores).found
    low, high = stats.ttest_rel(100 * scores[0], 100 * scores[1]).confidence_interval(0.95)
    assert (found.low, found.high) == pytest.approx((low, high))


def test_who_beats_the_runner_up_but_not_an_erratic_third_is_no_winner():
    scores = np.array([[0.70, 0.72, 0.74], [0.60, 0.62, 0.635], [0.90, 0.51, 0.35]])
    found = winner(scores)
    assert (found.sure, found.closest, found.ties) == (False, 2, (2,))


def test_what_spreads_have_in_common_is_found_again():
    """Variances drawn as Smyth's equation 1 has them: 6 degrees of freedom in common, about 2."""
    drawn, common, own, size = np.random.default_rng(0), 6, 3, 20_000
    true = common * 2.0 / drawn.chisquare(common, size)
    found = true * drawn.chisquare(own, size) / own
    mixed, free = _moderated(found, own)
    assert free == pytest.approx(own + common, rel=0.1)
    np.testing.assert_allclose(mixed, (common * 2.0 + own * found) / (common + own), rtol=0.1)
    assert np.mean((mixed - true) ** 2) < np.mean((found - true) ** 2)


def test_no_winner_is_called_where_seeds_disagree_and_all_that_cannot_be_told_apart_are_named():
    scores = np.array([[0.70, 0.60, 0.66], [0.60, 0.68, 0.64], [0.30, 0.28, 0.31]])
    found = winner(scores)
    assert not found.sure
    assert found.ties == (1,)


@pytest.mark.parametrize(("settings", "seeds"), [(3, 3), (6, 3), (16, 2)])
def test_of_two_that_are_equally_good_one_is_called_the_winner_in_few_cases(settings, seeds):
    """The hardest case: all others are far behind. Spreads are equal, then of many sizes."""
    for varied in (0.0, 1.0):
        drawn, called = np.random.default_rng(0), 0
        for _ in range(300):
            spread = 0.01 * np.exp(varied * drawn.standard_normal((settings, 1)))
            scores = 0.5 + spread * drawn.standard_normal((settings, seeds))
            scores[2:] -= 0.3
            called += winner(scores).sure
        assert called <= 22  # Of 300, 15 are allowed; more than 22 come once in thirty times.


def test_a_clear_winner_of_a_small_sweep_is_found():
    drawn, found = np.random.default_rng(1), 0
    for _ in range(100):
        scores = 0.5 + 0.01 * drawn.standard_normal((6, 3)) + 0.03 * drawn.standard_normal(3)
        scores[0] += 0.06
        found += winner(scores).sure
    assert found > 80


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


def test_of_two_values_the_interval_is_over_paired_seeds():
    # Half of 0.1, 0.12 and 0.11: 5.5 points with a spread of 0.5, 4.303 of it over sqrt(3).
    scores = np.array([[0.5, 0.52, 0.51], [0.6, 0.64, 0.62]])
    (found,) = effects(scores, np.array([[0], [1]]), (2,))
    np.testing.assert_allclose(found.points, [-5.5, 5.5])
    np.testing.assert_allclose(found.half, 4.302653 * 0.5 / np.sqrt(3), rtol=1e-6)
    assert (found.seeds, found.settings) == (3, 0)
    (one,) = effects(scores[:, :1], np.array([[0], [1]]), (2,))
    assert np.isnan(one.half).all()
    assert (one.seeds, one.settings) == (0, 0)


def test_a_grid_of_two_by_two_at_two_seeds_worked_by_hand():
    # The first value's half difference is 8 points at one seed and 4 at the other, in both of its
    # pairs: 6 with a standard error of 2, times 12.706; a fit over means leaves nothing over.
    scores = np.array([[0.40, 0.50], [0.42, 0.50], [0.56, 0.58], [0.58, 0.58]])
    first, second = effects(scores, grid_codes(2, 2), (2, 2))
    np.testing.assert_allclose(first.points, [-6, 6])
    np.testing.assert_allclose(first.half, [12.7062 * 2] * 2, rtol=1e-5)
    # The second's: 1 and 0, so 0.5 with a standard error of 0.5.
    np.testing.assert_allclose(second.points, [-0.5, 0.5])
    np.testing.assert_allclose(second.half, [12.7062 * 0.5] * 2, rtol=1e-5)
    assert (first.seeds, first.settings) == (2, 0)


def test_of_settings_that_are_no_whole_grid_the_interval_is_over_both():
    codes = np.array([[0], [0], [1], [1]])
    # Seeds agree, settings do not: the two-sample test over settings' means.
    scores = np.array([[0.50, 0.51], [0.60, 0.61], [0.70, 0.71], [0.90, 0.91]])
    (found,) = effects(scores, codes, (2,))
    low, high = stats.ttest_ind(*scores.mean(axis=1).reshape(2, 2)).confidence_interval()
    np.testing.assert_allclose(found.half, 100 * (high - low) / 4)
    assert (found.seeds, found.settings) == (2, 4)
    # Settings agree, seeds do not: half differences of 5 and 15 points.
    scores = np.array([[0.50, 0.40], [0.50, 0.40], [0.60, 0.70], [0.60, 0.70]])
    (found,) = effects(scores, codes, (2,))
    np.testing.assert_allclose(found.half, 12.7062 * 5, rtol=1e-5)
    (one,) = effects(scores[:, :1] + [[0.0], [0.1], [0.0], [0.1]], codes, (2,))
    assert np.isfinite(one.half).all()
    assert (one.seeds, one.settings) == (0, 4)


@pytest.mark.parametrize("drawn_settings", [False, True])
@pytest.mark.parametrize("seeds", [2, 3, 5])
def test_where_seeds_change_what_a_value_does_its_interval_covers_the_truth(seeds, drawn_settings):
    """Seed and value interact by 2 points; a setting's own noise is 0.1 points."""
    drawn, covered, times = np.random.default_rng(seeds), 0, 300
    for _ in range(times):
        codes = grid_codes(2, 2, 2)
        codes = codes[drawn.permutation(8)[:7]] if drawn_settings else codes
        seed_by_value = 0.02 * drawn.standard_normal((2, seeds))
        scores = (
            0.5 + seed_by_value[codes[:, 0]] + 0.001 * drawn.standard_normal((len(codes), seeds))
        )
        found = effects(scores, codes, (2, 2, 2))[0]
        covered += abs(found.points[0]) <= found.half[0]
    assert 274 <= covered <= 295  # 285 are expected; three standard deviations of that are 11.


def test_where_seeds_and_drawn_settings_change_it_as_much_the_interval_holds_for_both():
    drawn, covered, times, seeds = np.random.default_rng(0), 0, 300, 10
    for _ in range(times):
        codes = np.column_stack([drawn.permutation(12) % 2, drawn.integers(0, 3, 12)])
        both = 0.04 * drawn.standard_normal((2, seeds))[codes[:, 0]]
        both += 0.03 * drawn.standard_normal((12, 1)) + 0.01 * drawn.standard_normal((12, seeds))
        found = effects(0.5 + both, codes, (2, 3))[0]
        covered += abs(found.points[0]) <= found.half[0]
    assert covered >= 285  # Those of 95 %; the wider of the two intervals alone covers 278.


@pytest.mark.parametrize(
    ("codes", "sizes", "scores", "doubts"),
    [
        # Two settings, and a grid of four: every shuffle explains as much as what was found.
        ([[0], [1]], (2,), [0.5, 0.8], ["too few settings to tell"]),
        (grid_codes(2, 2), (2, 2), [0.5, 0.6, 0.8, 0.9], ["too few settings to tell"] * 2),
        ([[n % 2] for n in range(12)], (2,), [0.5 + 0.3 * (n % 2) for n in range(12)], [""]),
        ([[n % 2] for n in range(12)], (2,), [0.1 * (n // 2) for n in range(12)],
         ["cannot be told from noise"]),
    ],
)  # fmt: skip
def test_an_importance_says_why_it_says_nothing(codes, sizes, scores, doubts):
    drawn = np.random.default_rng(0)
    found = importances(np.array(scores)[:, None], np.array(codes), sizes, drawn)
    assert [each.doubt for each in found] == doubts


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


@pytest.mark.parametrize(("size", "seeds"), [(2, 3), (4, 3), (3, 5)])
def test_what_a_seed_does_to_a_value_is_no_importance(size, seeds):
    """It comes back in every setting of the value, so that shuffles of settings call it sure."""
    codes, drawn = grid_codes(size, 6), np.random.default_rng(7)
    told = 0
    for _ in range(100):
        planted = 0.03 * drawn.standard_normal((size, seeds))[codes[:, 0]]
        scores = 0.5 + planted + 0.003 * drawn.standard_normal((len(codes), seeds))
        found = importances(scores, codes, (size, 6), drawn)
        told += found[0].told
    assert told <= 12  # 5 are expected; 13 or more come once in a thousand times.


def test_a_steady_effect_is_told_beside_what_seeds_do_to_values():
    codes, drawn = grid_codes(3, 4), np.random.default_rng(8)
    planted = 0.05 * codes[:, :1] + 0.004 * drawn.standard_normal((3, 3))[codes[:, 0]]
    scores = 0.5 + planted + 0.003 * drawn.standard_normal((12, 3))
    assert importances(scores, codes, (3, 4), drawn)[0].told


@pytest.mark.parametrize("sizes", [(2,), (2, 2), (2, 3)])
def test_of_a_small_grid_a_steady_effect_is_told_and_chance_in_one_case_of_twenty(sizes):
    """Hardly any of its shuffles explains less, so that F over seeds decides alone."""
    codes, drawn, told, alarms = grid_codes(*sizes), np.random.default_rng(9), 0, 0
    for _ in range(150):
        planted = 0.01 * drawn.standard_normal((2, 4))[codes[:, 0]]
        planted = planted + 0.003 * drawn.standard_normal((len(codes), 4))
        alarms += importances(0.5 + planted, codes, sizes, drawn)[0].told
        told += importances(0.1 * codes[:, :1] + planted, codes, sizes, drawn)[0].told
    assert alarms <= 16  # Of 150, 7.5 are expected; 17 or more come once in 500 times.
    assert told > 130


def test_of_a_small_grid_with_one_seed_nothing_is_told():
    scores = 0.1 * grid_codes(2, 2)[:, :1] + [[0.0], [0.001], [0.002], [0.0]]
    found = importances(scores, grid_codes(2, 2), (2, 2), np.random.default_rng(0))
    assert [each.told for each in found] == [False, False]
    assert found[0].doubt == "too few settings to tell"


def test_equal_scores_have_no_importance():
    found = importances(np.full((4, 1), 0.5), grid_codes(2, 2), (2, 2), np.random.default_rng(0))
    assert [each.told for each in found] == [False, False]


def test_the_front_holds_what_nothing_beats_on_every_task():
    scores = np.array([[0.9, 0.1], [0.5, 0.5], [0.4, 0.4], [0.1, 0.9], [np.nan, 1.0], [0.5, 0.5]])
    assert pareto(scores).tolist() == [True, True, False, True, False, True]


def test_a_pair_of_values_that_was_not_tried_is_blank():
    found = two_settings(np.array([[0.4], [0.6]]), np.array([[0, 0], [1, 1]]), 0, 1, (2, 2))
    np.testing.assert_allclose(found, [[-10, np.nan], [np.nan, 10]])
