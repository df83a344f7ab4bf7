"""Panels of ways of sharing, and lines of storage."""

from itertools import pairwise

import numpy as np
import pytest

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
    assert [each["meta"]["panel"] for each in figure["data"]] == ["a", "a", "d"]
    first, fourth = figure["layout"]["yaxis"]["domain"], figure["layout"]["yaxis4"]["domain"]
    assert fourth[1] < first[0]


def test_names_of_neighbours_stand_at_different_sides_and_within_the_panel():
    def dot(name, parameters, gain):
        return Dot(name, parameters, transfer([0.5 + gain, 0.51 + gain], [0.5, 0.5]))

    close = [dot("partial", 1e4, 0.1), dot("LoRA", 1.02e4, 0.1), dot("far to the right", 9e4, 0.0)]
    figure = parameters_against_score({"a": close}, "x", revision="r")
    first, second, right = [each["textposition"] for each in figure["data"]]
    assert first != second
    assert "left" in right


@pytest.mark.parametrize("tasks", [1, 3, 7, 20])
def test_on_a_telephone_panels_stand_under_each_other_none_on_another(tasks):
    dots = [Dot("hard", 3e3, transfer([0.7, 0.71], [0.6, 0.6])),
            Dot("one seed", 5e3, transfer([0.7], [0.6]))]  # fmt: skip
    for columns in (1, 3):
        figure = parameters_against_score(
            {f"task {n}": dots for n in range(tasks)}, "x", revision="r", columns=columns
        )["layout"]
        axes = [figure[f"yaxis{n or ''}"]["domain"] for n in (0, *range(2, tasks + 1))]
        assert figure["height"] == 300 * -(-tasks // min(columns, tasks))
        starts = sorted({tuple(each) for each in axes}, reverse=True)
        assert all(low[1] < high[0] for high, low in pairwise(starts))
        assert all(0 <= low < high <= 1 for low, high in starts)


def test_one_seed_has_no_bar():
    one = parameters_against_score(
        {"a": [Dot("hard", 3e3, transfer([0.7], [0.6]))]}, "x", revision="r"
    )["data"][0]
    assert one["error_y"]["array"] == [None]


@pytest.mark.parametrize(
    ("parameters", "told"),
    [((3e3, 4e4), ["5k", "10k", "20k", "50k"]), ((400, 600), ["500"]), ((3e6, 3.3e6), ["3.1M"]),
     ((1e3, 1e8), ["1k", "10k", "100k", "1M", "10M", "100M"])],
)  # fmt: skip
def test_round_numbers_of_parameters_stand_below(parameters, told):
    dots = [Dot("x", each, transfer([0.7, 0.71], [0.6, 0.6])) for each in parameters]
    figure = parameters_against_score({"a": dots}, "x", revision="r")
    assert figure["layout"]["xaxis"]["ticktext"] == told


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
