"""The starter format of CS224N: its reading rules, and the loaded counts of the hand-out."""

import gzip

import numpy as np
import pytest

from mtlviz.engine.kinds import KINDS
from mtlviz.engine.tasks.cs224n import cs224n, spaced
from mtlviz.errors import ConfigError, DataError

QUORA = (
    "\tid\tsentence1\tsentence2\tis_duplicate\n"
    "7\tAB1\tWhat's up?\tIt, I.\t1.0\n"
    "8\tAB2\tno label\tat all\t\n"
    "9\tAB3\ttoo short\n"
    "10\tAB4\tA\tB\t0.0\n"
)
SST = "\tid\tsentence\tsentiment\n0\tX1\t It 's Good . \t3\n1\tX2\tbad\t0\n"


@pytest.mark.parametrize(
    ("task", "train", "dev"),
    [("sst", 8544, 1101), ("sts", 6040, 863), ("cfimdb", 1707, 245)],
)
def test_hand_out_loads_with_the_counts_of_the_starter_code(data_folder, task, train, dev):
    loaded = cs224n("t", str(data_folder / f"cs224n_{task}" / "original"), task=task)
    assert (len(loaded.splits["train"]), len(loaded.splits["dev"])) == (train, dev)


def test_quora_of_the_hand_out_drops_the_two_rows_without_a_label(data_folder):
    parts = ("quora-train-small.csv.gz", "quora-train-pre-left.csv.gz")
    place = str(data_folder / "cs224n_quora" / "original")
    loaded = cs224n("t", place, task="quora", train_files=parts)
    assert (len(loaded.splits["train"]), len(loaded.splits["dev"])) == (13_507, 20_212)
    assert np.bincount(loaded.splits["dev"].labels).tolist() == [12_627, 7_585]
    assert KINDS[loaded.kind].floor(loaded).score == pytest.approx(0.625, abs=5e-4)


def test_class_counts_and_baseline_of_sst(data_folder):
    loaded = cs224n("t", str(data_folder / "cs224n_sst" / "original"))
    assert np.bincount(loaded.splits["train"].labels).tolist() == [1092, 2218, 1624, 2322, 1288]
    assert np.bincount(loaded.splits["dev"].labels).tolist() == [139, 289, 229, 279, 165]
    assert KINDS[loaded.kind].floor(loaded).score == pytest.approx(0.253, abs=5e-4)


def test_pairs_are_lower_cased_spaced_and_dropped_without_a_label(tmp_path):
    (tmp_path / "quora-train.csv").write_text(QUORA)
    (tmp_path / "quora-dev.csv.gz").write_bytes(gzip.compress(QUORA.encode()))
    train = cs224n("t", str(tmp_path), task="quora").splits["train"]
    assert train.ids == ("ab1", "ab4")
    assert train.first == ("what 's up ?", "a")
    assert train.second == ("it , i .", "b")
    assert train.labels.tolist() == [1, 0]


def test_sentences_are_lower_cased_and_stripped_only(tmp_path):
    for split in ("train", "dev"):
        (tmp_path / f"ids-sst-{split}.csv").write_text(SST)
    train = cs224n("t", str(tmp_path)).splits["train"]
    assert train.first == ("it 's good .", "bad")
    assert train.labels.tolist() == [3, 0]
    assert train.second is None


def test_spacing_of_marks():
    assert spaced("Don't  stop, OK?  Yes.") == "don 't stop , ok ? yes ."


def test_sentence_without_a_label_is_an_error_with_its_line(tmp_path):
    (tmp_path / "ids-sst-train.csv").write_text(SST + "2\tX3\tunlabelled\t\n")
    with pytest.raises(DataError, match=r"ids-sst-train.csv, line 4: column 'sentiment'"):
        cs224n("t", str(tmp_path))


def test_missing_file_and_unknown_task_are_errors(tmp_path):
    with pytest.raises(DataError, match=r"has no file sts-train.csv \(or sts-train.csv.gz\)"):
        cs224n("t", str(tmp_path), task="sts")
    with pytest.raises(ConfigError, match="Unknown task of CS224N 'snli'"):
        cs224n("t", str(tmp_path), task="snli")


def test_copies_without_identifiers_are_numbered_by_their_lines(tmp_path):
    bare = "sentence1\tsentence2\tis_duplicate\na\tb\t0.0\nc\td\t\ne\tf\t1.0\n"
    (tmp_path / "quora-train.csv").write_text(bare)
    (tmp_path / "mine.csv").write_text(QUORA)
    task = cs224n("t", str(tmp_path), task="quora", dev_files=("mine.csv",))
    assert task.splits["train"].ids == ("line 2", "line 4")
    assert task.splits["dev"].ids == ("ab1", "ab4")


def test_a_column_that_is_missing_is_one_sentence(tmp_path):
    (tmp_path / "quora-train.csv").write_text("sentence1\tis_duplicate\na\t0.0\n")
    with pytest.raises(DataError, match=r"quora-train.csv, line 2: there is no column 'sentence2'"):
        cs224n("t", str(tmp_path), task="quora")
