"""Figures of the Capacity lab: the numbers in them, and what is missing stays missing."""

import base64

import numpy as np

from mtlviz.engine.measures.affinity import average_affinity
from mtlviz.engine.measures.transfer import transfer
from mtlviz.engine.measures.widths import Band, Best
from mtlviz.figures.affinity import affinity_heatmap, received_over_training
from mtlviz.figures.capacity import Region, capacity_curves
from mtlviz.figures.theme import VERDICT_COLORS

WIDTHS = np.array([1, 2, 4])
BAND = Band(np.array([0.5, 0.7, np.nan]), np.array([0.4, np.nan, np.nan]),
            np.array([0.6, np.nan, np.nan]))  # fmt: skip
FOUND = [transfer([0.5, 0.6], [0.9, 1.01]), None, transfer([0.9, 0.95], [0.6, 0.66])]


def numbers(packed):
    return np.frombuffer(base64.b64decode(packed["bdata"]), np.float32).tolist()


def drawn(**changes):
    values = {"y_title": "score", "revision": "r"} | changes
    return capacity_curves(WIDTHS, BAND, BAND, FOUND, **values)


def test_widths_without_a_score_are_left_out_and_one_seed_has_no_band():
    traces = drawn()["data"]
    lines = [trace for trace in traces if trace["mode"] == "lines+markers"]
    assert [numbers(line["x"]) for line in lines] == [[1, 2]] * 2
    bands = [trace for trace in traces if trace.get("fill")]
    assert [numbers(each["x"]) for each in bands] == [[1, 1]] * 2


def test_differences_have_the_hue_of_their_verdict():
    below = [trace for trace in drawn()["data"] if trace.get("yaxis") == "y2"]
    assert [(each["x"], each["marker"]["color"]) for each in below] == [
        ([4], VERDICT_COLORS["helps"]), ([1], VERDICT_COLORS["hurts"]),
    ]  # fmt: skip
    assert below[1]["marker"]["symbol"] == "triangle-down"


def test_the_best_widths_are_ringed_and_the_region_begins_half_a_width_before():
    figure = drawn(best=Best(2, (1, 1), None, False), region=Region(4, "free", "shared"))
    rings = [
        trace for trace in figure["data"] if trace.get("marker", {}).get("symbol") == "circle-open"
    ]
    assert [ring["x"] for ring in rings] == [[2], [1]]
    assert (figure["layout"]["shapes"][0]["x0"], figure["layout"]["shapes"][0]["x1"]) == (3.5, 4.4)
    assert [text["text"] for text in figure["layout"]["annotations"]] == ["free", "shared"]


def test_widths_that_span_much_lie_on_a_logarithmic_axis_and_texts_with_them():
    widths = np.array([5, 50, 500])
    figure = capacity_curves(widths, BAND, BAND, FOUND, y_title="", revision="",
                             region=Region(50.5, "free"))  # fmt: skip
    assert figure["layout"]["xaxis"]["type"] == "log"
    shape, text = figure["layout"]["shapes"][0], figure["layout"]["annotations"][0]
    assert shape["x0"] == 50
    assert np.isclose(10 ** text["x"], np.sqrt(shape["x0"] * shape["x1"]))


def test_the_matrix_is_ordered_by_groups_and_its_diagonal_is_blank():
    values = np.array([[[9, 0.1, 0.2], [0.3, 9, np.nan], [-0.4, 0.5, 9]]]) / 100
    figure = affinity_heatmap(average_affinity([values]), "abc", ((0, 2), (1,)), revision="r")
    heat = figure["data"][0]
    np.testing.assert_allclose(np.array(heat["z"][0][1:], float), [0.2, 0.1])
    assert heat["z"][0][0] is heat["z"][2][1] is None
    assert heat["text"] == [["", "+0.20", "+0.10"], ["−0.40", "", "+0.50"], ["+0.30", "", ""]]
    assert figure["layout"]["xaxis"]["ticktext"] == ["a", "c", "b"]
    assert [shape["x1"] - shape["x0"] > 1 for shape in figure["layout"]["shapes"]] == [True, False]
    assert "eight in ten single updates" in heat["customdata"][0][1]


def test_what_a_task_receives_is_the_mean_of_the_others_steps():
    values = np.zeros((1, 3, 3))
    values[0, :, 0] = 9, 0.02, 0.04
    traces = received_over_training(np.array([0]), [values], "abc", revision="r")["data"]
    assert np.isclose(numbers(traces[0]["y"])[0], 3)
    assert numbers(traces[1]["y"]) == [0]
