"""The continual toy's stories hold what they claim; its summary is what the program computed."""

from functools import cache

import numpy as np
import pytest
from numpy.testing import assert_allclose

from mtlviz.engine.measures.score_matrix import continual_scores
from mtlviz.engine.measures.transfer import paired_interval
from mtlviz.toy.continual.program import train
from mtlviz.toy.continual.settings import METHODS, ContinualToyConfig
from mtlviz.toy.continual.stories import ASKED, STORIES, best_asked, question, with_answer
from mtlviz.toy.continual.summary import summarise
from mtlviz.toy.film import decoded

SMALL = {"points": 30, "seeds": 3, "steps": 20, "memory": 5}
every_story = pytest.mark.parametrize("name", STORIES)


@cache
def summary(name):
    return summarise(STORIES[name].config)


@every_story
def test_the_answer_of_a_story_is_found_and_beyond_chance(name):
    assert best_asked(summary(name)) == STORIES[name].right
    asked = question(name)
    found = with_answer(asked, summary(name))
    assert found.right == asked.right == list(ASKED).index(STORIES[name].right)
    assert asked.again in STORIES


@every_story
def test_sequential_training_forgets_in_every_story_and_joint_training_is_above_it(name):
    found = summary(name).methods
    assert found["sequential"].lost.verdict == "hurts"
    assert found["joint"].gain.verdict == "helps"
    assert found["joint"].lost is None


def test_the_scenario_changes_which_method_is_best():
    apart, drift = summary("sequence").averages, summary("drift").averages
    difference = (apart["lwf"] - apart["replay"]), (drift["replay"] - drift["lwf"])
    assert all(paired_interval(each)[1] > 0 for each in difference)


def test_replay_of_ten_points_gains_nothing_where_a_layer_has_served_two_tasks():
    found = summary("late").methods
    assert found["replay"].gain.verdict == "undecided"
    assert -3 < found["frozen"].gap.mean < 0


def test_more_room_forgets_less_but_not_nothing():
    few, many = (summary(name).methods["sequential"].lost for name in ("sequence", "room"))
    assert few.high < many.mean
    assert many.verdict == "hurts"


def test_the_numbers_are_those_of_the_matrices():
    config = ContinualToyConfig(scenario="late").changed(**SMALL)
    result, found = train(config), summarise(config)
    joint = result.matrices[METHODS.index("joint"), :, -1]
    scores = continual_scores(result.matrices, (0, 0, 1), result.untrained, joint)
    for place, name in enumerate(METHODS):
        numbers = found.methods[name].numbers
        for field in ("average", "backward", "forgetting", "learning", "gap"):
            mean = 100 * getattr(scores, field)[place].mean()
            assert numbers[field].mean == pytest.approx(mean)
        assert_allclose(found.methods[name].scores, result.matrices[place].mean(axis=0))
    assert found.methods["joint"].gap is None
    assert found.methods["sequential"].gain is None


def test_cells_are_changes_since_a_task_was_learned_and_before_since_the_start():
    config = ContinualToyConfig().changed(**SMALL)
    result, found = train(config), summarise(config).methods["sequential"]
    matrix = result.matrices[METHODS.index("sequential")].mean(axis=0)
    start = result.untrained.mean(axis=0)
    assert_allclose(np.diagonal(found.changes), 0)
    assert found.changes[2, 0] == pytest.approx(100 * (matrix[2, 0] - matrix[0, 0]))
    assert found.changes[0, 2] == pytest.approx(100 * (matrix[0, 2] - start[2]))


def test_the_curve_of_all_so_far_counts_a_task_from_its_arrival_on():
    config = ContinualToyConfig().changed(**SMALL)
    result, found = train(config), summarise(config)
    mean = found.curves["sequential", -1][0]
    place = METHODS.index("sequential")
    assert mean[result.ends[0]] == pytest.approx(result.accuracy[result.ends[0], 0, place].mean())
    at = result.ends[0] + 1
    assert mean[at] == pytest.approx(result.accuracy[at, :2, place].mean())


def test_the_film_plays_what_was_trained_and_its_opening_shows_the_start_alone():
    config = ContinualToyConfig(film=("joint", "gem")).changed(**SMALL)
    result, found = train(config), summarise(config)
    assert tuple(panel["arm"] for panel in found.film["panels"]) == METHODS
    head = decoded(found.film["panels"][METHODS.index("gem")]["head"])
    assert_allclose(head, result.head[:, :, METHODS.index("gem"), found.film["seed"]], rtol=1e-5)
    assert found.opening["steps"] == [0]
    assert decoded(found.opening["panels"][0]["accuracy"]).shape == (1, 3)


def test_what_is_kept_is_counted():
    kept = {
        name: (each.examples, each.stored) for name, each in summary("sequence").methods.items()
    }
    shared = 3 * 5
    assert kept["replay"] == kept["agem"] == kept["gem"] == (20, 0)
    assert kept["joint"] == (200, 0)
    assert kept["ewc"] == (0, 2 * shared)
    assert kept["lwf"] == (0, shared)
