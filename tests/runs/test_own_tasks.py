"""Uploaded tasks in the home folder: kept as they are, read by everything, gone when deleted."""

import json

import numpy as np
import pytest

from mtlviz.engine.tasks import load_task
from mtlviz.engine.tasks.mapping import guessed
from mtlviz.engine.tasks.sheet import read_sheet
from mtlviz.engine.tasks.upload import Wishes, check_upload
from mtlviz.errors import DataError
from mtlviz.runs import own_tasks
from mtlviz.runs.failures import StoreError
from mtlviz.runs.own_tasks import delete_own, list_own, path_of, save_own

TEXTS = (
    'a "quoted", cell',
    "two\nlines",
    "carriage\rreturn",
    "both\r\n",
    "=1+1",
    "<b>x</b>",
    " blanks ",
    "é\u2028ü",
    "NA",
    "null",
)
NAMES = ("plain", "../../etc/passwd", "a/b\\c", "**bold** <b>", "..", "Größe 大", "CON", "x" * 60)


SETS = ("joy", '"joy,anger"', '"anger,Größe 大"', "")
TABLES = {
    "pairs": ["text_a,text_b,label", *(f"one {n},two {n},{n / 3!r}" for n in range(20))],
    "scores": ["text,label", *(f"one {n},{n / 3!r}" for n in range(20))],
    "sets": ["text,label", *(f"one {n},{SETS[n % 4]}" for n in range(20))],
}


def made(name="mine", kind="classes"):
    if kind in TABLES:
        content = "\n".join(TABLES[kind])
    else:
        cells = [text.replace('"', '""') for text in TEXTS]
        lines = [f'"{cell}",{"yes" if n % 2 else "no"}' for n, cell in enumerate(cells)]
        content = "\n".join(["text,label", *lines])
    sheet = read_sheet(content.encode(), "mine.csv")
    task = check_upload(sheet, Wishes(name, guessed(sheet))).task
    assert task is not None
    return task


@pytest.mark.parametrize("kind", ["classes", *TABLES])
def test_what_is_kept_is_what_was_given_and_the_engine_reads_it(tmp_path, kind):
    task = made(kind=kind)
    save_own(tmp_path, task)
    (choice,) = list_own(tmp_path)
    kept = load_task(choice.config, np.random.default_rng(0))
    assert (choice.key, kept.kind, kept.label_names) == ("own/mine", task.kind, task.label_names)
    assert (kept.score_range, kept.metric, kept.origin) == (
        task.score_range, task.metric, task.origin,
    )  # fmt: skip
    for split, examples in task.splits.items():
        assert kept.splits[split].first == examples.first
        assert kept.splits[split].second == examples.second
        np.testing.assert_array_equal(kept.splits[split].labels, examples.labels)
    assert dict(choice.sizes) == {split: len(part) for split, part in task.splits.items()}


@pytest.mark.parametrize("name", NAMES)
def test_no_name_leads_out_of_the_home_folder_and_each_is_kept_as_it_is(tmp_path, name):
    place = save_own(tmp_path, made(name))
    assert place.parent == tmp_path / "tasks"
    assert [choice.name for choice in list_own(tmp_path)] == [name]
    delete_own(tmp_path, name)
    assert list_own(tmp_path) == ()


def test_names_that_look_alike_have_folders_of_their_own(tmp_path):
    assert len({path_of(tmp_path, name) for name in ("a b", "a-b", "A b", "a  b")}) == 4


def test_a_name_that_is_taken_is_refused_and_the_first_task_stays(tmp_path):
    save_own(tmp_path, made())
    with pytest.raises(DataError, match="There is an own task 'mine' already"):
        save_own(tmp_path, made(kind="pairs"))
    assert list_own(tmp_path)[0].kind == "classification"


def test_a_task_that_cannot_be_written_leaves_nothing_behind(tmp_path, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(own_tasks, "_write", full)
    with pytest.raises(StoreError, match="disk that holds the home folder is full"):
        save_own(tmp_path, made())
    assert list(tmp_path.rglob("*")) == [tmp_path / "tasks"]


def test_a_task_that_reads_back_differently_is_not_kept(tmp_path, monkeypatch):
    write = own_tasks._write_examples

    def wrong(file, task, examples):
        write(file, task, examples)
        file.write_text(file.read_text(encoding="utf-8").replace("NA", "nan"), encoding="utf-8")

    monkeypatch.setattr(own_tasks, "_write_examples", wrong)
    with pytest.raises(DataError, match="a text changes when it is written"):
        save_own(tmp_path, made())
    assert list_own(tmp_path) == ()


def test_deleting_what_is_not_there_is_one_sentence(tmp_path):
    with pytest.raises(DataError, match="There is no own task 'other'"):
        delete_own(tmp_path, "other")


def test_no_more_than_the_limit_are_kept(tmp_path, monkeypatch):
    monkeypatch.setattr(own_tasks, "MOST_TASKS", 1)
    save_own(tmp_path, made())
    with pytest.raises(DataError, match="1 own tasks are kept already: delete one first"):
        save_own(tmp_path, made("other"))


def test_meta_json_names_no_folder_of_the_machine(tmp_path):
    text = (save_own(tmp_path, made()) / "meta.json").read_text(encoding="utf-8")
    assert str(tmp_path) not in text
    assert json.loads(text)["rows"] == {"train": 8, "dev": 2}
