"""A-GEM and GEM: closed forms, a full-space solver, and who is new and who is memory."""

import itertools

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy.optimize import minimize

from mtlviz.engine.combiners.pcgrad import project
from mtlviz.errors import ConfigError
from tests.engine.combiners.combiner_problems import (
    NASTY,
    ORDINARY,
    combine,
    generator,
    gram_of,
    make_combiner,
    random_gradients,
)

BOTH = pytest.mark.parametrize("name", ["agem", "gem"])
SEVERAL = {key: rows for key, rows in {**ORDINARY, **NASTY}.items() if 2 <= len(rows) <= 8}


def update(name, gradients, **options):
    return combine(name, gram_of(gradients), **options).weights @ gradients


@BOTH
def test_one_memory_worked_by_hand(name):
    # m = (1, 0), g = (-1, 1): g·m = -1, so the memory's gradient is added once.
    gradients = np.array([[1.0, 0.0], [-1.0, 1.0]])
    assert_allclose(update(name, gradients), [0.0, 1.0])
    assert_allclose(combine(name, gram_of(gradients)).weights, [1, 1])
    assert_allclose(combine(name, gram_of(gradients)).coefficients, [[0, 0], [1, 1]])
    # The other way round the memory is (-1, 1), of squared length 2.
    assert_allclose(combine(name, gram_of(gradients), newest=1).weights, [1, 0.5])


@BOTH
def test_without_conflict_or_memory_the_new_task_is_learned_as_it_is(name):
    assert_allclose(combine(name, np.eye(3)).weights, [0, 0, 1])
    assert_allclose(combine(name, np.array([[2.0]])).weights, [1])
    assert_allclose(combine(name, gram_of([[0.0, 0.0], [1.0, 1.0]])).weights, [0, 1])


def test_two_memories_that_conflict_with_the_new_task_in_different_ways():
    # Memories (1, 0) and (0, 1), new (-2, 1): A-GEM's average m = (1/2, 1/2) has g·m = -1/2 and
    # ‖m‖² = 1/2, so g + m; GEM only undoes the first coordinate.
    gradients = np.array([[1.0, 0.0], [0.0, 1.0], [-2.0, 1.0]])
    assert_allclose(update("agem", gradients), [-1.5, 1.5])
    assert_allclose(update("gem", gradients), [0.0, 1.0], atol=1e-12)


@pytest.mark.parametrize("seed", range(5))
def test_agem_is_the_new_tasks_row_of_pcgrad_against_the_average(seed):
    gradients = random_gradients(4, 6, seed=seed, shift=0)
    pair = np.stack([gradients[:3].mean(axis=0), gradients[3]])
    row = project(gram_of(pair), np.array([[1], [0]]))[1]
    assert_allclose(update("agem", gradients), row @ pair, atol=1e-12)


def nearest(gradients, new, start=None):
    """The nearest vector to the new gradient in the half-spaces of the others, in full space.

    Every set of memories that may be active is tried; the projection that keeps all conditions and
    moves the new gradient least is the answer.
    """
    memories = np.delete(gradients, new, axis=0)
    wanted = gradients[new] if start is None else start
    slack = 1e-9 * np.abs(memories).max(initial=0.0) * np.linalg.norm(wanted)
    found, best = np.zeros_like(wanted), np.linalg.norm(wanted)
    for size in range(len(memories) + 1):
        for active in itertools.combinations(range(len(memories)), size):
            rows = memories[list(active)]
            point = wanted - np.linalg.pinv(rows) @ (rows @ wanted) if size else wanted
            moved = np.linalg.norm(point - wanted)
            if (memories @ point >= -slack).all() and moved < best:
                found, best = point, moved
    return found


@pytest.mark.parametrize("key", [key for key in SEVERAL if "scaled" not in key])
def test_gem_is_the_nearest_feasible_point_of_the_full_space(key):
    gradients = SEVERAL[key]
    expected = nearest(gradients, len(gradients) - 1)
    length = np.linalg.norm(gradients[-1])
    assert_allclose(update("gem", gradients), expected, atol=1e-6 * max(length, 1e-300))


def test_gem_agrees_with_a_general_solver_on_many_random_problems():
    for seed in range(25):
        gradients = random_gradients(4, 7, seed=seed, shift=0)
        memories, new = gradients[:3], gradients[3]
        found = minimize(
            lambda step, new=new: ((step - new) ** 2).sum() / 2, new, jac=lambda step, new=new:
            step - new, method="SLSQP", options={"ftol": 1e-14, "maxiter": 200},
            constraints={"type": "ineq", "fun": lambda step, rows=memories: rows @ step,
                         "jac": lambda step, rows=memories: rows},
        )  # fmt: skip
        assert_allclose(update("gem", gradients), found.x, atol=1e-5)


@pytest.mark.parametrize("key", SEVERAL)
def test_gem_opposes_no_memory_and_agem_not_their_average(key):
    gradients = SEVERAL[key]
    gram, lengths = gram_of(gradients), np.linalg.norm(gradients, axis=-1)
    slack = 1e-6 * lengths * lengths[-1]
    weights = combine("gem", gram).weights
    assert (gram @ weights >= -slack)[:-1].all()
    average = np.append(np.full(len(gram) - 1, 1 / (len(gram) - 1)), 0.0)
    assert average @ gram @ combine("agem", gram).weights >= -slack.max()


def test_the_authors_margin_pushes_towards_the_memories_only_where_one_is_opposed():
    # m = (1, 0), g = (-1, 1): v ≥ 1/2 holds at v = 1 already, and not at v = 0.
    apart, alike = np.array([[1.0, 0.0], [-1.0, 1.0]]), np.array([[1.0, 0.0], [0.5, 1.0]])
    assert_allclose(combine("gem", gram_of(apart), margin=0.5).weights, [1.0, 1])
    assert_allclose(combine("gem", gram_of(alike), margin=0.5).weights, [0, 1])
    # quadprog's problem: min ½ v² + (g·m) v over v ≥ margin, with g·m = −1.
    assert_allclose(combine("gem", gram_of(apart), margin=2.0).weights, [2.0, 1])


@BOTH
def test_the_phase_says_who_is_new_and_an_option_goes_before_it(name):
    gram = gram_of(random_gradients(4, 6, seed=3, shift=-0.6))
    new = np.array([False, True, False, False])
    told = make_combiner(name)(gram, generator(), current=new)
    assert_array_equal(told.weights, combine(name, gram, newest=2).weights)
    kept = make_combiner(name, newest=2)(gram, generator(), current=~new)
    assert_array_equal(kept.weights, told.weights)
    assert told.weights[1] == 1


@BOTH
def test_renaming_the_tasks_renames_the_weights_with_the_roles(name):
    gram, new = gram_of(random_gradients(4, 6, seed=3)), np.array([False, True, True, False])
    renamed = np.array([2, 0, 3, 1])
    plain = make_combiner(name)(gram, generator(), current=new)
    moved = gram[np.ix_(renamed, renamed)]
    found = make_combiner(name)(moved, generator(), current=new[renamed])
    assert_allclose(found.weights, plain.weights[renamed], rtol=1e-9)


@BOTH
def test_two_new_tasks_are_added_and_share_what_the_memory_asks_for(name):
    gradients = np.array([[1.0, 0.0], [-1.0, 1.0], [-1.0, 0.0]])
    found = make_combiner(name)(gram_of(gradients), generator(), current=[False, True, True])
    assert_allclose(found.weights @ gradients, [0.0, 1.0], atol=1e-12)
    assert_allclose(found.coefficients[1:, 0], [1, 1])


@BOTH
def test_memory_alone_moves_nothing(name):
    found = make_combiner(name)(np.eye(2), generator(), current=[False, False])
    assert_array_equal(found.weights, [0, 0])


def test_memories_that_cancel_leave_agem_nothing_to_project_on():
    gradients = np.array([[1.0, 1 / 3], [-1.0, -1 / 3], [-3.0, 1.0]])
    single = gram_of(gradients).astype(np.float32)
    assert_array_equal(combine("agem", single).weights, [0, 0, 1])


@BOTH
def test_roles_that_do_not_fit_the_due_tasks_are_refused(name):
    with pytest.raises(ConfigError, match="`newest` must be the number of a due task, 1 to 2"):
        combine(name, np.eye(2), newest=3)
    with pytest.raises(ConfigError, match="each of 2 due tasks"):
        make_combiner(name)(np.eye(2), generator(), current=[True])
