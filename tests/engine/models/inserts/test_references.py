"""Every way of sharing that puts something inside, against its equation written out elsewhere.

The references replace modules, where the program hooks into them.
"""

import pytest
import torch
from torch.testing import assert_close

from mtlviz.engine.models.inserts.method import InsertMethod
from mtlviz.engine.models.sharing import SHARING
from tests.engine.models.inserts.conftest import FAMILIES, loss
from tests.engine.models.inserts.references import REFERENCES, Layer, Replaced, layers_of

OPTIONS = {"pals": {"width": 6, "heads": 2, "variant": "fixed"}, "prefix": {"length": 3}}
FROM_THE_START = ("bitfit", "ia3", "lora", "parallel", "pals", "hypernetwork")
"""Those that change nothing before training."""


def test_every_insert_has_a_reference():
    inserts = {name for name in SHARING if issubclass(SHARING[name].method, InsertMethod)}
    assert set(REFERENCES) == inserts


def parameters(sharing):
    """What task 1 trains inside, by name: its own, and what is common."""
    own, common = sharing.own[1] if len(sharing.own) else None, sharing.common
    return tuple(dict(part.named_parameters()) if part else {} for part in (own, common))


def around(name, encoder, own):
    """What stands around the layers: only biases do."""
    if name == "bitfit":
        spots = {"embedding_norm": ("embeddings", "LayerNorm"), "project": ("", "project"),
                 "final_norm": ("", "norm")}  # fmt: skip
        if hasattr(encoder, "model"):
            spots["project"] = ("model", "embeddings_project")
        for key, (owner, attribute) in spots.items():
            if (shift := own.get(f"around_{key}.shift")) is not None:
                module = encoder.get_submodule(owner)
                inner = getattr(module, attribute)
                setattr(module, attribute, Replaced(inner, lambda x, y, d=shift: y + d))


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("name", REFERENCES)
def test_output_and_gradient_are_those_of_the_equation(name, family, sharing_of_family, tokens):
    sharing = sharing_of_family(family, name, options=OPTIONS.get(name))
    encoder = sharing_of_family(family).encoder
    own, common = parameters(sharing)
    layers, names = layers_of(encoder)
    every = tuple(dict(part.named_parameters()) for part in sharing.own)
    for number in range(len(layers)):
        REFERENCES[name](Layer(number, layers, names, own, common, tokens.mask, every))
    around(name, encoder, own)
    found, expected = sharing(1, tokens), encoder(tokens)
    assert_close(found, expected, rtol=1e-9, atol=1e-12)
    known = [*own.values(), *common.values()]
    found, expected = (torch.autograd.grad(loss(each), known) for each in (found, expected))
    for mine, reference in zip(found, expected, strict=True):
        # Keys' biases shift all scores alike, so that their gradient is rounding alone.
        assert (mine - reference).norm() <= 1e-8 * max(reference.norm(), 1e-3)


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("name", FROM_THE_START)
def test_before_training_nothing_has_changed(name, family, sharing_of_family, tokens):
    sharing = sharing_of_family(family, name, moved=False, options=OPTIONS.get(name))
    plain = sharing_of_family(family)
    assert_close(sharing(1, tokens), plain(1, tokens), rtol=0, atol=1e-14)


@pytest.mark.parametrize("name", ["houlsby", "pfeiffer", "shared_private"])
def test_adapters_start_close_to_changing_nothing(name, sharing_of_family, tokens):
    sharing, plain = sharing_of_family("bert", name, moved=False), sharing_of_family("bert")
    moved = (sharing(1, tokens) - plain(1, tokens)).norm() / plain(1, tokens).norm()
    assert 0 < moved < 0.01


def test_a_prefix_moves_the_output_from_the_start(sharing_of_family, tokens):
    sharing, plain = sharing_of_family("bert", "prefix", moved=False), sharing_of_family("bert")
    assert (sharing(1, tokens) - plain(1, tokens)).abs().max() > 1e-3
