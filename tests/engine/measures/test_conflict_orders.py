import numpy as np
import pytest

from mtlviz.engine.combiners import make_combiner
from mtlviz.engine.measures.conflict_orders import order_spread
from mtlviz.errors import ConfigError

ANGLES = np.radians([0, 160, 200])
EXHIBIT = np.stack([np.cos(ANGLES), np.sin(ANGLES)], axis=-1)


def test_the_exhibit_of_0_160_and_200_degrees():
    """In a common order the update lies at 110, 134.1 or 141.5 degrees, or their mirror images.

    If each task draws its own order, as the paper has it, 124.9 degrees and its mirror join them.
    """
    spread = order_spread(EXHIBIT @ EXHIBIT.T)
    updates = spread.weights @ EXHIBIT
    degrees = np.degrees(np.arctan2(updates[:, 1], updates[:, 0]))
    common = np.array([order is not None for order in spread.common])
    np.testing.assert_allclose(
        sorted(degrees[common]), [-141.5, -134.1, -110, 110, 134.1, 141.5], atol=0.05
    )
    np.testing.assert_allclose(sorted(degrees[~common]), [-124.9, 124.9], atol=0.05)
    assert spread.lengths.min() == pytest.approx(0.26, abs=0.005)
    assert spread.lengths.max() == pytest.approx(0.40, abs=0.006)
    # From 110 to −110 the short way round.
    assert spread.degrees == pytest.approx(140)


def test_every_order_is_listed_once_and_six_of_eight_are_common():
    spread = order_spread(np.eye(3))
    assert len({tuple(order.ravel()) for order in spread.orders}) == 8
    named = [order for order in spread.common if order is not None]
    assert len(named) == len(set(named)) == 6


def test_without_conflict_the_order_does_not_matter():
    spread = order_spread(np.full((3, 3), 0.2) + np.eye(3))
    np.testing.assert_array_equal(spread.weights, 1)
    assert spread.degrees == pytest.approx(0, abs=1e-6)


def test_two_tasks_have_one_order():
    spread = order_spread(np.array([[1.0, -0.5], [-0.5, 1.0]]))
    assert spread.orders.tolist() == [[[1], [0]]]
    np.testing.assert_allclose(spread.weights, [[1.5, 1.5]])


def test_a_drawn_update_is_among_those_listed():
    gram = EXHIBIT @ EXHIBIT.T
    listed, combiner = order_spread(gram).weights, make_combiner("pcgrad")
    generator = np.random.default_rng(0)
    for _ in range(20):
        weights = combiner(gram, generator).weights
        assert np.abs(listed - weights).max(axis=-1).min() < 1e-12


def test_the_mean_over_orders_is_the_registered_average():
    gram = EXHIBIT @ EXHIBIT.T
    average = make_combiner("pcgrad_all_orders")(gram, np.random.default_rng(0)).weights
    np.testing.assert_allclose(order_spread(gram).weights.mean(axis=0), average)


def test_an_update_of_zero_has_no_direction():
    assert np.isnan(order_spread(np.zeros((3, 3))).degrees)


def test_four_tasks_are_refused():
    with pytest.raises(ConfigError, match="up to 3 tasks, got 4"):
        order_spread(np.eye(4))
