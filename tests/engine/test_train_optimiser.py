"""The optimiser's schedule, the float16 loss scale and the watch over losses."""

import numpy as np
import pytest
import torch

from mtlviz.engine.config import OptimisationConfig
from mtlviz.engine.divergence import Watch
from mtlviz.engine.optimiser import (
    LossScale,
    learning_rate_factor,
    make_optimiser,
    set_learning_rate,
)


def factors(decay, total=10, warmup=0.2):
    return [learning_rate_factor(update, total, warmup, decay) for update in range(total)]


def test_the_rate_rises_then_falls_as_worked_by_hand():
    # Two updates rise by thirds, then eight fall from 1 in steps of 1/8.
    expected = [1 / 3, 2 / 3] + [1 - k / 8 for k in range(8)]
    np.testing.assert_allclose(factors("linear"), expected)
    assert factors("constant")[2:] == [1.0] * 8
    assert factors("cosine")[6] == pytest.approx(0.5)


@pytest.mark.parametrize("decay", ["constant", "linear", "cosine"])
@pytest.mark.parametrize("total", [1, 2, 7, 100])
@pytest.mark.parametrize("warmup", [0.0, 0.1, 0.9])
def test_no_update_is_wasted_at_a_rate_of_zero(decay, total, warmup):
    rates = factors(decay, total, warmup)
    assert min(rates) > 0
    assert max(rates) == pytest.approx(1.0) or total == 1


def test_shared_parameters_and_heads_have_rates_of_their_own():
    shared, head = (torch.nn.Parameter(torch.zeros(2)) for _ in range(2))
    config = OptimisationConfig(learning_rate=0.1, head_learning_rate=1.0)
    optimiser = make_optimiser(config, [shared], [head])
    assert set_learning_rate(optimiser, 0.5) == 0.05
    assert [group["lr"] for group in optimiser.param_groups] == [0.05, 0.5]
    assert set_learning_rate(make_optimiser(config, [], [head]), 1.0) == 1.0


def test_the_loss_scale_halves_on_overflow_and_doubles_after_patience():
    scale = LossScale("float16", patience=2)
    start = scale.value
    assert not scale.keeps(finite=False)
    assert scale.value == start / 2
    assert scale.keeps(finite=True)
    assert scale.keeps(finite=True)
    assert scale.value == start
    other = LossScale("float16", patience=2)
    other.restore(scale.state())
    assert (other.value, other.good) == (scale.value, scale.good)


def test_other_formats_have_a_scale_of_one_that_never_moves():
    scale = LossScale("bfloat16")
    assert scale.keeps(finite=False)
    assert scale.value == 1.0
    assert not scale.exhausted


def test_a_scale_that_can_fall_no_further_is_exhausted():
    scale = LossScale("float16")
    for _ in range(20):
        scale.keeps(finite=False)
    assert scale.exhausted


def test_one_bad_batch_is_no_divergence_but_three_in_a_row_are():
    watch = Watch(("a", "b"))
    nan = np.nan
    assert watch.complaint(np.array([2.0, 0.5]), 0.1) is None
    assert watch.complaint(np.array([500.0, nan]), 0.1) is None
    assert watch.complaint(np.array([500.0, nan]), 0.1) is None
    assert watch.complaint(np.array([2.0, 0.5]), 0.1) is None
    stored = watch.state()
    again = Watch(("a", "b"))
    again.restore(stored)
    for _ in range(2):
        assert again.complaint(np.array([500.0, nan]), 0.1) is None
    assert "'a' rose from 2 to 500" in again.complaint(np.array([500.0, nan]), 0.1)


def test_a_loss_that_is_not_finite_is_named_at_once():
    complaint = Watch(("a", "b")).complaint(np.array([1.0, np.inf]), 0.01)
    assert "'b' is no longer a finite number" in complaint
    assert "below 0.01" in complaint
