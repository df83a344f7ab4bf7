"""The continual toy: slopes and Fisher information, what each method may see, and who forgets."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from mtlviz.engine.measures.score_matrix import continual_scores
from mtlviz.toy.continual.learner import Learner
from mtlviz.toy.continual.program import train
from mtlviz.toy.continual.settings import METHODS, SCENARIOS, ContinualToyConfig
from mtlviz.toy.continual.slopes import answers, fisher, slopes, some
from mtlviz.toy.continual.world import make_world, scenes
from mtlviz.toy.kernels import State, make_points

SMALL = {"points": 30, "seeds": 3, "steps": 20, "memory": 5}
every_scenario = pytest.mark.parametrize("scenario", SCENARIOS)
every_method = pytest.mark.parametrize("name", METHODS)


def small(scenario="sequence", **changes):
    return ContinualToyConfig(scenario=scenario).changed(**{**SMALL, **changes})


def drawn_state(config, methods=1, seed=0):
    source = np.random.default_rng(seed)
    tasks, seeds, width = config.tasks, config.seeds, config.capacity
    return State(
        source.normal(size=(methods, seeds, 3, width)),
        source.normal(size=(tasks, methods, seeds, width)),
        source.normal(size=(tasks, methods, seeds)),
    )


def learner(config, *names, seed=0, scene=None):
    recipes = [config.recipe(name) for name in names]
    world = make_world(config) if scene is None else scene
    return Learner(config, world, recipes, drawn_state(config, len(names), seed))


def chance(values):
    return 1 / (1 + np.exp(-values))


# --- the numbers ---


def logits_by_hand(points, state, head, seed=0):
    hidden = np.maximum(points.rows[0, seed].T.astype(np.float64) @ state.shared[0, seed], 0)
    return hidden @ state.head[head, 0, seed] + state.bias[head, 0, seed]


def divergence(points, state, wanted, temperature):
    """τ² KL(old ‖ new) of two classes, on the first task's points read by the second's head."""
    p = wanted[0, 0, 0].astype(np.float64)
    q = chance(logits_by_hand(points, state, 1) / temperature)
    parts = p * np.log(p / q) + (1 - p) * np.log((1 - p) / (1 - q))
    return temperature**2 * parts.mean()


def test_the_slope_of_kept_answers_is_that_of_the_divergence():
    config, temperature = small(), 2.0
    points = some(make_points(*_points(config)), [0])
    state, other = drawn_state(config), drawn_state(config, seed=4)
    wanted = chance(answers(points, other, [1], [0]) / temperature)
    found = slopes(
        points, state, [1], [0],
        lambda logits: temperature * (chance(logits / temperature) - wanted),
    )  # fmt: skip
    for place in ((0, 0, 1, 2), (0, 0, 2, 0)):
        sides = []
        for change in (1e-4, -1e-4):
            state.shared[place] += change
            sides.append(divergence(points, state, wanted, temperature))
            state.shared[place] -= change
        slope = (sides[0] - sides[1]) / 2e-4
        assert found.shared[0, 0, 0][place[2:]] == pytest.approx(slope, abs=1e-4)


def _points(config):
    scene = make_world(config)
    return scene.points, scene.signs


def test_fisher_information_is_the_mean_squared_slope_over_labels_the_model_draws():
    config = small()
    scene, state = make_world(config), drawn_state(config)
    found = fisher(make_points(scene.points, scene.signs), state, 1, 0)
    points = some(make_points(scene.points, scene.signs), [1])
    p = chance(logits_by_hand(points, state, 1))
    expected = {"shared": 0.0, "head": 0.0, "bias": 0.0}
    for number in range(config.points):
        for sign, weight in ((1.0, p[number]), (-1.0, 1 - p[number])):
            one = make_points(
                scene.points[1:2, :, number : number + 1],
                np.full((1, config.seeds, 1), sign, np.float32),
            )
            each = slopes(one, state, [1], [0])
            for name in expected:
                squared = getattr(each, name)[0, 0, 0] ** 2
                expected[name] = expected[name] + weight * squared / config.points
    assert_allclose(found.shared[0, 0], expected["shared"], rtol=1e-4)
    assert_allclose(found.head[0, 0, 0], expected["head"], rtol=1e-4)
    assert_allclose(found.bias[0, 0, 0], expected["bias"], rtol=1e-4)


# --- what a method may see ---


@every_scenario
def test_nothing_of_a_task_is_seen_before_it_arrives_except_by_joint_training(
    scenario, monkeypatch
):
    config = small(scenario)
    plain = train(config)
    world = make_world(config)
    last = config.tasks - 1
    world.points[last] += 5
    world.signs[last] *= -1
    monkeypatch.setattr("mtlviz.toy.continual.program.make_world", lambda _: world)
    other = train(config)
    until = plain.ends[-2] + 1
    for place, name in enumerate(METHODS):
        same = np.array_equal(plain.shared[:until, place], other.shared[:until, place])
        assert same == (name != "joint"), name
    assert not np.array_equal(plain.shared[-1], other.shared[-1])


@pytest.mark.parametrize("name", ["replay", "agem", "gem"])
def test_of_old_tasks_only_the_kept_examples_are_seen(name):
    config = small()
    moved = []
    for outside, inside in ((0.0, 0.0), (3.0, 0.0), (0.0, 3.0)):
        world = make_world(config)
        world.points[0, :, config.memory :] += outside
        world.points[0, :, : config.memory] += inside
        found = learner(config, name, scene=world)
        found.begin(1)
        found.update()
        moved.append(found.state.shared)
    assert_array_equal(moved[0], moved[1])
    assert not np.array_equal(moved[0], moved[2])


@pytest.mark.parametrize("name", ["sequential", "frozen", "ewc", "lwf"])
def test_methods_without_a_memory_see_nothing_of_old_tasks(name):
    config = small()
    moved = []
    for shift in (0.0, 3.0):
        world = make_world(config)
        found = learner(config, name, scene=world)
        found.begin(0)
        found.finish()
        world.points[0] += shift
        found.points = make_points(world.points, world.signs)
        found.begin(1)
        found.update()
        moved.append(found.state.shared)
    assert_array_equal(moved[0], moved[1])


# --- pairs, limits, and what must stay ---


@every_scenario
def test_all_methods_but_joint_are_one_until_a_second_task_comes(scenario):
    result = train(small(scenario))
    first = result.shared[: result.ends[0] + 1]
    plain = list(METHODS).index("sequential")
    for place, name in enumerate(METHODS):
        if name != "joint":
            assert_array_equal(first[:, place], first[:, plain])


@every_scenario
@pytest.mark.parametrize(("name", "option"), [("ewc", "ewc"), ("lwf", "lwf")])
def test_a_pull_of_no_strength_is_sequential_training(scenario, name, option):
    result = train(small(scenario, **{option: 0.0}), ("sequential", name))
    assert_allclose(result.shared[:, 1], result.shared[:, 0], atol=1e-12)


def test_an_endlessly_stiff_pull_keeps_what_is_shared_where_it_was():
    result = train(small(ewc=100_000.0, steps=40), ("ewc", "sequential"))
    kept, plain = np.abs(result.shared[-1] - result.shared[result.ends[0]]).mean(axis=(1, 2, 3))
    # Units that no old point ever reaches are nobody's, and free to move.
    assert kept < plain / 5


def test_a_frozen_layer_with_heads_of_their_own_forgets_exactly_nothing():
    result = train(small(), ("frozen",))
    assert_array_equal(result.shared[result.ends[0]], result.shared[-1])
    assert_array_equal(continual_scores(result.matrices).backward, 0)


def test_one_head_is_the_same_for_every_task():
    result = train(small("drift"))
    for task in range(1, 3):
        assert_array_equal(result.head[:, task], result.head[:, 0])
        assert_array_equal(result.bias[:, task], result.bias[:, 0])


@pytest.mark.parametrize("name", ["sequential", "agem", "gem"])
def test_heads_of_old_tasks_are_left_alone(name):
    found = learner(small(), name)
    found.begin(2)
    before = found.state.copy()
    found.update()
    assert_array_equal(found.state.head[:2], before.head[:2])
    assert not np.array_equal(found.state.head[2], before.head[2])


@pytest.mark.parametrize("scenario", ["sequence", "drift"])
def test_the_projected_steps_oppose_no_memory(scenario):
    for seed in range(5):
        config = small(scenario, seed=seed)
        found = learner(config, "agem", "gem", seed=seed)
        found.begin(2)
        before = found.state.copy()
        kept = slopes(some(found._memory[5], [0, 1]), before, [0, 1], [0, 1])
        found.update()
        after = found.state
        moved = np.concatenate(
            [(before.shared - after.shared).reshape(2, config.seeds, -1)]
            + [(before.head - after.head)[0], (before.bias - after.bias)[0][..., None]]
            * config.one_head,
            axis=-1,
        )
        inner = (kept.vectors(config.one_head) * moved[:, :, None]).sum(axis=-1)
        assert inner[0].mean(axis=-1).min() >= -1e-7
        assert inner[1].min() >= -1e-7


def test_a_diverged_method_has_no_scores_rather_than_some(monkeypatch):
    config = small()
    world = make_world(config)
    world.points[1] = np.nan
    monkeypatch.setattr("mtlviz.toy.continual.program.make_world", lambda _: world)
    result = train(config, ("sequential", "frozen"))
    assert np.isnan(result.matrices[0]).all()


@every_scenario
def test_clouds_and_boundaries_stay_where_the_settings_of_scenes_allow(scenario):
    for tasks in (2, 5):
        for turn in (0, 90):
            found = scenes(small(scenario, tasks=tasks, turn=turn, gap=3.0))
            assert len(found) == tasks


def test_a_drifting_boundary_goes_through_the_middle_of_its_cloud():
    for scene in scenes(small("drift", gap=1.8)):
        angle = np.deg2rad(scene.angle)
        assert -np.sin(angle) * scene.x == pytest.approx(scene.offset)


@every_method
def test_every_method_trains_in_every_scenario(name):
    for scenario in SCENARIOS:
        result = train(small(scenario), (name,))
        assert np.isfinite(result.matrices).all()
        assert result.matrices.shape == (1, 3, len(result.config.phases), 3)
