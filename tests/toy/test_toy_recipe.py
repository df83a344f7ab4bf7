"""The recording says how every update was made: coefficients, order, weights, and they agree."""

import numpy as np
import pytest

from mtlviz.engine.combiners import COMBINERS
from mtlviz.engine.combiners.pcgrad import project
from mtlviz.toy.config import ToyConfig
from mtlviz.toy.film import decoded, film
from mtlviz.toy.program import train

SMALL = ToyConfig().with_values({"seeds": 3, "steps": 6, "t1.points": 20, "t2.angle": 150})


def grams(gradient, group):
    """Gram matrices of a group's gradients: (T, K, A, S, d, r) to (T, n, S, m, m)."""
    flat = np.moveaxis(gradient[:, group.tasks, group.slots], 2, 3)
    flat = flat.reshape(*flat.shape[:4], -1)
    return flat @ flat.swapaxes(-1, -2)


@pytest.mark.parametrize("name", COMBINERS)
def test_coefficients_of_an_arms_tasks_add_up_to_the_weights(name):
    result = train(SMALL.with_values({"combiner": name}))
    frames = result.frames
    for group in result.layout.groups:
        coefficients = frames.coefficients[:, group.tasks, group.slots]  # (T, n, m, S, K)
        weights = frames.weights[:, group.tasks, group.slots]  # (T, n, m, S)
        if group.tasks.shape[1] == 1:
            assert (weights == 1).all()
        summed = coefficients.sum(axis=2)  # Over the modified gradients: (T, n, S, K).
        for arm, tasks in enumerate(group.tasks):
            expected = np.moveaxis(weights[:, arm], 1, 2)
            assert np.allclose(summed[:, arm][..., tasks], expected, atol=1e-12)


def test_the_recorded_order_replays_pcgrad():
    result = train(SMALL.with_values({"combiner": "pcgrad", "t3.angle": -100}))
    group = result.layout.groups[-1]
    gram = grams(result.frames.gradient, group)[:, 0]  # (T, S, m, m)
    order = result.frames.order[:, group.tasks[0], group.slots[0]]  # (T, m, S, K)
    replayed = project(gram, np.moveaxis(order, 1, 2)[..., :2])
    recorded = result.frames.coefficients[:, group.tasks[0], group.slots[0]]
    assert (order[..., 2] == -1).all()
    assert np.allclose(replayed, np.moveaxis(recorded, 1, 2), atol=1e-9)
    assert not np.allclose(replayed, np.eye(3))


def test_tasks_that_take_turns_have_no_coefficients():
    frames = train(SMALL.with_values({"combiner": "pcgrad", "scheduler": "round_robin"})).frames
    group_of_all = frames.coefficients[:, :, -1]
    assert np.isnan(group_of_all).any()


def test_the_task_in_question_comes_first_in_its_panels():
    result = train(SMALL)
    shown = film(result, target=2)
    panels = shown["panels"]
    assert [panel["tasks"] for panel in panels] == [[2], [2, 0], [2, 1], [2, 0, 1]]
    assert panels[1]["title"] == "Task 3 with task 1"
    head = decoded(panels[1]["head"])
    arm = result.layout.arms.index((0, 2))
    slot = np.flatnonzero(result.layout.arm[2] == arm)[0]
    assert np.allclose(head[:, 0], result.frames.head[:, 2, slot, shown["seed"]])
