"""The public interface: it stays as it is, costs nothing to import, and the example runs."""

import inspect
import runpy
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import mtlviz
from mtlviz.api import training
from mtlviz.errors import DataError, MtlvizError
from mtlviz.runs.store import Store

ROOT = Path(__file__).parents[1]
HEAVY = ("torch", "streamlit", "plotly", "transformers", "numpy", "pydantic")
SMALL = {
    "optimisation.max_updates": 3,
    "probes.evaluate_every": 2,
    "data.batch_size": 16,
    "capacity.width": 8,
}
SIGNATURES = {
    "train": ["settings", "changes", "home", "threads", "on_record"],
    "records": ["settings", "changes", "threads"],
    "load": ["number", "home"],
    "compare": ["runs", "by"],
    "Run.predict": ["self", "task", "texts", "second"],
    "Run.predict_split": ["self", "task", "split"],
    "Run.evaluate": ["self", "task", "split", "file"],
    "Run.figures": ["self"],
    "Run.export": ["self", "folder", "format"],
    "Comparison.differences": ["self", "less"],
    "Comparison.figure": ["self", "more", "less"],
}


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    return tmp_path_factory.mktemp("home")


@pytest.fixture(scope="module")
def runs(home):
    combiners = ("sum", "pcgrad")
    return [
        mtlviz.train("default", SMALL | {"optimisation.combiner": each}, home=home)
        for each in combiners
    ]


def test_importing_it_loads_nothing_heavy():
    code = f"import sys, mtlviz\nassert not set({HEAVY}) & set(sys.modules)\n"
    code += "mtlviz.load\nassert not {'torch', 'streamlit', 'transformers'} & set(sys.modules)"
    subprocess.run([sys.executable, "-W", "ignore", "-c", code], check=True, cwd=ROOT)


def test_what_it_offers_stays_typed_and_documented():
    for path, names in SIGNATURES.items():
        found = mtlviz
        for part in path.split("."):
            found = getattr(found, part)
        known = inspect.signature(found)
        assert list(known.parameters) == names, path
        assert found.__doc__, path
        assert known.return_annotation is not inspect.Signature.empty, path
        assert all(
            each.annotation is not inspect.Parameter.empty
            for name, each in known.parameters.items()
            if name != "self"
        ), path
    assert set(mtlviz.__all__) <= set(dir(mtlviz))
    assert all(getattr(mtlviz, name) is not None for name in mtlviz.__all__)
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        mtlviz.nothing  # noqa: B018


def test_a_trained_run_is_stored_with_the_scores_it_tells(runs, home):
    store = Store(home)
    for run in runs:
        result = store.result(run.number)
        assert run.status == "finished"
        assert [score.value for score in run.scores.values()] == list(result.scores)
        assert [score.error for score in run.scores.values()] == list(result.errors)
        assert list(run.scores) == list(result.tasks)
    store.close()
    again = mtlviz.load(runs[0].number, home=home)
    assert again == runs[0]
    assert again.config == runs[0].config


def test_records_are_those_of_the_stored_run(runs, home):
    store = Store(home)
    stored = [mtlviz.to_json(record) for _, record in store.records(runs[0].number)]
    store.close()
    told = [mtlviz.to_json(record) for record in mtlviz.records(runs[0].config)]
    for record in (*stored, *told):
        record.pop("seconds", None)
    assert len(told) == len(stored)
    losses = [
        [record["losses"] for record in each if "losses" in record] for each in (told, stored)
    ]
    for mine, theirs in zip(*losses, strict=True):
        np.testing.assert_allclose(
            np.array(mine, float), np.array(theirs, float), rtol=1e-4, atol=1e-6
        )


def test_answers_and_scores_are_those_of_its_model(runs):
    run = runs[0]
    dev = run.model.tasks[0].splits["dev"]
    name = run.model.tasks[0].name
    assert run.predict(name, list(dev.first)).values == run.predict_split(name, "dev").values
    assert run.evaluate(name).score == run.scores[name].value


def test_a_file_is_scored_like_the_split_it_holds(runs, tmp_path):
    run, task = runs[0], runs[0].model.tasks[0]
    dev = task.splits["dev"]
    lines = [f"{text},{task.label_names[label]}" for text, label in zip(
        dev.first, dev.labels, strict=True)]  # fmt: skip
    (tmp_path / "dev.csv").write_text("\n".join(["text,label", *lines]))
    assert run.evaluate(task.name, file=tmp_path / "dev.csv").score == run.scores[task.name].value


def test_runs_are_compared_by_what_differs(runs):
    found = mtlviz.compare(runs)
    assert len(found.groups) == 2
    assert len(found.means) == 2 * len(runs[0].scores)
    for row in found.differences():
        task = row["task"]
        expected = 100 * (runs[1].scores[task].value - runs[0].scores[task].value)
        assert row["points"] == pytest.approx(expected)
    assert found.figure()["data"]


def test_figures_are_what_plotly_takes(runs):
    figures = pytest.importorskip("plotly.graph_objects")
    found = runs[1].figures()
    assert list(found) == ["losses", "scores", "cosines", "mean cosines"]
    for figure in found.values():
        assert figures.Figure(figure).data


def test_what_is_wrong_is_one_sentence(runs, home, tmp_path):
    run, name = runs[0], next(iter(runs[0].scores))
    wrong = [
        lambda: mtlviz.load(99, home=home),
        lambda: mtlviz.train("no preset", home=home),
        lambda: mtlviz.train("default", {"optimisation.combiner": "none"}, home=home),
        lambda: run.predict("none", ["a"]),
        lambda: run.predict(name, "a text alone"),
        lambda: run.predict(name, []),
        lambda: run.predict(name, ["x" * 300_000]),
        lambda: run.predict(name, ["a"], ["b"]),
        lambda: run.predict_split(name, "test"),
        lambda: run.evaluate(name, "all"),
        lambda: run.evaluate(name, file=tmp_path / "none.csv"),
        lambda: run.export(tmp_path / "new", "xml"),
        lambda: run.export(home, "hf"),
    ]
    for ask in wrong:
        with pytest.raises(MtlvizError) as error:
            ask()
        assert "\n" not in str(error.value)
    with pytest.raises(DataError, match="got one text alone"):
        run.predict(name, "a text alone")
    assert not (tmp_path / "new").exists()


def test_the_example_runs_at_a_small_size(home, monkeypatch, capsys):
    known = training._config
    monkeypatch.setattr(
        training, "_config", lambda settings, changes: known(settings, SMALL | (changes or {}))
    )
    monkeypatch.setenv("MTLVIZ_HOME", str(home))
    runpy.run_path(str(ROOT / "assets" / "example.py"))
    said = capsys.readouterr().out
    assert "reviews: accuracy 0." in said
    assert "'losses'" in said
