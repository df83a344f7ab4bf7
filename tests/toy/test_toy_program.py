import itertools
import re

import numpy as np
import pytest
import torch
from torch import nn

from mtlviz.engine.combiners import COMBINERS
from mtlviz.engine.schedulers import SCHEDULERS
from mtlviz.errors import ConfigError
from mtlviz.toy.config import ToyConfig
from mtlviz.toy.fields import TaskScene
from mtlviz.toy.film import decoded, film
from mtlviz.toy.kernels import gradients, make_points, margins
from mtlviz.toy.layout import all_arms, arm_name, arms_of, make_layout, make_plan
from mtlviz.toy.program import initial_state, kept_steps, train
from mtlviz.toy.scene import make_scene
from tests.toy.exact_landscape import landscape

SCENES = (
    TaskScene(points=20, noise=0.1),
    TaskScene(points=30, angle=30, x=1, elongation=3),
    TaskScene(points=25, angle=-150, y=-0.5, rotation=40, elongation=2),
)


def small(**changes):
    return ToyConfig(**{"tasks": SCENES, "seeds": 3, "steps": 12, "learning_rate": 0.3, **changes})


class Model(nn.Module):
    """What the toy computes, written the usual way."""

    def __init__(self, result_state, layout, arm, seed, relu):
        super().__init__()
        place = layout.arms.index(arm)
        shared = torch.tensor(result_state.shared[place, seed])
        self.relu = relu
        self.shared = nn.Parameter(shared[:2].clone())
        self.shift = nn.Parameter(shared[2].clone()) if relu else None
        self.heads = nn.ParameterList(
            torch.tensor(result_state.head[task, 0, seed]) for task in arm
        )
        self.biases = nn.ParameterList(torch.zeros((), dtype=torch.float64) for _ in arm)

    def forward(self, x, place):
        hidden = x @ self.shared
        if self.relu:
            hidden = torch.relu(hidden + self.shift)
        return hidden @ self.heads[place] + self.biases[place]


def train_modules(config, arm, seed, combine=None, dtype=torch.float64):
    """One arm of one repetition as a loop of nn.Module, autograd and torch.optim.SGD."""
    layout = make_layout(all_arms(len(config.tasks)), len(config.tasks))
    seeds = [(config.seed, repetition) for repetition in range(config.seeds)]
    relu = config.activation == "relu"
    model = Model(initial_state(layout, seeds, config.capacity, relu), layout, arm, seed, relu)
    model = model.to(dtype)
    scene = make_scene(config)
    data = []
    for task in arm:
        filled = scene.signs[task, seed] != 0
        x = torch.tensor(scene.points[task, seed, filled], dtype=dtype)
        data.append((x, torch.tensor(scene.signs[task, seed, filled], dtype=dtype)))
    optimiser = torch.optim.SGD(model.parameters(), lr=config.learning_rate)
    shared = [model.shared] + ([model.shift] if relu else [])
    for _ in range(config.steps):
        optimiser.zero_grad()
        losses = [
            nn.functional.softplus(-y * model(x, place)).mean() for place, (x, y) in enumerate(data)
        ]
        if combine:
            each = [torch.autograd.grad(loss, shared, retain_graph=True) for loss in losses]
            flat = torch.stack([torch.cat([g.flatten() for g in grads]) for grads in each])
        sum(losses).backward()
        if combine:
            update = combine(flat)
            for parameter in shared:
                parameter.grad.copy_(update[: parameter.numel()].view_as(parameter))
                update = update[parameter.numel() :]
        optimiser.step()
    return model


def pcgrad_of_two(gradients):
    first, second = gradients
    overlap = first @ second
    if overlap >= 0:
        return first + second
    return first - overlap / (second @ second) * second + second - overlap / (first @ first) * first


def last_shared(result, arm, seed):
    return result.frames.shared[-1, result.arm(arm), seed]


@pytest.mark.parametrize(("activation", "capacity"), [("linear", 1), ("linear", 3), ("relu", 4)])
def test_training_equals_a_loop_of_modules(activation, capacity):
    config = small(activation=activation, capacity=capacity)
    result = train(config)
    for arm, seed in itertools.product(((0,), (0, 1), (0, 1, 2)), (0, 2)):
        model = train_modules(config, arm, seed)
        found = last_shared(result, arm, seed)
        np.testing.assert_allclose(found[:2], model.shared.detach(), atol=2e-5)
        if activation == "relu":
            np.testing.assert_allclose(found[2], model.shift.detach(), atol=2e-5)


def test_surgery_equals_a_loop_of_modules():
    config = small(combiner="pcgrad", steps=30)
    result = train(config)
    assert (result.frames.weights[:, 0, 1] != 1).any(), "no conflict, so nothing is tested"
    for arm, seed in itertools.product(((0, 1), (0, 2), (1, 2)), range(3)):
        model = train_modules(config, arm, seed, pcgrad_of_two)
        np.testing.assert_allclose(last_shared(result, arm, seed), model.shared.detach(), atol=5e-5)


@pytest.mark.parametrize("relu", [False, True])
def test_gradients_are_the_slopes_of_the_losses(relu):
    config = small(activation="relu" if relu else "linear", capacity=2)
    scene = make_scene(config)
    layout = make_layout(all_arms(3), 3)
    state = initial_state(layout, [(0, s) for s in range(3)], 2, relu)
    points = make_points(scene.points, scene.signs)
    shared, head, bias = gradients(points, state, layout, relu)

    def loss(task, slot):
        margin = margins(points, state, layout, relu)[task, 1, slot].astype(float)
        filled = scene.signs[task, 1] != 0
        return np.logaddexp(0, -margin[filled]).mean()

    for task, slot in ((0, 1), (2, 0)):
        arm = layout.arm[task, slot]
        for array, place, slope in (
            (state.shared, (arm, 1, 1, 0), shared[task, slot, 1, 1, 0]),
            (state.shared, (arm, 1, -1, 1), shared[task, slot, 1, -1, 1]),
            (state.head, (task, slot, 1, 1), head[task, slot, 1, 1]),
            (state.bias, (task, slot, 1), bias[task, slot, 1]),
        ):
            kept = array[place]
            sides = []
            for change in (1e-3, -1e-3):
                array[place] = kept + change
                sides.append(loss(task, slot))
            array[place] = kept
            assert (sides[0] - sides[1]) / 2e-3 == pytest.approx(slope, abs=2e-3)


@pytest.mark.parametrize("combiner", COMBINERS)
@pytest.mark.parametrize("scheduler", ["joint", "proportional"])
def test_every_combiner_leaves_the_arms_of_one_task_alone(combiner, scheduler):
    reference = train(small(scheduler=scheduler))
    result = train(small(combiner=combiner, scheduler=scheduler))
    assert result.diverged is None
    for task in range(3):
        place = result.arm((task,))
        # A method may weigh one task by a 1 that was computed.
        np.testing.assert_allclose(
            result.frames.shared[:, place], reference.frames.shared[:, place], atol=1e-9
        )


@pytest.mark.parametrize("scheduler", SCHEDULERS)
def test_every_scheduler_gives_each_task_one_turn_a_step_on_average(scheduler):
    layout = make_layout(all_arms(3), 3)
    seeds = [(0, repetition) for repetition in range(4)]
    plan = make_plan(layout, scheduler, {}, 200, seeds)
    for group, due in zip(layout.groups, plan.due, strict=True):
        size = group.tasks.shape[1]
        assert due.shape[0] == 200
        assert due.sum(-1).min() >= 1
        turns = due.sum(axis=(0, 1)) / 200
        assert turns.sum(-1) == pytest.approx(size)
        assert turns == pytest.approx(1, abs=0.35)


def test_drawn_schedules_differ_between_repetitions_and_fixed_ones_do_not():
    layout = make_layout(all_arms(2), 2)
    seeds = [(0, repetition) for repetition in range(4)]
    assert make_plan(layout, "round_robin", {}, 5, seeds).due[1].shape[3] == 1
    drawn = make_plan(layout, "proportional", {}, 20, seeds).due[1]
    assert drawn.shape[3] == 4
    assert (drawn[..., 0, :] != drawn[..., 1, :]).any()


def test_taking_turns_equals_doing_it_by_hand():
    config = small(scheduler="round_robin", steps=1, tasks=SCENES[:2])
    result = train(config)
    shared = result.frames.shared[0, 2, 0, :, 0]
    head = result.frames.head[0, :, 1, 0, 0]
    scene = make_scene(config)
    for task in (0, 1):
        # Biases start at 0 and a task's own bias changes only at its own turn.
        filled = scene.signs[task, 0] != 0
        x, y = scene.points[task, 0, filled], scene.signs[task, 0, filled]
        pull = -y / (1 + np.exp(y * (x @ shared) * head[task]))
        shared = shared - 0.3 * head[task] * (pull @ x) / len(y)
    np.testing.assert_allclose(result.frames.shared[1, 2, 0, :, 0], shared, atol=1e-6)


def test_the_recorded_update_and_weights_explain_the_next_parameters():
    result = train(small(combiner="mgda"))
    frames, place = result.frames, result.arm((0, 1, 2))
    step = frames.shared[1:, place] - frames.shared[:-1, place]
    np.testing.assert_allclose(step, -0.3 * frames.update[:-1, place], atol=1e-12)
    slot = len(arms_of(0, 3)) - 1
    explained = (frames.weights[:, :, slot, :, None, None] * frames.gradient[:, :, slot]).sum(1)
    np.testing.assert_allclose(explained, frames.update[:, place], atol=1e-12)


def test_the_same_settings_give_the_same_numbers_and_a_new_seed_does_not():
    first, again = train(small(combiner="pcgrad")), train(small(combiner="pcgrad"))
    np.testing.assert_array_equal(first.frames.shared, again.frames.shared)
    assert not np.array_equal(train(small(seed=1)).accuracy, first.accuracy)


def test_repetitions_are_paired_over_arms():
    result = train(small())
    start = result.frames.shared[0]
    assert (start == start[:1]).all()


def test_scores_of_absent_tasks_are_not_measured():
    result = train(small(), arms=((0,), (0, 2)))
    assert np.isnan(result.accuracy[:, 1, 1]).all()
    assert np.isfinite(result.accuracy[:, 1, [0, 2]]).all()
    with pytest.raises(ConfigError, match=r"1\+2 was not trained. Trained: 1, 1\+3"):
        result.arm((0, 1))


def test_divergence_is_caught_and_said_in_words():
    config = small(steps=300, capacity=16, activation="relu")
    # Far above what a person may choose, so that every machine's numbers run away.
    worst = train(config.model_copy(update={"learning_rate": 1e30}))
    assert re.match(r"Training diverged at step \d+ of 300: in the arm 1 ", worst.diverged)
    assert "of 3 repetitions" in worst.diverged


@pytest.mark.parametrize(("steps", "frames"), [(1, 90), (50, 90), (89, 90), (90, 90), (2000, 90)])
def test_kept_steps_hold_both_ends_and_are_denser_early(steps, frames):
    kept = kept_steps(steps, frames)
    assert kept[0] == 0
    assert kept[-1] == steps
    assert len(kept) <= 120
    assert (np.diff(kept) > 0).all()
    if steps > frames:
        assert np.diff(kept)[:10].mean() < np.diff(kept)[-10:].mean()


def test_the_film_carries_what_was_trained():
    result = train(small(own_points=((0, 1.0, 2.0, 1),)))
    payload = film(result, seed=1)
    assert payload["seed"] == 1
    assert [panel["title"] for panel in payload["panels"]] == [
        "Task 1 alone", "Task 1 with task 2", "Task 1 with task 3", "All tasks",
    ]  # fmt: skip
    panel = payload["panels"][2]
    assert panel["arm"] == "1+3"
    assert panel["tasks"] == [0, 2]
    frames = len(payload["steps"])
    for name, shape in (
        ("shared", (frames, 2, 1)), ("shift", (frames, 1)), ("head", (frames, 2, 1)),
        ("bias", (frames, 2)), ("loss", (frames, 2)), ("accuracy", (frames, 2)),
        ("gradient", (frames, 2, 2, 1)), ("weights", (frames, 2)), ("update", (frames, 2, 1)),
    ):  # fmt: skip
        assert decoded(panel[name]).shape == shape, name
    np.testing.assert_allclose(
        decoded(panel["accuracy"]), result.accuracy[:, result.arm((0, 2))][:, [0, 2], 1], rtol=1e-6
    )
    first = payload["tasks"][0]
    assert decoded(first["own"]).tolist() == [0] * 20 + [1]
    assert (decoded(first["x"])[-1], decoded(first["y"])[-1]) == (1, 2)
    assert len(decoded(first["z"])) == len(decoded(first["flip"])) == 21


def test_the_browser_can_place_the_points_from_what_the_film_sends():
    payload = film(train(small()), seed=2)
    for task in payload["tasks"]:
        scene, z = task["scene"], decoded(task["z"])
        turn, stretch = np.deg2rad(scene["rotation"]), np.sqrt(scene["elongation"])
        along = scene["spread"] * stretch * z[:, 0]
        across = scene["spread"] / stretch * z[:, 1]
        x = scene["x"] + along * np.cos(turn) - across * np.sin(turn)
        y = scene["y"] + along * np.sin(turn) + across * np.cos(turn)
        angle = np.deg2rad(scene["angle"])
        side = -np.sin(angle) * x + np.cos(angle) * y > scene["offset"]
        np.testing.assert_allclose(decoded(task["x"]), x, atol=1e-5)
        np.testing.assert_allclose(decoded(task["y"]), y, atol=1e-5)
        flipped = decoded(task["flip"]) < scene["noise"]
        np.testing.assert_array_equal(decoded(task["label"]), side ^ flipped)
        np.testing.assert_array_equal(decoded(task["flipped"]), flipped)


def test_the_landscape_passes_through_the_recorded_losses():
    result = train(small())
    payload = film(result, seed=0)
    panel, task = payload["panels"][1], payload["tasks"][1]
    points = np.stack([decoded(task["x"]), decoded(task["y"])], -1)
    for frame in (0, 5, -1):
        found = landscape(
            points, decoded(task["label"]), decoded(panel["head"])[frame, 1, 0],
            decoded(panel["bias"])[frame, 1], decoded(panel["shared"])[frame, :, 0],
        )  # fmt: skip
        assert found == pytest.approx(decoded(panel["loss"])[frame, 1], rel=1e-5)


def test_more_points_keep_the_old_ones_and_a_moved_cloud_keeps_its_draws():
    few, many = (
        make_scene(small(tasks=(SCENES[0].model_copy(update={"points": n}), *SCENES[1:])))
        for n in (10, 40)
    )
    np.testing.assert_array_equal(few.points[0, :, :10], many.points[0, :, :10])
    still, moved = (
        make_scene(small()),
        make_scene(small(tasks=(SCENES[0].model_copy(update={"x": 2.0}), *SCENES[1:]))),
    )
    np.testing.assert_allclose(still.points[0, :, :20] + [2, 0], moved.points[0, :, :20], atol=1e-6)
    np.testing.assert_array_equal(still.points[1:], moved.points[1:])


def test_noise_flips_its_share_of_training_labels_only():
    scene = make_scene(small(tasks=(TaskScene(points=1000, noise=0.3), TaskScene()), seeds=8))
    assert scene.flipped[0].mean() == pytest.approx(0.3, abs=0.02)
    above = scene.held_out[0][..., 1] > 0
    np.testing.assert_array_equal(scene.held_out_signs[0] > 0, above)
    assert scene.held_out.shape[2] >= 1000


def test_arms_are_singles_pairs_and_all():
    assert [arm_name(arm) for arm in all_arms(3)] == ["1", "2", "3", "1+2", "1+3", "2+3", "1+2+3"]
    assert [arm_name(arm) for arm in all_arms(2)] == ["1", "2", "1+2"]
    assert [arm_name(arm) for arm in arms_of(0, 3)] == ["1", "1+2", "1+3", "1+2+3"]
