"""Folders with a meta.json: every real data set, and small folders with one thing wrong."""

import csv
import gzip
import json
import shutil

import numpy as np
import pytest

from mtlviz.engine.config import TaskConfig
from mtlviz.engine.tasks import load_task
from mtlviz.engine.tasks.folder import folder
from mtlviz.engine.tasks.glance import glance
from mtlviz.errors import ConfigError, DataError

SENTENCES = {"cola", "cr", "cs224n_cfimdb", "cs224n_sst", "glue_sst2", "mpqa", "mr", "sst2_sent"}
SENTENCES |= {"subj", "trec"}
PAIRS = {"cs224n_quora", "cs224n_sts", "mnli", "mrpc", "qnli", "qqp", "rte", "sick", "snli", "stsb"}
FOLDERS = sorted(SENTENCES | PAIRS | {"squad"})
UNLABELLED_TESTS = {"cola", "cs224n_cfimdb", "cs224n_sst", "cs224n_sts", "rte"}
META = {
    "name": "tiny",
    "task": "classification",
    "labels": ["no", "yes"],
    "files": {"train": "train.csv", "dev": "dev.csv.gz"},
    "rows": {"train": 3, "dev": 2},
    "metric": "f1,accuracy",
}
TRAIN = 'id,text,label\n1,"a ""quoted"", thing",1\n2,null,0\n3,"NA\nnan",1\n'
DEV = "id,text,label\n4,None,1\n5,=1+1,0\n"


def load(name, **options):
    config = TaskConfig(name=name, source="folder", path=name, options=options)
    return load_task(config, np.random.default_rng(0))


def write(place, meta=META, train=TRAIN, dev=DEV):
    (place / "meta.json").write_text(json.dumps(meta))
    (place / "train.csv").write_text(train)
    (place / "dev.csv.gz").write_bytes(gzip.compress(dev.encode()))
    return str(place)


def counts(task, meta, rows):
    """Rows that meta.json promises beside those loaded, held-out examples counted as train."""
    promised = {}
    for key, count in meta[rows].items():
        split = next(split for split in ("train", "dev", "test") if key.startswith(split))
        promised.setdefault(split, count)
    loaded = {split: len(examples) for split, examples in task.splits.items()}
    if "dev" not in promised:
        loaded["train"] += loaded.pop("dev")
    return promised, loaded


@pytest.mark.parametrize("name", FOLDERS)
@pytest.mark.parametrize(("size", "rows"), [("full", "rows"), ("small", "rows_small")])
def test_real_data_set_loads_with_the_counts_of_its_meta_json(data_folder, name, size, rows):
    task = load(name, size=size)
    promised, loaded = counts(
        task, json.loads((data_folder / name / "meta.json").read_text()), rows
    )
    if name in UNLABELLED_TESTS:
        del promised["test"]
    assert loaded == promised
    assert all(text.strip() for text in task.splits["train"].first)


def test_every_folder_of_data_is_tried_or_is_no_task(data_folder):
    others = {path.parent.name for path in data_folder.glob("*/meta.json")} - set(FOLDERS)
    for name in others:
        with pytest.raises(DataError, match="none of the kinds of task"):
            load(name)


def test_real_text_that_looks_like_a_missing_value_stays_text(data_folder):
    with gzip.open(data_folder / "glue_sst2" / "train.csv.gz", "rt", newline="") as file:
        texts = [row["text"] for row in csv.DictReader(file)]
    assert load("glue_sst2").splits["train"].first == tuple(texts)


def test_another_development_split_can_be_chosen(data_folder):
    assert len(load("mnli").splits["dev"]) == 7230
    assert len(load("mnli", dev="dev_mismatched_subset").splits["dev"]) == 1000
    with pytest.raises(ConfigError, match="Unknown split of 'mnli' 'dev_x'"):
        load("mnli", dev="dev_x")


def test_path_is_found_below_the_data_folder(tmp_path, monkeypatch):
    (tmp_path / "tiny").mkdir()
    write(tmp_path / "tiny")
    monkeypatch.setenv("MTLVIZ_DATA", str(tmp_path))
    assert len(load("tiny").splits["train"]) == 3


def test_cells_are_read_as_the_text_they_are(tmp_path):
    task = folder("t", write(tmp_path))
    assert task.splits["train"].first == ('a "quoted", thing', "null", "NA\nnan")
    assert task.splits["dev"].first == ("None", "=1+1")
    assert task.splits["dev"].labels.tolist() == [1, 0]
    assert task.metric == "f1"


def test_missing_development_split_is_held_out_and_said(tmp_path):
    meta = {**META, "files": {"train": "train.csv"}}
    task = folder("t", write(tmp_path, meta), dev_share=0.34)
    assert (len(task.splits["train"]), len(task.splits["dev"])) == (2, 1)
    assert "34% of train are held out" in task.origin


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"meta": {**META, "rows": {"train": 4}}}, "has 3 rows, meta.json says 4"),
        ({"meta": {**META, "task": "parsing"}}, "'parsing', which is none of the kinds"),
        ({"meta": {**META, "files": {}}}, "lists no full files"),
        ({"meta": []}, "none of the kinds of task"),
        ({"train": TRAIN + "9,x,7\n", "meta": {**META, "rows": {}}}, "line 6: .*label '7' is not"),
        ({"train": TRAIN + "9,x\n"}, "train.csv, line 6: 2 cells under 3 columns"),
        (
            {"train": "id,text,label\n1, ,0\n", "meta": {**META, "rows": {}}},
            "line 2: no text in column 'text'",
        ),
        ({"train": "id,label\n1,0\n", "meta": {**META, "rows": {}}}, "no column 'text'; it has"),
        ({"train": 'id,text,label\n1,"x,0\n'}, "a quotation mark .* opens in this row"),
        ({"train": ""}, "train.csv is empty"),
    ],
)
def test_folder_with_one_thing_wrong_says_which(tmp_path, change, message):
    with pytest.raises(DataError, match=message):
        folder("t", write(tmp_path, **change))


def test_missing_file_folder_and_size_are_errors_without_a_full_path(tmp_path):
    place = write(tmp_path)
    (tmp_path / "train.csv").unlink()
    with pytest.raises(DataError, match=r"^train.csv cannot be read: No such file or directory\.$"):
        folder("t", place)
    with pytest.raises(DataError, match="no file or folder 'nowhere'"):
        folder("t", "nowhere")
    with pytest.raises(ConfigError, match=r"Unknown size 'tiny'. Known: full, small"):
        folder("t", place, size="tiny")


def test_damaged_meta_json_or_archive_is_an_error(tmp_path):
    place = write(tmp_path)
    (tmp_path / "dev.csv.gz").write_bytes(b"not packed")
    with pytest.raises(DataError, match=r"dev.csv.gz cannot be read"):
        folder("t", place)
    shutil.copy(tmp_path / "train.csv", tmp_path / "meta.json")
    with pytest.raises(DataError, match=r"meta.json is not valid JSON"):
        folder("t", place)


PLAIN = {"task": "classification", "labels": ["no", "yes"], "metric": "accuracy"}


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("train.csv", "text,label\na,1\nb,0\nc,1\nd,0\n"),
        ("train.csv", "text,label\na,yes\nb,no\nc,yes\nd,no\n"),
        ("train.csv", "text;label\na; yes\nb;no\nc;yes\nd;no\n"),
        ("train.tsv", "id\ttext\tlabel\n1\ta\t1.0\n2\tb\t0.0\n3\tc\t1\n4\td\t0\n"),
        ("train.TXT", "text\tlabel\r\na\t1\r\nb\t0\r\nc\t1\r\nd\t0\r\n"),
        ("train.jsonl", "".join(
            json.dumps({"text": text, "label": n % 2}) + "\n" for n, text in enumerate("badc", 0)
        )),
    ],
)  # fmt: skip
def test_tables_need_no_id_and_may_name_classes_and_be_in_any_form(tmp_path, name, content):
    meta = {**PLAIN, "files": {"train": name}}
    (tmp_path / "meta.json").write_text(json.dumps(meta))
    (tmp_path / name).write_text(content)
    task = folder("t", str(tmp_path))
    labels = {
        text: int(label)
        for part in task.splits.values()
        for text, label in zip(part.first, part.labels, strict=True)
    }
    assert labels == {"a": 1, "b": 0, "c": 1, "d": 0}
    sizes = {split: len(part) for split, part in task.splits.items()}
    assert glance(tmp_path).sizes == sizes == {"train": 2, "dev": 2}


def test_numbers_of_classes_win_over_names_that_are_numbers_unless_one_is_none(tmp_path):
    meta = {**PLAIN, "labels": ["1", "2", "3"], "files": {"train": "train.csv", "dev": "dev.csv"}}
    (tmp_path / "meta.json").write_text(json.dumps(meta))
    (tmp_path / "dev.csv").write_text("text,label\na,1\nb,2\n")
    (tmp_path / "train.csv").write_text("text,label\nc,0\nd,1\n")
    assert folder("t", str(tmp_path)).splits["dev"].labels.tolist() == [1, 2]
    (tmp_path / "train.csv").write_text("text,label\nc,1\nd,3\n")
    assert folder("t", str(tmp_path)).splits["dev"].labels.tolist() == [0, 1]


def test_rows_without_a_label_and_a_test_split_without_the_column_are_left_out(tmp_path):
    meta = {**PLAIN, "files": {"train": "train.csv", "dev": "dev.csv", "test": "test.csv"}}
    (tmp_path / "meta.json").write_text(json.dumps(meta))
    (tmp_path / "train.csv").write_text("text,label\na,0\nb,1\nc,-1\nd,\n")
    (tmp_path / "dev.csv").write_text("text,label\ne,0\n")
    (tmp_path / "test.csv").write_text("text\tid\nf\t1\n")
    task = folder("t", str(tmp_path))
    assert {split: part.first for split, part in task.splits.items()} == {
        "train": ("a", "b"),
        "dev": ("e",),
    }
    assert "train.csv: 2 of 4 rows have no label and are left out" in task.notes[0]
    assert set(glance(tmp_path).sizes) == {"train", "dev"}
