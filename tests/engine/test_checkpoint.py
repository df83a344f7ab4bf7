"""Checkpoint files: complete or refused, in one sentence."""

import json
import pickle

import pytest
import torch
from safetensors.torch import save_file

from mtlviz.engine import checkpoint
from mtlviz.engine.resuming import load_model
from mtlviz.errors import CheckpointError


@pytest.fixture
def path(tmp_path):
    return tmp_path / "run.safetensors"


def test_tensors_and_state_come_back_bit_for_bit(path):
    tensors = {
        "w": torch.randn(3, 2, generator=torch.Generator().manual_seed(0)),
        "n": torch.tensor(3),
    }
    checkpoint.write(
        path,
        {"model": tensors, "random": {"s": torch.arange(4, dtype=torch.uint8)}},
        {"a": [1, None]},
    )
    stored = checkpoint.read(path)
    assert stored.state == {"a": [1, None]}
    assert torch.equal(stored.under("model")["w"], tensors["w"])
    assert stored.under("random")["s"].dtype == torch.uint8
    assert list(path.parent.iterdir()) == [path]


def test_a_failed_write_keeps_the_old_checkpoint(path, monkeypatch):
    checkpoint.write(path, {}, {"generation": 1})

    def full(*_, **__):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(checkpoint, "save_file", full)
    with pytest.raises(CheckpointError, match=r"Cannot write the checkpoint .*No space left"):
        checkpoint.write(path, {}, {"generation": 2})
    assert checkpoint.read(path).state == {"generation": 1}
    assert list(path.parent.iterdir()) == [path]


def test_a_folder_that_cannot_be_written_is_one_sentence(tmp_path):
    with pytest.raises(CheckpointError, match="Cannot write the checkpoint"):
        checkpoint.write(tmp_path / "missing" / "run.safetensors", {}, {})


def _truncated(path):
    checkpoint.write(path, {"model": {"w": torch.zeros(100)}}, {})
    path.write_bytes(path.read_bytes()[:-50])


def _pickled(path):
    path.write_bytes(pickle.dumps({"model": [1, 2]}))


def _newer(path):
    save_file({}, path, metadata={"mtlviz": json.dumps({"version": 99, "state": {}})})


def _foreign(path):
    save_file({"w": torch.zeros(2)}, path)


def _damaged(path):
    save_file({}, path, metadata={"mtlviz": "{"})


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (lambda path: None, "There is no checkpoint"),
        (lambda path: path.write_bytes(b""), "not a complete safetensors file"),
        (_truncated, "not a complete safetensors file"),
        (_pickled, "not a complete safetensors file"),
        (_newer, "checkpoint version 99; this mtlviz reads version 1"),
        (_foreign, "no run of mtlviz"),
        (_damaged, "is damaged"),
    ],
)
def test_a_file_that_is_no_checkpoint_is_one_sentence(path, spoil, words):
    spoil(path)
    with pytest.raises(CheckpointError, match=words) as error:
        checkpoint.read(path)
    assert "\n" not in str(error.value)
    assert str(path.parent) not in str(error.value)


def test_no_changed_byte_goes_unnoticed(path):
    numbers = torch.arange(40, dtype=torch.float32)
    groups = {"model": {"w": numbers, "half": numbers.bfloat16()}, "random": {"n": torch.tensor(3)}}
    checkpoint.write(path, groups, {"update": 7})
    whole, noticed = path.read_bytes(), 0
    for place in range(0, len(whole), 3):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
        try:
            stored = checkpoint.read(path)
        except CheckpointError:
            noticed += 1
        else:  # Only the sum's own name was hit: what it guards is whole.
            assert stored.state == {"update": 7}
            assert torch.equal(stored.under("model")["w"], numbers)
    assert noticed > 0.9 * len(whole) / 3


def test_a_file_without_a_sum_is_read_as_before(path):
    described = json.dumps({"version": 1, "state": {"a": 1}})
    save_file({"model/w": torch.ones(2)}, path, metadata={"mtlviz": described})
    assert checkpoint.read(path).under("model")["w"].tolist() == [1, 1]


def test_wrong_shapes_and_names_are_refused_before_anything_is_copied():
    target = {"a": torch.zeros(2), "b": torch.zeros(3)}
    with pytest.raises(CheckpointError, match=r"'b' has shape \(4,\), this run needs \(3,\)"):
        checkpoint.load_tensors(target, {"a": torch.ones(2), "b": torch.ones(4)}, "model")
    with pytest.raises(CheckpointError, match="'b' is missing"):
        checkpoint.load_tensors(target, {"a": torch.ones(2)}, "model")
    with pytest.raises(CheckpointError, match="'c' is unknown"):
        checkpoint.load_tensors(target, {**target, "c": torch.ones(1)}, "model")
    assert target["a"].tolist() == [0, 0]


def test_weights_that_other_versions_made_other_models_of_say_so():
    model = torch.nn.Linear(2, 1)
    stored = checkpoint.Stored({"model/weight": torch.zeros(1, 2)}, {})
    with pytest.raises(CheckpointError, match=r"'bias' is missing\. Another version of mtlviz"):
        load_model(model, stored)


def test_optimiser_state_comes_back_and_must_fit():
    def optimiser(width):
        layer = torch.nn.Linear(width, 1)
        adam = torch.optim.AdamW(layer.parameters())
        return layer, adam, {p: name for name, p in layer.named_parameters()}

    layer, adam, names = optimiser(2)
    layer(torch.ones(1, 2)).sum().backward()
    adam.step()
    stored = checkpoint.optimiser_tensors(adam, names)
    _, other, other_names = optimiser(2)
    checkpoint.load_optimiser(other, other_names, stored)
    after = checkpoint.optimiser_tensors(other, other_names)
    assert stored.keys() == after.keys()
    assert all(torch.equal(stored[name], after[name]) for name in stored)
    _, wider, wider_names = optimiser(3)
    with pytest.raises(CheckpointError, match="does not fit the optimiser"):
        checkpoint.load_optimiser(wider, wider_names, stored)
    with pytest.raises(CheckpointError, match="'w' is not trained in this run"):
        checkpoint.load_optimiser(other, other_names, {"exp_avg/w": torch.ones(1)})
