"""Files of predictions: the course's to the letter, and splits that nobody has labels of."""

import csv
import io
import json
from dataclasses import replace

import numpy as np
import pytest

from mtlviz.engine.kinds import KINDS
from mtlviz.engine.predictions import Predictions, labelled_split, texts_of
from mtlviz.engine.tasks.cs224n import cs224n, submission
from mtlviz.engine.tasks.folder import folder
from mtlviz.engine.tasks.table import table
from mtlviz.engine.tasks.task import Task, Texts
from mtlviz.errors import ConfigError, DataError
from mtlviz.runs.prediction_files import FORMATS, check_format, file_name, written

SST = "\tid\tsentence\tsentiment\n0\tX1\t It 's Good . \t3\n1\tX2\tbad\t0\n"
QUORA = "\tid\tsentence1\tsentence2\tis_duplicate\n7\tAB1\tWhat's up?\tIt, I.\t1.0\n8\tB\ta\tb\t0\n"
STS = "\tid\tsentence1\tsentence2\tsimilarity\n7\tAB1\tWhat?\tIt.\t1.5\n8\tB\ta\tb\t0\n"
FILES = {
    "sst": ("ids-sst-{}.csv", SST),
    "quora": ("quora-{}.csv", QUORA),
    "sts": ("sts-{}.csv", STS),
}
LOGITS = {
    "sst": [[0.1, 0.2, 3.0, 0.1, 0.0], [2.0, 0.0, 0.0, 0.0, 0.0]],
    "quora": [[0.2, 1.0], [3.0, -1.0]],
    "sts": [[0.3], [1.2]],
}


def handed_out(place, name):
    """A folder of the hand-out, its test file without labels."""
    pattern, content = FILES[name]
    for split in ("train", "dev"):
        (place / pattern.format(split)).write_text(content)
    bare = "".join(line.rpartition("\t")[0] + "\n" for line in content.splitlines())
    (place / pattern.format("test-student")).write_text(bare)
    return cs224n("t", str(place), task=name)


def as_the_hand_out_writes(name, ids, logits):
    """The lines of evaluation.py of the hand-out, as its program makes its numbers."""
    raw = np.array(logits, dtype=np.float32)
    if name == "sst":
        heading, answers = "Predicted_Sentiment", raw.argmax(axis=-1).flatten()
    elif name == "quora":
        margin = raw[:, 1] - raw[:, 0]
        answers = (1 / (1 + np.exp(-margin))).round().flatten().astype(np.float32)
        heading = "Predicted_Is_Paraphrase"
    else:
        heading, answers = "Predicted_Similiary", (5 * raw.astype(np.float64)).astype(np.float32)
        answers = answers.flatten()
    file = io.StringIO()
    file.write(f"id \t {heading} \n")
    for p, s in zip(ids, answers, strict=True):
        file.write(f"{p} , {s} \n")
    return file.getvalue()


@pytest.mark.parametrize("name", FILES)
def test_the_courses_files_are_written_to_the_letter(tmp_path, name):
    task = handed_out(tmp_path, name)
    texts, logits = texts_of(task, "test"), np.array(LOGITS[name], dtype=np.float32)
    kind = KINDS[task.kind]
    found = Predictions(task, texts, kind.predict(task, logits), kind.probabilities(logits))
    expected = as_the_hand_out_writes(name, texts.ids, LOGITS[name])
    assert written("course", found) == expected
    assert (
        file_name("course", task, "test")
        == f"{ {'quora': 'para'}.get(name, name) }-test-output.csv"
    )


@pytest.mark.parametrize("name", FILES)
def test_the_hand_outs_test_file_is_read_and_never_scored(tmp_path, name):
    task = handed_out(tmp_path, name)
    assert set(task.splits) == {"train", "dev"}
    found, dev = texts_of(task, "test"), texts_of(task, "dev")
    assert (found.ids, found.first, found.second) == (dev.ids, dev.first, dev.second)
    with pytest.raises(DataError, match="no labels: it is answered, never scored"):
        labelled_split(task, "test")
    assert [task.clean(text) for text in found.first] == list(found.first)


def test_a_broken_test_file_is_one_sentence_and_only_when_it_is_asked_for(tmp_path):
    handed_out(tmp_path, "quora")
    (tmp_path / "quora-test-student.csv").write_text("\tid\tsentence1\tsentence2\n1\tA\tonly one\n")
    task = cs224n("t", str(tmp_path), task="quora")
    with pytest.raises(
        DataError, match=r"^quora-test-student.csv, line 2: there is no sentence2.$"
    ):
        texts_of(task, "test")
    (tmp_path / "quora-test-student.csv").unlink()
    with pytest.raises(DataError, match="has no test split; it has train and dev"):
        texts_of(cs224n("t", str(tmp_path), task="quora"), "test")


@pytest.mark.parametrize("name", ["sst", "sts", "cfimdb"])
def test_the_real_hand_outs_test_files_have_their_counts(data_folder, name):
    task = cs224n("t", str(data_folder / f"cs224n_{name}" / "original"), task=name)
    assert len(texts_of(task, "test")) == {"sst": 2210, "sts": 1725, "cfimdb": 488}[name]


@pytest.mark.parametrize("name", ["sst", "quora", "sts", "cfimdb"])
def test_the_copies_below_the_data_folder_can_be_handed_in_too(data_folder, name):
    task = folder("t", str(data_folder / f"cs224n_{name}"), size="small")
    assert submission(task).name == {"quora": "para"}.get(name, name)
    if name in ("sst", "cfimdb"):
        assert len(texts_of(task, "test")) == 500 if name == "sst" else True


def test_what_the_course_never_asks_has_no_file_of_its_own():
    other = Task("t", "classification", ("a", "b"), "accuracy", {}, "")
    assert submission(other) is None
    with pytest.raises(ConfigError, match=r"^The format course is for the CS224N project's "):
        check_format("course", other)
    with pytest.raises(ConfigError, match="Unknown format of predictions 'xml'"):
        check_format("xml", other)
    similar = Task("t", "pair_regression", (), "pearson", {}, "", score_range=(1.0, 5.0))
    assert submission(similar) is None


def test_a_folders_test_file_without_labels_is_answered(tmp_path):
    meta = {
        "name": "mine", "task": "pair_classification", "labels": ["no", "yes"],
        "files": {split: f"{split}.csv" for split in ("train", "dev", "test")},
    }  # fmt: skip
    (tmp_path / "meta.json").write_text(json.dumps(meta))
    for split in ("train", "dev"):
        (tmp_path / f"{split}.csv").write_text("id,text_a,text_b,label\n1,a,b,0\n2,c,d,1\n")
    for content in ("id,text_a,text_b\n7,e,f\n", "id,text_a,text_b,label\n7,e,f,\n"):
        (tmp_path / "test.csv").write_text(content)
        task = folder("t", str(tmp_path))
        assert texts_of(task, "test") == Texts(("7",), ("e",), ("f",))
        assert "test" not in task.splits


def test_a_tables_test_rows_without_labels_are_answered(tmp_path):
    rows = [("a", "x", "train"), ("b", "y", "train"), ("c", "x", "dev"), ("d", "y", "dev"),
            ("e", "", "test"), ("f", "", "test")]  # fmt: skip
    file = tmp_path / "t.csv"
    with file.open("w", newline="") as opened:
        csv.writer(opened).writerows([("text", "label", "split"), *rows])
    task = table("t", str(file))
    assert texts_of(task, "test").first == ("e", "f")
    assert "test" not in task.splits


def test_an_answer_that_looks_like_a_formula_is_one_in_no_spreadsheet():
    task = Task("t", "classification", ("=1+1", "ok"), "accuracy", {}, "")
    found = Predictions(task, Texts(("@x",), ("text",)), np.array([0]), np.array([[0.75, 0.25]]))
    assert written("csv", found).splitlines()[1] == "'@x,'=1+1,0.75,0.25"
    row = json.loads(written("jsonl", found))
    assert (row["id"], row["prediction"]) == ("@x", "=1+1")
    assert "text" not in row
    assert json.loads(written("jsonl", found, with_texts=True))["text"] == "text"


def test_every_format_says_what_it_is_and_names_its_files():
    task = Task("a/b ?", "classification", ("x", "y"), "accuracy", {}, "")
    for name, each in FORMATS.items():
        assert each.help
        assert each.needs
        made = file_name(name, replace(task, name="../up"), "dev")
        assert "/" not in made
        assert not made.startswith(".")
