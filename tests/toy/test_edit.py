"""Edits by hand change what they name and nothing else."""

import pytest

from mtlviz.errors import ConfigError
from mtlviz.toy.config import ToyConfig
from mtlviz.toy.own import edited

START = ToyConfig()
PAINTED = edited(START, {"kind": "paint", "task": 1, "x": 1.5, "y": -2.0, "label": 1})


def test_moving_a_cloud_changes_its_centre_only():
    after = edited(START, {"kind": "scene", "task": 2, "scene": {"x": 1.25, "y": -0.5}})
    assert (after.tasks[2].x, after.tasks[2].y) == (1.25, -0.5)
    assert after.tasks[:2] == START.tasks[:2]
    assert after.tasks[2].angle == START.tasks[2].angle


def test_a_painted_point_joins_its_task():
    assert PAINTED.own_points == ((1, 1.5, -2.0, 1),)


def test_a_stroke_adds_its_points_in_order():
    stroke = {"kind": "paint", "task": 0, "label": 0, "points": [[1, 2], [1.5, 2]]}
    own = edited(PAINTED, stroke).own_points
    assert own == (*PAINTED.own_points, (0, 1.0, 2.0, 0), (0, 1.5, 2.0, 0))


def test_own_points_are_counted_after_the_clouds():
    first_own = START.tasks[1].points
    moved = edited(PAINTED, {"kind": "move_point", "task": 1, "point": first_own, "x": 0, "y": 0})
    assert moved.own_points == ((1, 0.0, 0.0, 1),)
    assert edited(PAINTED, {"kind": "erase", "task": 1, "point": first_own}).own_points == ()


@pytest.mark.parametrize("kind", ["move_point", "erase"])
def test_a_clouds_point_cannot_be_changed_alone(kind):
    with pytest.raises(ConfigError, match="point 4 comes from its cloud"):
        edited(PAINTED, {"kind": kind, "task": 1, "point": 3, "x": 0, "y": 0})


def test_a_value_out_of_range_is_refused_in_a_sentence():
    with pytest.raises(ConfigError, match="must be from -4 to 4"):
        edited(START, {"kind": "scene", "task": 0, "scene": {"x": 40}})
    with pytest.raises(ConfigError, match="Own points must lie within"):
        edited(START, {"kind": "paint", "task": 0, "x": 99, "y": 0, "label": 0})


def test_an_unknown_edit_is_refused():
    with pytest.raises(ConfigError, match="Unknown edit 'melt'"):
        edited(START, {"kind": "melt", "task": 0})


def test_an_edit_of_a_picture_that_is_out_of_date_changes_nothing():
    first_own = START.tasks[1].points
    erase = {"kind": "erase", "task": 1, "point": first_own}
    with pytest.raises(ConfigError, match="out of date"):
        edited(PAINTED, {**erase, "was": [0.0, 0.0]})
    assert edited(PAINTED, {**erase, "was": [1.50001, -2.0]}).own_points == ()
