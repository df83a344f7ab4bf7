"""A map of many tasks: order, frames, the lit task, names with room."""

import numpy as np
import pytest

from mtlviz.figures.one_update import downhill
from mtlviz.figures.runs import per_task_curves
from mtlviz.figures.task_map import MANY, families_in_groups, map_height, task_map


def drawn(tasks=4):
    return np.arange(tasks * tasks, dtype=float).reshape(tasks, tasks) - 7


def test_groups_stand_together_in_frames_and_the_diagonal_is_blank():
    figure = task_map(drawn(), list("abcd"), [(2, 0), (3, 1)], revision="x")
    data, layout = figure["data"][0], figure["layout"]
    assert data["y"] == ["c", "a", "d", "b"]
    assert data["z"][0] == [None, 1.0, 4.0, 2.0]
    corners = [(each["x0"], each["x1"], each["y0"], each["y1"]) for each in layout["shapes"]]
    assert corners == [(-0.5, 1.5, -0.5, 1.5), (1.5, 3.5, 1.5, 3.5)]


def test_families_that_are_found_stand_on_a_diagonal_and_by_chance_all_is_pale():
    families = (0, 1, 0, 1)
    found = families_in_groups(families, [(1, 3), (0, 2)], revision="x")["data"][0]
    assert found["text"] == [["2", ""], ["", "2"]]
    assert np.array(found["z"]).tolist() == [[1, -1], [-1, 1]]
    assert found["zmax"] == 1
    mixed = families_in_groups(families, [(0, 1), (2, 3)], revision="x")["data"][0]
    assert mixed["text"] == [["1", "1"], ["1", "1"]]
    assert not np.any(mixed["z"])


def test_the_lit_task_has_a_strip_across_and_one_down():
    *_, across, down = task_map(drawn(), list("abcd"), [(2, 0), (3, 1)], lit=3, revision="x")[
        "layout"
    ]["shapes"]
    assert (across["y0"], across["y1"], across["x1"]) == (1.5, 2.5, 3.5)
    assert (down["x0"], down["x1"], down["y1"]) == (1.5, 2.5, 3.5)


@pytest.mark.parametrize(("tasks", "numbers"), [(MANY, True), (MANY + 1, False)])
def test_many_tasks_have_names_where_there_is_room_and_no_number_in_a_cell(tasks, numbers):
    names = [f"task {number}" for number in range(tasks)]
    figure = task_map(drawn(tasks), names, [range(tasks)], revision="x")
    assert bool(figure["data"][0]["texttemplate"]) == numbers
    # Of many rows as many are named as there is room for, which the browser knows.
    named = figure["layout"]["yaxis"]
    assert named["tickvals"] == names if numbers else named["tickmode"] == "auto"
    assert figure["layout"]["xaxis"]["showticklabels"] == numbers
    # Eleven points high, with some air.
    assert map_height(tasks) / tasks >= 14


def test_values_nobody_measured_are_blank_and_none_at_all_is_no_fault():
    figure = task_map(np.full((4, 4), np.nan), list("abcd"), [range(4)], revision="x")
    assert figure["data"][0]["z"] == [[None] * 4] * 4
    assert figure["data"][0]["zmax"] == 1


def test_of_many_arrows_the_longest_are_named_and_many_lines_have_no_legend():
    tips = np.stack([np.arange(1.0, 21), np.zeros(20)], axis=1)
    names = [f"task {number}" for number in range(20)]
    figure = downhill(tips, np.ones(2), names, range(20), ("x", "y"))
    named = [trace["text"][1] for trace in figure["data"] if trace["text"][1]]
    assert named == [*names[-5:], "update"]
    curves = per_task_curves(np.arange(3), np.ones((3, 20)), names, "length", 0.0)
    assert not curves["layout"]["showlegend"]
    assert curves["layout"]["hovermode"] == "closest"
