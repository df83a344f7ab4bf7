"""Ways of sharing that are structure: worked examples, and what they are in the limit."""

import numpy as np
import pytest
import torch
from safetensors.torch import load, save
from torch import nn
from torch.testing import assert_close

from mtlviz.engine.estimate.sizes import EncoderSize
from mtlviz.engine.models.sharing import SHARING
from mtlviz.engine.models.sharing.columns import PulledEncoders
from mtlviz.engine.models.sharing.experts import Experts, weighed
from mtlviz.engine.records import StepRecord, to_json
from mtlviz.engine.train import train
from mtlviz.errors import ConfigError
from tests.engine.models.counts import count
from tests.engine.test_train import config


def outputs(model, batch):
    tokens = batch.first
    with torch.no_grad():
        return [model.eval().sharing(task, tokens) for task in range(2)]


def timeless(settings):
    found = (to_json(record) for record in train(settings))
    return [{k: v for k, v in each.items() if k not in ("seconds", "layers")} for each in found]


def sharing(name, **options):
    capacity = {"sharing": name, "sharing_options": options, "depth": 2}
    return config(2, capacity=capacity, max_updates=4, epochs=1)


@pytest.mark.parametrize(
    ("name", "options"),
    [("partial", {"layers": 2}), ("recon", {"split": ""})],
)
def test_with_every_layer_shared_a_run_is_that_of_hard_sharing_to_the_bit(name, options):
    assert timeless(sharing(name, **options)) == timeless(sharing("hard"))


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("partial", {"layers": 0, "end": "upper"}),
        ("recon", {"split": "0,1,2"}),
        ("cross_stitch", {"mix": 0.0, "hold": True}),
    ],
)
def test_with_nothing_shared_losses_are_those_of_soft_sharing_without_a_pull(name, options):
    """All are separate encoders that start alike; idle columns would draw dropout of their own."""

    def losses(settings):
        free = settings.with_values({"optimisation.clip_norm": None, "capacity.dropout": 0.0})
        return np.array([r.losses for r in train(free) if isinstance(r, StepRecord)])

    assert_close(losses(sharing(name, **options)), losses(sharing("soft", pull=0.0)),
                 rtol=1e-4, atol=1e-6)  # fmt: skip


@pytest.mark.parametrize("encoder", ["mean", "cnn", "lstm", "transformer", "checkpoint"])
@pytest.mark.parametrize(
    ("options", "shared"), [({"layers": 1}, {0, 1}), ({"layers": 1, "end": "upper"}, {2})]
)
def test_partial_sharing_has_the_layers_it_names_in_common_and_no_others(
    encoder, options, shared, make_model
):
    model, *_ = make_model(encoder=encoder, depth=2, sharing="partial", sharing_options=options)
    first, second = model.sharing.encoders
    other = dict(second.named_parameters())
    for name, parameter in first.named_parameters():
        assert (other[name] is parameter) == (first.layer_of(name) in shared)
        assert torch.equal(other[name], parameter)


def test_a_step_on_one_task_moves_the_shared_layer_of_both_and_its_own_alone(
    make_model, make_batch
):
    model, tokenizer, run = make_model(encoder="lstm", depth=2, pooling="mean", sharing="partial")
    before = outputs(model, make_batch(0, tokenizer, run))
    with torch.no_grad():
        for parameter in model.sharing.task_parameters(1):
            parameter.add_(0.1)
    after = outputs(model, make_batch(0, tokenizer, run))
    assert torch.equal(after[0], before[0])
    assert not torch.allclose(after[1], before[1])
    with torch.no_grad():
        for parameter in model.sharing.shared_parameters():
            parameter.add_(0.1)
    assert not torch.allclose(outputs(model, make_batch(0, tokenizer, run))[0], before[0])


def test_shared_layers_are_stored_once_and_shared_again_when_read(make_model):
    model, *_ = make_model(encoder="mean", depth=2, sharing="partial")
    state = load(save(model.state_dict()))
    assert not any(name.startswith("sharing.encoders.1.words") for name in state)
    other, *_ = make_model(encoder="mean", depth=2, sharing="partial", seed=4)
    other.load_state_dict(state)
    first, second = other.sharing.encoders
    assert first.words.weight is second.words.weight
    assert torch.equal(first.words.weight, model.sharing.encoders[0].words.weight)


@pytest.mark.parametrize(
    ("name", "options", "said"),
    [
        ("partial", {"layers": 3}, "asks for 3 shared layers, but this encoder has 2"),
        ("recon", {"split": "3"}, "Layer 3 is to be split, but this encoder has layers 0"),
        ("recon", {"split": "two"}, "numbers of layers such as '2,3', got 'two'"),
        ("recon", {"split": "²"}, "numbers of layers"),
    ],
)
@pytest.mark.parametrize("encoder", ["transformer", "checkpoint"])
def test_layers_that_an_encoder_lacks_are_refused_in_one_sentence(
    name, options, said, encoder, make_model
):
    with pytest.raises(ConfigError, match=said):
        make_model(encoder=encoder, depth=2, sharing=name, sharing_options=options)


class Number(nn.Module):
    def __init__(self, value):
        super().__init__()
        self.output_width = 1
        self.value = nn.Parameter(torch.tensor([value]))
        self.kept = nn.Parameter(torch.tensor([value]), requires_grad=False)


def test_a_pull_moves_every_copy_by_its_share_of_the_way_to_the_mean():
    pulled = PulledEncoders([Number(1.0), Number(5.0)], pull=2.0)
    pulled.after_update(0.1)  # η λ = 0.2, mean 3: 1 + 0.2·2 and 5 − 0.2·2.
    assert [round(each.value.item(), 6) for each in pulled.encoders] == [1.4, 4.6]
    pulled.after_update(10.0)  # Beyond 1 it is the mean and never past it.
    assert [round(each.value.item(), 6) for each in pulled.encoders] == [3.0, 3.0]
    assert [each.kept.item() for each in pulled.encoders] == [1.0, 5.0]


def test_the_stronger_the_pull_the_closer_the_encoders_stay():
    def apart(pull):
        from mtlviz.engine.train import records, start

        training = start(sharing("soft", pull=pull))
        for _ in records(training):
            pass
        first, second = (torch.cat([p.detach().flatten() for p in e.parameters()])
                         for e in training.model.sharing.encoders)  # fmt: skip
        return float((first - second).norm())

    distances = [apart(pull) for pull in (0.0, 10.0, 1e6)]
    assert distances[0] > distances[1] > distances[2]
    assert distances[2] < 1e-5


@pytest.mark.parametrize("encoder", ["mean", "cnn", "lstm", "transformer", "checkpoint"])
def test_cross_stitch_at_zero_is_separate_and_at_one_all_columns_are_equal(
    encoder, make_model, make_batch
):
    options = {"mix": 0.0}
    model, tokenizer, run = make_model(
        encoder=encoder, depth=2, pooling="mean", sharing="cross_stitch", sharing_options=options
    )
    batch = make_batch(0, tokenizer, run)
    with torch.no_grad():
        for parameter in model.sharing.encoders[1].parameters():
            parameter.add_(0.05 * torch.randn(parameter.shape, generator=torch.manual_seed(0)))
    found = outputs(model, batch)
    for task, encoder_ in enumerate(model.sharing.encoders):
        assert_close(found[task], encoder_(batch.first), rtol=1e-5, atol=1e-6)
    assert not torch.allclose(found[0], found[1], atol=1e-4)
    with torch.no_grad():
        model.sharing.mixtures.fill_(0.5)
    assert_close(*outputs(model, batch))


def test_two_columns_of_a_linear_map_worked_by_hand(make_model, make_batch):
    model, tokenizer, run = make_model(
        encoder="mean", depth=0, width=2, sharing="cross_stitch", sharing_options={"mix": 0.5}
    )
    first, second = model.sharing.encoders
    with torch.no_grad():
        second.layers[0].weight.mul_(-3)
        second.layers[0].bias.zero_()
        first.layers[0].bias.zero_()
    # Columns x and −3x; a = (1 − 0.5) I + 0.25: 0.75 x − 0.75 x, and 0.25 x − 2.25 x.
    plain = first(make_batch(0, tokenizer, run).first)
    found = outputs(model, make_batch(0, tokenizer, run))
    assert_close(found[0], torch.zeros_like(plain), rtol=0, atol=1e-6)
    assert_close(found[1], -2 * plain)


def test_without_mixing_gradients_of_two_tasks_meet_in_no_weight():
    settings = sharing("cross_stitch", mix=0.0, hold=True)
    step = next(record for record in train(settings) if isinstance(record, StepRecord))
    assert step.gram[0, 1] == 0
    assert (np.diagonal(step.gram) > 0).all()


def test_experts_and_a_gate_worked_by_hand():
    experts = Experts(2, 2, torch.Generator())
    with torch.no_grad():
        experts.weight.copy_(torch.tensor([[[1.0, 0.0], [0.0, 1.0]], [[0.0, 1.0], [-1.0, 0.0]]]))
        experts.bias.copy_(torch.tensor([[0.0, 0.0], [1.0, 1.0]]))
    x = torch.tensor([[2.0, 3.0]])
    answers = experts(x)
    # The first hands x on; the second gives (3, −2) + 1, cut off at zero.
    assert_close(answers, torch.tensor([[[2.0, 3.0], [4.0, 0.0]]]))
    assert_close(weighed(torch.zeros(2, 2), x, [answers]), torch.tensor([[3.0, 1.5]]))
    # Logits (0, ln 3): shares 1/4 and 3/4.
    gate = torch.tensor([[0.0, 0.0], [float(np.log(3)) / 2, 0.0]])
    assert_close(weighed(gate, x, [answers]), torch.tensor([[3.5, 0.75]]))


@pytest.mark.parametrize("name", ["mmoe", "cgc"])
def test_gates_start_even_so_that_the_order_of_experts_does_not_matter(
    name, make_model, make_batch
):
    model, tokenizer, run = make_model(encoder="mean", sharing=name)
    batch = make_batch(0, tokenizer, run)
    before = outputs(model, batch)
    if name == "mmoe":
        assert torch.equal(*before)
        experts = model.sharing.experts
        assert_close(before[0], experts(model.sharing.encoder(batch.first)).mean(-2))
    else:
        assert not torch.allclose(*before)


def test_one_shared_expert_without_private_weight_is_one_layer_more(make_model, make_batch):
    model, tokenizer, run = make_model(
        encoder="mean", sharing="mmoe", sharing_options={"experts": 1}
    )
    batch = make_batch(0, tokenizer, run)
    expert = model.sharing.experts
    hidden = model.eval().sharing.encoder(batch.first)
    layer = (hidden @ expert.weight[0].T + expert.bias[0]).relu()
    assert_close(outputs(model, batch)[1], layer)


def test_a_private_expert_gets_no_gradient_from_another_task(make_model, make_batch):
    options = {"levels": 2}
    model, tokenizer, run = make_model(encoder="mean", sharing="cgc", sharing_options=options)
    batch = make_batch(0, tokenizer, run)
    loss = model.loss(0, model(0, batch), batch.labels)
    of_other = model.sharing.task_parameters(1)
    found = torch.autograd.grad(loss, [*of_other, *model.shared_parameters()], allow_unused=True)
    assert all(each is None for each in found[: len(of_other)])
    assert all(each is not None for each in found[len(of_other) :])


BERT = EncoderSize(0, 109_482_240, 0, 109_482_240, (30522, 768), 768, ((0, 0),), 12)


def test_counts_for_bert_are_those_of_the_formulas():
    # E (r² + r) shared and E r a gate.
    found = SHARING["mmoe"](experts=8).counts(BERT, 3)
    assert (found.shared - BERT.trained, found.own) == (8 * 768 * 769, 8 * 768)
    assert found.shared - BERT.trained == 4_724_736
    # (E_s + K E_k) experts in all, and a gate over E_s + E_k of them for each task.
    found = SHARING["cgc"](shared=2, private=3).counts(BERT, 4)
    assert found.shared - BERT.trained + 4 * found.own == (2 + 12) * 768 * 769 + 4 * 5 * 768
    # K encoders and K² numbers after each layer.
    found = SHARING["cross_stitch"]().counts(BERT, 3)
    assert (found.shared, found.own) == (3 * BERT.trained + 9 * 12, 0)


STRUCTURES = [
    ("partial", {}), ("partial", {"layers": 1, "end": "upper"}), ("recon", {"split": "0,2"}),
    ("soft", {}), ("cross_stitch", {}), ("mmoe", {}), ("cgc", {}), ("cgc", {"levels": 2}),
]  # fmt: skip


@pytest.mark.parametrize("encoder", ["mean", "cnn", "lstm", "transformer"])
@pytest.mark.parametrize(("name", "options"), STRUCTURES)
@pytest.mark.parametrize("train_vectors", [True, False])
def test_the_estimate_counts_what_the_model_has(encoder, name, options, train_vectors, make_model):
    from mtlviz.engine.estimate.sizes import _encoder

    model, tokenizer, run = make_model(
        encoder=encoder, depth=2, sharing=name, sharing_options=options,
        train_vectors=train_vectors,
    )  # fmt: skip

    class Facts:
        vocabulary = tokenizer.vocabulary_size - 3

    found = SHARING[name](**options).counts(_encoder(run, Facts, None), 2)
    frozen = [p for p in model.sharing.parameters() if not p.requires_grad]
    own = [p for p in model.sharing.task_parameters(0) if p.requires_grad]
    assert tuple(found) == (count(model.shared_parameters()), count(own), count(frozen))


def test_private_layers_train_at_the_step_size_of_encoders_and_experts_at_that_of_heads():
    from mtlviz.engine.train import start

    for name, in_encoder in (("partial", True), ("mmoe", False)):
        settings = sharing(name).changed_at("optimisation.head_learning_rate", 0.5)
        training = start(settings)
        parts = training.model.sharing
        asked = parts.task_parameters(0) if in_encoder else list(parts.experts.parameters())
        first, second = training.optimiser.param_groups
        expected = first if in_encoder else second
        numbers = {id(p) for p in expected["params"]}
        assert {id(p) for p in asked} <= numbers
        assert (first["peak"], second["peak"]) == (1e-2, 0.5)
