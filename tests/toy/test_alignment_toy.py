"""Alignment on a plane: exact fits against closed forms, Proposition 1, Algorithm 1's end."""

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy.optimize import minimize

from mtlviz.errors import MtlvizError
from mtlviz.toy.alignment import TURNS, run_alignment
from mtlviz.toy.alignment_exact import (
    Moments,
    alone,
    explained,
    heads,
    shared_direction,
    together,
    train_alignment,
)
from mtlviz.toy.alignment_settings import STEPS, AlignmentConfig


def problem(seed=0, examples=(12, 30)):
    """Inputs and labels of two tasks, and their moments."""
    source = np.random.default_rng(seed)
    inputs = [source.normal(size=(count, 2)) @ source.normal(size=(2, 2)) for count in examples]
    labels = [x @ source.normal(size=2) + 0.3 * source.normal(size=len(x)) for x in inputs]
    squares = np.stack([x.T @ x for x in inputs])
    products = np.stack([x.T @ y for x, y in zip(inputs, labels, strict=True)])
    return inputs, labels, Moments(squares, products)


def loss(inputs, labels, models):
    return sum(
        float(np.sum((x @ w - y) ** 2)) for x, y, w in zip(inputs, labels, models, strict=True)
    )


@pytest.mark.parametrize("seed", range(5))
def test_the_shared_direction_is_the_optimum_of_the_joint_loss(seed):
    inputs, labels, moments = problem(seed)
    _, models = together(moments, np.stack([np.eye(2)] * 2))

    def at(values):
        direction = np.array([np.cos(values[0]), np.sin(values[0])])
        return loss(inputs, labels, [direction * values[1], direction * values[2]])

    starts = [[angle, 1.0, 1.0] for angle in np.linspace(0, np.pi, 12)]
    best = min(minimize(at, start).fun for start in starts)
    assert loss(inputs, labels, models) == pytest.approx(best, rel=1e-4)


def test_the_explained_part_is_equation_4():
    inputs, labels, moments = problem(1)
    direction = np.array([0.6, 0.8])
    by_hand = sum(
        (x @ direction / np.linalg.norm(x @ direction) @ y) ** 2
        for x, y in zip(inputs, labels, strict=True)
    )
    assert explained(moments, direction[None])[0] == pytest.approx(by_hand)


def test_turning_moments_is_turning_inputs():
    inputs, labels, moments = problem(2)
    turns = np.random.default_rng(5).normal(size=(2, 2, 2))
    found = moments.turned(turns)
    for task, (x, y) in enumerate(zip(inputs, labels, strict=True)):
        z = x @ turns[task]
        assert_allclose(found.squares[task], z.T @ z)
        assert_allclose(found.products[task], z.T @ y)


def test_two_tasks_with_one_model_and_no_noise_are_both_learned_exactly():
    source = np.random.default_rng(0)
    model = np.array([3.0, -1.0])
    inputs = [source.normal(size=(count, 2)) for count in (9, 20)]
    moments = Moments(
        np.stack([x.T @ x for x in inputs]), np.stack([x.T @ (x @ model) for x in inputs])
    )
    _, models = together(moments, np.stack([np.eye(2)] * 2))
    assert_allclose(models, [model, model], rtol=1e-3)


def test_with_room_for_every_task_nothing_transfers():
    # Proposition 1: at r = k there is an optimum with B A_i equal to each task's own fit.
    found = run_alignment(AlignmentConfig(capacity=2, turn=40, along=2.0, seeds=10))
    for scores in (found.plain, found.by_hand, found.trained[-1]):
        assert_allclose(scores, found.alone)
    assert_allclose(found.by_turn, np.broadcast_to(found.alone[:, 0], found.by_turn.shape))
    assert found.shared is None  # The whole plane is kept, and no step of Algorithm 1 moves R.
    assert_allclose(found.matrices[-1], found.matrices[0])


def test_algorithm_1_ends_at_every_tasks_own_fit_whatever_the_shared_direction():
    _, _, moments = problem(3)
    stacked = Moments(moments.squares[None], moments.products[None])
    direction = np.array([[0.8, -0.6]])
    models, matrices = train_alignment(stacked, direction, np.stack([np.eye(2)] * 2)[None], 4000)
    assert_allclose(models[-1, 0], alone(moments), rtol=1e-5)
    scales = heads(stacked.turned(matrices[-1]), direction)
    assert_allclose(matrices[-1] @ direction[:, None, :, None] * scales[..., None, None],
                    models[-1][..., None], rtol=1e-4)  # fmt: skip


def test_every_step_of_algorithm_1_lowers_the_loss_and_keeps_the_shared_direction():
    inputs, labels, moments = problem(4)
    stacked = Moments(moments.squares[None], moments.products[None])
    models, _ = train_alignment(
        stacked, shared_direction(moments)[None], np.stack([np.eye(2)] * 2)[None], 60
    )
    losses = [loss(inputs, labels, each[0]) for each in models]
    assert (np.diff(losses) <= 1e-9).all()
    assert losses[-1] < losses[0]


def test_a_control_behind_the_shared_module_changes_nothing():
    # At capacity 1 it multiplies one number that the head multiplies anyway: the head is at its
    # least-squares value, so no factor lowers the loss.
    inputs, labels, moments = problem(6)
    _, models = together(moments, np.stack([np.eye(2)] * 2))
    best = loss(inputs, labels, models)
    for factor in (0.5, 0.9, 1.1, 2.0):
        assert loss(inputs, labels, [factor * models[0], models[1]]) > best


def test_the_hand_turn_agrees_with_the_curve_over_turns():
    found = run_alignment(AlignmentConfig(turn=float(TURNS[8]), seeds=20))
    assert_allclose(found.by_hand[:, 0], found.by_turn[8])
    assert_allclose(found.trained[0], found.by_hand)
    assert len(found.trained) == STEPS + 1


def test_the_story_turns_harm_into_help():
    config = AlignmentConfig()
    plain = run_alignment(config)
    turned = run_alignment(config.model_copy(update={"turn": -30.0}))
    assert (plain.plain - plain.alone)[:, 0].mean() < -0.04
    assert (turned.by_hand - turned.alone)[:, 0].mean() > 0.04


def test_similarity_is_highest_where_the_clouds_lie_over_one_another():
    found = run_alignment(AlignmentConfig(direction=60, seeds=10))
    assert TURNS[found.similar_by_turn.argmax()] == -60
    assert found.similar_by_turn.max() == pytest.approx(found.similar[2])


def test_equation_5_of_two_crossed_ellipses_by_hand():
    # Eigenvalues 4 and 1/4, crossed: tr = 2·(4·1/4) = 2 over (4 + 1/4)², and the root of it.
    found = run_alignment(AlignmentConfig(direction=90, stretch=4, seeds=10))
    assert found.similar[0] == pytest.approx(np.sqrt(2) / 4.25)


def test_links_bring_back_what_differs_and_say_what_cannot_be_used():
    config = AlignmentConfig(turn=-30, capacity=2)
    assert config.query() == {"align.turn": "-30", "align.capacity": "2"}
    assert AlignmentConfig.read(config.query()) == (config, [])
    found, problems = AlignmentConfig.read({"align.turn": "banana", "x": "1"})
    assert found == AlignmentConfig()
    assert len(problems) == 1
    assert "banana" in problems[0]
    assert not isinstance(problems[0], MtlvizError)
