"""Words that many pages say."""

import pytest

from mtlviz.ui.core.words import counted, listed_first


@pytest.mark.parametrize(
    ("number", "thing", "said"),
    [(1, "update", "1 update"), (250, "update", "250 updates"), (1, "family", "1 family"),
     (4, "family", "4 families"), (2, "way", "2 ways")],
)  # fmt: skip
def test_a_number_of_things_has_its_plural(number, thing, said):
    assert counted(number, thing) == said


def test_of_many_names_the_first_are_said_and_the_others_counted():
    assert listed_first(["a", "b", "c", "d"]) == "a, b, c and d"
    assert listed_first([*"abcdefg"]) == "a, b, c and 4 more"
