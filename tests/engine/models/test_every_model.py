"""Laws that every encoder under every way of sharing obeys."""

from dataclasses import replace

import pytest
import torch
from safetensors.torch import load, save
from torch.nn import functional
from torch.testing import assert_close

from mtlviz.engine.choices import check_capacity, sharing_of
from mtlviz.engine.config import CapacityConfig, DataConfig, RunConfig, TaskConfig
from mtlviz.engine.models.encoders import ENCODERS
from mtlviz.engine.models.inserts.method import InsertMethod
from mtlviz.engine.models.sharing import SHARING
from mtlviz.engine.models.tokens import Tokens
from mtlviz.engine.randomness import RandomStream
from mtlviz.errors import ConfigError
from tests.engine.models.counts import parameter_counts


@pytest.fixture(params=ENCODERS)
def encoder(request):
    return request.param


def is_insert(sharing):
    return issubclass(SHARING[sharing].method, InsertMethod)


def fits(encoder, sharing):
    """Whether the two go together, as the check before a run is stored says."""
    config = RunConfig(
        data=DataConfig(tasks=(TaskConfig(name="any"),)),
        capacity=CapacityConfig(encoder=encoder, sharing=sharing),
    )
    try:
        check_capacity(config)
    except ConfigError:
        return False
    return True


WHOLE = ("houlsby", "hypernetwork")
"""Inserts that are also tried with a real tokenizer; tests of inserts try all without."""
every_pair = pytest.mark.parametrize(
    ("encoder", "sharing"),
    [
        (encoder, sharing)
        for encoder in ENCODERS
        for sharing in SHARING
        if fits(encoder, sharing)
        and (encoder != "checkpoint" or sharing in WHOLE or not is_insert(sharing))
    ],
)


def longer(tokens, tokenizer, extra=3):
    """The same texts with more padding."""
    if tokens is None:
        return None
    pad = torch.nn.functional.pad
    segments = None if tokens.segments is None else pad(tokens.segments, (0, extra))
    ids = pad(tokens.ids, (0, extra), value=tokenizer.pad_id)
    return Tokens(ids, pad(tokens.mask, (0, extra)), segments)


@every_pair
def test_logits_have_one_row_per_example_and_one_column_per_output(
    encoder, sharing, make_model, make_batch
):
    model, tokenizer, run = make_model(encoder=encoder, sharing=sharing)
    for task, outputs in enumerate((3, 1)):
        batch = make_batch(task, tokenizer, run)
        logits = model(task, batch)
        assert logits.shape == (6, outputs)
        assert model.loss(task, logits, batch.labels).isfinite()
        assert model.predict(task, logits).shape == (6,)


@every_pair
def test_generator_alone_decides_starting_weights(encoder, sharing, make_model):
    first, *_ = make_model(encoder=encoder, sharing=sharing, seed=5)
    with torch.random.fork_rng(devices=[]):
        torch.rand(7)
        before = torch.get_rng_state()
        second, *_ = make_model(encoder=encoder, sharing=sharing, seed=5)
        assert torch.equal(torch.get_rng_state(), before)
    other, *_ = make_model(encoder=encoder, sharing=sharing, seed=6)
    first, second, other = first.state_dict(), second.state_dict(), other.state_dict()
    assert all(torch.equal(first[name], second[name]) for name in first)
    assert not all(torch.equal(first[name], other[name]) for name in first)


@every_pair
@pytest.mark.parametrize("pair", ["separate", "joint"])
def test_padding_changes_no_output(encoder, sharing, pair, make_model, make_batch):
    model, tokenizer, run = make_model(encoder=encoder, sharing=sharing, pair=pair)
    model.eval()
    for task in range(2):
        batch = make_batch(task, tokenizer, run)
        first, second = longer(batch.first, tokenizer), longer(batch.second, tokenizer)
        padded = replace(batch, first=first, second=second)
        assert_close(model(task, padded), model(task, batch), rtol=1e-5, atol=1e-6)


def test_a_batch_without_padding_needs_no_mask(encoder, make_model, make_batch):
    model, tokenizer, run = make_model(encoder=encoder)
    model.eval()
    tokens = make_batch(0, tokenizer, run).first
    assert not tokens.full
    counted = Tokens(tokens.ids[2:3], tokens.mask[2:3], real=tokens.ids.shape[1])
    assert counted.full
    masked = replace(counted, real=-1)
    assert not masked.full
    assert_close(model.sharing(0, counted), model.sharing(0, masked), rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("name", ["transformer", "checkpoint"])
def test_attention_gets_no_mask_where_nothing_is_padded(name, make_model, make_batch, monkeypatch):
    model, tokenizer, run = make_model(encoder=name, pooling="cls")
    attend, masks = functional.scaled_dot_product_attention, []

    def seen(*given, attn_mask=None, **named):
        masks.append(None if attn_mask is None else (attn_mask.dtype, tuple(attn_mask.shape)))
        return attend(*given, attn_mask=attn_mask, **named)

    monkeypatch.setattr(functional, "scaled_dot_product_attention", seen)
    padded = make_batch(0, tokenizer, run).first
    full = Tokens(padded.ids[2:3], padded.mask[2:3], real=padded.ids.shape[1])
    length = padded.ids.shape[1] + (name == "transformer")  # and the learned vector in front
    for tokens, expected in ((full, None), (padded, (torch.bool, (6, 1, 1, length)))):
        masks.clear()
        model.sharing(0, tokens)
        assert set(masks) == {expected}


def test_order_of_examples_only_reorders_outputs(encoder, make_model, make_batch):
    model, tokenizer, run = make_model(encoder=encoder)
    model.eval()
    tokens = make_batch(0, tokenizer, run).first
    turned = Tokens(tokens.ids.flip(0), tokens.mask.flip(0))
    assert_close(model.sharing(0, turned), model.sharing(0, tokens).flip(0), rtol=1e-5, atol=1e-6)


@every_pair
def test_gradient_reaches_every_parameter_of_shared_and_task_parts(
    encoder, sharing, make_model, make_batch
):
    model, tokenizer, run = make_model(encoder=encoder, sharing=sharing, dropout=0.0)
    for task in range(2):
        batch = make_batch(task, tokenizer, run)
        parameters = [*model.shared_parameters(), *model.task_parameters(task)]
        loss = model.loss(task, model(task, batch), batch.labels)
        assert all(g is not None for g in torch.autograd.grad(loss, parameters, allow_unused=True))


@every_pair
def test_parameters_are_shared_or_a_tasks_own_or_frozen_and_never_two_of_these(
    encoder, sharing, make_model
):
    model, _, run = make_model(encoder=encoder, sharing=sharing)
    parts = [model.shared_parameters(), *(model.task_parameters(k) for k in range(2))]
    numbers = [id(parameter) for part in parts for parameter in part]
    assert len(numbers) == len(set(numbers))
    trained = {id(p) for p in model.parameters() if p.requires_grad}
    assert set(numbers) == trained
    assert parameter_counts(model).total == sum(p.numel() for p in model.parameters())
    assert bool(parts[0]) == sharing_of(run).trains_shared


@every_pair
def test_state_survives_safetensors(encoder, sharing, make_model, make_batch):
    model, tokenizer, run = make_model(encoder=encoder, sharing=sharing)
    other, *_ = make_model(encoder=encoder, sharing=sharing, seed=9)
    other.load_state_dict(load(save(model.state_dict())))
    batch = make_batch(1, tokenizer, run)
    assert torch.equal(other.eval()(1, batch), model.eval()(1, batch))


@every_pair
def test_embeddings_have_the_widths_the_encoder_names(encoder, sharing, make_model, make_batch):
    model, tokenizer, run = make_model(encoder=encoder, sharing=sharing)
    model.eval()
    batch = make_batch(0, tokenizer, run)
    words, inputs, outputs = model.embeddings(0, batch.first)
    assert words.shape == inputs.shape == (6, 16 if encoder == "checkpoint" else 6)
    assert outputs.shape == (6, model.sharing.output_width)
    assert_close(model.heads[0](outputs), model(0, batch))


@pytest.mark.parametrize("method", ["aligned", "control"])
def test_at_the_start_extra_matrices_change_nothing(encoder, method, make_model, make_batch):
    plain, tokenizer, run = make_model(encoder=encoder, sharing="hard")
    model, *_ = make_model(encoder=encoder, sharing=method)
    model.sharing.encoder.load_state_dict(plain.sharing.encoder.state_dict())
    tokens = make_batch(1, tokenizer, run).first
    assert torch.equal(model.eval().sharing(1, tokens), plain.eval().sharing(1, tokens))


def test_frozen_encoder_never_drops_out_and_trains_heads_only(encoder, make_model, make_batch):
    model, tokenizer, run = make_model(encoder=encoder, frozen=True, dropout=0.5)
    tokens = make_batch(0, tokenizer, run).first
    model.train()
    assert torch.equal(model.sharing(0, tokens), model.sharing(0, tokens))
    assert model.shared_parameters() == []
    assert parameter_counts(model).frozen > 0
    assert model.heads[0].training


@pytest.mark.parametrize("name", ["transformer", "checkpoint"])
def test_recomputed_activations_give_the_same_gradient(name, make_model, make_batch):
    gradients = []
    for recompute in (False, True):
        model, tokenizer, run = make_model(encoder=name, depth=2, dropout=0.3, recompute=recompute)
        batch = make_batch(0, tokenizer, run)
        with RandomStream(1).active():
            loss = model.train().loss(0, model(0, batch), batch.labels)
        gradients.append(torch.autograd.grad(loss, model.shared_parameters()))
    for plain, again in zip(*gradients, strict=True):
        assert_close(plain, again)
