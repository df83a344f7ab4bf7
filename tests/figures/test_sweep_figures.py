"""Figures of a sweep: what is drawn where, and that signs and choices keep their hues."""

import numpy as np

from mtlviz.engine.measures.sweeps import Effect, Importance
from mtlviz.figures.sweep_effects import setting_effects, setting_importances
from mtlviz.figures.sweep_lines import Axis, parallel_lines, value_pairs
from mtlviz.figures.sweep_tasks import Points, task_front, tasks_against_mean
from mtlviz.figures.theme import HELPS, HURTS, UNDECIDED

SCORES = np.linspace(0.9, 0.5, 10)
NAMES = [f"setting {n}" for n in range(10)]


def drawn(chosen=None):
    axis = Axis("rate", ["low", "high"], np.array([1] * 5 + [0] * 5))
    return parallel_lines([axis], SCORES, NAMES, list(range(10)), chosen=chosen, revision="r")


def test_every_setting_is_a_line_that_a_gap_ends_and_its_number_is_reported():
    numbers = [n for trace in drawn()["data"] for n in trace["customdata"]]
    assert sorted(set(numbers)) == list(range(10))
    assert len(numbers) == 10 * 3  # Two axes and a gap.
    assert all(trace["y"][2::3] == [None] * (len(trace["y"]) // 3) for trace in drawn()["data"])


def test_the_best_fifth_is_blue_and_the_worst_orange_and_the_chosen_one_thick():
    colors = {n: t["line"]["color"] for t in drawn()["data"] for n in t["customdata"]}
    assert [n for n, color in colors.items() if color == HELPS] == [0, 1]
    assert [n for n, color in colors.items() if color == HURTS] == [8, 9]
    last = drawn(chosen=4)["data"][-1]
    assert set(last["customdata"]) == {4}
    assert last["line"]["width"] > 3


def test_lines_of_one_value_lie_within_its_part_of_the_axis():
    for trace in drawn()["data"]:
        for number, height in zip(trace["customdata"][::3], trace["y"][::3], strict=True):
            assert (height > 0.5) == (number < 5)


def test_pairs_have_a_scale_symmetric_about_zero_and_blanks_where_nothing_was_tried():
    figure = value_pairs(("a", ["x", "y"]), ("b", ["u", "v"]), np.array([[3, np.nan], [-1, 0.0]]))
    (heat,) = figure["data"]
    assert (heat["zmin"], heat["zmax"]) == (-3, 3)
    assert heat["z"] == [[3, None], [-1, 0]]


def test_an_effect_has_its_signs_hue_only_where_its_interval_leaves_out_zero():
    effect = Effect(np.array([2.0, -2.0, 1.0]), np.array([1.0, 1.0, 1.5]), np.array([1, 1, 1]))
    colors = [
        t["marker"]["color"] for t in setting_effects(["a"], [["1", "2", "3"]], [effect])["data"]
    ]
    assert colors == [HELPS, HURTS, UNDECIDED]


def test_what_cannot_be_told_from_noise_is_grey_and_says_so():
    figure = setting_importances(["a", "b"], [Importance(1.0, 0.1), Importance(0.05, 0.1)])
    null, bars = figure["data"]
    assert bars["marker"]["color"] == [HELPS, UNDECIDED]
    assert bars["text"] == ["100%", "5% · cannot be told from noise"]
    assert [note["text"] for note in figure["layout"]["annotations"]] == bars["text"]
    assert figure["layout"]["xaxis"]["range"] == [0, 1]
    assert null["x"] == [0.1, 0.1]


def test_the_front_stands_apart_and_a_tasks_best_setting_has_a_star():
    points = Points(
        ["one", "two", "three"], [7, 8, 9], np.array([[0.9, 0.1], [0.2, 0.8], [0.1, 0.1]])
    )
    front = np.array([True, True, False])
    beaten, ahead, ring = task_front(points, 0, 1, ["a", "b"], front, 9)["data"]
    assert (beaten["customdata"], ahead["customdata"], ring["x"]) == ([9], [7, 8], [0.1])
    stars = [t["customdata"] for t in tasks_against_mean(points, ["a", "b"], None)["data"]
             if t["marker"].get("symbol") == "star"]  # fmt: skip
    assert stars == [[7], [8]]


def test_lines_cross_a_range_where_their_value_lies_and_its_labels_are_numbers_on_it():
    axis = Axis("rate", ["1", "2", "4"], np.array([-0.5, 0.25, 1.5]), is_range=True)
    drawn = parallel_lines([axis], np.array([0.9, 0.8, 0.7]), ["a", "b", "c"], [0, 1, 2],
                           chosen=None, revision="")  # fmt: skip
    crossed = {y for trace in drawn["data"] for x, y in zip(trace["x"], trace["y"], strict=True)
               if x == 0}  # fmt: skip
    assert crossed == {0.0, 0.375, 1.0}
    labels = [(each["y"], each["text"]) for each in drawn["layout"]["annotations"][:3]]
    assert labels == [(0.0, "<b>1</b>"), (0.5, "<b>2</b>"), (1.0, "<b>4</b>")]
