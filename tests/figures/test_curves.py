"""Figures hold the numbers they were given, and say how to read them."""

import base64

import numpy as np
import pytest

from mtlviz.figures import arrays, curves, theme, transfer
from mtlviz.figures.curves import Curve
from mtlviz.figures.transfer import TransferBar

STEPS = np.array([0, 10, 20])
CURVE = Curve("alone", np.array([0.5, 0.7, 0.9]), (np.zeros(3), np.ones(3)), "#0072B2")


def unpacked(array):
    return np.frombuffer(base64.b64decode(array["bdata"]), "<f4").reshape(
        [int(n) for n in array["shape"].split(",")]
    )


def test_packed_arrays_keep_values_and_shape():
    values = np.arange(6, dtype=float).reshape(2, 3)
    assert np.array_equal(unpacked(arrays.packed(values)), values)


def test_a_curve_is_a_line_over_its_band():
    figure = curves.curves(STEPS, [CURVE], "accuracy", revision="a", percent=True)
    band, line = figure["data"]
    assert np.allclose(unpacked(line["y"]), CURVE.mean)
    assert np.allclose(unpacked(band["y"]), [1, 1, 1, 0, 0, 0])
    assert np.array_equal(unpacked(band["x"]), [0, 10, 20, 20, 10, 0])
    assert figure["layout"]["uirevision"] == "a"


def test_one_seed_has_no_band():
    alone = Curve("alone", CURVE.mean, None, "#0072B2")
    assert len(curves.curves(STEPS, [alone], "loss", revision="a")["data"]) == 1


def test_bars_carry_sign_interval_and_verdict_in_colour_and_words():
    bars = [TransferBar("with task 2", 5.0, 1.0, "helps"), TransferBar("x", -2.0, 3.0, "undecided")]
    data = transfer.transfer_bars(bars, revision="a")["data"][0]
    assert data["x"] == [5.0, -2.0]
    assert data["error_x"]["array"] == [1.0, 3.0]
    assert data["marker"]["color"] == [theme.HELPS, theme.UNDECIDED]
    assert data["customdata"] == ["▲ helps", "● cannot be told apart"]


def test_cells_of_a_map_that_are_not_computed_are_blank():
    grid = np.array([[1.0, np.nan], [-2.0, 0.1]])
    half = np.array([[0.5, np.nan], [0.5, 0.5]])
    figure = transfer.transfer_map(
        np.array([0.0, 1.0]), np.array([0.0, 5.0]), grid, half, "x", "y", revision="a"
    )
    heat, unsure = figure["data"]
    assert heat["z"] == [[1.0, None], [-2.0, 0.1]]
    assert heat["zmin"] == -heat["zmax"] == -2.0
    assert (unsure["x"], unsure["y"]) == ([1.0], [5.0])


def test_a_matrix_says_the_sign_without_colour_and_draws_the_undecided_grey():
    figure = transfer.transfer_matrix(
        ["Task 1", "Task 2"],
        ["1 + 2", "2 + 3"],
        np.array([[3.0, np.nan], [-4.0, 0.0]]),
        np.array([[1.0, np.nan], [np.nan, 0.0]]),
        [["helps", ""], ["hurts", "undecided"]],
        revision="a",
    )
    heat = figure["data"][0]
    # No ± without an interval, and an interval of no width is one.
    assert heat["text"] == [["▲ +3.0<br>± 1.0", ""], ["▼ −4.0", "● 0.0<br>± 0.0"]]
    assert heat["z"] == [[3.0, None], [-4.0, 0.0]]
    assert heat["zmax"] == 5.0


def test_the_setting_on_screen_is_marked_on_the_map():
    one = np.array([0.0])
    figure = transfer.transfer_map(
        one, one, np.array([[1.0]]), np.array([[0.1]]), "x", "y", revision="a", here=(3.0, 4.0)
    )
    assert (figure["data"][-1]["x"], figure["data"][-1]["y"]) == ([3.0], [4.0])


def test_the_regression_has_a_logarithmic_axis_of_its_own_sizes():
    figure = curves.error_changes(np.array([5, 1600, 20]), [CURVE], revision="a")
    assert figure["layout"]["xaxis"]["type"] == "log"
    assert figure["layout"]["xaxis"]["ticktext"] == ["5", "1\u2009600", "20"]


def test_tasks_differ_in_hue_dash_and_marker_and_later_ones_in_the_pair():
    looks = [theme.task_look(index) for index in range(10)]
    assert len({(look.color, look.dash) for look in looks}) == 10
    assert len({look.color for look in looks[:5]}) == 5
    assert len({look.marker for look in looks[:5]}) == 5


@pytest.mark.parametrize(
    "figure", [curves.curves, transfer.transfer_bars, transfer.transfer_map,
               transfer.transfer_matrix, curves.error_changes]
)  # fmt: skip
def test_every_figure_says_how_to_read_it(figure):
    assert "Read it" in figure.__doc__
