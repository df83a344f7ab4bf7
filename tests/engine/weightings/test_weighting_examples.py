"""Each weighting on numbers small enough to work out by hand, or beside torchjd and torch."""

import numpy as np
import pytest
import torch
from numpy.testing import assert_allclose, assert_array_equal
from torchjd import aggregation
from torchjd import scalarization as torchjd

from mtlviz.engine.weightings import make_weighting
from mtlviz.engine.weightings.adam import adam_start, adam_step, adam_values
from mtlviz.engine.weightings.svd import svd_task_embedding_weights, svd_weights
from mtlviz.engine.weightings.weighting import LossesRefused
from mtlviz.errors import ConfigError, DataError
from tests.engine.weightings.weighting_problems import advance, make, random_steps, step

LOSSES = [[1.0, 4.0], [0.5, 3.0], [0.4, 3.5], [0.2, 0.1]]


def test_equal_is_one_each():
    assert_array_equal(make("equal").weights(step([1, 2, 3])), [1, 1, 1])


def test_manual_weights_are_used_as_given():
    assert_array_equal(make("manual").weights(step([1, 2, 3])), [0.5, 2, 1])


@pytest.mark.parametrize(
    ("exponent", "expected"),
    [(1.0, [0.5, 1.5]), (-1.0, [1.5, 0.5]), (0.0, [1, 1]), (2.0, [0.2, 1.8])],
)
def test_size_weights_follow_the_power_of_the_size(exponent, expected):
    weighting = make_weighting("size", 2, sizes=[100, 300], exponent=exponent)
    assert_allclose(weighting.weights(step([1, 1])), expected)


def test_adam_is_torchs_adam():
    target = torch.tensor([1.0, -2.0], dtype=torch.float64, requires_grad=True)
    optimiser = torch.optim.Adam([target], lr=0.1)
    state = adam_start(np.array([1.0, -2.0]))
    for _ in range(6):
        optimiser.zero_grad()
        (target**4).sum().backward()
        state = adam_step(state, 4 * adam_values(state) ** 3, np.ones(2, bool), 0.1)
        optimiser.step()
    assert_allclose(adam_values(state), target.detach().numpy(), rtol=1e-9)


def test_adam_leaves_tasks_that_are_not_due_where_they_are():
    state = adam_start(np.array([1.0, -2.0]))
    moved = adam_step(state, np.array([1.0, 1.0]), np.array([True, False]), 0.1)
    assert_allclose(adam_values(moved), [0.9, -2.0])
    assert_array_equal(moved[1::2], state[1::2])


def test_uncertainty_agrees_with_torchjd_under_adam():
    oracle = torchjd.UW(2).double()
    optimiser = torch.optim.Adam(oracle.parameters(), lr=0.05)
    weighting = make_weighting("uncertainty", 2, learning_rate=0.05)
    for losses in LOSSES:
        values = torch.tensor(losses, dtype=torch.float64, requires_grad=True)
        optimiser.zero_grad()
        oracle(values).backward()
        assert_allclose(advance(weighting, step(losses)), values.grad.numpy(), rtol=1e-9)
        optimiser.step()


def test_imtl_l_agrees_with_torchjd_under_adam():
    oracle = torchjd.IMTLL(2).double()
    optimiser = torch.optim.Adam(oracle.parameters(), lr=0.05)
    weighting = make_weighting("imtl_l", 2, learning_rate=0.05)
    for losses in LOSSES:
        values = torch.tensor(losses, dtype=torch.float64, requires_grad=True)
        optimiser.zero_grad()
        oracle(values).backward()
        assert_allclose(advance(weighting, step(losses)), values.grad.numpy(), rtol=1e-9)
        optimiser.step()


def test_imtl_l_settles_where_all_scaled_losses_are_one():
    weighting = make_weighting("imtl_l", 2, learning_rate=0.05)
    assert_array_equal(weighting.weights(step([0.5, 4.0])), [1.0, 1.0])
    for _ in range(600):
        weights = advance(weighting, step([0.5, 4.0]))
    assert_allclose(weights, [2.0, 0.25], rtol=1e-3)


@pytest.mark.parametrize("mu", [0.01, 0.1, 1.0])
def test_stch_has_the_slopes_of_torchjds_scalarisation(mu):
    weighting, oracle = make_weighting("stch", 2, mu=mu), torchjd.STCH(mu)
    for losses in LOSSES:
        values = torch.tensor(losses, dtype=torch.float64, requires_grad=True)
        oracle(values).backward()
        # With preferences of 1/K the slopes add up to 1/K, our weights to K.
        expected = 4 * values.grad.numpy()
        assert_allclose(weighting.weights(step(losses)), expected, rtol=1e-12, atol=1e-300)


def test_stch_worked_by_hand():
    # μ = 1/2 and K = 2: softmax of the losses themselves; e^(ln 3) : e^0 = 3 : 1.
    weighting = make_weighting("stch", 2, mu=0.5)
    assert_allclose(weighting.weights(step([np.log(3.0), 0.0])), [1.5, 0.5])
    one_due = step([5.0, np.nan], due=[True, False])
    assert_array_equal(weighting.weights(one_due), [1.0, 0.0])


def test_db_mtl_worked_by_hand():
    # Gradients of the log losses are 2/4 = 1/2 and 3/1 = 3 long: the first is to be 6 times longer.
    weighting = make_weighting("db_mtl", 2)
    found = weighting.weights(step([4.0, 1.0], norms=np.array([2.0, 3.0])))
    assert_allclose(found, [6 / 4, 1.0], rtol=1e-7)
    zero = weighting.weights(step([4.0, 1.0], norms=np.array([0.0, 3.0])))
    assert_allclose(zero, [1 / 4, 1.0], rtol=1e-7)


def test_db_mtl_is_the_papers_update_where_each_gradient_keeps_its_direction():
    directions = np.random.default_rng(0).normal(size=(3, 5))
    directions /= np.linalg.norm(directions, axis=1, keepdims=True)
    weighting, buffer = make_weighting("db_mtl", 3, beta=0.8, decay=0.5), None
    for number, (at, norms, _) in enumerate(random_steps(30), start=1):
        if not at.due.all():
            continue
        weights = advance(weighting, at, norms=norms)
        count = float(weighting.counts[0])
        logs = directions * (norms / (at.losses + 1e-8))[:, None]
        buffer = logs if buffer is None else logs + 0.8 * count**-0.5 * (buffer - logs)
        lengths = np.linalg.norm(buffer, axis=1)
        assert_allclose(
            weights / (lengths.max() / lengths), 1 / (at.losses + 1e-8), rtol=1e-9, err_msg=number
        )


def test_excess_agrees_with_torchjd_where_there_is_one_parameter():
    weighting = make_weighting("excess", 3, learning_rate=0.5)
    # The first gradients are the baseline and leave the weights equal, as in the authors' code.
    oracle = aggregation.ExcessMTLWeighting(robust_step_size=0.5, n_warmup_steps=1)
    for at, norms, _ in random_steps(40):
        at = step(np.ones(3))
        found = advance(weighting, at, norms=norms)
        expected = oracle(torch.tensor(norms)[:, None]).numpy()
        assert_allclose(found, 3 * expected, rtol=1e-9)


def test_excess_worked_by_hand():
    # First excesses 1/1 and 4/2; then 1/√2 and 0 of them: the first weight gains by e^(1/√2).
    weighting = make_weighting("excess", 2, learning_rate=1.0)
    assert_allclose(advance(weighting, step([1.0, 1.0]), norms=np.array([1.0, 2.0])), [1.0, 1.0])
    found = advance(weighting, step([1.0, 1.0]), norms=np.array([1.0, 0.0]))
    gained = np.exp(np.sqrt(0.5))
    assert_allclose(found, 2 * np.array([gained, 1.0]) / (gained + 1), rtol=1e-6)


def test_uncertainty_settles_at_half_the_inverse_loss():
    weighting = make_weighting("uncertainty", 2, learning_rate=0.05)
    for _ in range(600):
        weights = advance(weighting, step([0.5, 4.0]))
    assert_allclose(weights, [1.0, 0.125], rtol=1e-3)


def test_uncertainty_starts_where_it_is_told():
    assert_allclose(make("uncertainty", start=-0.5).weights(step([1, 1, 1])), 0.5 * np.exp(0.5))


def test_dwa_agrees_with_torchjd_over_epochs():
    oracle = torchjd.DWA(2.0)
    weighting = make_weighting("dwa", 2)
    for epoch in range(5):
        for losses in np.asarray(LOSSES) / (1 + epoch * np.array([0.3, 1.0])):
            values = torch.tensor(losses, requires_grad=True)
            oracle(values).backward()
            at = step(losses, epoch=epoch)
            assert_allclose(advance(weighting, at), values.grad.numpy(), rtol=1e-9)
        oracle.step()


def test_dwa_by_hand():
    # Ratios 1/2 and 1 with T = 1: softmax (e^½, e) twice.
    weighting = make_weighting("dwa", 2, temperature=1.0)
    advance(weighting, step([2.0, 3.0], epoch=0))
    assert_array_equal(advance(weighting, step([1.0, 3.0], epoch=1)), [1, 1])
    expected = 2 * np.exp([0.5, 1.0]) / np.exp([0.5, 1.0]).sum()
    assert_allclose(weighting.weights(step([9.0, 9.0], epoch=2)), expected)


def test_dwa_keeps_the_last_mean_of_a_task_that_had_no_batch():
    weighting = make_weighting("dwa", 2, temperature=1.0)
    advance(weighting, step([2.0, 3.0], epoch=0))
    advance(weighting, step([1.0, np.nan], due=[True, False], epoch=1))
    expected = 2 * np.exp([0.5, 1.0]) / np.exp([0.5, 1.0]).sum()
    assert_allclose(weighting.weights(step([9.0, 9.0], epoch=2)), expected)


def test_dwa_takes_a_loss_that_was_zero_as_standing_still():
    weighting = make_weighting("dwa", 2)
    advance(weighting, step([0.0, 1.0], epoch=0))
    advance(weighting, step([0.3, 1.0], epoch=1))
    assert_allclose(weighting.weights(step([1.0, 1.0], epoch=2)), [1, 1])


def test_rlw_is_the_softmax_of_the_generators_normal_numbers():
    numbers = np.random.default_rng(5).standard_normal(3)
    expected = 3 * np.exp(numbers) / np.exp(numbers).sum()
    assert_allclose(make("rlw").weights(step([1, 1, 1], seed=5)), expected)


@pytest.mark.parametrize("distribution", ["normal", "dirichlet"])
def test_rlw_favours_no_task_in_the_mean(distribution):
    weighting = make("rlw", distribution=distribution)
    at = step([1, 1, 1])
    draws = np.array([weighting.weights(at) for _ in range(4000)])
    assert_allclose(draws.mean(axis=0), 1, atol=0.05)
    assert draws.std(axis=0).min() > 0.3


def test_gradnorm_slope_agrees_with_torch():
    weighting = make("gradnorm", alpha=0.7)
    advance(weighting, step([1.0, 2.0, 4.0]), norms=np.array([1.0, 3.0, 0.5]))
    at, norms = step([0.9, 1.0, 3.9]), np.array([2.0, 1.0, 0.7])
    weights = torch.tensor(weighting.weights(at), requires_grad=True)
    lengths = weights * torch.tensor(norms)
    progress = torch.tensor(at.losses / np.array([1.0, 2.0, 4.0]))
    target = (lengths.mean() * (progress / progress.mean()) ** 0.7).detach()
    (lengths - target).abs().sum().backward()
    assert_allclose(weighting._slope(at, norms), weights.grad.numpy())


def test_gradnorm_by_hand_takes_from_the_task_with_the_longer_gradient():
    # Adam's first step is the learning rate against the sign: (0.9, 1.1), which adds up to 2.
    weighting = make_weighting("gradnorm", 2, learning_rate=0.1)
    advance(weighting, step([1.0, 1.0]), norms=np.array([4.0, 1.0]))
    assert_allclose(weighting.weights(step([1.0, 1.0])), [0.9, 1.1], rtol=1e-6)


@pytest.mark.parametrize(("alpha", "helped"), [(1.0, 1), (0.1, 0)])
def test_gradnorm_alpha_decides_whether_the_slow_or_the_short_task_is_helped(alpha, helped):
    # Lengths 1 and 1.2, relative rates 2/3 and 4/3: targets 0.73, 1.47 or 1.06, 1.13.
    weighting = make_weighting("gradnorm", 2, alpha=alpha)
    weighting.first = np.array([1.0, 1.0])
    advance(weighting, step([0.5, 1.0]), norms=np.array([1.0, 1.2]))
    assert weighting.weights(step([1.0, 1.0])).argmax() == helped


def test_gradnorm_makes_weighted_gradients_equally_long_when_tasks_train_alike():
    weighting = make_weighting("gradnorm", 2, learning_rate=0.005)
    norms = np.array([3.0, 1.0])
    for _ in range(400):
        weights = advance(weighting, step([1.0, 1.0]), norms=norms)
    assert_allclose(weights * norms, [1.5, 1.5], rtol=0.03)


def test_gradnorm_helps_the_task_that_lags_behind():
    weighting = make_weighting("gradnorm", 2)
    advance(weighting, step([1.0, 1.0]))
    for _ in range(10):
        weights = advance(weighting, step([0.2, 0.9]))
    assert weights[1] > 1 > weights[0]


def test_gradnorm_learns_nothing_from_one_task_at_a_time():
    weighting = make_weighting("gradnorm", 2)
    for number in range(6):
        due = np.arange(2) == number % 2
        weights = advance(weighting, step([1.0, 5.0], due=due), norms=np.array([1.0, 9.0]))
    assert_allclose(weights, [1, 1])


def test_gradnorm_asks_for_the_norms():
    with pytest.raises(ConfigError, match="norms"):
        make("gradnorm").observe(step([1.0, 1.0, 1.0]))


@pytest.mark.parametrize("lowest", [None, [-1.0, 0.05]])
def test_famo_agrees_with_torchjd(lowest):
    bounds = None if lowest is None else torch.tensor(lowest, dtype=torch.float64)
    oracle = torchjd.FAMO(2, min_losses=bounds, weight_decay=0.001).double()
    weighting = make_weighting("famo", 2, lowest_losses=lowest)
    for losses, after in zip(
        LOSSES, [[0.9, 2.0], [0.6, 2.9], [0.1, 3.0], [0.2, 0.09]], strict=True
    ):
        values = torch.tensor(losses, dtype=torch.float64, requires_grad=True)
        oracle(values).backward()
        oracle.update(torch.tensor(after, dtype=torch.float64))
        weights = advance(weighting, step(losses), losses_after=np.array(after))
        # torchjd's add up to 1, as in the paper.
        assert_allclose(weights, 2 * values.grad.numpy(), rtol=1e-6)


def test_famo_turns_to_the_task_that_fell_least():
    weighting = make_weighting("famo", 2)
    for _ in range(20):
        weights = advance(weighting, step([1.0, 1.0]), losses_after=np.array([0.5, 0.99]))
    assert weights[1] > 1.2 > weights[0]


def test_famo_weighs_due_tasks_only():
    weights = make_weighting("famo", 3).weights(step([1.0, np.nan, 2.0], due=[True, False, True]))
    assert_allclose(weights, [4 / 3, 0, 2 / 3])


def test_famo_asks_for_the_losses_after_the_update():
    with pytest.raises(ConfigError, match="after"):
        make("famo").observe(step([1.0, 1.0, 1.0]))


@pytest.mark.parametrize("name", ["famo", "gradnorm", "uncertainty"])
def test_losses_below_zero_are_refused_with_their_values(name):
    with pytest.raises(LossesRefused, match=r"got 1, -0\.5, 2"):
        advance(make(name), step([1.0, -0.5, 2.0]))


def test_famo_gives_a_task_that_has_reached_its_lowest_loss_nearly_all_weight():
    # z / (L + 1e-8) with equal z: 1e8, 1 and 1, scaled to add up to 3.
    weights = make("famo").weights(step([0.0, 1.0, 1.0]))
    assert_allclose(weights, [3, 3e-8, 3e-8], rtol=1e-6)


@pytest.mark.parametrize("after", [[np.nan, 1.0, 1.0], [-0.1, 1.0, 1.0]])
def test_famo_learns_nothing_from_losses_that_have_no_logarithm(after):
    weighting = make("famo")
    before = weighting.state_dict()
    advance(weighting, step([1.0, 1.0, 1.0]), losses_after=np.array(after))
    assert weighting.state_dict() == before


def test_gradnorm_goes_on_with_a_loss_of_zero_but_not_from_one():
    weighting = make("gradnorm")
    advance(weighting, step([1.0, 1.0, 1.0]))
    # The task with nothing left to learn is the fastest of all, so its weight falls.
    assert advance(weighting, step([0.0, 1.0, 1.0]))[0] == 1.0
    assert weighting.weights(step([0.0, 1.0, 1.0]))[0] < 1.0
    with pytest.raises(LossesRefused, match=r"above 0 at the start.*got 0, 1, 1"):
        make("gradnorm").weights(step([0.0, 1.0, 1.0]))


def test_gradnorm_learns_nothing_where_all_losses_are_zero():
    weighting = make("gradnorm")
    advance(weighting, step([1.0, 2.0, 1.0]), norms=np.array([1.0, 2.0, 3.0]))
    before = weighting.state_dict()
    advance(weighting, step([0.0, 0.0, 0.0]), norms=np.zeros(3))
    assert weighting.state_dict() == before


def test_svd_of_full_rank_is_the_length_of_each_task_vector():
    # Xᵀy = (3, 0) and (0, 1): lengths 3 and 1, scaled to add up to 2.
    targets = np.array([[3.0, 0.0], [0.0, 1.0]])
    assert_allclose(svd_weights(np.eye(2), targets, rank=2), [1.5, 0.5])


def test_svd_of_rank_one_keeps_only_the_main_direction():
    # Two tasks along (1, 0) and one across, shorter: the main direction is (1, 0).
    targets = np.array([[2.0, 2.0, 0.0], [0.0, 0.0, 1.0]])
    assert_allclose(svd_weights(np.eye(2), targets, rank=1), [1.5, 1.5, 0], atol=1e-12)


def test_svd_follows_algorithm_2_step_by_step():
    source = np.random.default_rng(3)
    inputs, targets = source.normal(size=(40, 6)), source.normal(size=(40, 4))
    theta = np.stack([inputs.T @ targets[:, task] for task in range(4)], axis=1)
    directions = np.linalg.svd(theta)[0][:, :2]
    alpha = np.array([np.linalg.norm(theta[:, task] @ directions) for task in range(4)])
    assert_allclose(svd_weights(inputs, targets, rank=2), 4 * alpha / alpha.sum())


def test_svd_weighs_a_task_with_random_labels_down():
    source = np.random.default_rng(0)
    inputs = source.normal(size=(400, 10))
    clean = np.sign(inputs @ source.normal(size=10))
    noisy = np.where(source.random(400) < 0.45, -clean, clean)
    weights = svd_weights(inputs, np.stack([clean, clean, noisy], axis=1), rank=1)
    assert weights[2] < 0.5 * weights[0]


def test_svd_of_task_embeddings_is_algorithm_2_on_given_vectors():
    vectors = np.random.default_rng(1).normal(size=(3, 5))
    # With X the identity, Xᵀyᵢ is yᵢ.
    assert_allclose(
        svd_task_embedding_weights(vectors, rank=2), svd_weights(np.eye(5), vectors.T, rank=2)
    )


def test_arrays_that_do_not_fit_are_refused_with_their_shapes():
    with pytest.raises(DataError, match=r"\(3, 3\) and \(2, 2\)"):
        svd_weights(np.eye(3), np.eye(2), rank=1)
    with pytest.raises(DataError, match="not all zero"):
        svd_task_embedding_weights(np.zeros((2, 3)), rank=1)
    with pytest.raises(DataError, match="2 task vectors for 3 tasks"):
        make("svd_task_embeddings", embeddings=np.eye(2))


def test_learned_weights_depend_on_the_steps_before():
    for name in ("uncertainty", "dwa", "gradnorm", "famo"):
        weighting = make(name)
        fresh = weighting.weights(step([1.0, 1.0, 1.0]))
        for at, norms, after in random_steps(30):
            advance(weighting, at, norms=norms, losses_after=after)
        later = weighting.weights(step([1.0, 1.0, 1.0], epoch=3))
        assert np.abs(later - fresh).max() > 0.01, name
