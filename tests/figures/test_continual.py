"""The map of scores after every step: cells, marks and colours."""

import numpy as np

from mtlviz.figures.continual import score_matrix

SCORES = np.array([[0.9, 0.5], [0.7, np.nan]])
CHANGES = np.array([[0.0, 4.0], [-20.0, np.nan]])


def drawn(half, **given):
    figure = score_matrix(
        ["a", "b"], ["1", "2"], SCORES, CHANGES, half, [0, 1], revision="r", **given
    )
    return figure["data"][0]


def test_what_was_lost_is_marked_and_what_cannot_be_told_is_grey():
    found = drawn(np.array([[0.0, 6.0], [5.0, np.nan]]))
    assert found["text"] == [["[90.0]", "50.0<br>● +4.0"], ["70.0<br>▼ −20.0", ""]]
    assert found["z"] == [[0.0, 0.0], [-20.0, None]]
    assert found["zmin"] == -found["zmax"] == -20.0


def test_one_run_alone_has_no_mark_but_its_changes():
    found = drawn(np.full((2, 2), np.nan), percent=False)
    assert found["text"] == [["[0.900]", "0.500<br> +4.0"], ["0.700<br> −20.0", ""]]
    assert found["z"][0][1] == 4.0


def test_small_changes_look_small():
    figure = score_matrix(
        ["a", "b"], ["1"], np.array([[0.9], [0.89]]), np.array([[0.0], [-1.0]]),
        np.array([[0.0], [0.5]]), [0], revision="r",
    )  # fmt: skip
    assert figure["data"][0]["zmax"] == 10.0
