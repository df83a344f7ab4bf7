import pytest
import torch
from torch.testing import assert_close

from mtlviz.engine.models.sharing import SHARING
from mtlviz.errors import ConfigError


def test_separate_encoders_start_apart(make_model):
    model, *_ = make_model(encoder="mean", sharing="separate")
    first, second = (encoder.state_dict() for encoder in model.sharing.encoders)
    assert not any(torch.equal(first[name], second[name]) for name in first)


def test_alignment_multiplies_word_vectors_by_the_tasks_own_matrix(make_model, make_batch):
    model, tokenizer, run = make_model(encoder="mean", sharing="aligned")
    tokens = make_batch(0, tokenizer, run).first
    model.eval()
    with torch.no_grad():
        model.sharing.changes[0].copy_(torch.eye(6).flip(0) - torch.eye(6))
        words, inputs, outputs = model.embeddings(0, tokens)
        assert_close(inputs, words.flip(1))
        turned = model.sharing.encoder.embed(tokens).flip(2)
        assert_close(outputs, model.sharing.encoder.encode(turned, tokens))
        unmoved = model.embeddings(1, tokens)
    assert torch.equal(unmoved.inputs, unmoved.words)


def test_weight_decay_pulls_an_alignment_to_the_identity_not_to_zero(make_model):
    model, *_ = make_model(encoder="mean", sharing="aligned")
    with torch.no_grad():
        model.sharing.changes[0].fill_(0.5)
    optimiser = torch.optim.AdamW(model.task_parameters(0), lr=0.1, weight_decay=1.0)
    for parameter in model.task_parameters(0):
        parameter.grad = torch.zeros_like(parameter)
    for _ in range(200):
        optimiser.step()
    assert_close(model.sharing.changes[0].detach(), torch.zeros(6, 6))


@pytest.mark.parametrize("method", ["aligned", "control"])
def test_before_training_it_is_hard_sharing(method, make_model, make_batch):
    model, tokenizer, run = make_model(encoder="mean", sharing=method)
    tokens = make_batch(0, tokenizer, run).first
    model.eval()
    encoder = model.sharing.encoder
    with torch.no_grad():
        for task in range(2):
            assert_close(model.sharing(task, tokens), encoder(tokens), rtol=0, atol=0)


@pytest.mark.parametrize("method", ["aligned", "control"])
def test_fixed_variant_trains_matrices_and_heads_only(method, make_model):
    options = {"variant": "fixed"}
    model, *_ = make_model(encoder="mean", sharing=method, sharing_options=options)
    assert model.shared_parameters() == []
    own = {id(p) for task in range(2) for p in model.task_parameters(task)}
    assert own == {id(p) for p in model.parameters() if p.requires_grad}
    assert not model.train().sharing.encoder.training


@pytest.mark.parametrize("width", [6, 8, 12])
def test_control_has_as_many_parameters_as_alignment_or_as_near_as_it_goes(make_model, width):
    counts = []
    for method in ("aligned", "control"):
        model, *_ = make_model(encoder="mean", sharing=method, width=width)
        counts.append(sum(p.numel() for p in model.sharing.task_parameters(0)))
    # One step of the inner width is 2 r parameters, so nearest is within r.
    assert abs(counts[0] - counts[1]) <= width


@pytest.mark.parametrize("method", SHARING)
def test_unknown_options_are_refused(method, make_model):
    with pytest.raises(ConfigError, match=f"The {method} sharing has no option 'speed'"):
        make_model(encoder="mean", sharing=method, sharing_options={"speed": 3})


@pytest.mark.parametrize("method", ["aligned", "control"])
def test_unknown_variant_is_refused(method, make_model):
    with pytest.raises(ConfigError, match=f"`variant` of the {method} sharing .* 'loose'"):
        make_model(encoder="mean", sharing=method, sharing_options={"variant": "loose"})


@pytest.mark.parametrize("setting", ["encoder", "sharing"])
def test_unknown_names_are_refused(setting, make_model):
    with pytest.raises(ConfigError, match=f"Unknown {setting} 'magic'"):
        make_model(**{setting: "magic"})
