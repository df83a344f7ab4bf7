"""What must not reach the model: gradients that are no finite numbers, however they were taken."""

import numpy as np
import pytest
import torch

from mtlviz.engine.records import AffinityRecord, StepRecord
from mtlviz.engine.train import records, start, train
from tests.engine.test_train import config, norm

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


@pytest.mark.parametrize("probes", [NO_PROBES, {}])
@pytest.mark.parametrize("combiner", ["sum", "pcgrad"])
def test_a_shared_gradient_that_is_no_number_ends_the_run_though_the_heads_are_well(
    probes, combiner
):
    training = start(config(2, combiner=combiner, probes=probes))
    training.shared[0].register_hook(lambda gradient: gradient * float("nan"))
    (note,) = records(training)
    assert note.topic == "divergence"
    assert "are no longer finite numbers although the losses are" in note.text
    assert all(parameter.isfinite().all() for parameter in training.model.parameters())


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
        for c in (chosen, chosen.changed_at("optimisation.precision", "bfloat16"))
    )
    np.testing.assert_allclose(full.affinity, half.affinity, rtol=1e-6, atol=1e-9)


def test_losses_that_a_weighting_cannot_use_end_the_run_and_keep_what_was_recorded():
    lowest = {"lowest_losses": [0.6, 0.0]}
    training = start(config(2, epochs=40, weighting="famo", weighting_options=lowest))
    found = list(records(training))
    note = found[-1]
    assert (note.kind, note.topic) == ("note", "divergence")
    assert "famo weighting needs losses not below `lowest_losses`, got 0." in note.text
    assert "everything recorded so far is kept" in note.text
    kept = [record for record in found if isinstance(record, StepRecord)]
    assert 0 < len(kept) == training.progress.update < training.total


def test_a_first_loss_of_zero_ends_a_gradnorm_run_with_its_reason(monkeypatch):
    training = start(config(2, weighting="gradnorm"))
    loss = training.model.loss
    monkeypatch.setattr(training.model, "loss", lambda *given: 0.0 * loss(*given))
    (note,) = records(training)
    assert "gradnorm weighting needs losses above 0 at the start" in note.text


@pytest.mark.parametrize("probes", [NO_PROBES, {}])
def test_clipping_holds_for_each_encoder_where_nothing_is_shared(probes, monkeypatch):
    capacity = {"sharing": "separate"}
    training = start(config(2, clip_norm=1e-3, capacity=capacity, probes=probes))
    encoders, heads = [], []

    def lengths():
        for task in range(2):
            own = training.model.sharing.task_parameters(task)
            encoders.append(norm([parameter.grad for parameter in own]))
            heads.append(norm([p.grad for p in training.model.heads[task].parameters()]))

    monkeypatch.setattr(training.optimiser, "step", lengths)
    step = next(records(training))
    assert encoders == pytest.approx([1e-3, 1e-3])
    # A head keeps its gradient, as it does in a run of the task alone; a cosine has no parameters.
    assert max(heads) > 1e-3
    assert 0 < step.clipping < 1


def test_without_sharing_a_long_limit_changes_nothing():
    capacity = {"sharing": "separate"}
    steps = [
        [r.losses for r in train(config(2, clip_norm=limit, capacity=capacity))
         if isinstance(r, StepRecord)]
        for limit in (None, 1e9)
    ]  # fmt: skip
    np.testing.assert_array_equal(*steps)
