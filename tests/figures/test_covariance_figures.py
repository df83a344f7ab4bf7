"""Figures of the Covariance lab: what they draw, and that texts are shown and not read as HTML."""

import base64

import numpy as np
import pytest

from mtlviz.figures.covariance import (
    angle_curve,
    covariance_heatmap,
    direction_heatmap,
    similarity_heatmap,
    spectra,
)
from mtlviz.figures.points import Cloud, cloud_picture, hover_text
from mtlviz.figures.theme import task_look

NAMES = ["a", "b"]


def unpacked(array):
    return np.frombuffer(base64.b64decode(array["bdata"]), dtype=f"<{array['dtype']}")


def test_similarities_are_numbers_on_colours_that_span_what_is_shown():
    values = np.array([[1.0, 0.7], [0.7, np.nan]])
    errors = np.array([[0.0, 0.02], [0.02, 0.0]])
    trace = similarity_heatmap(values, NAMES, revision="r", errors=errors)["data"][0]
    assert trace["text"] == [["1.00", "0.70"], ["0.70", ""]]
    assert trace["z"][1][1] is None
    assert trace["customdata"][0] == ["1.000", "0.700 ± 0.020"]
    assert (trace["zmin"], trace["zmax"]) == (pytest.approx(0.7), 1.0)


def test_similarities_all_alike_do_not_look_different():
    trace = similarity_heatmap(np.full((2, 2), 0.99), NAMES, revision="r")["data"][0]
    assert trace["zmax"] - trace["zmin"] == pytest.approx(0.2)


def test_signed_similarities_have_zero_in_the_middle():
    values = np.array([[0.4, -0.1], [-0.1, 0.3]])
    trace = similarity_heatmap(values, NAMES, revision="r", signed=True)["data"][0]
    assert (trace["zmin"], trace["zmax"]) == (-0.4, 0.4)
    assert trace["text"][0][1] == "−0.10"


def test_spectra_are_shares_and_mark_the_last_direction_kept():
    figure = spectra([np.array([6.0, 3.0, 1.0, 0.0]), np.array([1.0])], [2, 1], NAMES)
    first = figure["data"][0]
    np.testing.assert_allclose(unpacked(first["y"]), [0.6, 0.3, 0.1], rtol=1e-6)
    assert first["marker"]["size"] == [0, 10, 0]
    assert first["line"]["dash"] == task_look(0).dash
    assert figure["layout"]["yaxis"]["type"] == "log"


def test_angles_are_drawn_in_degrees_over_those_of_chance():
    chance = np.radians([[10, 20], [30, 40], [50, 60]])
    band, middle, measured = angle_curve(np.radians([5, 80]), chance, revision="r")["data"]
    np.testing.assert_allclose(unpacked(measured["y"]), [5, 80], rtol=1e-6)
    np.testing.assert_allclose(unpacked(middle["y"]), [30, 40], rtol=1e-6)
    np.testing.assert_allclose(unpacked(band["y"]), [50, 60, 20, 10], rtol=1e-6)


def test_covariance_and_directions_keep_their_numbers():
    matrix = np.array([[0.5, -0.1], [-0.1, 0.2]])
    assert covariance_heatmap(matrix, 0.2, revision="r")["data"][0]["z"] == matrix.tolist()
    trace = direction_heatmap(np.array([[0.9, 0.1]]), "a<b", "c")["data"][0]
    assert trace["text"] == [["0.9", ""]]
    title = direction_heatmap(np.eye(2), "a<b", "c")["layout"]["yaxis"]["title"]["text"]
    assert title == "direction of a&lt;b"


def cloud(marked):
    return Cloud(
        "a", 1, np.array([[0.0, 1.0], [2.0, 3.0]]), ["one", "two <b>"], np.array([4, 9]),
        np.array(marked), np.zeros((5, 2)),
    )  # fmt: skip


def test_points_carry_their_text_number_and_the_tasks_look():
    points, outline, legend = cloud_picture([cloud([False, False])], "x", "y", revision="r")["data"]
    assert points["customdata"] == [4, 9]
    assert not points["showlegend"]
    assert legend["name"] == "a"
    assert points["text"] == ["one", "two &lt;b&gt;"]
    assert points["marker"]["symbol"] == task_look(1).marker
    assert outline["line"] == {"color": task_look(1).color, "dash": task_look(1).dash, "width": 2.5}
    np.testing.assert_allclose(unpacked(points["marker"]["opacity"]), 0.55)


def test_marked_points_stand_out_and_the_others_fade():
    points = cloud_picture([cloud([True, False])], "x", "y", revision="r")["data"][0]
    np.testing.assert_allclose(unpacked(points["marker"]["opacity"]), [1.0, 0.12])
    assert unpacked(points["marker"]["size"])[0] > unpacked(points["marker"]["size"])[1]


def test_without_an_ellipse_there_is_no_outline():
    plain = cloud([False, False])
    plain = Cloud(*[getattr(plain, name) for name in plain.__dataclass_fields__][:-1], outline=None)
    assert len(cloud_picture([plain], "x", "y", revision="r")["data"]) == 2


def test_long_texts_are_wrapped_and_cut():
    text = hover_text("word " * 100)
    assert "<br>" in text
    assert text.endswith("…")
    assert hover_text("") == ""


def test_names_of_tasks_are_text_and_never_numbers_or_tags():
    names = ["2020", "<b>bold</b>"]
    figure = similarity_heatmap(np.eye(2), names, revision="r")
    assert figure["data"][0]["x"] == ["2020", "&lt;b&gt;bold&lt;/b&gt;"]
    assert {figure["layout"][axis]["type"] for axis in ("xaxis", "yaxis")} == {"category"}
    assert spectra([np.ones(2)], [1], ["<i>"])["data"][0]["name"] == "&lt;i&gt;"
    tagged = Cloud(
        "<i>", 0, np.zeros((1, 2)), ["x"], np.array([0]), np.array([False]), np.zeros((3, 2))
    )
    shown = cloud_picture([tagged], "of <i>", "y", revision="r")
    assert not any("<" in trace["name"] for trace in shown["data"])
    assert "<" not in str(shown["layout"]["xaxis"]["title"])
