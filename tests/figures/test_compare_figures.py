"""Figures that compare groups: the numbers in them, and what is missing stays missing."""

import base64
import math

import numpy as np

from mtlviz.engine.measures.transfer import transfer
from mtlviz.engine.metrics import METRICS
from mtlviz.figures import compare
from mtlviz.figures.compare import Dots
from mtlviz.figures.curves import GroupCurve, overlaid
from mtlviz.figures.theme import UNDECIDED, VERDICT_COLORS, task_look

HELPS = transfer([0.80, 0.81, 0.83], [0.70, 0.72, 0.71])
UNCLEAR = transfer([0.7, 0.9, 0.8], [0.8, 0.8, 0.8])
ONE = transfer([0.8], [0.7])


def numbers(packed):
    return np.frombuffer(base64.b64decode(packed["bdata"]), np.float32)


def test_a_cell_has_verdict_points_and_interval_and_grey_is_no_effect():
    heat = compare.transfer_matrix(["sum"], ["a", "b", "c"], [[HELPS, UNCLEAR, None]])["data"][0]
    assert heat["text"][0][0].startswith("▲ helps<br><b>+10.3</b><br>± ")
    # In two lines: one is too wide for four tasks on a telephone.
    assert heat["text"][0][1].startswith("● not told<br>from zero<br><b>0.0</b>")
    assert heat["z"] == [[1.0, 0.0, None]]
    assert heat["text"][0][2] == ""
    assert heat["colorscale"][1][1] == UNDECIDED


def test_one_seed_and_equal_seeds_say_why_they_have_no_interval():
    by, same = transfer([0.8, 0.8], [0.7, 0.7]), transfer([0.8, 0.7], [0.8, 0.7])
    heat = compare.transfer_matrix(["sum"], ["a", "b", "c"], [[ONE, by, same]])["data"][0]
    assert heat["text"][0][0].startswith("○ no interval<br>yet<br>")
    assert heat["text"][0][1].endswith("no spread")
    assert heat["text"][0][2] == "● exactly as<br>it was<br><b>0.0</b>"
    assert heat["z"] == [[0.0, 0.0, 0.0]]


def test_a_long_name_leaves_room_for_the_cells_beside_it():
    name = "reviews + letters + topics + similarity · pcgrad"
    (shown,) = compare.transfer_matrix([name], ["a"], [[HELPS]])["data"][0]["y"]
    assert shown == "reviews + letters<br>+ topics +<br>similarity<br>pcgrad"


def test_many_tasks_leave_room_for_the_points_alone():
    heat = compare.transfer_matrix(["sum"], list("abcdefg"), [[HELPS] * 7])["data"][0]
    assert heat["text"][0] == ["▲ +10.3"] * 7


def test_scores_show_seeds_mean_and_interval_and_rings_for_what_is_not_finished():
    group = Dots("sum", 0, [0.7, 0.8], ["run 1", "run 2"], [0.5], 0.75, 0.1)
    seeds, rings, mean = compare.score_dots([group], "accuracy", 0.5)["data"]
    assert (seeds["x"], rings["x"], mean["x"]) == ([0.7, 0.8], [0.5], [0.75])
    assert mean["error_x"]["array"] == [0.1]
    assert rings["marker"]["symbol"] == "circle-open"


def test_an_axis_ends_where_the_score_does_and_an_interval_may_run_out_of_it():
    group = Dots("sum", 0, [0.7, 0.8], ["run 1", "run 2"], [], 0.75, 0.9)
    for metric, low, high in (("accuracy", -0.02, 1.02), ("pearson", -1.04, 1.04)):
        figure = compare.score_dots([group], metric, 0.5)
        assert figure["layout"]["xaxis"]["autorangeoptions"] == {"clipmin": low, "clipmax": high}
        assert figure["data"][2]["error_x"]["array"] == [0.9]
    assert compare.score_range("score") == {}
    for name, metric in METRICS.items():
        low, high = compare.score_range(name)["autorangeoptions"].values()
        assert low < metric.ends[0] < metric.ends[1] < high


def test_a_group_without_a_mean_has_no_marker_and_no_guess_no_line():
    group = Dots("sum", 0, [], [], [0.5], math.nan, math.nan)
    figure = compare.score_dots([group], "pearson", math.nan)
    assert figure["data"][2]["x"] == []
    assert "shapes" not in figure["layout"]
    assert compare.score_dots([group], "accuracy", 0.4)["layout"]["shapes"][0]["x0"] == 0.4


def test_what_people_score_is_a_line_of_long_dashes():
    group = Dots("sum", 0, [0.4], ["run 1"], [], 0.4, math.nan)
    shapes = compare.score_dots([group], "span_f1", 0.3, 0.9)["layout"]["shapes"]
    assert [(each["x0"], each["line"]["dash"]) for each in shapes] == [
        (0.3, "dot"),
        (0.9, "longdash"),
    ]


def test_one_seed_is_a_marker_without_a_bar():
    group = Dots("sum", 0, [0.7], ["run 1"], [], 0.7, math.nan)
    assert compare.score_dots([group], "accuracy", 0.5)["data"][2]["error_x"]["array"] == [0.0]


def test_a_difference_has_the_hue_of_its_verdict_and_what_is_not_paired_has_no_marker():
    figure = compare.differences(["a", "b", "c"], [HELPS, None, UNCLEAR])
    assert [trace["y"] for trace in figure["data"]] == [[0], [2]]
    colors = [trace["marker"]["color"] for trace in figure["data"]]
    assert colors == [VERDICT_COLORS["helps"], VERDICT_COLORS["undecided"]]
    assert figure["data"][0]["error_x"]["array"][0] == HELPS.high - HELPS.mean


def test_curves_have_a_band_where_there_are_seeds_and_thin_lines_for_unfinished_runs():
    at, mean = np.array([1.0, 2.0, 3.0]), np.array([0.1, 0.2, 0.3])
    low, high = mean - 0.1, np.array([0.2, 0.3, np.nan])
    low[2] = np.nan
    curve = GroupCurve("sum", 2, at, mean, low, high, [(at[:2], mean[:2])])
    band, line, thin = overlaid([curve], "update", "score", show_legend=True)["data"]
    assert numbers(band["x"]).tolist() == [1, 2, 2, 1]
    assert len(numbers(line["x"])) == 3
    assert thin["line"]["width"] < line["line"]["width"]
    assert not thin["showlegend"]
    nan = np.full(3, np.nan)
    alone = GroupCurve("sum", 0, at, mean, nan, nan)
    assert len(overlaid([alone], "update", "score", show_legend=True)["data"]) == 1


def test_groups_are_told_apart_without_colour_and_look_like_no_task_or_verdict():
    looks = [compare.group_look(index) for index in range(12)]
    assert len({(look.color, look.dash) for look in looks}) == 12
    taken = {task_look(index).color for index in range(5)} | set(VERDICT_COLORS.values())
    assert not taken & {look.color for look in looks}


def test_a_long_name_is_folded_into_lines():
    figure = compare.transfer_matrix(["hard · sum"], ["a"], [[HELPS]])
    assert figure["data"][0]["y"] == ["hard<br>sum"]
