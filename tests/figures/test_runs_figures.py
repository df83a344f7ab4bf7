"""Figures of stored runs: the numbers in them, and what is missing stays missing."""

import base64

import numpy as np
import pytest

from mtlviz.engine.records import EvalRecord
from mtlviz.figures import one_update, runs

TASKS = ["a", "b", "c"]
UPDATES = np.arange(4)


def numbers(packed):
    codes = {"f4": np.float32, "f8": np.float64}
    return np.frombuffer(base64.b64decode(packed["bdata"]), codes[packed["dtype"]])


def test_a_running_average_is_worked_by_hand():
    # Span chosen so that one update back counts half: 0; (0/2 + 3)/(1/2 + 1); ...
    span = 1 / np.log(2)
    found = runs.smoothed(np.arange(3), np.array([0.0, 3.0, 0.0]), span)
    assert found == pytest.approx([0.0, 2.0, 1.5 / 1.75])


def test_a_running_average_counts_distance_in_updates_not_in_points():
    span = 2 / np.log(2)
    found = runs.smoothed(np.array([0, 2]), np.array([0.0, 3.0]), span)
    assert found == pytest.approx([0.0, 2.0])


def test_no_smoothing_changes_nothing_and_missing_values_stay_missing():
    values = np.array([[1.0, np.nan], [np.nan, np.nan], [3.0, 5.0], [4.0, 6.0]])
    np.testing.assert_equal(runs.smoothed(UPDATES, values, 0), values)
    found = runs.smoothed(UPDATES, values, 5.0)
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


def test_the_conflict_share_counts_measured_pairs_only():
    cosines = np.full((3, 3, 3), np.nan)
    cosines[0, 0, 1], cosines[0, 0, 2], cosines[0, 1, 2] = -0.5, 0.5, 0.1
    cosines[1, 0, 1] = -0.1
    np.testing.assert_allclose(runs.conflict_share(cosines), [1 / 3, 1.0, np.nan])


def test_the_cosine_matrix_leaves_its_diagonal_and_missing_pairs_blank():
    cosines = np.array([[1.0, -0.5], [-0.5, np.nan]])
    trace = one_update.cosine_matrix(cosines, ["a", "b"])["data"][0]
    assert trace["text"] == [["", "-0.50"], ["-0.50", ""]]


def test_two_gradients_and_their_update_are_drawn_as_they_are():
    gram = np.array([[4.0, 0.0], [0.0, 1.0]])
    data = one_update.downhill(gram, np.array([0.0, 1.0]), ["a", "b"], [0, 1])["data"]
    tips = {trace["name"]: (trace["x"][1], trace["y"][1]) for trace in data}
    assert tips["a"] == pytest.approx((2, 0), abs=1e-9)
    assert tips["b"] == pytest.approx((0, 1), abs=1e-9)
    # Direction only: as long as the longest arrow.
    assert tips["update"] == pytest.approx((0, 2), abs=1e-9)


def test_the_update_looked_at_is_marked():
    figure = runs.per_task_curves(UPDATES, np.ones((4, 3)), TASKS, "weight", 0, chosen=2)
    assert figure["layout"]["shapes"][0]["x0"] == 2
