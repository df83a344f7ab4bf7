"""Panels of ways of sharing, and lines of storage."""

import numpy as np

from mtlviz.engine.measures.transfer import transfer
from mtlviz.figures.sharing import (
    Dot,
    Gain,
    new_task,
    parameters_against_score,
    storage_lines,
)
from mtlviz.figures.theme import VERDICT_COLORS


def test_each_task_has_a_panel_and_each_dot_the_hue_of_its_verdict():
    better = Dot("hard", 1e4, transfer([0.7, 0.71, 0.72], [0.6, 0.6, 0.61]))
    worse = Dot("MMoE", 2e4, transfer([0.5, 0.51, 0.5], [0.6, 0.6, 0.61]))
    figure = parameters_against_score({"a": [better, worse], "b": [], "c": [], "d": [better]}, "x",
                                      revision="r")  # fmt: skip
    assert [trace["yaxis"] for trace in figure["data"]] == ["y", "y", "y4"]
    colors = [trace["marker"]["color"] for trace in figure["data"]]
    assert colors == [VERDICT_COLORS[v] for v in ("helps", "hurts", "helps")]
    assert all(figure["layout"][f"xaxis{mark}"]["type"] == "log" for mark in ("", "2", "3", "4"))
    # Names stand beside their dots, inside the panel.
    assert [each["textposition"] for each in figure["data"][:2]] == ["top right", "bottom left"]
    first, fourth = figure["layout"]["yaxis"]["domain"], figure["layout"]["yaxis4"]["domain"]
    assert fourth[1] < first[0]


def test_storage_has_a_line_a_way_from_one_task_on():
    figure = storage_lines({"alone": np.array([10.0, 20.0])}, revision="r")
    (trace,) = figure["data"]
    assert (trace["x"], trace["y"]) == ([1, 2], [10.0, 20.0])
    assert figure["layout"]["yaxis"]["type"] == "log"


def test_a_new_task_has_a_mark_a_way_where_it_gains_and_others_lose():
    def gain(lost, new):
        return Gain("x", transfer([lost, lost - 0.01], [0.0, 0.0]), transfer([new, new], [0, 0]))

    figure = new_task([gain(0.0, 0.1), gain(-0.2, 0.3)], revision="r")
    traces = figure["data"]
    assert [round(trace["x"][0], 6) for trace in traces] == [-0.5, -20.5]
    assert [round(trace["y"][0], 6) for trace in traces] == [10.0, 30.0]
    assert figure["layout"]["showlegend"]
    assert not any("text" in trace["mode"] for trace in traces)
    assert traces[0]["error_y"]["array"] == [0.0]
