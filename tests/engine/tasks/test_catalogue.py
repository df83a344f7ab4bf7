"""The list of all tasks: truthful about what would be loaded, and cheap."""

import csv
import gzip
import json
from pathlib import Path

import numpy as np
import pytest

from mtlviz.engine.tasks import TASKS, load_task
from mtlviz.engine.tasks import catalogue as catalogues
from mtlviz.engine.tasks.catalogue import built_in, data_sets, task_choices
from mtlviz.engine.tasks.loading import read_task
from mtlviz.engine.tasks.survey import survey
from mtlviz.errors import DataError

META = {
    "task": "classification",
    "labels": ["no", "yes"],
    "files": {"train": "train.csv", "test": "test.csv"},
    "metric": "accuracy",
}


def write(place: Path, meta=META, rows=20):
    place.mkdir(parents=True)
    (place / "meta.json").write_text(json.dumps(meta))
    for split in ("train", "test"):
        with (place / f"{split}.csv").open("w", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(["id", "text", "label"])
            writer.writerows([n, f"one two {n}", n % 2] for n in range(rows))
    return place


@pytest.fixture
def home(monkeypatch, tmp_path):
    """A home folder, and no folder of data sets."""
    monkeypatch.delenv("MTLVIZ_DATA", raising=False)
    return tmp_path / "home"


def loaded(choice):
    return {split: len(part) for split, part in read_task(TASKS, choice.config).splits.items()}


@pytest.mark.parametrize("choice", built_in(), ids=lambda choice: choice.name)
def test_built_in_tasks_are_described_as_they_are_loaded(choice):
    task = load_task(choice.config, np.random.default_rng(0))
    assert loaded(choice) == dict(choice.sizes)
    assert (task.kind, task.metric, task.label_names) == (
        choice.kind, choice.metric, choice.label_names,
    )  # fmt: skip
    assert choice.words == pytest.approx(survey(task).words["train"].mean())


def test_real_data_sets_are_described_as_they_are_loaded(data_folder, monkeypatch, tmp_path):
    monkeypatch.setenv("MTLVIZ_DATA", str(data_folder))
    found = task_choices(tmp_path)
    assert found.problems == ()
    by_key = {choice.key: choice for choice in found.choices}
    # Without a test's labels, without a dev split, packed, and pairs of scores.
    for name in ("cola", "trec", "glue_sst2", "cs224n_sts"):
        assert loaded(by_key[f"data/{name}"]) == dict(by_key[f"data/{name}"].sizes)
    assert by_key["data/cs224n_sts"].sizes == {"train": 6040, "dev": 863}
    assert by_key["data/cs224n_quora"].sizes["dev"] == 20_212
    assert by_key["data/squad"].sizes == {"train": 4000, "dev": 4966}
    assert "data/vectors" not in by_key


def test_a_folder_typed_in_is_looked_at(tmp_path, home):
    write(tmp_path / "sets" / "one")
    write(tmp_path / "sets" / "two")
    keys = [choice.key for choice in task_choices(home, str(tmp_path / "sets")).choices]
    assert keys[-2:] == ["folder/one", "folder/two"]
    alone = task_choices(home, str(tmp_path / "sets" / "two")).choices[-1]
    assert loaded(alone) == dict(alone.sizes) == {"train": 18, "dev": 2, "test": 20}


def test_rows_are_counted_once_and_files_read_again_only_when_they_change(
    tmp_path, home, monkeypatch
):
    place = write(tmp_path / "sets" / "one")
    read = []
    glance = catalogues.glance
    monkeypatch.setattr(catalogues, "glance", lambda at: read.append(at) or glance(at))
    first, again = (task_choices(home, str(place)).choices[-1] for _ in range(2))
    assert first == again
    assert len(read) == 1
    with (place / "train.csv").open("a") as file:
        file.write("20,one more,1\n")
    changed = task_choices(home, str(place)).choices[-1]
    assert changed.sizes["train"] == 18
    assert sum(changed.sizes.values()) == 41
    assert changed.fingerprint != first.fingerprint


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"files": {}}, "lists no full files"),
        ({"files": {"dev": "train.csv"}}, "has no training split"),
        ({"files": {"train": "gone.csv"}}, "gone.csv is missing"),
        ({"files": {"train": "../other/train.csv"}}, "outside its folder"),
        ({"files": ["train.csv"]}, "cannot be used: 'files'"),
        ({"labels": 2}, "cannot be used: 'labels'"),
    ],
)
def test_a_folder_that_cannot_be_used_is_one_sentence_and_hides_no_other(
    tmp_path, home, change, message
):
    write(tmp_path / "broken", {**META, **change})
    write(tmp_path / "fine")
    found = task_choices(home, str(tmp_path))
    assert [choice.name for choice in found.choices if choice.group == "folder"] == ["fine"]
    assert len(found.problems) == 1
    assert message in found.problems[0]
    assert str(tmp_path) not in found.problems[0]


def test_a_damaged_archive_is_one_sentence(tmp_path, home):
    place = write(tmp_path / "one", {**META, "files": {"train": "train.csv.gz"}})
    (place / "train.csv.gz").write_bytes(b"not packed")
    assert "train.csv.gz cannot be read" in task_choices(home, str(place)).problems[0]
    (place / "train.csv.gz").write_bytes(gzip.compress("id,text,label\n1,é,1\n".encode("latin-1")))
    assert "is not in the encoding UTF-8" in task_choices(home, str(place)).problems[0]


@pytest.mark.parametrize(
    ("folder", "message"),
    [
        ("/no/where", "There is no folder 'where'"),
        ("a\0b", "There is no folder"),
        ("~nobody-has-this-name/x", "There is no folder 'x'"),
        ("x" * 5000, "There is no folder 'x*…'"),
    ],
)
def test_a_folder_that_cannot_be_looked_at_is_one_sentence(folder, message):
    with pytest.raises(DataError, match=message):
        data_sets(folder)


def test_a_folder_without_data_sets_is_one_sentence(tmp_path, home):
    with pytest.raises(DataError, match=r"nor a folder in it has a meta.json"):
        task_choices(home, str(tmp_path))
