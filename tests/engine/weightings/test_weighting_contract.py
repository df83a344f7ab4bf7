"""Laws that every registered weighting keeps; a new entry is tested without being named here."""

import json

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from mtlviz.engine.weightings import WEIGHTINGS, make_weighting
from mtlviz.engine.weightings.weighting import Weighting
from mtlviz.errors import CheckpointError, ConfigError
from tests.engine.weightings.weighting_problems import (
    NEEDED,
    TASKS,
    advance,
    make,
    random_steps,
    step,
)

every_weighting = pytest.mark.parametrize("name", WEIGHTINGS)


def run(weighting, steps):
    return [advance(weighting, at, norms=norms, losses_after=after) for at, norms, after in steps]


@every_weighting
def test_weights_of_due_tasks_are_positive_and_finite_at_every_step(name):
    steps = list(random_steps(60))
    for (at, _, _), weights in zip(steps, run(make(name), steps), strict=True):
        assert weights.shape == (TASKS,)
        assert np.isfinite(weights[at.due]).all()
        assert (weights[at.due] > 0).all()


@pytest.mark.parametrize("name", [n for n in WEIGHTINGS if WEIGHTINGS[n].method.adds_up])
def test_weights_add_up_to_the_number_of_tasks(name):
    for weights in run(make(name), [s for s in random_steps(60) if s[0].due.all()]):
        assert weights.sum() == pytest.approx(TASKS)


@every_weighting
@pytest.mark.parametrize("taken", [0, 23])
def test_a_resumed_weighting_goes_on_exactly_as_the_first_would(name, taken):
    steps = list(random_steps(40))
    first, second = make(name), make(name)
    run(first, steps[:taken])
    second.load_state_dict(json.loads(json.dumps(first.state_dict(), allow_nan=False)))
    # A generator is spent by its step, so that both need steps of their own.
    once, again = list(random_steps(40))[taken:], list(random_steps(40))[taken:]
    for mine, theirs in zip(run(first, once), run(second, again), strict=True):
        assert_array_equal(mine, theirs)


@every_weighting
def test_a_stored_state_is_a_copy_that_later_steps_leave_alone(name):
    weighting = make(name)
    run(weighting, random_steps(5))
    before = json.dumps(weighting.state_dict())
    stored = weighting.state_dict()
    run(weighting, random_steps(9, seed=1))
    assert json.dumps(stored) == before


@every_weighting
def test_a_state_of_another_weighting_is_refused(name):
    with pytest.raises(CheckpointError, match="colour"):
        make(name).load_state_dict({"colour": [1.0]})


@every_weighting
def test_two_objects_share_nothing(name):
    one, other = make(name), make(name)
    run(one, random_steps(20))
    fresh = make(name).weights(step([1.0, 2.0, 3.0]))
    assert_array_equal(other.weights(step([1.0, 2.0, 3.0])), fresh)


@every_weighting
def test_changing_the_returned_weights_changes_nothing(name):
    weighting = make(name)
    weights = weighting.weights(step([1.0, 2.0, 3.0]))
    kept = weights.copy()
    weights *= 0
    assert_array_equal(weighting.weights(step([1.0, 2.0, 3.0])), kept)


@every_weighting
def test_one_task_alone_has_a_weight(name):
    needed = {
        "manual": {"values": [2.0]},
        "size": {"sizes": [5]},
        "svd": {"inputs": np.eye(2), "targets": np.ones((2, 1))},
        "svd_task_embeddings": {"embeddings": np.ones((1, 2))},
    }
    weighting = make_weighting(name, 1, **needed.get(name, {}))
    first = advance(weighting, step([2.0]))
    second = advance(weighting, step([1.0]))
    assert first[0] > 0
    assert second[0] > 0
    if weighting.adds_up:
        assert_allclose(second, [1.0])


@every_weighting
def test_the_summary_is_one_sentence_for_a_person(name):
    line = WEIGHTINGS[name].help
    assert line.endswith(".")
    assert line[0].isupper()
    assert line != summary_of_base()
    assert len(line) <= 100


def summary_of_base():
    return Weighting.__doc__.splitlines()[0]


@every_weighting
def test_an_option_the_method_does_not_have_is_refused_by_name(name):
    with pytest.raises(ConfigError, match="'colour'"):
        make(name, colour=1)


@every_weighting
def test_what_a_method_needs_is_asked_for_by_name(name):
    required = WEIGHTINGS[name].required
    assert required == {option for option in NEEDED.get(name, {}) if option != "rank"}
    if required:
        with pytest.raises(ConfigError, match=f"{name} weighting needs"):
            make_weighting(name, TASKS)


def test_an_unknown_weighting_is_refused_with_the_known_names():
    with pytest.raises(ConfigError, match=r"'equl'.*equal"):
        make_weighting("equl", 2)


@pytest.mark.parametrize(
    ("name", "given"),
    [
        ("manual", {"values": [1.0, 2.0]}),
        ("manual", {"values": [1.0, -2.0, 1.0]}),
        ("manual", {"values": [0.0, 0.0, 0.0]}),
        ("manual", {"values": "abc"}),
        ("size", {"sizes": [0, 1, 2]}),
        ("size", {"exponent": float("inf")}),
        ("uncertainty", {"learning_rate": 0.0}),
        ("uncertainty", {"learning_rate": "fast"}),
        ("dwa", {"temperature": 0.0}),
        ("rlw", {"distribution": "uniform"}),
        ("rlw", {"distribution": 3}),
        ("gradnorm", {"alpha": -1.0}),
        ("famo", {"gamma": -1.0}),
        ("famo", {"lowest_losses": [1.0]}),
        ("svd", {"rank": 4}),
        ("svd", {"rank": 1.5}),
    ],
)
def test_values_that_are_not_allowed_are_refused(name, given):
    with pytest.raises(ConfigError):
        make(name, **given)
