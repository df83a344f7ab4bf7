"""Tasks on shared inputs: Proposition 3 against brute force, Algorithm 2's edges, the noise."""

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy.optimize import minimize

from mtlviz.errors import ConfigError
from mtlviz.toy.reweighting import NOISES, ReweightingConfig, run_reweighting
from mtlviz.toy.reweighting_exact import Inputs, own_models, shared_models


def problem(seed=0, tasks=3):
    source = np.random.default_rng(seed)
    inputs = source.normal(size=(30, 4))
    targets = inputs @ source.normal(size=(4, tasks)) + source.normal(size=(30, tasks))
    return inputs, targets, source.uniform(0.2, 2, size=tasks)


def weighted_loss(inputs, targets, weights, models):
    return float(((inputs @ models.T - targets) ** 2).sum(axis=0) @ weights)


@pytest.mark.parametrize("capacity", [1, 2])
def test_the_shared_models_are_the_optimum_of_the_weighted_loss(capacity):
    inputs, targets, weights = problem()
    found = shared_models(Inputs.of(inputs), targets, weights, capacity)

    def at(values):
        shared = values[: 4 * capacity].reshape(4, capacity)
        heads = values[4 * capacity :].reshape(capacity, 3)
        return weighted_loss(inputs, targets, weights, (shared @ heads).T)

    source = np.random.default_rng(1)
    best = min(minimize(at, source.normal(size=7 * capacity)).fun for _ in range(6))
    assert weighted_loss(inputs, targets, weights, found) == pytest.approx(best, rel=1e-6)
    assert np.linalg.matrix_rank(found) == capacity


def test_the_span_of_b_is_that_of_proposition_3():
    inputs, targets, weights = problem(2)
    left, values, right = np.linalg.svd(inputs, full_matrices=False)
    reached = left.T @ targets
    _, axes = np.linalg.eigh((reached * weights) @ reached.T)
    # (XᵀX)⁻¹ V D Q_r as printed, with Q_r the best rank-r approximation's range.
    span = np.linalg.inv(inputs.T @ inputs) @ right.T @ np.diag(values) @ axes[:, -2:]
    models = shared_models(Inputs.of(inputs), targets, weights, 2).T
    assert np.linalg.matrix_rank(np.hstack([span, models]), tol=1e-9) == 2


def test_with_as_many_directions_as_tasks_weights_change_nothing():
    inputs, targets, weights = problem(3)
    found = shared_models(Inputs.of(inputs), targets, weights, 3)
    assert_allclose(found, own_models(Inputs.of(inputs), targets))
    assert_allclose(found.T, np.linalg.lstsq(inputs, targets, rcond=None)[0])


def test_accuracy_is_the_share_of_new_inputs_on_the_right_side():
    config = ReweightingConfig(tasks=1, noise=0.5, seeds=10, rank=1)
    found = run_reweighting(config)
    source = np.random.default_rng((config.seed, 3))
    inputs = source.standard_normal((10, config.examples, config.width))
    turn = np.linalg.qr(source.standard_normal((10, config.width, config.width)))[0]
    lean = np.deg2rad(config.angle)
    true = np.cos(lean) * turn[0, 0] + np.sin(lean) * turn[0, 1]
    order = source.permuted(np.tile(np.arange(config.examples), (10, 1)), axis=1)
    coins = source.choice([-1.0, 1.0], (10, config.examples))
    labels = np.where(order[0] < 0.5 * config.examples, coins[0], np.sign(inputs[0] @ true))
    model = np.linalg.lstsq(inputs[0], labels, rcond=None)[0]
    new = np.random.default_rng(1).standard_normal((200_000, config.width))
    share = np.mean(np.sign(new @ model) == np.sign(new @ true))
    assert found.equal[0, 0] == pytest.approx(share, abs=0.005)


def test_one_task_has_weight_1_and_is_trained_as_alone():
    found = run_reweighting(ReweightingConfig(tasks=1, seeds=10))
    assert_allclose(found.weights, 1)
    assert_allclose(found.weighted, found.alone)
    assert_allclose(found.places[:, 1], 0, atol=1e-9)


def test_at_rank_k_weights_are_lengths_and_at_rank_1_shadows():
    whole = run_reweighting(ReweightingConfig(tasks=2, rank=2, seeds=10))
    assert_allclose(whole.weights[0], 2 * whole.lengths / whole.lengths.sum())
    first = run_reweighting(ReweightingConfig(tasks=2, rank=1, seeds=10))
    shadows = np.abs(first.places[:, 0])
    assert_allclose(first.weights[0], 2 * shadows / shadows.sum())


def test_with_room_for_all_reweighting_changes_nothing():
    found = run_reweighting(ReweightingConfig(tasks=2, capacity=2, seeds=10))
    assert_allclose(found.weighted, found.equal)


def test_wrong_labels_are_weighed_down_and_the_clean_task_gains():
    found = run_reweighting(ReweightingConfig())
    assert found.weights[:, 0].mean() < 0.8
    assert (found.weighted - found.equal)[:, 1].mean() > 0.005


def test_the_curve_over_noise_goes_through_the_noise_on_screen():
    found = run_reweighting(ReweightingConfig(noise=float(NOISES[4]), seeds=10))
    assert_allclose(found.by_noise[4, 0], found.equal)
    assert_allclose(found.by_noise[4, 1], found.weighted)


@pytest.mark.parametrize("setting", ["rank", "capacity"])
def test_more_directions_than_tasks_are_refused(setting):
    with pytest.raises(ConfigError, match=f"`{setting}` must be at most the number of tasks, 2"):
        run_reweighting(ReweightingConfig(tasks=2, **{setting: 3}))
