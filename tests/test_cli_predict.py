"""`mtlviz predict` and `mtlviz evaluate`: a stored run answers, and its files give its scores."""

import csv
import json
import re
from pathlib import Path

import numpy as np
import pytest

from mtlviz import cli
from mtlviz.engine.config import RunConfig
from mtlviz.engine.kinds import KINDS
from mtlviz.engine.metrics import METRICS
from mtlviz.engine.purposes import DATA, generator
from mtlviz.engine.tasks import load_tasks
from mtlviz.runs.store import Store
from tests.engine.test_kinds import built_in_config, encoder_for

SPAN = next(name for name in KINDS if KINDS[name].reads_tokens)
SETTINGS = {
    "data": {
        "tasks": [
            built_in_config(name).model_dump()
            | {
                "name": name,
                "options": dict(built_in_config(name).options) | {"size": 40, "dev_size": 20},
            }
            for name in KINDS
        ],
        "batch_size": 8,
    },
    "capacity": {"encoder": encoder_for(SPAN), "width": 8, "vector_width": 6},
    "optimisation": {"max_updates": 4, "learning_rate": 1e-2},
    "probes": {"evaluate_every": 2},
    "device": "cpu",
}


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """A home with run 1, which has a task of every kind, and run 2, which never began."""
    place = tmp_path_factory.mktemp("home")
    config = RunConfig.from_values(SETTINGS)
    (place / "config.json").write_text(config.to_json())
    train = ["train", "--config", str(place / "config.json"), "--home", str(place)]
    assert cli.main(train) == 0
    with_store = Store(place)
    with_store.create_run(config, queued=False)
    with_store.close()
    return place


@pytest.fixture
def ask(home, capsys):
    """Run a command on that home; status, what was printed and what was said of it."""

    def asked(name, *arguments):
        capsys.readouterr()
        status = cli.main([name, *map(str, arguments), "--home", str(home)])
        told = capsys.readouterr()
        return status, told.out, told.err

    return asked


def stored(home):
    store = Store(home)
    result = store.result(1)
    store.close()
    return result


def tasks_of(home):
    config = RunConfig.from_values(SETTINGS)
    return load_tasks(config.data, generator(config.seed, DATA))


def rows_of(text):
    return [json.loads(line) for line in text.split("\n")[:-1]]


def answers_of(task, values):
    """What metrics take, from the values of a file."""
    kind = KINDS[task.kind]
    if kind.reads_tokens:
        return values
    cells = [",".join(v) if isinstance(v, list) else str(v) for v in values]
    return kind.read(cells, task.label_names)


def test_development_scores_recomputed_from_the_files_are_those_stored(ask, home, tmp_path):
    folder = tmp_path / "new" / "answers"
    assert ask("predict", 1, "--split", "dev", "--format", "jsonl", "--out", f"{folder}/")[0] == 0
    result = stored(home)
    for number, task in enumerate(tasks_of(home)):
        lines = rows_of((folder / f"{task.name}-dev.jsonl").read_text())
        assert [line["id"] for line in lines] == list(task.splits["dev"].ids)
        answers = answers_of(task, [line["prediction"] for line in lines])
        truth = KINDS[task.kind].truth(task.splits["dev"])
        found = METRICS[task.metric](answers, truth)
        np.testing.assert_equal(found, result.scores[number])


def test_tables_hold_the_same_answers_as_lines(ask, home, tmp_path):
    for form in ("csv", "jsonl"):
        assert (
            ask("predict", 1, "--split", "dev", "--format", form, "--out", f"{tmp_path}/")[0] == 0
        )
    for task in tasks_of(home):
        lines = rows_of((tmp_path / f"{task.name}-dev.jsonl").read_text())
        with (tmp_path / f"{task.name}-dev.csv").open(newline="") as file:
            table = list(csv.DictReader(file))
        for row, line in zip(table, lines, strict=True):
            value = line["prediction"]
            said = ",".join(value) if isinstance(value, list) else str(value)
            assert row["prediction"].removeprefix("'") == said
            odds = {k.removeprefix("probability: "): v for k, v in row.items() if "probab" in k}
            assert {k: float(v) for k, v in odds.items()} == line.get("probabilities", {})


def test_evaluate_repeats_the_stored_scores_and_their_errors(ask, home):
    _, out, _ = ask("evaluate", 1, "--split", "dev")
    result = stored(home)
    for name, score, error in zip(result.tasks, result.scores, result.errors, strict=True):
        line = re.search(rf"^{name}: .*$", out, re.MULTILINE)[0]
        assert "on 20 examples" in line
        if np.isfinite(score):
            assert f"{abs(score):.3f} ± {error:.3f}" in line


def test_a_labelled_table_of_the_development_split_scores_the_same(ask, home, tmp_path):
    result = stored(home)
    for number, task in enumerate(tasks_of(home)):
        kind, dev = KINDS[task.kind], task.splits["dev"]
        if kind.read_file is not None:
            continue
        columns = ["text_a", "text_b"] if kind.pair else ["text"]
        texts = [dev.first, *([dev.second] if kind.pair else [])]
        for style in ("names", "numbers"):
            cells = [kind.write(label, task.label_names) for label in dev.labels]
            if style == "names" and kind.counts(dev.labels, len(task.label_names)) is not None:
                cells = [kind.say(task, dev, place) for place in range(len(dev))]
                cells = ["" if cell == "none" else cell for cell in cells]
            file = tmp_path / f"{task.name}-{style}.csv"
            with file.open("w", newline="") as opened:
                csv.writer(opened).writerows(
                    [[*columns, "label"], *zip(*texts, cells, strict=True)]
                )
            status, out, err = ask("evaluate", 1, file, "--task", task.name)
            assert status == 0, err
            if np.isfinite(result.scores[number]):
                assert f"{abs(result.scores[number]):.3f}" in out.splitlines()[0]


def test_a_text_is_answered_by_every_task_that_reads_so_many(ask, home):
    status, out, _ = ask("predict", 1, "--text", "a good day")
    assert status == 0
    singles = [name for name in KINDS if not KINDS[name].pair]
    assert [line.split(":")[0] for line in out.splitlines()] == singles
    assert "%" in out.splitlines()[0]
    _, out, _ = ask(
        "predict", 1, "--text", "who came", "--pair", "A man came.", "--format", "jsonl"
    )
    rows = rows_of(out)
    assert [row["task"] for row in rows] == [name for name in KINDS if KINDS[name].pair]
    assert rows[0]["text_b"] == "A man came."
    assert rows[-1]["prediction"] in "A man came."


def test_files_of_new_texts_are_answered_in_their_order(ask, home, tmp_path):
    lines = tmp_path / "mine.txt"
    lines.write_text("one, two\n\nthree\n")
    name = next(iter(KINDS))
    _, out, _ = ask("predict", 1, lines, "--task", name)
    rows = list(csv.DictReader(out.splitlines()))
    assert [(row["id"], row["text"]) for row in rows] == [
        ("line 1", "one, two"),
        ("line 3", "three"),
    ]
    alone = tmp_path / "alone.csv"
    alone.write_text("review\none\nthree\n")
    assert len(ask("predict", 1, alone, "--task", name)[1].splitlines()) == 3
    odd = tmp_path / "odd.csv"
    odd.write_text("id,what,why\na,one,x\n")
    status, _, err = ask("predict", 1, odd, "--task", name)
    assert (status, err.count("\n")) == (2, 1)
    assert "it has 'id', 'what', 'why': say which it is" in err
    _, out, _ = ask("predict", 1, odd, "--task", name, "--text-column", "what")
    assert out.splitlines()[1].startswith("a,one,")


def test_questions_without_answers_are_answered_by_their_names(ask, home, tmp_path):
    qas = [{"id": f"q{n}", "question": "who came ?"} for n in range(3)]
    file = tmp_path / "questions.json"
    file.write_text(json.dumps({"data": [{"paragraphs": [{"context": "Ann came .", "qas": qas}]}]}))
    status, out, err = ask("predict", 1, file, "--task", SPAN, "--format", "squad")
    assert status == 0, err
    assert list(json.loads(out)) == ["q0", "q1", "q2"]
    assert all(answer in "Ann came ." for answer in json.loads(out).values())


WRONG = {
    "nothing asked": ["predict", 1],
    "two things asked": ["predict", 1, "--split", "dev", "--text", "x"],
    "second text alone": ["predict", 1, "--split", "dev", "--pair", "x"],
    "no run": ["predict", 77, "--split", "dev"],
    "no number": ["predict", "nowhere", "--split", "dev"],
    "no weights": ["predict", 2, "--split", "dev"],
    "no task": ["predict", 1, "--split", "dev", "--task", "none"],
    "no split": ["predict", 1, "--split", "all", "--out", "x"],
    "no format": ["predict", 1, "--split", "dev", "--format", "xml"],
    "format of other tasks": ["predict", 1, "--split", "dev", "--format", "squad", "--out", "x/"],
    "several tables at once": ["predict", 1, "--split", "dev"],
    "no text": ["predict", 1, "--text", " "],
    "long text": ["predict", 1, "--text", "x" * 300_000],
    "one text for pairs": ["predict", 1, "--text", "x", "--task", "pair_classification"],
    "no file": ["predict", 1, "nowhere.csv", "--task", "classification"],
    "file for several": ["predict", 1, "nowhere.csv"],
    "nothing scored": ["evaluate", 1],
    "unlabelled file": ["evaluate", 1, "bare.csv", "--task", "classification"],
    "wrong label": ["evaluate", 1, "wrong.csv", "--task", "classification"],
    "no labels at all": ["evaluate", 1, "empty.csv", "--task", "classification"],
    "a picture": ["predict", 1, "picture.png", "--task", "classification"],
    "a picture by another name": ["predict", 1, "picture.csv", "--task", "classification"],
    "questions for another kind": ["predict", 1, "squad.json", "--task", "classification"],
    "a table for questions": ["evaluate", 1, "wrong.csv", "--task", SPAN],
    "a folder": ["predict", 1, ".", "--task", "classification"],
    "a text of the file too long": ["predict", 1, "long.csv", "--task", "classification"],
    "device of no machine": ["predict", 1, "--split", "dev", "--device", "cuda:99"],
}


@pytest.mark.parametrize("arguments", WRONG.values(), ids=WRONG)
def test_what_cannot_be_asked_is_one_sentence(ask, arguments, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("bare.csv").write_text("id,text\n1,a\n2,b\n")
    Path("wrong.csv").write_text("text,label\na,nonsense\n")
    Path("empty.csv").write_text("text,label\na,\nb,\n")
    for name in ("picture.png", "picture.csv"):
        Path(name).write_bytes(b"\x89PNG\r\n\x1a\n\x00\x00\xff")
    qas = [{"id": "q", "question": "who ?", "answers": []}]
    paragraphs = [{"context": "Ann .", "qas": qas}]
    Path("squad.json").write_text(json.dumps({"data": [{"paragraphs": paragraphs}]}))
    Path("long.csv").write_text("text\n" + "x" * 250_000 + "\n")
    status, out, err = ask(*arguments)
    assert (status, out) == (2, "")
    assert err.count("\n") == 1
    assert len(err) < 400
    assert not (tmp_path / "x").exists()


def test_nothing_is_written_over(ask, tmp_path):
    place = tmp_path / "out.csv"
    place.write_text("kept")
    status, _, err = ask("predict", 1, "--split", "dev", "--task", "classification", "--out", place)
    assert status == 2
    assert "exists already" in err
    (tmp_path / "classification-dev.csv").write_text("kept")
    _, _, err = ask("predict", 1, "--split", "dev", "--out", f"{tmp_path}/")
    assert "exists already" in err
    assert sorted(each.name for each in tmp_path.iterdir()) == ["classification-dev.csv", "out.csv"]
    assert place.read_text() == (tmp_path / "classification-dev.csv").read_text() == "kept"


def test_a_run_is_exported_in_every_form_that_fits_it(ask, tmp_path):
    status, out, _ = ask("export", 1, "--format", "hf", "--out", tmp_path / "hf")
    assert status == 0
    assert out.startswith("The model of run 1, with its README.md, is in ")
    assert {"README.md", "heads.json", "heads.safetensors", "mtlviz.json"} <= {
        each.name for each in (tmp_path / "hf").iterdir()
    }
    assert ask("export", 1, "--out", tmp_path / "plain")[0] == 0
    assert (tmp_path / "plain" / "reproduce.py").is_file()


UNEXPORTED = {
    "no format": (1, "xml", "new", "Known: hf, mtlviz, peft"),
    "no LoRA": (1, "peft", "new", "sharing 'lora' alone"),
    "a full folder": (1, "hf", ".", "is not empty"),
    "no weights": (2, "hf", "new", "no weights"),
    "no run": (77, "hf", "new", "77"),
}


@pytest.mark.parametrize("given", UNEXPORTED.values(), ids=UNEXPORTED)
def test_what_cannot_be_exported_is_one_sentence(ask, given, tmp_path):
    run, form, place, words = given
    (tmp_path / "kept").write_text("kept")
    status, out, err = ask("export", run, "--format", form, "--out", tmp_path / place)
    assert (status, out) == (2, "")
    assert err.count("\n") == 1
    assert words in err
    assert [each.name for each in tmp_path.iterdir()] == ["kept"]
