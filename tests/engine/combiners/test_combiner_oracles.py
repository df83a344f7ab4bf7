"""The combiners against torchjd, against general solvers, and against proofs of optimality."""

import importlib

import numpy as np
import pytest
import torch
import torchjd.aggregation as torchjd
from numpy.testing import assert_allclose
from scipy.optimize import minimize

from mtlviz.engine.combiners import make_combiner
from tests.engine.combiners.combiner_problems import (
    NASTY,
    ORDINARY,
    combine,
    generator,
    gram_of,
    lattice_gradients,
    random_gradients,
)

cagrad = importlib.import_module("mtlviz.engine.combiners.cagrad")

ordinary = pytest.mark.parametrize("gradients", ORDINARY.values(), ids=ORDINARY)
everything = {**ORDINARY, **NASTY}
any_gradients = pytest.mark.parametrize("gradients", everything.values(), ids=everything)


def theirs(weighting, gram):
    return weighting(torch.tensor(gram)).numpy()


def follow(monkeypatch, permutations):
    """Let torchjd draw these permutations, in turn."""
    drawn = iter([torch.as_tensor(permutation) for permutation in permutations])
    monkeypatch.setattr(torch, "randperm", lambda count: next(drawn))


@any_gradients
def test_pcgrad_agrees_with_torchjd_on_the_same_orders(gradients, monkeypatch):
    gram = gram_of(gradients)
    result = combine("pcgrad", gram)
    follow(monkeypatch, result.order)
    assert_allclose(result.weights, theirs(torchjd.PCGradWeighting(), gram), rtol=1e-6, atol=1e-9)


@ordinary
def test_gradvac_agrees_with_torchjd_over_several_steps(gradients, monkeypatch):
    combiner, oracle = make_combiner("gradvac", beta=0.5), torchjd.GradVacWeighting(0.5, eps=0.0)
    source = generator()
    for step in range(4):
        gram = gram_of(gradients + 0.3 * random_gradients(*gradients.shape, seed=step))
        result = combiner(gram, source)
        # torchjd numbers the others without the task itself.
        others = np.arange(len(gram))[:, None]
        follow(monkeypatch, result.order - (result.order > others))
        assert_allclose(result.weights, theirs(oracle, gram), rtol=1e-7)


@any_gradients
def test_config_agrees_with_torchjd(gradients):
    # torchjd inverts the (K, P) matrix of unit gradients, which sees dependence twice as finely.
    units = gradients / np.maximum(np.linalg.norm(gradients, axis=-1, keepdims=True), 1e-300)
    values = np.linalg.svd(units, compute_uv=False)
    if ((values > 1e-15 * values[0]) & (values < 1e-6 * values[0])).any():
        pytest.skip("between the two thresholds of rank")
    expected = torchjd.ConFIG()(torch.tensor(gradients)).numpy()
    found = combine("config", gram_of(gradients)).weights @ gradients
    assert_allclose(found, expected, rtol=1e-6, atol=1e-6 * np.abs(gradients).max())


class Ours(torchjd.Weighting):
    """One of our combiners, for torchjd to smooth."""

    def __init__(self, name):
        super().__init__()
        self.name = name

    def forward(self, gram, /):
        return torch.tensor(combine(self.name, gram.numpy()).weights)


@ordinary
@pytest.mark.parametrize("of", ["mgda", "cagrad"])
def test_cr_mogm_smooths_as_torchjd_does(gradients, of):
    combiner, oracle = (
        make_combiner("cr_mogm", of=of, alpha=0.7),
        torchjd.CRMOGMWeighting(Ours(of), alpha=0.7),
    )
    for step in range(4):
        gram = gram_of(gradients + random_gradients(*gradients.shape, seed=step))
        assert_allclose(combiner(gram, generator()).weights, theirs(oracle, gram), rtol=1e-12)


@ordinary
@pytest.mark.parametrize("direction", [0.0, 0.3, 2.0])
def test_sdmgrad_agrees_with_torchjd_over_several_steps(gradients, direction):
    combiner = make_combiner("sdmgrad", direction=direction)
    oracle = torchjd.SDMGradWeighting(lambda_=direction)
    for step in range(4):
        # Long enough that the 1e-8 which torchjd adds to the squared length is nothing.
        gram = 1e8 * gram_of(gradients + 0.3 * random_gradients(*gradients.shape, seed=step))
        found = combiner(gram, generator()).weights
        assert_allclose(found, theirs(oracle, gram), rtol=1e-6, atol=1e-8)


def on_simplex(values):
    """The nearest point of the simplex by a general solver."""
    even = np.full(len(values), 1 / len(values))
    sums_to_one = {"type": "eq", "fun": lambda shares: shares.sum() - 1}
    found = minimize(
        lambda shares: ((shares - values) ** 2).sum(),
        even,
        bounds=[(0, None)] * len(values),
        constraints=[sums_to_one],
        options={"ftol": 1e-14},
    )
    return found.x


@ordinary
def test_moco_follows_the_papers_recursion_where_the_gradients_stay(gradients):
    combiner = make_combiner("moco", beta=0.3, gamma=0.2, rho=0.1)
    tracked = gradients / np.linalg.norm(gradients, axis=-1).mean()
    wanted = np.full(len(gradients), 1 / len(gradients))
    for step in range(1, 6):
        # The paper's average of gradients that do not change is the gradient.
        pull = (tracked @ tracked.T + 0.1 * np.eye(len(wanted))) @ wanted
        wanted = on_simplex(wanted - 0.2 * step**-0.5 * pull)
        found = combiner(gram_of(gradients), generator()).weights
        assert_allclose(found, wanted, atol=1e-6)


@ordinary
def test_imtl_g_agrees_with_torchjd(gradients):
    gram = gram_of(gradients)
    expected = theirs(torchjd.IMTLGWeighting(), gram)
    assert_allclose(combine("imtl_g", gram).weights, expected, rtol=1e-8)


@ordinary
@pytest.mark.parametrize("scale", ["min", "median", "rmse"])
def test_aligned_agrees_with_torchjd(gradients, scale):
    gram = gram_of(gradients)
    # torchjd weighs the aligned gradients by 1 / K, the paper by its preferences.
    expected = len(gram) * theirs(torchjd.AlignedMTLWeighting(scale_mode=scale), gram)
    assert_allclose(combine("aligned", gram, scale=scale).weights, expected, rtol=1e-8)


@ordinary
@pytest.mark.parametrize("alpha", [0.5, 1.0, 2.0, 8.0])
def test_fairgrad_agrees_with_torchjd(gradients, alpha):
    gram = gram_of(gradients)
    expected = theirs(torchjd.FairGradWeighting(alpha), gram)
    ours = combine("fairgrad", gram, alpha=alpha).weights
    assert_allclose(ours, expected, rtol=2e-3)
    assert_allclose(gram @ ours, ours ** (-1 / alpha), rtol=1e-9)


@any_gradients
def test_mgda_is_no_longer_than_torchjds_and_provably_shortest(gradients):
    gram = gram_of(gradients)
    weights = combine("mgda", gram).weights
    update = weights @ gradients
    assert weights.min() >= 0
    assert weights.sum() == pytest.approx(1)
    # Optimal exactly when no task's gain along the update is below its squared length.
    lengths = np.linalg.norm(gradients, axis=-1)
    slack = gradients @ update - update @ update
    assert (
        slack.min() >= -1e-9 * np.linalg.norm(update) * lengths.max() - 1e-14 * lengths.max() ** 2
    )
    oracle = theirs(torchjd.MGDAWeighting(epsilon=1e-6, max_iters=300), gram)
    assert update @ update <= oracle @ gram @ oracle + 1e-14 * lengths.max() ** 2


def assert_nearest_in_dual_cone(coefficients, wanted, gradients):
    """Proof of optimality: z = v − u ≥ 0, gains ≥ 0, and no task has both z and gain above 0.

    Written for gradients of length 1, which have the same cone.
    """
    lengths = np.linalg.norm(gradients, axis=-1)
    safe = np.where(lengths > 0, lengths, 1)
    units = gradients / safe[:, None]
    added = (coefficients - wanted) * safe
    update = coefficients @ gradients
    size = np.abs(coefficients * safe).max() + 1e-300
    gains = update @ units.T
    assert added.min() >= -1e-12 * size
    assert gains.min() >= -1e-8 * size
    assert np.abs(added * gains).max() <= 1e-8 * size**2


@any_gradients
def test_upgrad_projects_every_gradient_onto_the_dual_cone(gradients):
    tasks = len(gradients)
    rows = combine("upgrad", gram_of(gradients)).coefficients * tasks
    for task in range(tasks):
        assert_nearest_in_dual_cone(rows[task], np.eye(tasks)[task], gradients)


@any_gradients
def test_dualproj_projects_the_mean_onto_the_dual_cone(gradients):
    tasks = len(gradients)
    weights = combine("dualproj", gram_of(gradients)).weights
    assert_nearest_in_dual_cone(weights, np.full(tasks, 1 / tasks), gradients)


def test_projections_are_exact_on_degenerate_gradients():
    for gradients in lattice_gradients(150):
        gram, tasks = gram_of(gradients), len(gradients)
        rows = combine("upgrad", gram).coefficients * tasks
        for row, unit in zip(rows, np.eye(tasks), strict=True):
            assert_nearest_in_dual_cone(row, unit, gradients)
        mean = np.full(tasks, 1 / tasks)
        assert_nearest_in_dual_cone(combine("dualproj", gram).weights, mean, gradients)


def test_mgda_and_nash_are_exact_on_degenerate_gradients():
    for gradients in lattice_gradients(150, seed=1):
        gram = gram_of(gradients)
        update = combine("mgda", gram).weights @ gradients
        longest = np.linalg.norm(gradients, axis=-1).max()
        assert (gradients @ update - update @ update).min() >= -1e-9 * longest**2
        weights = combine("nash", gram).weights
        present = np.diag(gram) > 0
        if weights.any():
            assert_allclose((weights * (gram @ weights))[present], 1, rtol=1e-6)
        elif present.any():
            rest = gradients[present]
            assert np.linalg.norm(combine("mgda", gram_of(rest)).weights @ rest) < 1e-5 * longest


def test_a_problem_that_scipys_nnls_gets_wrong():
    # g5 = (-1, -1) must lose its part along (-1, 0), for the others allow no step along x.
    gradients = np.array([[1, 0], [0, 0], [0, 0], [1, 0], [-1, -1], [-1, 0]], dtype=float)
    row = 6 * combine("upgrad", gram_of(gradients)).coefficients[4]
    assert_allclose(row @ gradients, [0, -1], atol=1e-12)


@pytest.mark.parametrize("seed", range(3))
def test_upgrad_agrees_with_a_general_solver(seed):
    gram = gram_of(random_gradients(4, 6, seed=seed, shift=-0.5))
    rows = combine("upgrad", gram).coefficients * 4
    for task in range(4):
        unit = np.eye(4)[task]
        found = minimize(
            lambda v: v @ gram @ v,
            unit + 0.1,
            jac=lambda v: 2 * gram @ v,
            bounds=[(low, None) for low in unit],
            method="L-BFGS-B",
            options={"ftol": 1e-15, "gtol": 1e-12},
        )
        assert_allclose(rows[task], found.x, atol=1e-5)


def dual_of_cagrad(gram, c):
    """The paper's dual problem by SLSQP from several starts."""
    tasks = len(gram)
    mean = np.full(tasks, 1 / tasks)
    radius = c * np.sqrt(mean @ gram @ mean)
    solutions = [
        minimize(
            lambda w: w @ gram @ mean + radius * np.sqrt(w @ gram @ w),
            start,
            bounds=[(0, 1)] * tasks,
            constraints={"type": "eq", "fun": lambda w: w.sum() - 1},
            tol=1e-14,
        )
        for start in [mean, *(0.8 * np.eye(tasks) + 0.2 * mean)]
    ]
    return min(solution.fun for solution in solutions)


@ordinary
@pytest.mark.parametrize("c", [0.4, 1.5])
def test_cagrad_reaches_the_dual_bound_inside_its_ball(gradients, c):
    gram = gram_of(gradients)
    weights = combine("cagrad", gram, c=c, rescale=0).weights
    move = weights - 1 / len(gram)
    radius = c * np.sqrt(gram.sum()) / len(gram)
    assert np.sqrt(move @ gram @ move) <= radius * (1 + 1e-9)
    # Weak duality: nothing in the ball helps the worst-off task more than the dual's value.
    bound = dual_of_cagrad(gram, c)
    assert (gram @ weights).min() == pytest.approx(bound, rel=1e-6, abs=1e-8)


def test_cagrad_reaches_its_own_dual_bound_on_degenerate_gradients():
    for gradients in lattice_gradients(150, seed=2):
        if not gradients.any():
            continue
        gram = gram_of(gradients)
        mean = np.full(len(gram), 1 / len(gram))
        radius = 0.5 * np.linalg.norm(mean @ gradients)
        weights = combine("cagrad", gram, rescale=0).weights
        move = np.maximum(weights - mean, 0)
        duals = [combine("mgda", gram).weights, move / max(move.sum(), 1e-300)]
        bounds = [
            w @ gram @ mean + radius * np.linalg.norm(w @ gradients) for w in duals if w.any()
        ]
        longest = np.linalg.norm(gradients, axis=-1).max()
        assert min(bounds) - (gram @ weights).min() <= 1e-6 * longest**2


def test_cagrad_by_sets_and_by_shifting_agree(monkeypatch):
    gram = gram_of(random_gradients(4, 6, seed=6))
    by_sets = combine("cagrad", gram).weights
    monkeypatch.setattr(cagrad, "ENUMERATED", 1)
    assert_allclose(combine("cagrad", gram).weights, by_sets, rtol=1e-7)


@ordinary
def test_nash_weights_are_the_inverse_of_the_gains(gradients):
    gram = gram_of(gradients)
    weights = combine("nash", gram).weights
    assert weights.min() > 0
    assert_allclose(weights * (gram @ weights), 1, rtol=1e-9)
    assert weights @ gram @ weights == pytest.approx(len(gram))


@pytest.mark.parametrize("key", ["huge", "tiny", "badly scaled", "8 tasks badly scaled"])
def test_nash_does_not_mind_the_scale(key):
    gram = gram_of(NASTY[key])
    weights = combine("nash", gram).weights
    assert_allclose(weights * (gram @ weights), 1, rtol=1e-6)
