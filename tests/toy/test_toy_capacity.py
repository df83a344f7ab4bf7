"""The capacity toys: Proposition 1, oracles for the exact solver, and what the page tells."""

import numpy as np
import pytest
from scipy import optimize

from mtlviz.engine.measures.widths import Sweep, best, differences
from mtlviz.toy.capacity import CapacityToyConfig, capacity_curves, capacity_parts
from mtlviz.toy.capacity_classes import _config, class_scores, class_tasks
from mtlviz.toy.capacity_regression import RegressionTasks, fitted, regression_scores
from mtlviz.toy.program import train


def small_problem(seed, tasks=2, size=3, examples=12):
    """XᵀX and Xᵀy of tasks with unrelated models, one repetition."""
    generator = np.random.default_rng(seed)
    x = generator.normal(size=(1, tasks, examples, size))
    y = np.einsum("sknd,skd->skn", x, generator.normal(size=(1, tasks, size)))
    y += generator.normal(size=y.shape)
    return np.einsum("sknd,skne->skde", x, x), np.einsum("sknd,skn->skd", x, y)


def loss(grams, moments, models):
    """Squared error less that of predicting zero, summed over tasks."""
    explained = np.einsum("skd,skde,ske->", models, grams, models)
    return explained - 2 * np.einsum("skd,skd->", models, moments)


def optimum(grams, moments, width, starts=6):
    """The smallest loss that a general optimiser finds over B and all heads."""
    _, tasks, size = moments.shape
    generator = np.random.default_rng(0)

    def of(flat):
        shared, heads = flat[: size * width], flat[size * width :]
        models = shared.reshape(size, width) @ heads.reshape(tasks, width).T
        return loss(grams, moments, models.T[None])

    count = (size + tasks) * width
    found = [optimize.minimize(of, generator.normal(size=count)) for _ in range(starts)]
    return min(each.fun for each in found)


@pytest.mark.parametrize("seed", range(3))
def test_from_width_k_the_shared_optimum_is_that_of_the_tasks_alone(seed):
    grams, moments = small_problem(seed)
    alone = np.linalg.solve(grams, moments[..., None])[..., 0]
    assert optimum(grams, moments, 2) == pytest.approx(loss(grams, moments, alone), rel=1e-6)
    for width in (2, 3):
        np.testing.assert_allclose(fitted(grams, moments, width), alone, rtol=1e-12)
    assert optimum(grams, moments, 1) > loss(grams, moments, alone) + 1e-3


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize(("tasks", "width"), [(2, 1), (3, 1), (3, 2)])
def test_below_width_k_taking_turns_finds_what_a_general_optimiser_finds(seed, tasks, width):
    grams, moments = small_problem(seed, tasks)
    found = loss(grams, moments, fitted(grams, moments, width))
    assert found == pytest.approx(optimum(grams, moments, width), rel=1e-3)


def test_with_one_covariance_for_all_it_is_the_truncated_decomposition():
    generator = np.random.default_rng(0)
    moments = generator.normal(size=(1, 4, 6))
    grams = np.broadcast_to(np.eye(6), (1, 4, 6, 6))
    u, values, v = np.linalg.svd(moments[0])
    expected = u[:, :2] * values[:2] @ v[:2]
    np.testing.assert_allclose(fitted(grams, moments, 2)[0], expected, atol=1e-8)


def test_a_wider_matrix_never_fits_worse():
    grams, moments = small_problem(4, tasks=4, size=6)
    losses = [loss(grams, moments, fitted(grams, moments, width)) for width in (1, 2, 3, 4, 5)]
    assert (np.diff(losses[:4]) < 0).all()
    assert losses[4] == losses[3]


def test_the_cosines_of_the_true_models_are_those_asked_for():
    # Without noise and with many examples each task alone finds its model.
    tasks = RegressionTasks(np.array([[1, 0.6], [0.6, 1]]), 200, 0.0)
    together, alone = regression_scores(tasks, 4, 0, 1)
    np.testing.assert_allclose(alone, 1, atol=1e-9)
    # One direction between two at 53 degrees leaves sin² of half that angle of each, or one of them
    # is served and the other is left with sin² of all of it: more for finite samples.
    assert together.mean() == pytest.approx(1 - (1 - 0.6) / 2, abs=0.06)


def sweep(config):
    curves = capacity_curves(config)
    return Sweep(curves.widths, curves.together, curves.alone)


def test_the_first_picture_hurts_then_helps_then_changes_nothing():
    found = sweep(CapacityToyConfig())
    verdicts = [each.verdict for each in differences(found)]
    assert verdicts[:3] == ["hurts", "helps", "helps"]
    assert (found.together[3:] == found.alone[3:]).all()
    top = best(found)
    assert (top.together, top.alone, top.summed) == (2, (1, 1, 1, 1), 4)
    assert top.apart
    assert top.found.verdict == "helps"


def test_one_question_needs_one_direction_and_unrelated_ones_one_each():
    one = best(sweep(CapacityToyConfig(questions=1, alike=1.0)))
    assert (one.together, one.found.verdict) == (1, "helps")
    unrelated = differences(sweep(CapacityToyConfig(questions=4, noise=0.2)))
    assert [each.verdict for each in unrelated[:3]] == ["hurts"] * 3


@pytest.mark.parametrize("relu", [False, True])
def test_classes_score_as_in_the_toy_lab(relu):
    angles = [-20.0, 30.0, 80.0]
    given = (class_tasks(angles, 20, 0.1), 4, 3, 2)
    together, alone = class_scores(*given, relu=relu)
    result = train(_config(*given, relu))
    last = result.accuracy[-1]
    np.testing.assert_array_equal(together, last[result.arm((0, 1, 2))].T)
    np.testing.assert_array_equal(alone, np.stack([last[task, task] for task in range(3)], -1))


def test_on_a_plane_one_direction_hurts_unrelated_tasks_and_two_do_not():
    found = differences(sweep(CapacityToyConfig(kind="linear", tasks=2, seeds=16)))
    assert found[0].verdict == "hurts"
    assert all(abs(each.mean) < 0.5 for each in found[1:])


def test_parts_come_width_by_width_and_end_complete():
    config = CapacityToyConfig(kind="relu", tasks=2, seeds=8)
    parts = list(capacity_parts(config))
    assert [len(part.widths) for part in parts] == list(range(1, len(config.widths) + 1))
    assert parts[-1].progress == 1
    assert parts[-1].together.shape == (len(config.widths), 8, 2)
    assert config.independent is None
