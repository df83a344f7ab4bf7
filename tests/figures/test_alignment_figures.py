"""Figures of alignment and reweighting: what is drawn, not how it looks."""

import base64

import numpy as np
import pytest

from mtlviz.figures.alignment import Band, Cloud, clouds, over_steps, over_turns
from mtlviz.figures.alignment_pairs import Pair, predicted_measured
from mtlviz.figures.reweighting import NoisyTask, bars, over_noise, projections
from mtlviz.figures.theme import task_look


def unpacked(values):
    return np.frombuffer(base64.b64decode(values["bdata"]), dtype=f"<{values['dtype']}")


def test_clouds_show_points_after_r_and_both_outlines():
    before = np.random.default_rng(0).normal(size=(20, 2))
    turn = np.array([[0.0, 1.0], [-1.0, 0.0]])
    cloud = Cloud("task 1", before, before @ turn, np.array([1.0, 0.0]))
    figure = clouds([cloud], np.array([0.0, 2.0]), revision="r")
    points, dashed, filled, own, shared = figure["data"]
    assert unpacked(points["x"]) == pytest.approx((before @ turn)[:, 0], rel=1e-5)
    assert (dashed["fill"], filled["fill"]) == ("none", "toself")
    assert unpacked(filled["x"])[0] == pytest.approx(-unpacked(dashed["y"])[0], abs=1e-5)
    assert own["y"] == [0.0, 0.0]
    assert shared["x"] == pytest.approx([0.0, 0.0])
    whole = clouds([cloud], None, revision="r")["data"]
    assert [trace.get("name") for trace in whole] == [
        trace.get("name") for trace in (points, dashed, filled, own)
    ]


def test_turns_put_similarity_below_transfer_on_an_axis_of_its_own():
    turns, zero = np.array([-90.0, 0, 90]), np.zeros(3)
    figure = over_turns(turns, Band("t", zero, zero - 1, zero + 1, 0), zero + 0.4, 15, revision="r")
    assert figure["data"][-1]["yaxis"] == "y2"
    assert figure["layout"]["yaxis"]["domain"][0] > figure["layout"]["yaxis2"]["domain"][1]
    assert figure["layout"]["shapes"][0]["x0"] == 15


def test_steps_end_with_the_dotted_control():
    steps, flat = np.arange(4.0), np.zeros(4)
    lines = [Band(f"task {k}", flat, flat, flat, k) for k in range(2)]
    figure = over_steps(steps, lines, Band("control", flat, flat, flat, 0), 2, revision="r")
    assert figure["data"][-1]["name"] == "control"
    assert figure["data"][-1]["line"]["dash"] == "dot"
    assert len(figure["data"]) == 5


def test_pairs_are_sorted_by_verdict_and_keep_uneven_intervals():
    found = [
        Pair("a and b", 0.5, 1.0, 0.5, 2.0, "helps"),
        Pair("a and c", 0.2, 0.0, -1.0, 1.0, "undecided"),
    ]
    helps, unsure = predicted_measured(found, "score", revision="r")["data"]
    assert helps["error_y"]["array"] == [1.0]
    assert helps["error_y"]["arrayminus"] == [0.5]
    assert unsure["marker"]["symbol"] == "circle"


def test_a_shadow_falls_on_the_first_direction_at_rank_1_only():
    places, lengths = np.array([[3.0, 4.0]]), np.array([5.0])
    shadow, arrow = projections(places, lengths, 1, ["task 1"], revision="r")["data"]
    assert shadow["x"] == [3.0, 3.0, 0.0]
    assert shadow["y"] == [4.0, 0.0, 0.0]
    assert "100%" in arrow["hovertemplate"]
    assert len(projections(places, lengths, 2, ["task 1"], revision="r")["data"]) == 1


def test_weights_stand_against_1_in_the_tasks_hues():
    figure = bars(np.array([0.5, 1.5]), np.array([0.1, 0.1]), ["a", "b"], "weight", line=1.0,
                  revision="r")  # fmt: skip
    assert figure["layout"]["shapes"][0]["y0"] == 1.0
    assert figure["data"][0]["marker"]["color"] == [task_look(0).color, task_look(1).color]


def test_over_noise_shows_gains_above_and_both_accuracies_below():
    noises, flat = np.linspace(0, 1, 3), np.full(3, 0.8)
    task = NoisyTask("task 1", flat, flat + 0.01, np.ones(3), np.zeros(3), np.full(3, 2.0))
    figure = over_noise(noises, [task], 0.2, revision="r")
    band, gain, equal, reweighted = figure["data"]
    assert unpacked(band["y"]).tolist() == [2, 2, 2, 0, 0, 0]
    assert gain["yaxis"] == "y"
    assert equal["yaxis"] == reweighted["yaxis"] == "y2"
    assert equal["line"]["width"] < reweighted["line"]["width"]
