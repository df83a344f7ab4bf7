import numpy as np
import pytest

from mtlviz.engine.combiners import COMBINERS, make_combiner
from mtlviz.toy.landscapes.pairs import CLOSED_FORMS, Pairs, closed_form

OPTIONS = [(name, {}) for name in CLOSED_FORMS] + [
    ("cagrad", {"c": c, "rescale": rescale}) for c, rescale in ((0.0, 0), (0.2, 2), (3.0, 1))
]


def pairs_of(gradients):
    """Pairs from gradients of shape (N, 2, 2)."""
    (x1, y1), (x2, y2) = np.moveaxis(gradients, 0, -1)
    squared = np.stack([x1**2 + y1**2, x2**2 + y2**2])
    return Pairs(squared, np.sqrt(squared), x1 * x2 + y1 * y2, x1 * y2 - y1 * x2)


def registered(name, options, gradients):
    combiner = make_combiner(name, **options)
    grams = gradients @ np.swapaxes(gradients, -1, -2)
    return combiner(grams, np.random.default_rng(0)).weights.T


def random_gradients(count=2000):
    generator = np.random.default_rng(5)
    lengths = 10 ** generator.uniform(-3, 3, (count, 2, 1))
    angles = generator.uniform(-np.pi, np.pi, (count, 2))
    return lengths * np.stack([np.cos(angles), np.sin(angles)], -1)


@pytest.mark.parametrize(("name", "options"), OPTIONS, ids=str)
def test_closed_forms_equal_the_registered_combiners(name, options):
    gradients = random_gradients()
    pairs = pairs_of(gradients)
    found, wanted = closed_form(name, options)(pairs), registered(name, options, gradients)
    # Compare what each weight does: task by task as a length of the update, against its own size.
    scale = np.abs(wanted * pairs.lengths).max(axis=0)
    # The smaller eigenvalue is exact to the rounding of the larger: their ratio is less than this.
    ratio = (pairs.squared.sum(axis=0) / pairs.cross) ** 2
    assert np.mean(ratio < 1e8) > 0.8
    rounding = 1e-14 * ratio
    assert (np.abs((found - wanted) * pairs.lengths / scale) <= 2e-6 + rounding).all()


@pytest.mark.parametrize(("name", "options"), OPTIONS, ids=str)
def test_closed_forms_agree_for_gradients_almost_opposite(name, options):
    angle = np.pi - np.array([1e-1, 1e-2, 1e-3])
    second = 2 * np.stack([np.cos(angle), np.sin(angle)], -1)
    gradients = np.stack([np.tile([1.0, 0.0], (3, 1)), second], axis=1)
    found = closed_form(name, options)(pairs_of(gradients))
    np.testing.assert_allclose(found, registered(name, options, gradients), rtol=1e-6)


def test_nash_gives_up_where_its_registered_combiner_does():
    gradients = np.array([[[1.0, 0.0], [-3.0, 1e-8]]])
    np.testing.assert_array_equal(closed_form("nash", {})(pairs_of(gradients)), 0)
    np.testing.assert_array_equal(registered("nash", {}, gradients), 0)


def test_closed_forms_are_for_registered_names_only():
    assert set(CLOSED_FORMS) <= set(COMBINERS)


def test_an_option_without_a_closed_form_gets_none():
    assert closed_form("mgda", {"normalise": "l2"}) is None
    assert closed_form("fairgrad", {}) is None


def test_parts_share_memory_and_grams_are_the_products():
    gradients = random_gradients(7)
    part = pairs_of(gradients).part(slice(2, 5))
    wanted = (gradients @ np.swapaxes(gradients, -1, -2))[2:5]
    np.testing.assert_allclose(part.grams(), wanted)
