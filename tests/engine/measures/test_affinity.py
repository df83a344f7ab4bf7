"""Affinity averages worked by hand, and groupings against brute force."""

import itertools

import numpy as np
import pytest
from scipy import stats

from mtlviz.engine.measures.affinity import average_affinity, prediction
from mtlviz.engine.measures.grouping import (
    best_grouping,
    partitions,
    suggested_grouping,
    total_affinity,
)
from mtlviz.errors import ConfigError, DataError

# Tasks 0 and 1 help each other, as do 2 and 3; across they hurt.
TWO_CAMPS = np.array(
    [[0.9, 0.2, -0.1, -0.1], [0.1, 0.9, -0.1, -0.1], [-0.1, -0.1, 0.9, 0.3], [0, -0.1, 0.2, 0.9]]
)


def drawn(seed, tasks):
    return np.random.default_rng(seed).normal(size=(tasks, tasks))


def brute_force(affinity, most_groups):
    """The best total over all ways to give each task a group's number, by the definition."""
    tasks = range(len(affinity))
    best = -np.inf
    for labels in itertools.product(range(most_groups), repeat=len(affinity)):
        total = 0.0
        for j in tasks:
            others = [affinity[i, j] for i in tasks if i != j and labels[i] == labels[j]]
            total += sum(others) / len(others) if others else 0.0
        best = max(best, total)
    return best


def test_averages_and_spread_worked_by_hand():
    # Run 1 has 0.1 and 0.3 in one place, run 2 has 0.6 once: means 0.2 and 0.6, overall 0.4.
    first = np.zeros((2, 2, 2))
    first[:, 0, 1] = 0.1, 0.3
    second = np.zeros((1, 2, 2))
    second[:, 0, 1] = 0.6
    found = average_affinity([first, second])
    assert found.mean[0, 1] == pytest.approx(0.4)
    np.testing.assert_allclose(found.runs[:, 0, 1], [0.2, 0.6])
    # Standard error 0.2, and 12.706 is Student's t with one degree of freedom.
    assert found.high[0, 1] - found.mean[0, 1] == pytest.approx(12.706 * 0.2, rel=1e-4)
    assert found.updates == 3
    # Of 0.1, 0.3, 0.6 the lower tenth ends a fifth of the way from the first to the second.
    assert found.least[0, 1] == pytest.approx(0.14)
    assert found.most[0, 1] == pytest.approx(0.54)


def test_one_run_has_no_interval_and_a_missing_entry_stays_missing():
    values = np.ones((3, 2, 2))
    values[:, 1, 0] = np.nan
    values[0, 0, 1] = np.nan
    found = average_affinity([values])
    assert np.isnan(found.low).all()
    assert np.isnan([found.mean[1, 0], found.least[1, 0], found.most[1, 0]]).all()
    assert found.mean[0, 1] == 1


def test_a_task_receives_the_mean_of_the_others_columns():
    found = average_affinity([TWO_CAMPS[None]])
    np.testing.assert_allclose(found.received, [0, 0, 0, 0.1 / 3], atol=1e-12)


@pytest.mark.parametrize("measured", [[], [np.ones((1, 2, 2)), np.ones((1, 3, 3))],
                                      [np.ones((0, 2, 2))]])  # fmt: skip
def test_what_cannot_be_averaged_is_said(measured):
    with pytest.raises(DataError, match="same tasks"):
        average_affinity(measured)


@pytest.mark.parametrize(("tasks", "bell"), [(2, 2), (3, 5), (4, 15), (5, 52), (8, 4140)])
def test_every_partition_is_listed_once(tasks, bell):
    listed = list(partitions(tasks, tasks))
    assert len(set(listed)) == len(listed) == bell


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize(("tasks", "groups"), [(2, 2), (3, 2), (4, 2), (4, 4), (5, 3)])
def test_the_best_grouping_has_the_total_that_brute_force_finds(seed, tasks, groups):
    affinity = drawn(seed, tasks)
    best = best_grouping(affinity, groups)
    assert len(best) <= groups
    assert sorted(sum(best, ())) == list(range(tasks))
    assert total_affinity(affinity, best) == pytest.approx(brute_force(affinity, groups))


def test_two_camps_are_found_and_a_lone_task_stays_alone():
    assert best_grouping(TWO_CAMPS, 2) == ((0, 1), (2, 3))
    assert total_affinity(TWO_CAMPS, ((0, 1), (2, 3))) == pytest.approx(0.8)
    harmed = np.full((3, 3), -0.2)
    harmed[0, 1] = harmed[1, 0] = 0.1
    assert best_grouping(harmed, 3) == ((0, 1), (2,))


def test_a_tasks_affinity_onto_itself_does_not_matter():
    changed = TWO_CAMPS.copy()
    np.fill_diagonal(changed, np.nan)
    assert best_grouping(changed, 4) == best_grouping(TWO_CAMPS, 4)


def test_clear_measurements_are_sure_and_noise_is_not():
    generator = np.random.default_rng(0)
    clear = [TWO_CAMPS + 0.01 * generator.normal(size=(20, 4, 4)) for _ in range(3)]
    sure = suggested_grouping(clear, 3, generator)
    assert (sure.groups, sure.share, sure.runner_up) == (((0, 1), (2, 3)), 1.0, None)
    noise = [0.1 * generator.normal(size=(20, 4, 4)) for _ in range(3)]
    unsure = suggested_grouping(noise, 3, generator)
    assert 0 < unsure.share < 0.9
    assert unsure.runner_up not in (None, unsure.groups)
    assert 0 < unsure.runner_up_share <= 1 - unsure.share


@pytest.mark.parametrize(("affinity", "groups", "kind"), [
    (np.ones((1, 1)), 2, ConfigError), (np.ones((9, 9)), 2, ConfigError),
    (np.ones((3, 3)), 0, ConfigError), (np.full((3, 3), np.nan), 2, DataError),
])  # fmt: skip
def test_what_cannot_be_grouped_is_said(affinity, groups, kind):
    with pytest.raises(kind):
        best_grouping(affinity, groups)


EVERY_PAIR = [(j, (i,)) for i in range(12) for j in range(12) if i != j]


def measured_like(affinity, seeds=3, noise=1.0, seed=5):
    drawn = np.random.default_rng(seed)
    true = np.array([affinity[others[0], task] for task, others in EVERY_PAIR])
    return true[:, None] + noise * drawn.normal(size=(len(true), seeds))


def test_prediction_is_scipys_rank_correlation_of_the_means():
    affinity = drawn(1, 12)
    measured = measured_like(affinity)
    found = prediction(affinity, EVERY_PAIR, measured, np.random.default_rng(0), resamples=200)
    predicted = [affinity[others[0], task] for task, others in EVERY_PAIR]
    assert found.value == pytest.approx(stats.spearmanr(predicted, measured.mean(1)).statistic)
    assert found.low < found.value < found.high <= 1
    assert (found.pairs, found.share) == (132, 1 / 200)
    assert found.chance < 0.4
    # These affinities are the truth: two seeds against one tell how far that goes.
    assert found.ceiling == pytest.approx(found.value, abs=0.06)


def test_of_several_companions_the_mean_predicts():
    affinity = drawn(2, 4)
    company = [(0, (1, 2, 3)), (1, (0, 2, 3)), (2, (0, 1, 3)), (3, (0, 1, 2))]
    predicted = [affinity[list(others), task].mean() for task, others in company]
    measured = np.array(predicted)[:, None] ** 3
    found = prediction(affinity, company, measured, np.random.default_rng(0))
    assert found.value == pytest.approx(1)
    # Of twenty-four ways to deal out four names, one alone is right.
    assert found.share == pytest.approx(1 / 24)
    assert np.isnan(found.ceiling)


def test_both_ends_of_chance_are_counted_alike():
    affinity = drawn(2, 4)
    company = [(task, (other,)) for task in range(4) for other in range(4) if task != other]
    measured = np.array([[affinity[others[0], task]] for task, others in company])
    for sign in (1, -1):
        found = prediction(affinity, company, sign * measured, np.random.default_rng(0))
        assert found.value == pytest.approx(sign)
        # Of twenty-four ways to deal out four names, one alone is as far out.
        assert (found.share, found.share_below)[::sign] == pytest.approx((1 / 24, 1))
        assert found.between[0] < 0 < found.chance <= found.between[1]


def test_tasks_that_help_or_gain_more_than_others_are_no_prediction():
    """Some tasks give more, some take more: pairs are not independent, tasks' names are."""

    def node_effects(generator):
        return generator.normal(size=(12, 1)) + generator.normal(size=(1, 12))

    wrong = 0
    for seed in range(40):
        generator = np.random.default_rng(seed)
        affinity, truth = node_effects(generator), node_effects(generator)
        measured = np.array([[truth[others[0], task]] for task, others in EVERY_PAIR])
        found = prediction(affinity, EVERY_PAIR, measured, generator, resamples=100)
        wrong += found.share <= 0.05
    # Dealing out single pairs takes ten of these forty for predictions.
    assert wrong <= 5


@pytest.mark.parametrize("measured", [
    np.ones((3, 1)), np.ones((132, 2)), 0.3 * (1 + np.arange(132)[:, None] % 3 * 2e-16),
    np.full((132, 1), np.nan), np.array([]),
])  # fmt: skip
def test_too_few_or_equal_measurements_predict_nothing(measured):
    company = EVERY_PAIR[: len(measured)]
    assert prediction(drawn(3, 12), company, measured, np.random.default_rng(0)) is None
