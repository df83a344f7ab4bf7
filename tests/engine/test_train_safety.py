"""What must not reach the model: gradients that are no finite numbers, however they were taken."""

import numpy as np
import pytest
import torch

from mtlviz.engine.records import AffinityRecord, StepRecord
from mtlviz.engine.train import records, start, train
from tests.engine.test_train import config

NO_PROBES = {"gram_every": 0, "planes_every": 0}


def overflowing(**settings):
    """A float16 run whose loss scale is far too large for its first update."""
    training = start(config(3, precision="float16", max_updates=60, **settings))
    training.loss_scale.value = 2.0**60
    return training


@pytest.mark.parametrize("probes", [NO_PROBES, {}])
@pytest.mark.parametrize("sharing", ["hard", "separate"])
def test_an_overflow_moves_nothing_and_the_scale_falls(probes, sharing):
    training = overflowing(probes=probes, capacity={"sharing": sharing})
    before = [parameter.detach().clone() for parameter in training.model.parameters()]
    next(records(training))
    assert training.loss_scale.value < 2.0**60
    for old, new in zip(before, training.model.parameters(), strict=True):
        assert torch.equal(old, new)


@pytest.mark.parametrize("weighting", ["gradnorm", "dwa", "uncertainty"])
def test_a_weighting_learns_nothing_from_an_update_that_was_not_made(weighting):
    training = overflowing(weighting=weighting)
    found = [record for record in records(training) if isinstance(record, StepRecord)]
    assert np.isfinite(found[-1].loss_weights).all()


def test_unused_parameters_are_moved_alike_with_and_without_probes():
    plain, probed = (
        start(config(3, max_updates=4, scheduler="round_robin", probes=probes))
        for probes in (NO_PROBES, {})
    )
    for training in (plain, probed):
        list(records(training))
    for one, other in zip(plain.model.parameters(), probed.model.parameters(), strict=True):
        torch.testing.assert_close(one, other)


def test_a_task_with_nothing_to_train_is_no_crash():
    frozen = config(3, max_updates=2, capacity={"frozen": True}, probes=NO_PROBES)
    assert sum(isinstance(record, StepRecord) for record in train(frozen)) == 2


def test_affinity_does_not_depend_on_the_number_format():
    chosen = config(2, max_updates=3, probes={"affinity_every": 1})
    full, half = (
        next(r for r in train(c) if isinstance(r, AffinityRecord))
        for c in (chosen, chosen.changed("optimisation.precision", "bfloat16"))
    )
    np.testing.assert_allclose(full.affinity, half.affinity, rtol=1e-6, atol=1e-9)
