"""The registry of methods against forgetting, and the penalties, against derivatives and sums."""

import numpy as np
import pytest
import torch
from numpy.testing import assert_allclose
from torch.nn.functional import kl_div, log_softmax, softmax

from mtlviz.engine.continual import CONTINUAL, Recipe, make_recipe
from mtlviz.engine.continual.formulas import (
    anchored,
    distillation_slope,
    ewc_penalty,
    ewc_slope,
)
from mtlviz.errors import ConfigError


@pytest.mark.parametrize("name", CONTINUAL)
def test_every_method_is_a_recipe_with_a_sentence_for_a_person(name):
    spec = CONTINUAL[name]
    assert isinstance(make_recipe(name), Recipe)
    assert spec.help.endswith(".")
    assert all(option.help for option in spec.options)
    assert make_recipe(name).make_combiner().name == make_recipe(name).combiner


def test_no_two_methods_are_the_same_recipe():
    assert len({make_recipe(name) for name in CONTINUAL}) == len(CONTINUAL)


def test_options_out_of_range_are_refused_by_name():
    with pytest.raises(ConfigError, match="`memory` of the replay method against forgetting"):
        make_recipe("replay", memory=0)


def test_what_is_kept_worked_by_hand():
    kept = {name: make_recipe(name).kept(3, 100, 900) for name in CONTINUAL}
    assert kept == {
        "sequential": (0, 0), "frozen": (0, 0), "inserts": (0, 0),
        "retrain": (900, 0), "joint": (900, 0), "replay": (60, 0),
        "ewc": (0, 200), "lwf": (0, 100), "agem": (60, 0), "gem": (60, 0),
        "ogd": (0, 6000),
    }  # fmt: skip


def old_tasks(count=3, size=5):
    drawn = np.random.default_rng(0)
    return drawn.random((count, size)), drawn.normal(size=(count, size))


def test_two_numbers_a_parameter_hold_the_penalty_of_every_old_task():
    fishers, places = old_tasks()
    anchor = None
    for fisher, place in zip(fishers, places, strict=True):
        anchor = anchored(anchor, fisher, place)
    now = np.random.default_rng(1).normal(size=5)
    each = (fishers * (now - places) ** 2).sum() / 2
    constant = (fishers * places**2).sum() / 2
    assert ewc_penalty(anchor, now, 7.0) == pytest.approx(7 * (each - constant))
    assert_allclose(ewc_slope(anchor, now, 7.0), 7 * (fishers * (now - places)).sum(axis=0))


def test_the_penalty_of_one_task_is_least_where_it_was_learned():
    fishers, places = old_tasks(1)
    anchor = anchored(None, fishers[0], places[0])
    assert_allclose(ewc_slope(anchor, places[0], 3.0), 0, atol=1e-12)


def test_the_slope_of_the_penalty_is_its_derivative_on_tensors_too():
    fishers, places = (torch.tensor(each) for each in old_tasks())
    anchor = anchored(anchored(None, fishers[0], places[0]), fishers[1], places[1])
    now = torch.ones(5, dtype=torch.float64, requires_grad=True)
    ewc_penalty(anchor, now, 2.0).backward()
    assert_allclose(now.grad, ewc_slope(anchor, now, 2.0).detach())


@pytest.mark.parametrize("temperature", [1.0, 2.0, 5.0])
def test_the_slope_of_distillation_is_that_of_the_divergence(temperature):
    drawn = np.random.default_rng(2)
    old, new = torch.tensor(drawn.normal(size=4)), torch.tensor(drawn.normal(size=4))
    new.requires_grad_()
    target = softmax(old / temperature, -1)
    loss = temperature**2 * kl_div(log_softmax(new / temperature, -1), target, reduction="sum")
    loss.backward()
    found = distillation_slope(old.numpy(), new.detach().numpy(), temperature)
    assert_allclose(found, new.grad, atol=1e-12)
