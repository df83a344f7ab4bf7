"""First-order predictions and the common length."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from mtlviz.engine.combiners import COMBINERS
from mtlviz.engine.combiners.predictions import match_sum_norm, predicted_changes
from mtlviz.errors import ConfigError
from tests.engine.combiners.combiner_problems import NASTY, combine, gram_of, random_gradients


def test_predicted_changes_by_hand():
    # G = [[1, -1], [-1, 2]], w = (1, 1): gains (0, 1).
    gram = np.array([[1.0, -1.0], [-1.0, 2.0]])
    assert_allclose(predicted_changes(gram, np.ones(2), 0.1), [0, -0.1])


def test_predicted_changes_are_those_of_linear_losses():
    gradients = random_gradients(3, 5, batch=(4,))
    weights = random_gradients(3, 1, batch=(4,))[..., 0]
    step = -0.01 * (weights[:, None, :] @ gradients)[:, 0]
    expected = (gradients @ step[..., None])[..., 0]
    assert_allclose(predicted_changes(gram_of(gradients), weights, 0.01), expected)


def test_a_step_of_zero_is_refused():
    with pytest.raises(ConfigError, match="above 0"):
        predicted_changes(np.eye(2), np.ones(2), 0.0)


@pytest.mark.parametrize("name", COMBINERS)
def test_matching_gives_every_method_the_length_of_the_sum(name):
    gradients = random_gradients(3, 5, batch=(6,))
    gram = gram_of(gradients)
    before = combine(name, gram)
    matched = match_sum_norm(before, gram)
    updates = (matched.weights[:, None, :] @ gradients)[:, 0]
    assert_allclose(
        np.linalg.norm(updates, axis=-1), np.linalg.norm(gradients.sum(axis=1), axis=-1)
    )
    assert_allclose(matched.weights, matched.coefficients.sum(axis=-2))
    assert_allclose(
        matched.weights * before.weights[:, :1], before.weights * matched.weights[:, :1]
    )


def test_a_zero_update_stays_zero_and_a_zero_sum_makes_it_zero():
    gram = gram_of(NASTY["opposite"])
    assert_array_equal(match_sum_norm(combine("nash", gram), gram).weights, [0, 0])
    balanced = gram_of(np.array([[1.0, 0.0], [-1.0, 0.0]]))
    assert_array_equal(match_sum_norm(combine("sum", balanced), balanced).weights, [0, 0])
