"""What a run is said to cost, held against the models themselves and worked examples."""

import json
import struct
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from mtlviz.engine.config import DataConfig, HeadConfig, RunConfig, TaskConfig
from mtlviz.engine.estimate.checkpoints import NotFetched, checkpoint_shape
from mtlviz.engine.estimate.duration import Speed
from mtlviz.engine.estimate.facts import data_facts, worst_leaks
from mtlviz.engine.estimate.sizes import model_size
from mtlviz.engine.estimate.whole import estimate, likely_seconds
from mtlviz.engine.estimate.work import batches_per_epoch, schedule
from mtlviz.engine.models.build import build, build_tokenizer
from mtlviz.engine.presets import preset
from mtlviz.engine.tasks import load_tasks
from mtlviz.errors import CheckpointError, DataError, OfflineError
from tests.checkpoints import write_tokenizer
from tests.engine.models.counts import parameter_counts

SMALL = {"size": 60, "dev_size": 20}
HEADS = {
    "sentiment": HeadConfig(layers=2, width=7),
    "paraphrase": HeadConfig(layers=3, width=5, pair="separate", fusion="compare"),
    "similarity": HeadConfig(pair="separate", fusion="cosine_embedding"),
    "topic": HeadConfig(),
}
HIDDEN = HeadConfig(layers=2, width=6, pair="separate", fusion="cosine_hidden")


def task_facts(config):
    return data_facts(DataConfig(tasks=(config,))).tasks[0]


def tasks(*asked, head=None):
    return tuple(
        TaskConfig(name=f"{name} {number}", options={**SMALL, "asks": name},
                   head=head or HEADS[name])
        for number, name in enumerate(asked)
    )  # fmt: skip


def config(**capacity):
    data = DataConfig(tasks=tasks(*HEADS), batch_size=8, max_length=20)
    made = RunConfig(data=data)
    for name, value in {"width": 12, "vector_width": 10, **capacity}.items():
        made = made.changed_at(f"capacity.{name}", value)
    return made


def built(settings):
    loaded = load_tasks(settings.data, np.random.default_rng(0))
    tokenizer = build_tokenizer(settings, loaded)
    model = build(settings, loaded, tokenizer, torch.Generator().manual_seed(0))
    return model, tokenizer


MODELS = [
    config(encoder="mean"),
    config(encoder="mean", depth=0, train_vectors=False),
    config(encoder="mean", depth=3, frozen=True),
    config(encoder="cnn", width=11, depth=2),
    config(encoder="lstm", depth=2),
    config(encoder="transformer", depth=2, pooling="cls"),
    config(encoder="transformer", depth=1, vector_width=12, sharing="separate"),
    config(encoder="mean", sharing="aligned"),
    config(encoder="mean", sharing="aligned", sharing_options={"variant": "fixed"}),
    config(encoder="mean", sharing="control"),
    config(encoder="cnn").changed_at(
        "data.tasks", [t.model_dump() for t in tasks("paraphrase", "similarity", head=HIDDEN)]
    ),
]


@pytest.mark.parametrize("settings", MODELS)
def test_parameters_are_counted_as_the_model_has_them(settings):
    model, tokenizer = built(settings)
    facts = replace(data_facts(settings.data), vocabulary=tokenizer.vocabulary_size - 3)
    found, true = model_size(settings, facts), parameter_counts(model)
    assert (found.shared, found.tasks, found.frozen) == (true.shared, true.tasks, true.frozen)


def test_the_vocabulary_is_that_of_the_tokenizer():
    settings = config()
    assert data_facts(settings.data).vocabulary == built(settings)[1].vocabulary_size - 3


@pytest.fixture
def checkpoint(tmp_path):
    """A tiny encoder's files: 2 layers of width 4, 9 words, with a pooler."""
    names = {"embeddings.word_embeddings.weight": (9, 4), "pooler.dense.weight": (4, 4)}
    for layer in range(2):
        names[f"encoder.layer.{layer}.attention.output.dense.weight"] = (4, 4)
        names[f"encoder.layer.{layer}.intermediate.dense.weight"] = (6, 4)
        names[f"encoder.layer.{layer}.output.dense.weight"] = (4, 6)
    names["cls.predictions.bias"] = (9,)
    save_file(
        {name: torch.zeros(shape) for name, shape in names.items()}, tmp_path / "model.safetensors"
    )
    sizes = {
        "hidden_size": 4, "num_hidden_layers": 2, "vocab_size": 9, "intermediate_size": 6,
        "max_position_embeddings": 32, "model_type": "bert",
    }  # fmt: skip
    (tmp_path / "config.json").write_text(json.dumps(sizes))
    write_tokenizer(tmp_path, words=9)
    return tmp_path


def test_a_checkpoints_shape_is_read_from_its_headers(checkpoint):
    shape = checkpoint_shape(str(checkpoint))
    # 4·4 + 6·4 + 4·6 = 64 a layer; the pretraining head is no part of the encoder.
    assert (shape.width, shape.layers, shape.embedding, shape.pooler) == (4, (64, 64), 36, 16)
    assert (shape.table, shape.positions, shape.feed_forward) == ((9, 4), 32, 6)


def test_frozen_layers_of_a_checkpoint_do_not_train(checkpoint):
    shape = checkpoint_shape(str(checkpoint))
    settings = config(encoder="checkpoint", checkpoint=str(checkpoint), frozen_layers=1)
    size = model_size(settings, data_facts(settings.data), shape)
    assert (size.shared, size.frozen) == (64, 36 + 64)


@pytest.mark.parametrize(
    ("setting", "value", "said"),
    [
        ("hidden_size", 8, "8 numbers a word vector, the file holds 4"),
        ("num_hidden_layers", 3, "3 layers, the file holds 2"),
        ("vocab_size", 30522, "30,522 words, the file holds 9"),
    ],
)
def test_weights_that_do_not_fit_the_configuration_are_one_sentence(
    checkpoint, setting, value, said
):
    sizes = json.loads((checkpoint / "config.json").read_text())
    (checkpoint / "config.json").write_text(json.dumps({**sizes, setting: value}))
    with pytest.raises(CheckpointError, match=said) as raised:
        checkpoint_shape(str(checkpoint))
    assert str(checkpoint.parent) not in str(raised.value)


def test_a_pickle_file_alone_is_refused(checkpoint):
    (checkpoint / "model.safetensors").rename(checkpoint / "pytorch_model.bin")
    with pytest.raises(CheckpointError, match="pickle"):
        checkpoint_shape(str(checkpoint))


@pytest.mark.parametrize("content", [b"", b"short", struct.pack("<Q", 9) + b"not JSON!"])
def test_a_damaged_weight_file_is_one_sentence(checkpoint, content):
    (checkpoint / "model.safetensors").write_bytes(content)
    with pytest.raises(CheckpointError, match="damaged"):
        checkpoint_shape(str(checkpoint))


def test_a_folder_that_is_not_there_is_one_sentence(tmp_path):
    with pytest.raises(CheckpointError, match="There is no folder"):
        checkpoint_shape(str(tmp_path / "nowhere"))


def test_a_hub_name_is_not_asked_for_offline_and_is_no_mistake_online(monkeypatch):
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    with pytest.raises(OfflineError, match="HF_HUB_OFFLINE is set"):
        checkpoint_shape("nobody/has-this-encoder")
    monkeypatch.delenv("HF_HUB_OFFLINE")
    with pytest.raises(NotFetched):
        checkpoint_shape("nobody/has-this-encoder")


def test_facts_count_what_is_loaded():
    facts = task_facts(TaskConfig(name="pairs", options={**SMALL, "asks": "similarity"}))
    assert (facts.train, facts.dev, facts.test, facts.kind) == (60, 20, 0, "pair_regression")
    # "the patient teacher praised the quiet and elegant film": nine words each.
    assert facts.words == (9.0, 9.0)
    assert facts.longest == 18


def write_set(folder: Path, train: str, dev: str) -> str:
    folder.mkdir()
    meta = {
        "task": "classification", "labels": ["no", "yes"], "metric": "accuracy",
        "files": {"train": "train.csv", "dev": "dev.csv"},
    }  # fmt: skip
    (folder / "meta.json").write_text(json.dumps(meta))
    (folder / "train.csv").write_text(f"id,text,label\n{train}")
    (folder / "dev.csv").write_text(f"id,text,label\n{dev}")
    return str(folder)


def test_leaks_are_counted_and_dropped(tmp_path):
    one = write_set(tmp_path / "one", "1,good film,1\n2,bad film,0\n3,great,1\n", "4,so so,0\n")
    two = write_set(tmp_path / "two", "1,warm,1\n2,cold,0\n", "3,Good  film!,1\n4,new,0\n")
    pair = tuple(TaskConfig(name=Path(p).name, source="folder", path=p) for p in (one, two))
    facts = data_facts(DataConfig(tasks=pair))
    leak = worst_leaks(facts.leaks)["two"]
    assert (leak.train_task, leak.count, leak.examples) == ("one", 1, 2)
    dropped = data_facts(DataConfig(tasks=pair, drop_leaked=True))
    assert [(task.train, task.dropped) for task in dropped.tasks] == [(2, 1), (2, 0)]


def test_an_empty_development_split_is_one_sentence(tmp_path):
    place = write_set(tmp_path / "one", "1,good film,1\n2,bad film,0\n", "")
    with pytest.raises(DataError, match="dev"):
        task_facts(TaskConfig(name="one", source="folder", path=place))


def test_updates_are_those_of_the_schedule():
    settings = config().changed_at("optimisation.epochs", 2)
    facts = data_facts(settings.data)
    # 60 examples in batches of 8 are 8 batches; two of them added up are 4 updates.
    assert batches_per_epoch(settings, facts).tolist() == [8] * 4
    halved = settings.changed_at("optimisation.accumulate", 2)
    assert schedule(halved, facts).due.shape == (8, 4)
    robin = settings.changed_at("optimisation.scheduler", "round_robin")
    assert estimate(robin, facts).work.updates == 64
    assert estimate(robin.changed_at("optimisation.max_updates", 5), facts).work.updates == 5


def test_gradients_are_held_once_a_due_task_or_as_one_sum():
    settings = config()
    facts = data_facts(settings.data)
    surgery = settings.changed_at("optimisation.combiner", "pcgrad")
    assert estimate(surgery, facts).memory.copies == 4
    robin = surgery.changed_at("optimisation.scheduler", "round_robin")
    assert estimate(robin, facts).memory.copies == 1
    plain = settings.changed_at("probes.gram_every", 0).changed_at("probes.planes_every", 0)
    assert estimate(plain, facts).memory.copies == 1
    # Four bytes for each of the shared parameters of four tasks, and for the heads' own.
    size = estimate(surgery, facts).size
    expected = 4 * (4 * size.shared + sum(size.tasks))
    assert estimate(surgery, facts).memory.gradients == expected
    # Waiting in two bytes each, and the update made of them in four.
    halved = surgery.changed_at("optimisation.gradient_precision", "bfloat16")
    expected = (4 * 2 + 4) * size.shared + 4 * sum(size.tasks)
    assert estimate(halved, facts).memory.gradients == expected
    alone = halved.changed_at("optimisation.scheduler", "round_robin")
    assert estimate(alone, facts).memory == estimate(robin, facts).memory


def seconds(settings, facts, operations=1e9):
    return likely_seconds(settings, estimate(settings, facts), Speed(operations, 1e10))


def test_time_grows_with_the_work_and_falls_with_the_speed():
    settings = config(encoder="transformer", depth=2)
    facts = data_facts(settings.data)
    once, twice = (
        seconds(settings.changed_at("optimisation.epochs", epochs), facts) - 4.0
        for epochs in (2, 4)
    )
    assert twice == pytest.approx(2 * once, rel=1e-6)
    assert seconds(settings, facts, 1e8) > seconds(settings, facts, 1e9)
    frozen = settings.changed_at("capacity.frozen", True)
    assert seconds(frozen, facts) < seconds(settings, facts)


def test_the_first_run_is_said_to_fit_any_laptop():
    settings = preset("default")
    facts = data_facts(settings.data)
    assert estimate(settings, facts).memory.total < 1e9
    assert seconds(settings, facts, 2e10) < 60


def test_of_several_processes_each_has_a_part_of_the_activations_and_all_else():
    config = preset("default")
    known = data_facts(config.data)
    alone, each = (
        estimate(config.changed_at("processes", count), known).memory for count in (1, 4)
    )
    assert each.activations == pytest.approx(alone.activations / 4)
    assert each.total == pytest.approx(alone.total - 0.75 * alone.activations)
