"""What a task holds, counted by hand."""

import numpy as np
import pytest

from mtlviz.engine.tasks.survey import matching_positions, survey
from mtlviz.engine.tasks.task import Examples, Task

TRAIN = Examples(("1", "2", "3"), ("a good film", "bad", "Good,  good"), None, np.array([1, 0, 1]))
DEV = Examples(("4", "5"), ("no", "yes it is"), None, np.array([0, 1]))
PAIRS = Examples(("1", "2"), ("one two", "x"), ("three", "Two Three four"), np.array([0.5, 4.0]))
CLASSES = Task(
    "t", "classification", ("no", "yes"), "accuracy", {"train": TRAIN, "dev": DEV}, "made up"
)
SCORES = Task("s", "pair_regression", (), "pearson", {"train": PAIRS, "dev": PAIRS}, "made up")


def test_classes_are_counted_and_the_most_common_one_is_the_baseline():
    counted = survey(CLASSES)
    assert counted.labels["train"].tolist() == [1, 2]
    assert counted.words["train"].tolist() == [3, 1, 2]
    assert (counted.floor.answer, counted.floor.score) == ("yes", 0.5)
    assert counted.scores == {}


def test_scores_have_no_constant_answer_and_pairs_count_both_texts():
    counted = survey(SCORES)
    assert counted.scores["train"].tolist() == [0.5, 4.0]
    assert counted.words["dev"].tolist() == [3, 4]
    assert (counted.labels, counted.floor) == ({}, None)


@pytest.mark.parametrize(
    ("label", "words", "expected"),
    [
        (None, "", [0, 1, 2]),
        (1, "", [0, 2]),
        (None, " GOOD ", [0, 2]),
        (0, "good", []),
        (1, "film", [0]),
    ],
)
def test_examples_are_found_by_label_and_by_text(label, words, expected):
    assert matching_positions(TRAIN, label=label, words=words).tolist() == expected


def test_either_text_of_a_pair_is_searched():
    assert matching_positions(PAIRS, words="two").tolist() == [0, 1]
    assert matching_positions(PAIRS, words="four").tolist() == [1]
