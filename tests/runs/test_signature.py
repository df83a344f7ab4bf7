"""What two runs share that are equal but for some settings."""

import pytest

from mtlviz.engine.config import fields
from mtlviz.runs.signature import OBSERVED, cost_key, signature
from tests.runs.compare_runs import settings

CHANGES = {
    "seed": 7,
    "data.batch_size": 7,
    "data.tasks.1.label_noise": 0.5,
    "data.tasks.1.options": {"agreement": 0.5},
    "capacity.width": 7,
    "capacity.sharing_options": {"variant": "fixed"},
    "optimisation.combiner": "pcgrad",
    "optimisation.scheduler_options": {"temperature": 2.0},
    "probes.evaluate_every": 7,
    "probes.gram_every": 7,
    "device": "cpu",
}


@pytest.mark.parametrize("place", CHANGES)
def test_runs_differ_by_any_setting_but_those_left_free(place):
    one, other = settings(), settings().changed_at(place, CHANGES[place])
    assert signature(one) != signature(other)
    assert signature(one, place) == signature(other, place)
    whole = place.split(".")[0]
    assert signature(one, whole) == signature(other, whole) or whole == "data"


def test_a_name_is_no_difference():
    assert signature(settings(name="a")) == signature(settings(name="b"))


def test_all_settings_of_the_tasks_can_be_left_free():
    one, other = settings(tasks=("reviews", "letters")), settings(tasks=("topics", "reviews"))
    other = other.changed_at("data.tasks.0.label_noise", 0.5)
    assert signature(one, "data.tasks") == signature(other, "data.tasks")
    assert signature(one, "data.tasks.0") != signature(other, "data.tasks.0")


def test_where_spared_examples_come_from_is_a_difference():
    tasks = [{"name": "spared", "options": {"agreement": share}} for share in (0.5, 0.9)]
    one, other = (settings().changed_at("data.leak_from", [task]) for task in tasks)
    assert signature(one) != signature(other)


def test_an_option_that_is_as_by_default_is_no_difference():
    spoken = settings().changed_at("capacity.sharing_options", {"variant": "joint"})
    assert signature(spoken) == signature(settings())


def test_how_often_scores_are_taken_is_no_mere_observation():
    probes = {place for place, _ in fields() if place.startswith("probes.")}
    assert probes - set(OBSERVED) == {"probes.evaluate_every"}


def test_an_update_costs_the_same_whatever_its_step_and_their_number():
    cheap = settings(seed=3, optimisation__learning_rate=0.5, optimisation__epochs=9)
    assert cost_key(cheap) == cost_key(settings())
    assert cost_key(settings(capacity__width=7)) != cost_key(settings())
    assert cost_key(settings(optimisation__combiner="pcgrad")) != cost_key(settings())
