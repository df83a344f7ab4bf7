"""Groups of many tasks: planted ones are found, agreement equals scikit-learn's."""

from itertools import product

import numpy as np
import pytest
from sklearn import metrics

from mtlviz.engine.measures.clusters import (
    adjusted_rand,
    agreement,
    clustered,
    pull,
    total,
)
from mtlviz.errors import ConfigError, DataError

TRUTH = np.repeat(range(4), 8)


def planted(gain=1.0, seed=0):
    """Thirty-two tasks in shuffled order; members affect each other by `gain` above noise."""
    drawn = np.random.default_rng(seed)
    truth = drawn.permutation(TRUTH)
    return gain * (truth[:, None] == truth) + drawn.normal(size=(32, 32)), truth


@pytest.mark.parametrize("seed", range(5))
def test_agreement_equals_scikit_learns(seed):
    drawn = np.random.default_rng(seed)
    one, other = drawn.integers(4, size=20), drawn.integers(3, size=20)
    assert adjusted_rand(one, other) == pytest.approx(metrics.adjusted_rand_score(one, other))


@pytest.mark.parametrize("seed", range(6))
def test_of_few_tasks_the_groups_are_nearly_the_best_of_all(seed):
    affinity = np.random.default_rng(seed).normal(size=(6, 6))
    pulls = pull(affinity)
    assert pulls.sum() == pytest.approx(0, abs=1e-9)
    every = (total(pulls, np.array(each)) for each in product(range(3), repeat=6))
    # Moving one task at a time can end beside the best; merging begins near it.
    assert total(pulls, clustered(affinity, 3).labels) >= 0.8 * max(every)


def test_agreement_worked_by_hand():
    # 2 of 6 pairs together in each, 1 in both; by chance 2 * 2 / 6: (1 - 2/3) / (2 - 2/3).
    assert adjusted_rand([0, 0, 1, 1], [0, 0, 1, 2]) == pytest.approx((1 - 2 / 6) / (1.5 - 2 / 6))
    assert adjusted_rand([0, 0, 1, 1], [5, 5, 2, 2]) == 1
    assert adjusted_rand([0, 0, 0], [1, 1, 1]) == 1


def test_planted_groups_are_found_with_their_number_and_stand_together():
    affinity, truth = planted(gain=4.0)
    again = [affinity + np.random.default_rng(n).normal(size=(32, 32)) for n in range(5)]
    found = clustered(affinity, resamples=again)
    assert (found.groups, found.chosen) == (4, True)
    assert adjusted_rand(found.labels, truth) == 1
    assert found.stability > 0.9
    assert sorted(found.order.tolist()) == list(range(32))
    # Each group is one run of the order, counted as it stands there.
    assert np.diff(found.labels[found.order]).tolist().count(1) == 3
    assert found.labels[found.order].tolist() == sorted(found.labels.tolist())
    assert [len(each) for each in found.members] == [8, 8, 8, 8]


def test_units_of_single_tasks_do_not_matter():
    affinity, _ = planted(gain=3.0)
    scaled = affinity * np.random.default_rng(1).uniform(0.1, 10, 32) + 5  # Column by column.
    np.testing.assert_array_equal(clustered(affinity, 4).labels, clustered(scaled, 4).labels)


def test_noise_agrees_with_a_truth_as_chance_does():
    drawn = np.random.default_rng(3)
    found = [
        agreement(clustered(planted(0.0, seed)[0], 4).labels, TRUTH, drawn, draws=200)
        for seed in range(8)
    ]
    assert abs(np.mean([each.index for each in found])) < 0.08
    assert 0 < found[0].chance < 0.3
    sure = agreement(TRUTH, TRUTH, drawn, draws=200)
    assert (sure.index, sure.share) == (1, 1 / 201)
    assert abs(sure.by_chance) < 0.02


@pytest.mark.parametrize(("affinity", "groups", "error", "told"), [
    (np.zeros((3, 3)), None, ConfigError, "at least 4 tasks, got 3"),
    (np.zeros((5, 5)), 6, ConfigError, "1 to 5 groups, got 6"),
    (np.full((5, 5), np.nan), None, DataError, "20 are not known"),
])  # fmt: skip
def test_what_has_no_groups_is_one_sentence(affinity, groups, error, told):
    with pytest.raises(error, match=told):
        clustered(affinity, groups)


def test_tasks_that_are_all_alike_fall_into_groups_without_a_warning():
    assert clustered(np.ones((6, 6)), 2).groups in (1, 2)
