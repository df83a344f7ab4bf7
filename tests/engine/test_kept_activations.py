"""What a way of sharing keeps for its backward pass: the estimate against what torch saves."""

from dataclasses import replace
from functools import cache

import numpy as np
import pytest
import torch

from mtlviz.bench.random_run import training_of
from mtlviz.bench.shape import Shape
from mtlviz.engine.estimate.facts import DataFacts, TaskFacts
from mtlviz.engine.estimate.whole import estimate
from mtlviz.engine.models.sharing import SHARING

SHAPE = Shape(layers=8, width=32, length=12, batch=4, vocabulary=60, tasks=2)


def saved(training):
    """Bytes that one task's pass saves, of tensors that are no parameters."""
    model, batch = training.model.train(), training.streams[0].batches.collate(np.arange(4))
    weights = {p.untyped_storage().data_ptr() for p in model.parameters()}
    kept = {}

    def noted(tensor):
        storage = tensor.untyped_storage()
        kept[storage.data_ptr()] = storage  # Held, so that no place is used twice.
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(noted, lambda tensor: tensor):
        loss = model.loss(0, model(0, batch), batch.labels)
    found = sum(each.nbytes() for place, each in kept.items() if place not in weights)
    del loss
    return found


@cache
def both(name):
    training = training_of(replace(SHAPE, sharing=name))
    task = TaskFacts("t", "classification", 3, "accuracy", "", 64, 4, 0, (12.0, 0.0), 12, 0)
    facts = DataFacts((task,) * SHAPE.tasks, (), SHAPE.vocabulary)
    return saved(training), estimate(training.config, facts).memory.activations


@pytest.mark.parametrize("name", [name for name in SHARING if name != "hard"])
def test_the_estimate_is_as_much_more_than_hard_sharings_as_what_is_saved(name):
    measured, estimated = (mine / hard for mine, hard in zip(both(name), both("hard"), strict=True))
    assert estimated == pytest.approx(measured, rel=0.25)
