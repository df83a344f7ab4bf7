from dataclasses import replace

import numpy as np
import pytest
import torch
from torch.testing import assert_close

from mtlviz.engine.batches import TaskBatches
from mtlviz.engine.models.encoders import ENCODERS
from mtlviz.engine.models.features import cached_features, is_cacheable
from mtlviz.errors import ConfigError


@pytest.fixture
def make_batches(tasks):
    def make(task, tokenizer, run):
        head = run.data.tasks[task].head
        return TaskBatches(tasks[task], "train", tokenizer, head, 4, run.data.max_length)

    return make


@pytest.mark.parametrize("encoder", ENCODERS)
def test_logits_from_cached_features_equal_those_from_text(encoder, make_model, make_batches):
    model, tokenizer, run = make_model(encoder=encoder, frozen=True)
    for task in range(2):
        batches = make_batches(task, tokenizer, run)
        indices = np.array([4, 0, 5])
        expected = model.eval()(task, batches.collate(indices))
        model.train()
        batches.use_features(cached_features(model, task, batches))
        assert model.training
        batch = batches.collate(indices)
        assert batch.first is None
        assert_close(model.eval()(task, batch), expected, rtol=1e-5, atol=1e-6)


def test_gradients_reach_the_head_from_cached_features(make_model, make_batches):
    model, tokenizer, run = make_model(encoder="mean", frozen=True)
    batches = make_batches(1, tokenizer, run)
    batches.use_features(cached_features(model, 1, batches))
    batch = batches.collate(np.arange(3))
    loss = model.loss(1, model(1, batch), batch.labels)
    gradients = torch.autograd.grad(loss, model.task_parameters(1))
    assert any(gradient.any() for gradient in gradients)


@pytest.mark.parametrize("settings", [{}, {"frozen": True, "sharing": "aligned"}])
def test_features_that_training_changes_are_not_cached(settings, make_model, make_batches):
    model, tokenizer, run = make_model(encoder="mean", **settings)
    assert not is_cacheable(model, 0)
    with pytest.raises(ConfigError, match="'opinion' cannot be cached"):
        cached_features(model, 0, make_batches(0, tokenizer, run))


def test_features_of_another_split_are_refused(make_model, make_batches):
    _, tokenizer, run = make_model(encoder="mean")
    with pytest.raises(ConfigError, match="have 5 rows, but its 'train' split has 6"):
        make_batches(0, tokenizer, run).use_features(torch.zeros(5, 8))


def test_batch_moves_with_its_features(make_model, make_batches):
    _, tokenizer, run = make_model(encoder="mean")
    batch = make_batches(1, tokenizer, run).collate(np.arange(2))
    moved = replace(batch, features=torch.zeros(2, 8)).to("meta")
    places = {moved.first.ids, moved.second.mask, moved.labels, moved.features}
    assert {tensor.device.type for tensor in places} == {"meta"}
