"""Encoders by layers: which parameter stands where, and what one sees between them."""

import pytest
import torch
from torch.testing import assert_close

from mtlviz.engine.models.encoders import ENCODERS
from mtlviz.engine.models.encoders.encoder import unmixed


def layers_of(encoder):
    return [encoder.layer_of(name) for name, _ in encoder.named_parameters()]


@pytest.mark.parametrize("name", ENCODERS)
def test_every_layer_has_parameters_and_the_word_vectors_stand_at_zero(name, make_model):
    model, *_ = make_model(encoder=name, depth=2)
    encoder = model.sharing.encoder
    assert set(layers_of(encoder)) == set(range(encoder.depth + 1))
    assert encoder.depth == 2
    words = next(n for n, p in encoder.named_parameters() if p.shape[0] == len(_table(encoder)))
    assert encoder.layer_of(words) == 0


def _table(encoder):
    tables = [m.weight for m in encoder.modules() if isinstance(m, torch.nn.Embedding)]
    return max(tables, key=len)


@pytest.mark.parametrize("name", ENCODERS)
@pytest.mark.parametrize("pooling", ["mean", "cls", "last"])
def test_layer_by_layer_an_encoder_gives_what_it_gives_at_once(
    name, pooling, make_model, make_batch
):
    if pooling not in ENCODERS[name].method.poolings:
        pytest.skip(f"the {name} encoder does not pool so")
    model, tokenizer, run = make_model(encoder=name, depth=2, pooling=pooling)
    encoder = model.eval().sharing.encoder
    tokens = make_batch(0, tokenizer, run).first
    seen = []

    def watched(steps):
        hidden = next(steps)
        try:
            while True:
                seen.append(hidden)
                hidden = steps.send(hidden)
        except StopIteration as done:
            return done.value

    embedded = encoder.embed(tokens)
    assert_close(watched(encoder.layered(embedded, tokens)), encoder.encode(embedded, tokens))
    assert len(seen) == encoder.stops


def test_what_is_sent_back_after_a_layer_is_what_the_next_one_reads(make_model, make_batch):
    model, tokenizer, run = make_model(encoder="mean", depth=2)
    encoder = model.eval().sharing.encoder
    tokens = make_batch(0, tokenizer, run).first
    steps = encoder.layered(encoder.embed(tokens), tokens)
    first = next(steps)
    second = steps.send(torch.zeros_like(first))
    assert_close(second, encoder.layers[3](torch.zeros_like(first)).relu())
    with pytest.raises(StopIteration) as done:
        steps.send(second)
    assert torch.equal(done.value.value, second)


def test_the_pooler_of_a_pretrained_model_stands_with_its_last_layer(make_model, make_batch):
    model, tokenizer, run = make_model(encoder="checkpoint", pooling="pooler")
    encoder = model.eval().sharing.encoder
    assert encoder.layer_of("model.pooler.dense.weight") == 2
    tokens = make_batch(0, tokenizer, run).first
    embedded = encoder.embed(tokens)
    assert_close(unmixed(encoder.layered(embedded, tokens)), encoder.encode(embedded, tokens))
