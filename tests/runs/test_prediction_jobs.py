"""Predictions for the app, through the real process that gives them."""

import numpy as np
import pytest

from mtlviz.engine import resuming, train
from mtlviz.engine.predictions import texts_of
from mtlviz.engine.presets import preset
from mtlviz.engine.tasks.task import Texts
from mtlviz.errors import MtlvizError
from mtlviz.runs import helper, prediction_worker
from mtlviz.runs.checkpoints import checkpoint_path
from mtlviz.runs.failures import StoreError
from mtlviz.runs.lease import lease
from mtlviz.runs.prediction_files import written
from mtlviz.runs.prediction_jobs import (
    LONGEST_TYPED,
    WORKER,
    PredictionRequest,
    kept_rows,
    kept_text,
    predict,
    request_key,
)
from mtlviz.runs.store import Store
from mtlviz.runs.stored_model import stored_model


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    """A store with run 1, three updates long, and run 2, which has no weights."""
    made = Store(tmp_path_factory.mktemp("home"))
    config = preset("default").changed_at("optimisation.max_updates", 3)
    held = lease(made, made.create_run(config))
    training = train.start(config)
    held.append(list(train.records(training)))
    resuming.save(training, checkpoint_path(made.folder(1), held.length()))
    held.finish("finished")
    made.create_run(config)
    yield made
    made.close()
    for name in ("texts", "files"):
        if (WORKER, made.home, name) in helper._lasting:
            helper._lasting.pop((WORKER, made.home, name)).close()


def worked(store, asked):
    """Have a request worked on here, as its process would."""
    request = {"asked": vars(asked), "key": request_key(store, asked)}
    prediction_worker.work(store.home, request, lambda share, stage: None)


@pytest.mark.slow
def test_a_process_answers_and_lasts_for_the_next_question(store):
    first, second = PredictionRequest(1, "a cold day"), PredictionRequest(1, "a bad day")
    stages = [part.stage for part in predict(store, [first])]
    assert stages[-1] == "Run 1 answers"
    assert "Loading the model and the data of run 1" in stages
    assert "Loading" not in " ".join(part.stage for part in predict(store, [second]))
    kept = kept_rows(store, second)
    worked(store, second)
    assert kept_rows(store, second) == kept


def test_a_typed_text_is_answered_as_the_runs_model_answers_it(store):
    asked = PredictionRequest(1, "a good day", "who came")
    assert kept_rows(store, asked) is None
    worked(store, asked)
    model = stored_model(store, 1)
    rows = {row["task"]: row for row in kept_rows(store, asked)}
    assert list(rows) == [task.name for task in model.tasks]
    for task in model.tasks:
        pair = task.splits["dev"].second is not None
        texts = Texts(("1",), ("a good day",), ("who came",) if pair else None)
        found = model.predict(task.name, texts)
        assert rows[task.name]["words"] == found.words[0]
        np.testing.assert_allclose(
            list(rows[task.name]["probabilities"].values()), list(found.odds(0).values()), atol=1e-5
        )
        assert rows[task.name]["remarks"] == model.remarks(task.name, texts)
    assert list(predict(store, [asked])) == []
    again = PredictionRequest(1, "a bad day")
    worked(store, again)
    needs = [row for row in kept_rows(store, again) if "needs" in row]
    assert len(needs) == sum(task.splits["dev"].second is not None for task in model.tasks)


def test_a_splits_answers_are_the_file_that_the_shell_writes(store):
    model = stored_model(store, 1)
    task = model.tasks[0]
    asked = PredictionRequest(1, task=task.name, split="dev", format="csv")
    worked(store, asked)
    expected = written("csv", model.predict(task.name, texts_of(task, "dev")))
    assert kept_text(store, asked) == expected


def refused(store, asked):
    with pytest.raises(MtlvizError) as error:
        worked(store, asked)
    assert str(error.value).count("\n") == 0
    return str(error.value)


def test_what_cannot_be_answered_is_one_sentence(store, monkeypatch):
    with pytest.raises(StoreError, match="no weights to answer with"):
        list(predict(store, [PredictionRequest(2, "a")]))
    long = "x" * (LONGEST_TYPED + 1)
    assert f"{LONGEST_TYPED:,}" in refused(store, PredictionRequest(1, long))
    name = store.config(1).data.tasks[0].name
    whole = PredictionRequest(1, task=name, split="dev", format="csv")
    assert "Unknown split" in refused(store, PredictionRequest(1, task=name, split="all",
                                                              format="csv"))  # fmt: skip
    assert "Unknown task" in refused(store, PredictionRequest(1, task="?", split="dev",
                                                             format="csv"))  # fmt: skip
    monkeypatch.setattr(prediction_worker, "_MOST_ROWS", 3)
    assert "use `mtlviz predict` in the shell" in refused(store, whole)


def test_weights_saved_later_are_asked_anew(store):
    asked = PredictionRequest(1, "a good day")
    key = request_key(store, asked)
    assert key == request_key(store, asked)
    assert key != request_key(store, PredictionRequest(1, "a good night"))
    newest = next(store.folder(1).glob("checkpoint-*"))
    newer = checkpoint_path(store.folder(1), 10_000)
    newer.write_bytes(newest.read_bytes())
    assert key != request_key(store, asked)
    newer.unlink()
    assert key == request_key(store, asked)


def test_only_so_many_models_are_kept_at_once(store, monkeypatch):
    monkeypatch.setattr(prediction_worker, "_MOST_MODELS", 1)
    monkeypatch.setattr(prediction_worker, "_MODELS", type(prediction_worker._MODELS)())
    marks = iter(range(9))
    monkeypatch.setattr(prediction_worker, "weights_mark", lambda store, run: (next(marks),))
    first = prediction_worker._model(store, 1, lambda *_: None)
    assert prediction_worker._model(store, 1, lambda *_: None) is not first
    assert len(prediction_worker._MODELS) == 1
