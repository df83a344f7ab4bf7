"""Numbers of inserts: the publications' for BERT-base, those measured on MiniLM, the estimate's."""

import pytest
import torch

from mtlviz.engine.estimate.checkpoints import checkpoint_shape
from mtlviz.engine.estimate.facts import DataFacts, TaskFacts
from mtlviz.engine.estimate.sizes import EncoderSize, model_size
from mtlviz.engine.models.encoders import ENCODERS
from mtlviz.engine.models.inserts.families import FAMILIES as KNOWN
from mtlviz.engine.models.inserts.families import family_places
from mtlviz.engine.models.sharing import SHARING
from tests.engine.models.inserts.conftest import FAMILIES
from tests.engine.models.inserts.references import REFERENCES

BASE = family_places(KNOWN["bert"], 12, 768, 3072, 768)
MINILM = family_places(KNOWN["bert"], 6, 384, 1536, 384)
# Vectors of 12 layers and 2 parts are not in the published count of the hypernetwork.
BERT_BASE = [
    ("houlsby", {"norms": False}, 2_379_264, 0),
    ("houlsby", {}, 2_379_264 + 4 * 768 * 12, 0),
    ("pfeiffer", {}, 894_528, 0),
    ("adapter_fusion", {}, 894_528 + 21_252_096, 0),
    ("parallel", {}, 7_091_712, 0),
    ("pals", {}, 1_819_836, 0),
    ("lora", {}, 294_912, 0),
    ("lora", {"rank": 4}, 147_456, 0),
    ("ia3", {}, 55_296, 0),
    ("bitfit", {}, 102_144, 0),
    ("bitfit", {"biases": "query_inner"}, 46_080, 0),
    ("prefix", {}, 368_640, 0),
    ("prefix", {"length": 30, "inner": 512}, 9_872_384, 0),
    ("shared_private", {}, 894_528, 894_528),
    ("hypernetwork", {}, 64, 2_580_568 + 14 * 64),
]
SMALLER = [
    ("houlsby", {"width": 24, "norms": False}, 226_080, 0),
    ("lora", {}, 73_728, 0),
    ("ia3", {}, 13_824, 0),
    ("adapter_fusion", {}, 6 * (2 * 384 * 24 + 24 + 384) + 2_658_816, 0),
    ("pals", {"width": 96}, 241_824, 0),
]


def counted(part):
    return 0 if part is None else sum(parameter.numel() for parameter in part.parameters())


@pytest.mark.parametrize(
    ("places", "name", "options", "own", "common"),
    [(BASE, *row) for row in BERT_BASE] + [(MINILM, *row) for row in SMALLER],
)
def test_numbers_are_the_published_ones(places, name, options, own, common):
    method = SHARING[name](**options)
    encoder = EncoderSize(0, 0, 0, 0, (0, 0), 0, places=places)
    size = method.size(encoder, 3)
    assert (size.own, size.shared) == (own, common)
    with torch.device("meta"):
        used = method.chosen(places, name, "it")
        assert counted(method.own_part(used, None)) == own
        assert counted(method.common(used, None)) == common


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("name", REFERENCES)
def test_places_of_a_folder_are_those_of_its_model(name, family, sharing_of_family, run_of):
    run = run_of(family, name)
    encoder = ENCODERS[run.capacity.encoder]()
    shape = checkpoint_shape(run.capacity.checkpoint) if run.capacity.checkpoint else None
    sharing = sharing_of_family(family, name)
    assert encoder.places(run, 6, shape) == sharing.encoder.places
    assert {(place.layer, place.name) for place in sharing.encoder.places} <= set(
        sharing.encoder.sites()
    )


@pytest.mark.parametrize("owner", ["task", "all", "both"])
@pytest.mark.parametrize("variant", ["fixed", "joint"])
def test_the_estimate_counts_what_trains_and_what_is_kept(owner, variant, run_of):
    run = run_of("bert", "lora", options={"owner": owner, "variant": variant})
    shape = checkpoint_shape(run.capacity.checkpoint)
    task = TaskFacts("one", "classification", 2, "accuracy", "", 9, 9, 0, (5.0, 0.0), 5, 0)
    size = model_size(run, DataFacts((task, task), (), 0), shape)
    head, inserts = 2 * (16 + 1), 2 * 2 * 8 * 2 * 16
    kept = shape.embedding + sum(shape.layers)
    assert size.tasks == (head + inserts * (owner != "all"),) * 2
    assert size.shared == inserts * (owner != "task") + kept * (variant == "joint")
    assert size.frozen == kept * (variant == "fixed")


def test_nothing_is_put_into_lower_layers_that_are_kept(sharing_of_family, run_of, tokens):
    run = run_of("bert", "lora", frozen_layers=1)
    sharing = sharing_of_family("bert", "lora", frozen_layers=1)
    assert set(sharing.own[0]) == {"1_query", "1_value"}
    shape = checkpoint_shape(run.capacity.checkpoint)
    assert ENCODERS["checkpoint"]().places(run, 0, shape) == sharing.encoder.places
    sharing(0, tokens).sum().backward()
    assert all(p.grad is not None for p in sharing.own[0].parameters())


def test_minilm_has_the_places_that_its_numbers_are_counted_at(minilm):
    assert ENCODERS["checkpoint"]().places(None, 0, checkpoint_shape(minilm)) == MINILM


@pytest.mark.parametrize("family", sorted(set(KNOWN) - set(FAMILIES)))
def test_kin_of_the_families_have_modules_at_all_places(family, sharing_of_family, tokens):
    sharing = sharing_of_family(family, "bitfit")
    encoder = sharing.encoder
    assert {(place.layer, place.name) for place in encoder.places} <= set(encoder.sites())
    moved = sharing(0, tokens) - sharing_of_family(family)(0, tokens)
    assert moved.norm() > 0.01
