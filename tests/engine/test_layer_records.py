"""Gram matrices by layer: they add up to the whole, and say where tasks pull apart."""

import numpy as np
import pytest
import torch

from mtlviz.engine import gradients
from mtlviz.engine.estimate.facts import data_facts
from mtlviz.engine.estimate.whole import estimate
from mtlviz.engine.models.sharing import SHARING
from mtlviz.engine.records import StepRecord, from_json, to_json
from mtlviz.engine.train import train
from mtlviz.errors import ConfigError
from mtlviz.runs.packing import pack, step_record
from tests.engine.test_train import config


def steps(**capacity):
    settings = config(3, capacity=capacity, max_updates=3, epochs=1, probes={"layers_every": 2})
    return [record for record in train(settings) if isinstance(record, StepRecord)]


def test_two_tasks_worked_by_hand():
    rows = [[torch.tensor([1.0, 2.0]), torch.tensor([3.0])],
            [torch.tensor([2.0, -1.0]), torch.tensor([-1.0])]]  # fmt: skip
    found = gradients.layer_products(rows, [[1], [], [0]]).numpy()
    np.testing.assert_array_equal(found[0], [[9, -3], [-3, 1]])
    assert np.isnan(found[1]).all()
    np.testing.assert_array_equal(found[2], [[5, 0], [0, 5]])


@pytest.mark.parametrize("name", [name for name in SHARING if SHARING[name]().trains_shared])
@pytest.mark.parametrize("encoder", ["mean", "transformer"])
def test_over_all_layers_they_add_up_to_the_gram_matrix_at_the_updates_asked_for(name, encoder):
    try:
        found = steps(sharing=name, encoder=encoder, depth=2, attention_heads=2)
    except ConfigError:
        pytest.skip(f"{name} is for transformers")
    assert [record.layers is not None for record in found] == [True, False, True]
    for record in found[::2]:
        assert record.layers.shape == (4, 3, 3)
        np.testing.assert_allclose(np.nansum(record.layers, axis=0), record.gram, rtol=1e-5,
                                   atol=1e-9 * np.abs(record.gram).max())  # fmt: skip


def test_layers_that_are_not_shared_are_not_measured():
    options = {"layers": 1}
    record = steps(sharing="partial", sharing_options=options, depth=2)[0]
    missing = np.isnan(record.layers).all(axis=(1, 2)).tolist()
    assert missing == [False, False, True, True]
    assert steps(sharing="separate")[0].layers is None


def test_recording_layers_changes_nothing_else_of_a_run():
    def others(every):
        settings = config(3, max_updates=3, epochs=1, probes={"layers_every": every})
        found = [to_json(record) for record in train(settings)]
        return [{k: v for k, v in each.items() if k not in ("seconds", "layers")} for each in found]

    assert others(1) == others(0)


def test_a_record_with_layers_survives_the_store_and_json():
    record = steps(sharing="hard")[0]
    for found in (step_record(*pack(record)), from_json(to_json(record))):
        np.testing.assert_array_equal(found.layers, record.layers)
    assert step_record(*pack(steps(sharing="hard")[1])).layers is None


def test_a_phase_that_shares_other_weights_is_recorded_by_its_own_layers():
    frozen = {"tasks": [], "frozen": True, "updates": 1}
    settings = config(3, max_updates=3, epochs=1, probes={"layers_every": 1})
    found = [
        record
        for record in train(settings.changed_at("optimisation.phases", [frozen, {"tasks": []}]))
        if isinstance(record, StepRecord)
    ]
    assert [record.layers is None for record in found] == [True, False, False]
    for record in found[1:]:
        np.testing.assert_allclose(np.nansum(record.layers, axis=0), record.gram, rtol=1e-5)


@pytest.mark.parametrize(
    "values",
    [
        {}, {"probes.gram_every": 3}, {"probes.gram_every": 0}, {"capacity.sharing": "separate"},
        {"optimisation.scheduler": "round_robin"}, {"probes.layers_every": 0},
    ],
)  # fmt: skip
def test_the_estimate_knows_at_how_many_updates_they_are_taken(values):
    settings = config(3, epochs=2, probes={"layers_every": 2}).with_values(values)
    found = estimate(settings, data_facts(settings.data)).work
    taken = [r.layers is not None for r in train(settings) if isinstance(r, StepRecord)]
    assert found.by_layer == sum(taken)
    assert (found.layer_traffic > 0) == any(taken)
