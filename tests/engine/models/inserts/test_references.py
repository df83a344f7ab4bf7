"""Every way of sharing that puts something inside, against its equation written out elsewhere.

The references replace modules, where the program hooks into them.
"""

import pytest
import torch
from torch import nn
from torch.nn import functional
from torch.testing import assert_close

from tests.engine.models.inserts.conftest import FAMILIES, loss, plain_copy

BERT = {
    "query": "attention.self.query",
    "value": "attention.self.value",
    "attention": "attention.output.dense",
    "attention_norm": "attention.output.LayerNorm",
    "contract": "output.dense",
    "output_norm": "output.LayerNorm",
}
DISTILBERT = {
    "query": "attention.q_lin",
    "value": "attention.v_lin",
    "attention": "attention.out_lin",
    "attention_norm": "sa_layer_norm",
    "contract": "ffn.lin2",
    "output_norm": "output_layer_norm",
}
OWN = {
    "attention": "attention_output",
    "attention_norm": "attention_norm",
    "contract": "contract",
    "output_norm": "feed_norm",
}


def layers(encoder):
    for path in ("blocks", "model.encoder.layer", "model.transformer.layer"):
        try:
            return encoder.get_submodule(path), {"blocks": OWN, "model.encoder.layer": BERT}.get(
                path, DISTILBERT
            )
        except AttributeError:
            continue
    raise AssertionError


class Replaced(nn.Module):
    """A module and a function of what it read and made."""

    def __init__(self, inner, function):
        super().__init__()
        self.inner, self.function = inner, function

    def forward(self, x):
        return self.function(x, self.inner(x))


def replace(layer, path, function):
    parent, _, name = path.rpartition(".")
    owner = layer.get_submodule(parent)
    setattr(owner, name, Replaced(getattr(owner, name), function))


def lora(number, layer, names, own):
    def changed(key):
        a, b = own[f"{number}_{key}.down"], own[f"{number}_{key}.up"]
        return lambda x: 2.0 * (b @ a @ x.mT).mT

    query, value = changed("query"), changed("value")
    if "query" in names:
        replace(layer, names["query"], lambda x, y: y + query(x))
        replace(layer, names["value"], lambda x, y: y + value(x))
    else:
        nothing = lambda x: torch.zeros_like(query(x))  # noqa: E731
        replace(
            layer,
            "queries_keys_values",
            lambda x, y: y + torch.cat([query(x), nothing(x), value(x)], -1),
        )


def houlsby(number, layer, names, own):
    for key in ("attention", "contract"):
        w, b, u, c = (own[f"{number}_{key}.{n}"] for n in ("down", "down_bias", "up", "up_bias"))
        replace(
            layer,
            names[key],
            lambda x, y, w=w, b=b, u=u, c=c: y + functional.gelu(y @ w.T + b) @ u.T + c,
        )
    for key in ("attention_norm", "output_norm"):
        norm = layer.get_submodule(names[key])
        scale, shift = own[f"{number}_{key}.scale"], own[f"{number}_{key}.shift"]

        def normed(x, y, norm=norm, scale=scale, shift=shift):
            middle, spread = x.mean(-1, keepdim=True), x.var(-1, keepdim=True, unbiased=False)
            plain = (x - middle) / (spread + norm.eps).sqrt()
            return plain * (norm.weight + scale) + norm.bias + shift

        replace(layer, names[key], normed)


REFERENCES = {"lora": lora, "houlsby": houlsby}


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("name", REFERENCES)
def test_output_and_gradient_are_those_of_the_equation(name, family, sharing_of_family, tokens):
    sharing = sharing_of_family(family, name)
    own = dict(sharing.own[1].named_parameters())
    encoder = plain_copy(sharing)
    blocks, names = layers(encoder)
    for number, layer in enumerate(blocks):
        REFERENCES[name](number, layer, names, own)
    found, expected = sharing(1, tokens), encoder(tokens)
    assert_close(found, expected, rtol=1e-9, atol=1e-12)
    known = list(own.values())
    found, expected = (torch.autograd.grad(loss(each), known) for each in (found, expected))
    assert_close(found, expected, rtol=1e-8, atol=1e-10)
