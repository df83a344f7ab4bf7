"""A finished run's predictions are those that gave its scores, whatever its tasks are."""

from dataclasses import replace

import numpy as np
import pytest

from mtlviz.engine.evaluate import evaluate
from mtlviz.engine.kinds import KINDS
from mtlviz.engine.predictions import labelled_split, texts_of
from mtlviz.engine.records import EvalRecord
from mtlviz.engine.resuming import save
from mtlviz.engine.tasks.splitting import take
from mtlviz.engine.tasks.task import Texts
from mtlviz.engine.train import records, start
from mtlviz.engine.trained_model import trained_model
from mtlviz.errors import CheckpointError, ConfigError, DataError
from tests.engine.test_kinds import built_in_config, run_of


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("runs")


class Asked:
    """What `run_of` asks of a task."""

    def __init__(self, kind):
        self.kind = kind


@pytest.fixture(scope="module", params=KINDS)
def finished(request, folder):
    """A run with a task of each kind: settings, checkpoint, training, its best scores."""
    config = run_of(Asked(request.param), probes={"evaluate_every": 2})
    training = start(config)
    told = [record for record in records(training) if isinstance(record, EvalRecord)]
    path = folder / f"{request.param}.safetensors"
    save(training, path)
    return config, path, training, next(each for each in reversed(told) if each.best)


def test_scores_from_predictions_are_the_runs_own_to_the_last_bit(finished):
    config, path, _, best = finished
    loaded = trained_model(config, path)
    for number, task in enumerate(loaded.tasks):
        found = loaded.evaluate(task.name, labelled_split(task, "dev"))
        assert (found.score, found.error) == (best.scores[number], best.errors[number])
        assert found.metrics == best.metrics[number]


def test_the_best_values_answer_and_not_the_last_ones(finished):
    config, path, training, best = finished
    training.use_best()
    scores = [each.score for each in evaluate(training.model, training.dev, training.device)]
    assert scores == best.scores.tolist()
    loaded = trained_model(config, path).model.state_dict()
    for name, tensor in training.model.state_dict().items():
        assert loaded[name].equal(tensor), name


def test_answers_come_in_the_order_asked_and_each_is_one_of_the_tasks_own(finished):
    config, path, _, _ = finished
    loaded = trained_model(config, path)
    task = loaded.tasks[0]
    texts = texts_of(task, "dev")
    there = loaded.predict(task.name, texts)
    order = np.arange(len(texts))[::-1]
    back = loaded.predict(task.name, take(task.splits["dev"], order).texts)
    assert back.texts.ids == texts.ids[::-1]
    # Batches of other neighbours may round otherwise.
    if task.label_names:
        np.testing.assert_allclose(back.probabilities[::-1], there.probabilities, atol=1e-5)
        assert list(there.odds(0)) == list(task.label_names)
        named = there.values if isinstance(there.values[0], list) else [[v] for v in there.values]
        assert {name for names in named for name in names} <= set(task.label_names)
    elif isinstance(there.values[0], str):
        assert all(v in p for v, p in zip(there.values, texts.second, strict=True))
    else:
        np.testing.assert_allclose(back.values[::-1], there.values, atol=1e-5)
    assert len(there) == len(there.values) == len(texts)


def test_a_label_cannot_change_an_answer(finished):
    config, path, _, _ = finished
    loaded = trained_model(config, path)
    task = loaded.tasks[0]
    examples = task.splits["dev"]
    turned = replace(examples, labels=examples.labels[::-1].copy())
    for one, other in zip(
        loaded.predict(task.name, examples.texts).values,
        loaded.predict(task.name, turned.texts).values,
        strict=True,
    ):
        assert one == other


def test_the_most_probable_class_is_the_answer(finished):
    config, path, _, _ = finished
    loaded = trained_model(config, path)
    for task in loaded.tasks:
        found = loaded.predict(task.name, texts_of(task, "dev"))
        if found.probabilities is None:
            continue
        for place, value in enumerate(found.values):
            odds = found.odds(place)
            if isinstance(value, list):
                assert value == [name for name, chance in odds.items() if chance > 0.5]
            else:
                assert value == max(odds, key=odds.get)
                assert sum(odds.values()) == pytest.approx(1)


@pytest.fixture(scope="module")
def one(folder):
    config = run_of(Asked(next(iter(KINDS))), probes={"evaluate_every": 4})
    training = start(config)
    list(records(training))
    path = folder / "one.safetensors"
    save(training, path)
    return config, path


def test_what_a_run_cannot_be_asked_is_one_sentence(one):
    loaded = trained_model(*one)
    with pytest.raises(ConfigError, match=r"^Unknown task of this run 'none'. Known: other, own.$"):
        loaded.predict("none", Texts(("1",), ("a",)))
    with pytest.raises(DataError, match="reads one text"):
        loaded.predict("own", Texts(("1",), ("a",), ("b",)))
    with pytest.raises(DataError, match="no text"):
        loaded.predict("own", Texts((), ()))
    task = loaded.tasks[0]
    with pytest.raises(ConfigError, match=r"^Unknown split 'all'. Known: dev, test, train.$"):
        texts_of(task, "all")
    bare = replace(task, splits={"train": task.splits["train"], "dev": task.splits["dev"]})
    with pytest.raises(DataError, match=r"has no test split; it has train and dev.$"):
        texts_of(bare, "test")
    handed = replace(bare, unlabelled={"test": lambda: Texts(("1",), ("a",))})
    assert texts_of(handed, "test").first == ("a",)
    with pytest.raises(DataError, match="answered, never scored"):
        labelled_split(handed, "test")


def test_other_data_than_the_runs_is_refused(one):
    config, path = one
    own = built_in_config(next(iter(KINDS)))
    other = config.changed_at("data.tasks", [own.model_dump() | {"name": "own"}])
    with pytest.raises(CheckpointError, match="other settings"):
        trained_model(other, path)
    tasks = trained_model(config, path).tasks
    shorter = replace(tasks[0], splits={k: take(v, range(10)) for k, v in tasks[0].splits.items()})
    with pytest.raises(CheckpointError, match="other training or dev examples"):
        trained_model(config, path, tasks=(shorter, *tasks[1:]))


def test_a_test_splits_words_are_read_from_the_test_split(one):
    loaded = trained_model(*one)
    for task in loaded.tasks:
        if "test" in task.splits:
            assert texts_of(task, "test").first == task.splits["test"].first
