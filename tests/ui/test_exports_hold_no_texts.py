"""Whatever a run hands out, no text of its data is in it: some licences forbid passing them on."""

import csv
import itertools

import pytest

from mtlviz.engine import resuming, train
from mtlviz.engine.config import RunConfig
from mtlviz.runs.checkpoints import checkpoint_path
from mtlviz.runs.export_formats import EXPORT_FORMATS
from mtlviz.runs.lease import lease
from mtlviz.runs.prediction_files import FORMATS, check_format, written
from mtlviz.runs.stored_model import stored_model
from mtlviz.ui.component.take_home import page
from mtlviz.ui.core import run_view, run_words
from mtlviz.ui.pages.run.take_home import pieces

WORDS = ("amber", "birch", "cedar", "dune", "ember", "fjord")
TEXTS = [" ".join(words) for words in itertools.permutations(WORDS, 4)][::3]
PROBES = {"evaluate_every": 2, "embeddings_every": 2, "examples_every": 1}


@pytest.fixture
def run(store, tmp_path):
    """A run on a table of its own, everything recorded that can be."""
    place = tmp_path / "mine.csv"
    with place.open("w", newline="") as file:
        rows = [[text, ("no", "yes")[text < "cedar e"]] for text in TEXTS]
        csv.writer(file).writerows([["text", "label"], *rows])
    task = {"source": "table", "path": str(place)}
    settings = {
        "data": {"tasks": [task | {"name": "one"}, task | {"name": "two"}], "batch_size": 8},
        "capacity": {"width": 8},
        "optimisation": {"max_updates": 4, "combiner": "pcgrad"},
        "probes": PROBES,
        "device": "cpu",
    }
    held = lease(store, store.create_run(RunConfig.from_values(settings)))
    training = train.start(store.config(held.run))
    held.plan(4, [each.metric for each in training.tasks])
    held.append(list(train.records(training)))
    resuming.save(training, checkpoint_path(store.folder(held.run), held.length()))
    held.finish("finished")
    return held.run


def texts_in(content):
    return [text for text in TEXTS if text.encode() in content]


def test_no_file_of_an_export_holds_a_text_of_the_data(store, run, tmp_path):
    files = []
    for name in ("mtlviz", "hf"):
        folder = EXPORT_FORMATS[name].write(store, run, tmp_path / name)
        files += [each for each in folder.rglob("*") if each.is_file()]
    assert {"records.jsonl", "reproduce.py", "README.md"} <= {each.name for each in files}
    assert str(tmp_path) not in (tmp_path / "hf" / "README.md").read_text()
    assert not {each.name: found for each in files if (found := texts_in(each.read_bytes()))}


def test_the_file_to_take_home_holds_none_either(store, run):
    summary = store.run(run)
    view = run_view.look(summary, 10, cursor=f"run.{run}")
    made = page("Run", run_words.lines(summary, view), pieces(view))
    assert not texts_in(made.encode())


def test_nor_do_answers_to_a_split(store, run):
    model = stored_model(store, run)
    found = model.predict("one", model.tasks[0].splits["dev"].texts)
    for name in FORMATS:
        try:
            check_format(name, found.task)
        except Exception:  # noqa: BLE001  a format of other tasks
            continue
        assert not texts_in(written(name, found).encode())
    # The test can fail: asked for, the texts are there.
    assert texts_in(written("csv", found, with_texts=True).encode())
