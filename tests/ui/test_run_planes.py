"""The Run page's axes, planes and names, worked by hand."""

import numpy as np
import pytest

from mtlviz.engine.counterfactual import Moment
from mtlviz.engine.measures.gradient_planes import TITLES, projected
from mtlviz.engine.presets import preset
from mtlviz.engine.records import Plane
from mtlviz.errors import ConfigError, DataError
from mtlviz.runs.history import History
from mtlviz.runs.summary import RunSummary
from mtlviz.ui.component.stepper import stepper
from mtlviz.ui.core.run_view import axis_of, epochs
from mtlviz.ui.core.words import escaped
from mtlviz.ui.pages.run.directions import collapsed

# Three gradients in space: the first two span the ground, the third also rises.
GRADIENTS = np.array([[2.0, 0, 0], [1.0, 1, 0], [0, 1.0, 1]])
WEIGHTS = np.array([1.0, 2.0, 1.0])


def seen(gradients=GRADIENTS, weights=WEIGHTS, due=(0, 1, 2)):
    ones = np.ones(len(due))
    return Moment(np.array(due), gradients @ gradients.T, weights, ones, ones, 0.1, 0)


def test_a_task_that_a_plane_shows_on_its_origin_is_told_with_another_plane():
    names, flat = ["a", "b", "c"], np.array([[2.0, 0, 0], [1.0, 1, 0], [0, 0.01, 1]])
    told = collapsed("pair", projected("pair", seen(flat), {}, (0, 1)), names)
    assert told.startswith(" c lies on the origin here: choose a pair with one of them")
    assert collapsed("pair", projected("pair", seen(), {}, (0, 1)), names) == ""


def test_the_plane_of_two_tasks_keeps_both_whole_and_the_rest_in_part():
    found = projected("pair", seen(), {}, (0, 1))
    np.testing.assert_allclose(found.arrows, [[2, 0], [1, 1], [0, 1]], atol=1e-12)
    np.testing.assert_allclose(found.share, [1, 1, np.sqrt(0.5)])
    # 1 g1 + 2 g2 + 1 g3 = (4, 3, 1), of which the plane keeps (4, 3).
    np.testing.assert_allclose(found.update, [4, 3])
    assert found.update_share == pytest.approx(5 / np.sqrt(26))


def test_the_pair_is_named_by_the_tasks_of_the_run_not_by_their_places():
    found = projected("pair", seen(due=(1, 4, 6)), {}, (4, 6))
    np.testing.assert_allclose(found.share[1:], [1, 1])
    with pytest.raises(DataError, match="not due"):
        projected("pair", seen(due=(1, 4, 6)), {}, (0, 1))


def test_two_tasks_along_one_line_span_a_line():
    flat = np.array([[1.0, 0, 0], [-2.0, 0, 0], [0, 1, 0]])
    found = projected("pair", seen(flat), {}, (0, 1))
    np.testing.assert_allclose(found.arrows, [[1, 0], [-2, 0], [0, 0]], atol=1e-12)
    with pytest.raises(DataError, match="zero here"):
        projected("pair", seen(0 * flat), {}, (0, 1))


def test_the_plane_that_shows_most_shows_two_tasks_whole():
    found = projected("most", seen(GRADIENTS[:2], WEIGHTS[:2], (0, 1)), {})
    np.testing.assert_allclose(found.share, 1)
    np.testing.assert_allclose(np.linalg.norm(found.update), np.sqrt(16 + 4))
    assert found.update_share == pytest.approx(1)


@pytest.mark.parametrize(
    ("name", "recorded"),
    [("parameters", "two parameters"), ("directions", "random directions")],
)
def test_recorded_planes_are_drawn_downhill_with_their_share(name, recorded):
    coordinates = np.full((4, 2), np.nan)
    coordinates[[0, 2, 3]] = GRADIENTS[:, :2]
    planes = {recorded: Plane(coordinates, np.full(4, np.nan))}
    found = projected(name, seen(due=(0, 2, 3)), planes)
    np.testing.assert_allclose(found.arrows, -GRADIENTS[:, :2])
    np.testing.assert_allclose(found.update, [-4, -3])
    np.testing.assert_allclose(found.share, [1, 1, np.sqrt(0.5)])


@pytest.mark.parametrize("name", ["parameters", "directions"])
def test_a_plane_that_was_not_recorded_is_refused(name):
    with pytest.raises(DataError, match="not projected"):
        projected(name, seen(), {})
    empty = Plane(np.full((3, 2), np.nan), np.full(3, np.nan))
    with pytest.raises(DataError, match="not projected"):
        projected(name, seen(), {"two parameters": empty, "random directions": empty})


def test_a_zero_gradient_keeps_an_undefined_share():
    gradients = np.array([[1.0, 0, 0], [0, 1, 0], [0, 0, 0]])
    for name in ("most", "pair"):
        assert np.isnan(projected(name, seen(gradients), {}).share[2])
    assert set(TITLES) == {"most", "parameters", "directions", "pair"}


def test_epochs_are_told_in_parts_and_the_unfinished_one_by_plan():
    found = epochs(np.array([0, 0, 1, 1, 1, 1, 2]), planned=4.0)
    np.testing.assert_allclose(found, [0, 0.5, 1, 1.25, 1.5, 1.75, 2, 2.25])
    np.testing.assert_allclose(epochs(np.array([0, 0]), 0.0), [0, 0.5, 1])


def summary(planned):
    return RunSummary(
        1, "r", "running", 0.0, 0.0, None, None, None, 0, False, 3, planned, None, None, None
    )


@pytest.mark.parametrize(
    ("pace", "title", "end"), [(1, "seconds", 3), (100, "minutes", 5), (4000, "hours", 10 / 3)]
)
def test_time_is_told_in_a_unit_that_fits(pace, title, end):
    updates = np.arange(3)
    run = History(
        2, updates, 0 * updates, np.full(3, float(pace)), 0 * updates,
        np.full(3, np.nan), np.full((3, 2), -1), np.empty((0, 2)),
    )  # fmt: skip
    axis = axis_of("time", summary(30), preset("default"), run)
    assert axis.title == title
    assert axis.at(3) == pytest.approx(end)
    assert axis_of("update", summary(30), preset("default"), run).at([7]).tolist() == [7]
    # Ten epochs of three updates are planned: one third of an epoch an update.
    assert axis_of("epoch", summary(30), preset("default"), run).at(1) == pytest.approx(1 / 3)


@pytest.mark.parametrize(
    ("tokens", "title", "places"),
    [
        ([100, 200, 300], "tokens", [0, 100, 300, 600]),
        ([1000, 200, 300], "thousand tokens", [0, 1, 1.2, 1.5]),
        ([10**6, 10**6, 10**5], "million tokens", [0, 1, 2, 2.1]),
        ([0, 0, 0], "update", [0, 1, 2, 3]),
    ],
)
def test_long_batches_take_more_room_by_tokens(tokens, title, places):
    updates = np.arange(3)
    run = History(
        2, updates, 0 * updates, np.ones(3), np.array(tokens), np.full(3, np.nan),
        np.full((3, 2), -1), np.empty((0, 2)),
    )  # fmt: skip
    axis = axis_of("tokens", summary(30), preset("default"), run)
    assert axis.title == title
    assert axis.at([0, 1, 2, 3]).tolist() == places


@pytest.mark.parametrize(
    ("name", "markdown"),
    [("reviews", "reviews"), ("*a*", r"\*a\*"), ("<b>", r"\<b\>"), ("a\n# b", r"a \# b"),
     (":red[x]", r"\:red\[x\]"), ("$x$", r"\$x\$")],
)  # fmt: skip
def test_names_of_people_are_no_markup(name, markdown):
    assert escaped(name) == markdown


def test_the_bar_refuses_an_update_that_is_not_there():
    with pytest.raises(ConfigError, match="must be from 0 to 2, got 3"):
        stepper({"count": 3}, 3, key="bar", cursor_group="run", parameter="at")
