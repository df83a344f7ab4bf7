"""Probes of single updates: the examples behind gradients, and the report's worked example."""

import dataclasses
import json

import numpy as np
import pytest
import torch

from mtlviz.engine.config import RunConfig, single_task
from mtlviz.engine.probing_batches import MOST_EXAMPLES, NO_EXAMPLE, example_numbers
from mtlviz.engine.probing_sentences import SENTENCES, fitting_tasks
from mtlviz.engine.records import StepRecord, WorkedExampleRecord, to_json
from mtlviz.engine.resuming import save
from mtlviz.engine.tasks import load_tasks
from mtlviz.engine.tasks.task import Examples, Task
from mtlviz.engine.train import records, start, train
from mtlviz.errors import ConfigError
from tests.engine.test_train import config, timeless

CLASSES = ("very negative", "negative", "neutral", "positive", "very positive")
LETTERS = list("abcdefghijklmnopqrstuvwxyz")


def example_task(name, kind, labels, label_names=(), metric="accuracy", score_range=None):
    """Words of one letter, so that a tokenizer knows every word of the task."""
    texts = tuple(" ".join(LETTERS[k : k + 3]) for k in range(len(labels)))
    second = None if kind == "classification" else texts[::-1]
    split = Examples(texts, texts, second, np.array(labels))
    return Task(name, kind, label_names, metric, {"train": split, "dev": split}, "", score_range)


def three_kinds():
    return (
        example_task("sts", "pair_regression", [0.0, 5.0] * 8, (), "pearson", (0.0, 5.0)),
        example_task("sst", "classification", [0, 1, 2, 3, 4] * 3, CLASSES),
        example_task("quora", "pair_classification", [0, 1] * 8, ("no", "yes")),
    )


def settings(every=2, **changes):
    apart = {"pair": "separate", "fusion": "cosine_embedding"}
    values = {
        "data": {
            "tasks": [
                {"name": "sts", "head": apart},
                {"name": "sst"},
                {"name": "quora", "head": {"pair": "separate", "dropout": 0.5}},
            ],
            "batch_size": 4,
        },
        "capacity": {"encoder": "mean", "width": 8, "vector_width": 6, "dropout": 0.5},
        "optimisation": {"epochs": 2, "learning_rate": 1e-2, "combiner": "pcgrad"},
        "probes": {"worked_example_every": every},
        "device": "cpu",
    }
    return RunConfig.from_values(values | changes)


def worked(found):
    return [record for record in found if isinstance(record, WorkedExampleRecord)]


def test_the_examples_of_an_update_are_those_that_made_its_loss():
    chosen = config(combiner="pcgrad", scheduler="round_robin")
    tasks = load_tasks(chosen.data, np.random.default_rng(0))
    training = start(chosen, tasks=tasks)
    taken = []
    for number, stream in enumerate(training.streams):
        collate = stream.batches.collate
        stream.batches.collate = lambda indices, n=number, real=collate: (
            taken.append((n, indices.tolist())) or real(indices)
        )
    found = [record for record in records(training) if isinstance(record, StepRecord)]
    told = [
        (task, row[row >= 0].tolist())
        for record in found
        for task, row in enumerate(record.examples)
        if record.due[task]
    ]
    assert told == taken
    assert all((record.examples[~record.due] == NO_EXAMPLE).all() for record in found)


def test_example_numbers_have_one_shape_whatever_was_read():
    table = example_numbers([np.array([5, 3]), np.array([9])], [0, 2], 3, 4)
    np.testing.assert_array_equal(table, [[5, 3, -1, -1], [-1] * 4, [9, -1, -1, -1]])
    assert example_numbers([np.arange(1000)], [0], 1, 1000).shape == (1, MOST_EXAMPLES)


def test_examples_are_not_kept_where_that_is_switched_off():
    found = train(config(probes={"examples_every": 0}))
    assert all(record.examples is None for record in found if isinstance(record, StepRecord))


def test_the_worked_example_is_measured_when_due_and_finds_its_tasks():
    found = list(train(settings(every=3), tasks=three_kinds()))
    updates = sum(isinstance(record, StepRecord) for record in found)
    assert [record.update for record in worked(found)] == list(range(0, updates, 3))
    assert all(record.tasks.tolist() == [1, 2, 0] for record in worked(found))


def test_its_gradients_are_those_of_autograd_without_dropout():
    training = start(settings(), tasks=three_kinds())
    record = training.worked_example.measured(
        training.model, training.shared, training.planes, 0, 0.1
    )
    assert training.model.training
    training.model.eval()
    rows = []
    for task, batch in zip(
        training.worked_example.tasks, training.worked_example.batches, strict=True
    ):
        training.model.zero_grad()
        training.model.loss(task, training.model(task, batch), batch.labels).backward()
        rows.append(torch.cat([p.grad.reshape(-1) for p in training.shared]).numpy().copy())
    expected = np.array(rows, dtype=np.float64)
    np.testing.assert_allclose(record.gram, expected @ expected.T, rtol=1e-5, atol=1e-12)
    assert set(record.planes) == {"two parameters", "random directions"}
    assert [batch.labels.item() for batch in training.worked_example.batches] == pytest.approx(
        [sentence.label for sentence in SENTENCES]
    )


def test_looking_changes_nothing_in_the_run():
    looked = timeless(train(settings(every=1), tasks=three_kinds()))
    alone = timeless(train(settings(every=0), tasks=three_kinds()))
    assert [each for each in looked if each["kind"] != "worked_example"] == alone


def test_a_resumed_run_goes_on_with_the_same_worked_examples(tmp_path):
    expected = timeless(train(settings(), tasks=three_kinds()))
    training = start(settings(), tasks=three_kinds())
    found = records(training)
    early = [next(found) for _ in range(4)]
    save(training, tmp_path / "run.safetensors")
    resumed = start(settings(), tasks=three_kinds(), resume=tmp_path / "run.safetensors")
    assert timeless(early) + timeless(records(resumed)) == expected


def test_a_checkpoint_from_before_a_setting_existed_goes_on(tmp_path, monkeypatch):
    chosen = config()
    training = start(chosen)
    next(records(training))
    values = chosen.model_dump(mode="json")
    del values["probes"]["worked_example_every"], values["probes"]["examples_every"]
    monkeypatch.setattr(RunConfig, "model_dump", lambda self, **options: values)
    save(training, tmp_path / "run.safetensors")
    monkeypatch.undo()
    assert start(chosen, resume=tmp_path / "run.safetensors").progress.emitted == 1


def test_a_run_without_the_three_kinds_is_refused_in_one_sentence():
    with pytest.raises(ConfigError, match=r"needs three kinds of tasks .* got 'task 0', 'task 1'"):
        start(config(2, probes={"worked_example_every": 1}))


@pytest.mark.parametrize(
    "change",
    [
        {"label_names": ("bad", "good")},
        {"kind": "pair_classification"},
    ],
)
def test_a_sentence_fits_only_a_task_of_its_kind_and_labels(change):
    sts, sst, quora = three_kinds()
    assert fitting_tasks([sts, sst, quora]) == (1, 2, 0)
    assert fitting_tasks([sts, dataclasses.replace(sst, **change), quora]) is None
    assert fitting_tasks([dataclasses.replace(sts, score_range=(1.0, 5.0)), sst, quora]) is None


def test_a_task_trained_alone_leaves_the_worked_example_out():
    alone = single_task(settings(every=5), 1)
    assert alone.probes.worked_example_every == 0


def test_records_of_the_worked_example_survive_json():
    record = worked(train(settings(), tasks=three_kinds()))[0]
    text = json.dumps(to_json(record), allow_nan=False)
    assert json.loads(text)["tasks"] == [1, 2, 0]
