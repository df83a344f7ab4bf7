"""Figures of gradients and landscapes: every method is told apart, data go where they belong."""

import itertools

import numpy as np
import pytest

from mtlviz.engine.combiners import COMBINERS
from mtlviz.errors import ConfigError
from mtlviz.figures.conflicts import METHOD_LOOKS, Update, method_look, plane, space
from mtlviz.figures.landscapes import Descent, descents, ratio_curves
from mtlviz.figures.theme import task_look
from mtlviz.toy.film import decoded
from mtlviz.toy.landscapes.methods import METHODS


@pytest.mark.parametrize("name", sorted({*COMBINERS, *METHODS}))
def test_every_method_has_a_look(name):
    assert method_look(name).title


def test_an_unknown_method_is_refused_in_a_sentence():
    with pytest.raises(ConfigError, match="Unknown method 'magic'"):
        method_look("magic")


def test_any_two_methods_differ_without_their_colour_and_in_their_name():
    looks = [method_look(name) for name in {**COMBINERS, **METHOD_LOOKS}]
    assert len(looks) > 15
    for one, other in itertools.combinations(looks, 2):
        assert one.title != other.title
        assert (one.dash, one.marker) != (other.dash, other.marker)


def test_no_method_borrows_a_tasks_hue():
    hues = {task_look(task).color for task in range(5)}
    assert not hues & {method_look(name).color for name in {**COMBINERS, **METHOD_LOOKS}}


def test_twenty_methods_more_would_still_be_told_apart(monkeypatch):
    more = {f"new_{number}": COMBINERS.methods["mean"] for number in range(20)}
    for name, method in more.items():
        monkeypatch.setitem(COMBINERS.methods, name, method)
    strokes = {(method_look(name).dash, method_look(name).marker) for name in COMBINERS}
    assert len(strokes) == len(COMBINERS)


def test_updates_with_the_same_tip_share_an_arrow_that_names_both():
    look = method_look("pcgrad")
    updates = [
        Update("1 2 3", np.array([1.0, 0.5]), look),
        Update("2 1 3", np.array([1.0, 0.5 + 1e-9]), look),
        Update("3 1 2", np.array([-1.0, 0.5]), look),
    ]
    figure = plane(np.array([[1.0, 0.0], [0.0, 2.0]]), updates, revision="r")
    drawn = [trace["name"] for trace in figure["data"][2:]]
    assert drawn == ["1 2 3 = 2 1 3", "3 1 2"]
    assert (figure["data"][2]["x"][1], figure["data"][2]["y"][1]) == (1.0, 0.5)


def test_gradients_keep_their_direction_and_reach_the_edge_beside_short_updates():
    updates = [Update("u", np.array([0.01, 0.0]), method_look("sum"))]
    figure = plane(np.array([[3.0, 4.0], [0.0, 0.0]]), updates, revision="r")
    x, y = figure["data"][0]["x"][1], figure["data"][0]["y"][1]
    assert y / x == pytest.approx(4 / 3)
    reach = figure["layout"]["xaxis"]["range"][1]
    assert reach == pytest.approx(0.013)
    assert np.hypot(x, y) == pytest.approx(0.9 * reach)
    assert figure["data"][1]["x"] == [0.0, 0.0]


def test_updates_of_length_zero_still_leave_a_picture():
    updates = [Update("u", np.zeros(2), method_look("sum"))]
    figure = plane(np.array([[1.0, 0.0], [-1.0, 0.0]]), updates, revision="r")
    assert figure["layout"]["xaxis"]["range"][1] == pytest.approx(1.3)


def test_space_draws_every_gradient_and_update_from_the_origin():
    updates = [Update("sum", np.array([1.0, 1.0, 1.0]), method_look("sum"))]
    figure = space(np.eye(3), updates, revision="r")
    assert [trace["name"] for trace in figure["data"]] == ["task 1", "task 2", "task 3", "sum"]
    assert figure["data"][1]["y"] == [0.0, 1.0]
    assert {trace["x"][0] for trace in figure["data"]} == {0.0}


def test_a_method_is_named_once_in_the_legend_however_many_starts_it_has():
    look = method_look("mgda")
    runs = [Descent(look, start, np.array([2.0, float(start)])) for start in (1, 2)]
    figure = descents(np.array([0, 10]), runs, "loss")
    assert [trace["showlegend"] for trace in figure["data"]] == [True, False]
    assert decoded(figure["data"][1]["y"]).tolist() == [2.0, 2.0]
    assert "start 2" in figure["data"][1]["hovertemplate"]
    # The saved table has a row's name alone to tell two runs apart.
    assert [trace["name"] for trace in figure["data"]] == ["MGDA", "MGDA, start 2"]


def test_loss_ratios_are_drawn_in_the_order_of_their_names():
    figure = ratio_curves(np.array([0, 5]), np.array([[2.0, 1.0], [2.0, 0.5]]), ["equal", "x"])
    assert [trace["name"] for trace in figure["data"]] == ["equal", "x"]
    assert decoded(figure["data"][1]["y"]).tolist() == [2.0, 0.5]
