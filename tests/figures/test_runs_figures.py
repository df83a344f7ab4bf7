"""Figures of stored runs: the numbers in them, and what is missing stays missing."""

import base64

import numpy as np
import pytest

from mtlviz.engine.records import EvalRecord
from mtlviz.figures import one_update, runs
from mtlviz.figures.axis import Axis, smoothed

TASKS = ["a", "b", "c"]
UPDATES = np.arange(4)


def numbers(packed):
    codes = {"f4": np.float32, "f8": np.float64}
    return np.frombuffer(base64.b64decode(packed["bdata"]), codes[packed["dtype"]])


def test_a_running_average_is_worked_by_hand():
    # Span chosen so that one update back counts half: 0; (0/2 + 3)/(1/2 + 1); ...
    span = 1 / np.log(2)
    found = smoothed(np.arange(3), np.array([0.0, 3.0, 0.0]), span)
    assert found == pytest.approx([0.0, 2.0, 1.5 / 1.75])


def test_a_running_average_counts_distance_in_updates_not_in_points():
    span = 2 / np.log(2)
    found = smoothed(np.array([0, 2]), np.array([0.0, 3.0]), span)
    assert found == pytest.approx([0.0, 2.0])


def test_no_smoothing_changes_nothing_and_missing_values_stay_missing():
    values = np.array([[1.0, np.nan], [np.nan, np.nan], [3.0, 5.0], [4.0, 6.0]])
    np.testing.assert_equal(smoothed(UPDATES, values, 0), values)
    found = smoothed(UPDATES, values, 5.0)
    np.testing.assert_equal(np.isnan(found), np.isnan(values))


def test_a_task_is_drawn_only_where_it_took_part():
    losses = np.array([[1.0, np.nan], [np.nan, 2.0], [3.0, np.nan], [np.nan, 4.0]])
    figure = runs.loss_curves(UPDATES, losses, ["a", "b"], 0)
    assert [numbers(trace["x"]).tolist() for trace in figure["data"]] == [[0, 2], [1, 3]]


def test_smoothing_keeps_the_raw_line_faint_and_out_of_the_legend():
    figure = runs.loss_curves(UPDATES, np.ones((4, 2)), ["a", "b"], 10)
    assert [trace["showlegend"] for trace in figure["data"]] == [False, False, True, True]


def test_scores_carry_their_error_and_a_missing_baseline_has_no_line():
    record = EvalRecord(
        10, 0, np.array([0.8, 0.1]), np.array([0.02, 0.05]), np.zeros(2), [{}, {}],
        np.array([0.5, np.nan]), True, 0.1,
    )  # fmt: skip
    traces = runs.score_curves([record], ["a", "b"], ["accuracy", "pearson"])["data"]
    assert numbers(traces[1]["error_y"]["array"]) == pytest.approx([0.02])
    assert numbers(traces[0]["y"]) == pytest.approx([0.5])
    assert len(numbers(traces[2]["y"])) == 0


def test_what_people_score_is_a_line_where_anybody_knows():
    record = EvalRecord(
        10, 0, np.array([0.8, 0.1]), np.array([0.02, 0.05]), np.zeros(2), [{}, {}],
        np.array([0.5, np.nan]), True, 0.1, np.array([0.9, np.nan]),
    )  # fmt: skip
    traces = runs.score_curves([record], ["a", "b"], ["span_f1", "pearson"])["data"]
    (people,) = (trace for trace in traces if trace["name"].endswith("people"))
    assert numbers(people["y"]) == pytest.approx([0.9])
    assert people["line"]["dash"] == "longdash"


def test_the_conflict_share_counts_measured_pairs_only():
    cosines = np.full((3, 3, 3), np.nan)
    cosines[0, 0, 1], cosines[0, 0, 2], cosines[0, 1, 2] = -0.5, 0.5, 0.1
    cosines[1, 0, 1] = -0.1
    np.testing.assert_allclose(runs.conflict_share(cosines), [1 / 3, 1.0, np.nan])


def test_the_cosine_matrix_leaves_its_diagonal_and_missing_pairs_blank():
    cosines = np.array([[1.0, -0.5], [-0.5, np.nan]])
    trace = one_update.cosine_matrix(cosines, ["a", "b"])["data"][0]
    assert trace["text"] == [["", "-0.50"], ["-0.50", ""]]


def test_arrows_and_update_have_one_scale_and_all_fit():
    arrows, update = np.array([[2.0, 0.0], [0.0, 1.0]]), np.array([2.0, 3.0])
    figure = one_update.downhill(arrows, update, ["a", "b"], [0, 1], ("x", "y"))
    tips = {trace["name"]: (trace["x"][1], trace["y"][1]) for trace in figure["data"]}
    assert tips == {"a": (2.0, 0.0), "b": (0.0, 1.0), "update": (2.0, 3.0)}
    low, high = figure["layout"]["yaxis"]["range"]
    assert low < -3
    assert high > 3


def test_another_axis_moves_every_line_and_starts_without_the_old_zoom():
    seconds = Axis("seconds", np.array([0.0, 4.0]), np.array([0.0, 8.0]))
    by_time = runs.loss_curves(UPDATES, np.ones((4, 3)), TASKS, 0, seconds)
    by_update = runs.loss_curves(UPDATES, np.ones((4, 3)), TASKS, 0)
    assert numbers(by_time["data"][0]["x"]).tolist() == [0, 2, 4, 6]
    assert numbers(by_update["data"][0]["x"]).tolist() == [0, 1, 2, 3]
    assert by_time["layout"]["uirevision"] != by_update["layout"]["uirevision"]
    assert by_time["layout"]["xaxis"]["title"]["text"] == "seconds"


def test_of_many_pairs_those_that_agree_least_are_drawn():
    cosines = np.zeros((2, 6, 6))
    cosines[:, 2, 4] = -0.5
    cosines[:, 0, 1] = np.nan
    drawn = runs.drawn_pairs(cosines)
    assert len(drawn) == runs.MOST_PAIRS
    assert (2, 4) in drawn
    assert (0, 1) not in drawn
    assert runs.drawn_pairs(cosines[:, :3, :3]) == [(0, 1), (0, 2), (1, 2)]


def test_of_many_pairs_the_three_that_agree_least_are_in_colour_and_named():
    cosines = np.zeros((4, 6, 6))
    for place, pair in enumerate([(2, 4), (1, 5), (0, 3)]):
        cosines[:, *pair] = -0.5 + 0.1 * place
    figure = runs.cosine_curves(UPDATES, cosines, list("abcdef"), 0)
    named = [trace["name"] for trace in figure["data"] if trace["showlegend"]]
    assert sorted(named) == ["a · d", "b · f", "c · e"]
    assert len(figure["data"]) == runs.MOST_PAIRS + 1
    # Grey lines lie below, and still say whose they are.
    grey = figure["data"][0]
    assert grey["line"]["width"] < figure["data"][-2]["line"]["width"]
    assert grey["hoverinfo"] == "all"
    few = runs.cosine_curves(UPDATES, cosines[:, :4, :4], list("abcd"), 0)
    assert all(trace["showlegend"] for trace in few["data"][:-1])


def test_cosines_that_end_early_leave_the_picture_as_wide_as_the_run():
    cosines = np.full((4, 2, 2), np.nan)
    cosines[:2] = 0.5
    share = runs.cosine_curves(UPDATES, cosines, ["a", "b"], 0)["data"][-1]
    assert numbers(share["x"]).tolist() == [0, 1, 2, 3]
    np.testing.assert_equal(numbers(share["y"]), [0, 0, np.nan, np.nan])


def test_a_name_with_tags_is_shown_as_it_was_given():
    figure = runs.per_task_curves(UPDATES, np.ones((4, 1)), ["<b>a</b> & b"], "weight", 0)
    assert figure["data"][0]["name"] == "&lt;b&gt;a&lt;/b&gt; &amp; b"


def test_the_worked_example_has_a_line_for_each_two_sentences():
    cosines = np.arange(18.0).reshape(2, 3, 3) / 18
    data = one_update.worked_cosines(np.array([0.0, 5.0]), cosines, TASKS, [2, 0, 1])["data"]
    assert [trace["name"] for trace in data] == ["a · b", "a · c", "b · c"]
    assert numbers(data[2]["y"]) == pytest.approx([5 / 18, 14 / 18])


def test_a_line_is_broken_where_its_task_long_took_no_part_and_not_between_turns():
    update = np.arange(60)
    losses = np.full((60, 2), np.nan)
    losses[:20, 0], losses[40:, 0], losses[1::2, 1] = 1.0, 0.5, 2.0
    lines = runs.loss_curves(update, losses, ["a", "b"], 0)["data"]
    first, second = (numbers(line["y"]) for line in lines)
    assert np.flatnonzero(np.isnan(first)).tolist() == [20]
    assert len(first) == 41
    assert not np.isnan(second).any()
