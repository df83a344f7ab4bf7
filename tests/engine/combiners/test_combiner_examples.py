"""Each method on gradients small enough to work out by hand."""

import itertools

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from mtlviz.engine.combiners import make_combiner
from mtlviz.engine.combiners.pcgrad import pcgrad_trace, project, random_order
from mtlviz.engine.combiners.pcgrad_variants import all_orders
from mtlviz.errors import ConfigError
from tests.engine.combiners.combiner_problems import (
    NASTY,
    at_degrees,
    combine,
    generator,
    gram_of,
    random_gradients,
)

# g1 = (1, 0), g2 = (-1, 1): inner product -1, squared lengths 1 and 2.
CONFLICT = np.array([[1.0, 0.0], [-1.0, 1.0]])


def shared_orders(tasks: int, *, with_self: bool = False) -> np.ndarray:
    """The K! orders in which all tasks visit alike: what a picture of "the six orders" shows.

    Returns:
        Shape (K!, K, K - 1), or (K!, K, K) where tasks also visit themselves.
    """
    permutations = itertools.permutations(range(tasks))
    return np.array(
        [
            [[other for other in order if with_self or other != task] for task in range(tasks)]
            for order in permutations
        ],
        dtype=np.int64,
    )


def weights(name, gradients, **options):
    return combine(name, gram_of(gradients), **options).weights


def test_sum_and_mean_weigh_all_tasks_alike():
    assert_array_equal(weights("sum", CONFLICT), [1, 1])
    assert_array_equal(weights("mean", CONFLICT), [0.5, 0.5])


@pytest.mark.parametrize(
    "name", ["pcgrad", "pcgrad_all_orders", "pcgrad_tensorflow", "pcgrad_libmtl", "gradvac"]
)
def test_pcgrad_and_kin_on_two_conflicting_tasks(name):
    # g1' = g1 + g2 / 2, g2' = g2 + g1: the update is (1/2, 3/2).
    result = combine(name, gram_of(CONFLICT))
    assert_allclose(result.coefficients, [[1, 0.5], [1, 1]])
    assert_allclose(result.weights @ CONFLICT, [0.5, 1.5])


def test_the_averaging_pcgrad_is_half_as_long_for_two_tasks():
    assert_allclose(weights("pcgrad_tseng", CONFLICT) @ CONFLICT, [0.25, 0.75])


def test_pcgrad_without_conflict_is_the_sum():
    assert_allclose(weights("pcgrad", at_degrees(0, 30, 60)), [1, 1, 1])


def angle(update):
    return float(np.degrees(np.arctan2(update[1], update[0])) % 360)


def folded(angles):
    """Angles between 0 and 180: mirror images count as the same."""
    return [min(value, 360 - value) for value in angles]


def test_the_order_decides_where_three_conflicting_tasks_go():
    gradients = at_degrees(0, 160, 200)
    gram = gram_of(gradients)
    updates = [project(gram, order).sum(axis=0) @ gradients for order in shared_orders(3)]
    angles = [angle(update) for update in updates]
    assert_allclose(sorted(folded(angles)), [110, 110, 134.06, 134.06, 141.49, 141.49], atol=0.01)
    lengths = np.linalg.norm(updates, axis=1)
    assert lengths.min() == pytest.approx(0.26, abs=0.005)
    assert lengths.max() == pytest.approx(0.40, abs=0.005)
    with_self = [
        angle(project(gram, order).sum(axis=0) @ gradients)
        for order in shared_orders(3, with_self=True)
    ]
    changed = [
        (round(before), round(after))
        for before, after in zip(folded(angles), folded(with_self), strict=True)
        if abs(before - after) > 0.1
    ]
    assert changed == [(110, 90), (110, 90)]


def test_all_orders_is_the_mean_over_many_random_ones():
    gram = gram_of(at_degrees(0, 160, 200))
    many = combine("pcgrad", np.broadcast_to(gram, (4000, 3, 3)))
    assert_allclose(
        combine("pcgrad_all_orders", gram).weights, many.weights.mean(axis=0), atol=0.03
    )


def test_all_orders_lists_each_order_of_the_others_once():
    orders = all_orders(4)
    assert orders.shape == (6, 4, 3)
    for task in range(4):
        rows = {tuple(row) for row in orders[:, task]}
        assert len(rows) == 6
        assert all(set(row) == {0, 1, 2, 3} - {task} for row in rows)


def test_all_orders_of_six_tasks_are_refused_with_the_number():
    with pytest.raises(ConfigError, match="up to 5 tasks, got 6"):
        combine("pcgrad_all_orders", np.eye(6))


def test_random_orders_visit_every_other_task_once():
    order = random_order((50, 4), generator())
    for row in order.reshape(-1, 4, 3):
        assert [sorted(visits) for visits in row] == [
            sorted({0, 1, 2, 3} - {task}) for task in range(4)
        ]
    assert len({tuple(row) for row in order[:, 0]}) == 6


@pytest.mark.parametrize("name", ["pcgrad", "pcgrad_tensorflow", "pcgrad_libmtl"])
def test_the_trace_in_slow_motion_ends_at_the_coefficients(name):
    gram = gram_of(random_gradients(5, 4, seed=8))
    result = combine(name, gram)
    trace = pcgrad_trace(gram, result.order)
    assert len(trace) == result.order.size
    replayed = np.eye(5)
    for visit in trace:
        assert (visit.removed < 0) == (visit.inner_product < 0)
        replayed[visit.task, visit.other] -= visit.removed
    assert_allclose(replayed, result.coefficients, rtol=1e-12)


def test_the_trace_of_two_tasks_shows_the_numbers_of_the_hand_example():
    trace = pcgrad_trace(gram_of(CONFLICT), np.array([[1], [0]]))
    assert [tuple(visit) for visit in trace] == [(0, 1, -1.0, -0.5), (1, 0, -1.0, -1.0)]


def test_mgda_takes_the_foot_of_the_perpendicular():
    # w1 = (g2 - g1)·g2 / ‖g1 - g2‖² = (2 + 1) / 5.
    assert_allclose(weights("mgda", CONFLICT), [0.6, 0.4])


def test_mgda_takes_the_shorter_gradient_alone_where_the_foot_lies_outside():
    assert_allclose(weights("mgda", np.array([[1.0, 0.0], [2.0, 0.5]])), [1, 0])


def test_mgda_stops_where_one_task_has_a_zero_gradient():
    assert_allclose(weights("mgda", np.array([[1.0, 0.0], [0.0, 0.0]])), [0, 1])


@pytest.mark.parametrize(
    ("normalise", "expected"),
    # Squared lengths 1 and 4, at right angles: w ∝ 1 / squared length after the division.
    [("none", [0.8, 0.2]), ("l2", [0.5, 0.5]), ("loss", [0.5, 0.5]), ("loss+", [0.2, 0.8])],
)
def test_mgda_normalises_by_length_and_loss(normalise, expected):
    gram = np.diag([1.0, 4.0])
    result = combine("mgda", gram, losses=np.array([1.0, 2.0]), normalise=normalise)
    assert_allclose(result.weights, expected)


@pytest.mark.parametrize("losses", [None, np.array([1.0, 0.0])])
def test_mgda_refuses_to_divide_by_missing_or_zero_losses(losses):
    with pytest.raises(ConfigError, match="above 0"):
        combine("mgda", np.eye(2), losses=losses, normalise="loss+")


def test_cagrad_on_orthogonal_unit_gradients():
    # g0 = (1/2, 1/2); the worst-off gains most along g0 itself, by a radius of c‖g0‖.
    assert_allclose(weights("cagrad", np.eye(2), c=0.5, rescale=0), [0.75, 0.75])
    assert_allclose(weights("cagrad", np.eye(2), c=0.5, rescale=1), [0.6, 0.6])
    assert_allclose(weights("cagrad", np.eye(2), c=0.5, rescale=2), [0.5, 0.5])


@pytest.mark.parametrize("tasks", [3, 7])
def test_cagrad_with_no_ball_is_the_mean(tasks):
    gradients = random_gradients(tasks, tasks + 1)
    assert_allclose(weights("cagrad", gradients, c=0.0), np.full(tasks, 1 / tasks))


@pytest.mark.parametrize("padding", [0, 5])
def test_cagrad_keeps_going_where_one_task_has_converged(padding):
    # g1 alone opposes nobody, so of all updates that cost task 2 nothing the mean is the nearest.
    gradients = np.zeros((2 + padding, 2))
    gradients[0] = [1.0, 0.0]
    tasks = len(gradients)
    assert_allclose(weights("cagrad", gradients, rescale=0), np.full(tasks, 1 / tasks))


def test_cagrad_takes_the_nearest_of_many_updates_that_cost_a_converged_task_nothing():
    # The mean (1/3, 1/6) opposes g2 = (-1, 1/2); its nearest point at a right angle to g2 is
    # (2/15, 4/15), and that lies within 0.8 of the mean's length.
    gradients = np.array([[2.0, 0.0], [-1.0, 0.5], [0.0, 0.0]])
    update = weights("cagrad", gradients, c=0.8, rescale=0) @ gradients
    assert_allclose(update, [2 / 15, 4 / 15])


def test_imtl_g_balances_the_projections():
    # Unit vectors at a right angle after scaling 1 and 3: w ∝ 1 / length.
    assert_allclose(weights("imtl_g", np.diag([1.0, 3.0])), [0.75, 0.25])


def test_imtl_g_leaves_a_zero_gradient_out():
    assert_allclose(weights("imtl_g", np.diag([1.0, 0.0, 3.0])), [0.75, 0, 0.25])


def test_imtl_g_stands_still_between_opposite_gradients():
    assert_allclose(weights("imtl_g", NASTY["opposite"]), [0, 0])


@pytest.mark.parametrize("degrees", [10, 90, 140, 179])
def test_nash_closed_form_for_two_tasks(degrees):
    gradients = at_degrees(0, degrees) * [[2.0], [5.0]]
    expected = 1 / (np.array([2.0, 5.0]) * np.sqrt(1 + np.cos(np.radians(degrees))))
    assert_allclose(weights("nash", gradients), expected, rtol=1e-9)


@pytest.mark.parametrize("name", ["nash", "fairgrad"])
def test_bargaining_leaves_a_converged_task_out(name):
    two = random_gradients(2, 4)
    three = np.insert(two, 1, 0.0, axis=0)
    expected = np.insert(weights(name, two), 1, 0.0)
    assert_allclose(weights(name, three), expected, rtol=1e-12)


@pytest.mark.parametrize("key", ["opposite", "balanced triangle", "opposite and one across"])
def test_bargaining_fails_where_no_step_helps_all(key):
    assert_array_equal(weights("nash", NASTY[key]), np.zeros(len(NASTY[key])))


def test_fairgrad_by_hand_on_one_task():
    # 4 w = w^(-1/2) gives w = 4^(-2/3).
    assert_allclose(weights("fairgrad", np.array([[2.0]])), [4 ** (-2 / 3)])


@pytest.mark.parametrize(
    ("scale", "squared"), [("min", 1.0), ("median", 4.0), ("rmse", (1 + 4 + 100) / 3)]
)
def test_aligned_gives_orthogonal_gradients_the_chosen_length(scale, squared):
    gradients = np.diag([2.0, 10.0, 1.0])
    assert_allclose(
        weights("aligned", gradients, scale=scale), np.sqrt(squared) / np.array([2, 10, 1])
    )


def test_aligned_rows_are_orthogonal_and_equally_long():
    gradients = random_gradients(4, 6)
    rows = combine("aligned", gram_of(gradients)).coefficients @ gradients
    smallest = np.linalg.svd(gradients)[1][-1] ** 2
    assert_allclose(rows @ rows.T, smallest * np.eye(4), atol=1e-12)


def test_upgrad_bends_each_gradient_and_dualproj_only_their_mean():
    # UPGrad: g1' = g1 + g2/2, g2' = g2 + g1, averaged. The mean (0, 1/2) opposes nobody.
    assert_allclose(weights("upgrad", CONFLICT) @ CONFLICT, [0.25, 0.75])
    assert_allclose(weights("dualproj", CONFLICT) @ CONFLICT, [0, 0.5], atol=1e-12)


def test_dualproj_drops_what_the_longer_gradient_does_to_the_shorter():
    # Mean (-1, 1/2); along g1 = (1, 0) it must not be negative.
    gradients = np.array([[1.0, 0.0], [-3.0, 1.0]])
    assert_allclose(weights("dualproj", gradients) @ gradients, [0, 0.5], atol=1e-12)


@pytest.mark.parametrize("seed", range(4))
def test_upgrad_is_half_of_pcgrad_for_two_tasks(seed):
    gradients = random_gradients(2, 3, seed=seed, shift=0)
    assert_allclose(weights("upgrad", gradients), weights("pcgrad", gradients) / 2, rtol=1e-12)


@pytest.mark.parametrize("seed", range(4))
def test_nash_and_imtl_g_agree_on_the_direction_for_two_tasks(seed):
    gradients = random_gradients(2, 3, seed=seed, shift=0)
    one, other = (weights(name, gradients) @ gradients for name in ("nash", "imtl_g"))
    assert_allclose(one / np.linalg.norm(one), other / np.linalg.norm(other), rtol=1e-9)


def test_gradvac_raises_a_pair_to_the_cosine_it_has_seen():
    combiner = make_combiner("gradvac", beta=1.0)
    combiner(gram_of(at_degrees(0, 60)), generator())
    gradients = at_degrees(0, 90)
    rows = combiner(gram_of(gradients), generator()).coefficients @ gradients
    assert rows[0] @ gradients[1] / np.linalg.norm(rows[0]) == pytest.approx(0.5)
    assert rows[1] @ gradients[0] / np.linalg.norm(rows[1]) == pytest.approx(0.5)


def test_gradvac_goes_on_from_a_stored_state():
    first, second = make_combiner("gradvac", beta=0.3), make_combiner("gradvac", beta=0.3)
    for seed in range(3):
        first(gram_of(random_gradients(3, 3, seed=seed)), generator(seed))
    second.load_state_dict(first.state_dict())
    gram = gram_of(random_gradients(3, 3, seed=9))
    assert_array_equal(first(gram, generator(4)).weights, second(gram, generator(4)).weights)


def test_gradvac_refuses_a_changed_set_of_tasks():
    combiner = make_combiner("gradvac")
    combiner(np.eye(3), generator())
    with pytest.raises(ConfigError, match=r"GradVac .* began with 3 tasks and got 2"):
        combiner(np.eye(2), generator())


def test_config_of_two_gradients_at_right_angles_worked_by_hand():
    # Direction (1, 1) / √2; parts along it 1/√2 and 2/√2; update of length 3/√2: (1.5, 1.5).
    gradients = np.array([[1.0, 0.0], [0.0, 2.0]])
    weights = combine("config", gram_of(gradients)).weights
    assert_allclose(weights, [1.5, 0.75])
    assert_allclose(weights @ gradients, [1.5, 1.5])


def test_config_is_as_long_as_the_gradients_agree():
    # At 0 and 120 degrees the direction is 60 degrees, where each has the part cos 60 = 1/2.
    gradients = at_degrees(0, 120)
    update = combine("config", gram_of(gradients)).weights @ gradients
    assert_allclose(update, at_degrees(60)[0], atol=1e-12)
    assert_allclose(combine("config", gram_of(at_degrees(0, 180))).weights, [0.0, 0.0])


def test_cr_mogm_worked_by_hand():
    # MGDA of (1, 0), (0, 2) is (4/5, 1/5), of (2, 0), (0, 1) it is (1/5, 4/5); half of each then.
    combiner = make_combiner("cr_mogm", alpha=0.5)
    first = combiner(np.diag([1.0, 4.0]), generator()).weights
    second = combiner(np.diag([4.0, 1.0]), generator()).weights
    assert_allclose(first, [0.8, 0.2])
    assert_allclose(second, [0.5, 0.5])


def test_sdmgrad_worked_by_hand():
    # Lengths 1 and 3, mean 2: relative Gram diag(1/4, 9/4). Slope of w = (1/2, 1/2) with λ = 1 is
    # (1/4, 9/4); one step of 0.1 gives (0.475, 0.275), nearest shares (0.6, 0.4), half of it even.
    combiner = make_combiner("sdmgrad", direction=1.0, steps=1, learning_rate=0.1)
    assert_allclose(combiner(np.diag([1.0, 9.0]), generator()).weights, [0.55, 0.45])


def test_moco_worked_by_hand():
    # Relative Gram diag(1/4, 9/4) as above; slope (1/8, 9/8); a step of 0.1 moves 0.05 over.
    combiner = make_combiner("moco", gamma=0.1, decay=0.0)
    assert_allclose(combiner(np.diag([1.0, 9.0]), generator()).weights, [0.55, 0.45])
    # Half way to diag(9/4, 1/4) is diag(5/4, 5/4): slope (0.6875, 0.5625), back by 0.00625.
    assert_allclose(combiner(np.diag([9.0, 1.0]), generator()).weights, [0.54375, 0.45625])
