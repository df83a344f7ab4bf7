"""Gram matrices by layer, read back from a run in the store."""

import numpy as np

from mtlviz.engine.records import StepRecord
from mtlviz.engine.train import train
from mtlviz.runs import layer_grams as module
from mtlviz.runs.layer_grams import layer_grams
from mtlviz.runs.lease import lease
from tests.engine.test_train import config


def stored(store, every):
    settings = config(3, max_updates=6, epochs=2, probes={"layers_every": every})
    records = [record for record in train(settings) if isinstance(record, StepRecord)]
    held = lease(store, store.create_run(settings))
    held.append(records)
    return held.run, records


def test_what_a_run_recorded_by_layer_is_read_back_and_thinned(store, monkeypatch):
    run, records = stored(store, 2)
    found = layer_grams(store, run)
    assert found.update.tolist() == [0, 2, 4]
    np.testing.assert_array_equal(found.gram, [record.layers for record in records[::2]])
    monkeypatch.setattr(module, "MOST", 2)
    assert layer_grams(store, run).update.tolist() == [0, 4]


def test_a_run_without_them_has_none_beside_one_with(store):
    stored(store, 1)
    run, _ = stored(store, 0)
    assert layer_grams(store, run) is None
