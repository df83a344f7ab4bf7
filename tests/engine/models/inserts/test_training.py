"""Inserts in training: small gradients, own step sizes, accumulation, resuming, half precision."""

import itertools

import numpy as np
import pytest
import torch
from torch.testing import assert_close

from mtlviz.engine import passes, resuming
from mtlviz.engine.step import make_update
from mtlviz.engine.train import start
from tests.engine.models.inserts.test_isolation import config


def begun(sharing, values=None, **options):
    return start(config(sharing, **options).with_values(values or {}))


def state(training):
    return {name: p.detach().clone() for name, p in training.model.named_parameters()}


def test_pcgrad_keeps_the_common_adapters_gradients_and_no_encoder(monkeypatch):
    training = begun("shared_private", {"optimisation.combiner": "pcgrad"})
    held, take = [], passes._take_row

    def taken(*given):
        take(*given)
        held.append(sum(tensor.numel() for row in given[1].rows for tensor in row))

    monkeypatch.setattr(passes, "_take_row", taken)
    make_update(training)
    common = sum(p.numel() for p in training.model.sharing.common.parameters())
    encoder = sum(p.numel() for p in training.model.sharing.encoder.parameters())
    tasks = len(training.tasks)
    assert held == [common * (task + 1) for task in range(tasks)]
    assert tasks * common < encoder
    moments = sum(t.numel() for s in training.optimiser.state.values() for t in s.values())
    trained = sum(p.numel() for p in training.model.parameters() if p.requires_grad)
    assert moments < 2 * trained + len(training.optimiser.state) + 1


@pytest.mark.parametrize("owner", ["task", "all"])
def test_inserts_have_a_step_size_of_their_own(owner):
    rates = {"optimisation.learning_rate": 1e-3, "optimisation.head_learning_rate": 2e-3}
    training = begun("lora", rates, owner=owner, pace=7.0, variant="joint")
    peaks = {
        id(p): group["peak"] for group in training.optimiser.param_groups for p in group["params"]
    }
    sharing = training.model.sharing
    (inserts,) = (list(each.parameters) for each in sharing.paced())
    assert {peaks[id(p)] for p in inserts} == {7e-3}
    assert {peaks[id(p)] for p in sharing.encoder.parameters()} == {1e-3}
    assert {peaks[id(p)] for p in training.model.heads.parameters()} == {2e-3}


def test_without_a_pace_a_checkpoint_gets_the_published_ratio_and_others_one(sharing_of_family):
    def factors(*given, **more):
        return [each.factor for each in sharing_of_family(*given, **more).paced()]

    for name, published in (
        ("lora", 25.0), ("bitfit", 100.0), ("pals", 1.0), ("hypernetwork", 1.0),
    ):  # fmt: skip
        assert factors("bert", name) == [published]
        assert factors("transformer", name) == [1.0]
        assert factors("bert", name, options={"pace": 3.0}) == [3.0]
    assert factors("bert", "adapter_fusion") == [5.0, 2.5]


@pytest.mark.parametrize("sharing", ["houlsby", "prefix", "hypernetwork"])
def test_a_kept_encoder_stays_as_it_was_and_inserts_move(sharing):
    training = begun(sharing)
    before = state(training)
    # The first update moves only what starts at zero, and hides the rest behind it.
    for _ in range(2):
        _update(training)
    for name, now in state(training).items():
        kept = name.startswith("sharing.encoder.")
        assert torch.equal(now, before[name]) == kept, name


def test_accumulated_batches_give_the_gradient_of_their_mean():
    gradients = []
    for together, width in ((1, 8), (2, 4)):
        values = {"optimisation.accumulate": together, "data.batch_size": width}
        values |= {"capacity.dropout": 0.0, "data.tasks.0.head.dropout": 0.0}
        values |= {"data.tasks.1.head.dropout": 0.0}
        training = begun("shared_private", values)
        examples = training.streams[0].batches.collate(np.arange(8))
        parts = [examples] if together == 1 else [
            training.streams[0].batches.collate(part) for part in (np.arange(4), np.arange(4, 8))
        ]  # fmt: skip
        taken = passes.Taken([0])
        passes._take_row(training, taken, 0, parts)
        gradients.append([*taken.rows[0], *taken.heads[0]])
    assert_close(gradients[0], gradients[1], rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("sharing", ["lora", "shared_private", "hypernetwork"])
def test_a_resumed_run_ends_where_an_unbroken_one_does(sharing, tmp_path):
    values = {"optimisation.gradient_checkpointing": True, "optimisation.max_updates": 3}
    whole, broken = begun(sharing, values), begun(sharing, values)
    for _ in range(3):
        _update(whole)
    _update(broken)
    resuming.save(broken, tmp_path / "run.safetensors")
    resumed = resuming.restored(whole.config, None, tmp_path / "run.safetensors")
    for _ in range(2):
        _update(resumed)
    expected, found = state(whole), state(resumed)
    assert all(torch.equal(found[name], expected[name]) for name in expected)


def _update(training):
    make_update(training)
    training.progress.update += 1


@pytest.mark.parametrize("sharing", ["lora", "bitfit", "prefix", "pals", "hypernetwork"])
def test_half_precision_gives_about_the_gradient_of_float32(sharing):
    rows = []
    for precision in ("float32", "bfloat16"):
        values = {"optimisation.precision": precision, "capacity.dropout": 0.0}
        training = begun(sharing, {**values, "optimisation.gradient_checkpointing": True})
        batch = training.streams[0].batches.collate(np.arange(8))
        taken = passes.Taken([0])
        with torch.random.fork_rng(devices=[]):
            passes._take_row(training, taken, 0, [batch])
        rows.append(torch.cat([t.flatten() for t in (*taken.rows[0], *taken.heads[0])]))
    plain, half = rows
    assert half.isfinite().all()
    assert (plain - half).norm() < 0.1 * plain.norm()


def test_any_order_of_passes_gives_each_task_its_gradient():
    training = begun("houlsby", {"optimisation.gradient_checkpointing": True,
                                 "capacity.dropout": 0.0})  # fmt: skip
    model, batches = training.model, [s.batches.collate(np.arange(4)) for s in training.streams]

    def loss(task):
        return model.loss(task, model(task, batches[task]), batches[task].labels)

    def gradient(value, task):
        return torch.autograd.grad(value, list(model.sharing.own[task].parameters()))

    model.train()
    model.heads.eval()
    expected = [gradient(loss(task), task) for task in range(2)]
    for forward, backward in itertools.product(itertools.permutations(range(2)), repeat=2):
        values = {task: loss(task) for task in forward}
        for task in backward:
            assert_close(gradient(values[task], task), expected[task])
