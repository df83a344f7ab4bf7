import itertools

import numpy as np
import pytest

from mtlviz.engine.measures.conflict_plane import plane_from_gram, space_from_gram
from mtlviz.errors import DataError
from tests.engine.measures.plane_cone import dual_cone_2d


def at(*degrees):
    angles = np.radians(degrees)
    return np.stack([np.cos(angles), np.sin(angles)], axis=-1)


def random_gradients(tasks, size, seed=0):
    return np.random.default_rng(seed).normal(size=(tasks, size))


def test_two_tasks_are_drawn_exactly_first_to_the_right_second_upwards():
    view = plane_from_gram(np.array([[4.0, -2.0], [-2.0, 10.0]]))
    np.testing.assert_allclose(view.coordinates, [[2, 0], [-1, 3]], atol=1e-12)
    np.testing.assert_allclose(view.share, 1)


@pytest.mark.parametrize("tasks", [1, 2, 3, 5])
def test_a_space_of_enough_dimensions_reproduces_every_inner_product(tasks):
    gradients = random_gradients(tasks, min(tasks, 3))
    gram = gradients @ gradients.T
    view = space_from_gram(gram)
    np.testing.assert_allclose(view.coordinates @ view.coordinates.T, gram, atol=1e-12)
    np.testing.assert_allclose(view.share, 1)


def test_in_space_the_first_three_gradients_set_the_axes():
    gradients = random_gradients(3, 40)
    coordinates = space_from_gram(gradients @ gradients.T).coordinates
    np.testing.assert_allclose(coordinates[np.triu_indices(3, 1)], 0, atol=1e-12)
    assert (np.diag(coordinates) > 0).all()


def test_the_plane_keeps_as_much_as_any_plane():
    gradients = random_gradients(4, 6)
    view = plane_from_gram(gradients @ gradients.T)
    kept = np.square(view.coordinates).sum()
    assert kept == pytest.approx(np.square(np.linalg.svd(gradients)[1][:2]).sum())
    lengths = np.linalg.norm(gradients, axis=-1)
    np.testing.assert_allclose(view.share, np.linalg.norm(view.coordinates, axis=-1) / lengths)
    assert (view.share < 1).all()


def test_a_zero_gradient_stays_at_the_origin_and_has_no_share():
    gradients = np.array([[0.0, 0, 0], [0, 0, 2], [0, 3, 0]])
    view = plane_from_gram(gradients @ gradients.T)
    np.testing.assert_allclose(view.coordinates, [[0, 0], [2, 0], [0, 3]], atol=1e-12)
    assert np.isnan(view.share[0])
    np.testing.assert_allclose(view.share[1:], 1)


def test_no_gradient_at_all_is_drawn_at_the_origin():
    np.testing.assert_array_equal(plane_from_gram(np.zeros((3, 3))).coordinates, 0)


def test_opposite_gradients_lie_on_one_line():
    gradients = np.array([[2.0, 1.0], [-4.0, -2.0], [1.0, 0.5]])
    view = plane_from_gram(gradients @ gradients.T)
    # Lengths are roots of a Gram matrix that is singular up to rounding.
    np.testing.assert_allclose(view.coordinates[:, 1], 0, atol=1e-6)
    np.testing.assert_allclose(view.coordinates[:, 0], np.sqrt(5) * np.array([1, -2, 0.5]))


def test_a_film_does_not_flip_when_gradients_pass_through_each_other():
    """Task 2 swings through task 1's direction: bare pictures jump, referred ones do not."""
    swings = [at(0, degrees, 80) for degrees in np.linspace(10, -10, 41)]
    grams = [gradients @ gradients.T for gradients in swings]
    bare = [plane_from_gram(gram).coordinates for gram in grams]
    steady = [bare[0]]
    for gram in grams[1:]:
        steady.append(plane_from_gram(gram, steady[-1]).coordinates)
    jumps = [np.abs(b - a).max() for a, b in itertools.pairwise(bare)]
    moves = [np.abs(b - a).max() for a, b in itertools.pairwise(steady)]
    assert max(jumps) > 1
    assert max(moves) < 0.02
    np.testing.assert_allclose(steady[-1] @ steady[-1].T, grams[-1], atol=1e-12)


@pytest.mark.parametrize("gram", [np.full((2, 2), np.nan), np.ones((2, 3)), np.ones(4)])
def test_what_is_no_gram_matrix_is_refused(gram):
    with pytest.raises(DataError, match="square Gram matrix"):
        plane_from_gram(gram)


@pytest.mark.parametrize(
    ("degrees", "cone"),
    [
        ((0, 90), (0, 90)),
        ((0, 120), (30, 90)),
        ((0, -120), (-90, -30)),
        ((30,), (-60, 120)),
        ((170, -170), (100, 260)),
        ((0, 160, 200), None),
    ],
)
def test_dual_cones_by_hand(degrees, cone):
    found = dual_cone_2d(at(*degrees))
    assert found == (cone if cone is None else pytest.approx(cone))


def test_zero_gradients_forbid_nothing():
    assert dual_cone_2d(np.zeros((2, 2))) == (-180, 180)
    assert dual_cone_2d(np.array([[0.0, 0], [0, 3]])) == pytest.approx((0, 180))


def test_opposite_gradients_leave_the_line_across():
    low, high = dual_cone_2d(np.array([[2.0, 0], [-1, 0]]))
    assert low == high
    assert abs(low) == pytest.approx(90)


def test_the_cone_holds_exactly_the_directions_that_hurt_no_task():
    generator = np.random.default_rng(7)
    for tasks in (1, 2, 2, 3, 3, 4) * 20:
        gradients = generator.normal(size=(tasks, 2))
        cone = dual_cone_2d(gradients)
        for degrees in generator.uniform(-180, 180, 20):
            harmless = (gradients @ at(degrees)[0] >= 0).all()
            inside = cone is not None and (degrees - cone[0]) % 360 <= cone[1] - cone[0]
            assert harmless == inside
