"""What is rounding in a Gram matrix must not decide an update."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

from mtlviz.engine.combiners import make_combiner
from mtlviz.engine.combiners.gram import FLOAT32, FLOAT64, precision_of
from mtlviz.engine.gradients import gram_matrix
from tests.engine.combiners.combiner_problems import at_degrees, combine, generator, gram_of

EQUAL_PROJECTION = "imtl_g"
DEPENDENT = 60
"""Draws of exactly dependent gradients."""


def test_two_exactly_opposite_gradients_get_no_equal_projection_but_none():
    direction = at_degrees(10)[0]
    gram = gram_of(np.stack([direction, -1.2 * direction]))
    assert_array_equal(combine(EQUAL_PROJECTION, gram).weights, [0.0, 0.0])


@given(
    st.integers(0, 2**32 - 1),
    st.integers(1, 40),
    st.floats(1e-3, 1e3),
    st.sampled_from([np.float32, np.float64]),
)
def test_equal_projections_of_any_opposite_pair_are_zero(seed, size, factor, number):
    direction = generator(seed).normal(size=size).astype(number)
    gradients = np.stack([direction, -number(factor) * direction])
    assert_array_equal(combine(EQUAL_PROJECTION, gradients @ gradients.T).weights, [0.0, 0.0])


@given(st.floats(1e-3, 1e3), st.floats(0.01, 3.13))
def test_equal_projections_of_pairs_that_are_not_opposite_add_up_to_one(factor, angle):
    gram = gram_of([[1.0, 0.0], [factor * np.cos(angle), factor * np.sin(angle)]])
    weights = combine(EQUAL_PROJECTION, gram).weights
    assert_allclose(weights.sum(), 1.0, rtol=1e-9)
    # The published two-task solution: weights in inverse proportion to the lengths.
    assert_allclose(weights, np.array([factor, 1.0]) / (1 + factor), rtol=1e-5)


def dependent(number):
    """Three float32 gradients, the last the sum of the others up to its own rounding."""
    first, second = generator(number).normal(size=(2, 4000)).astype(np.float32)
    return np.stack([first, second, first + second])


@pytest.mark.parametrize("name", ["aligned", "imtl_g"])
def test_products_in_float32_give_the_update_of_the_exact_ones(name):
    for number in range(DEPENDENT):
        rows = dependent(number).astype(np.float64)
        exact = rows.copy()
        exact[2] = exact[0] + exact[1]
        plain = combine(name, gram_of(exact)).weights @ exact
        single = dependent(number) @ dependent(number).T
        assert single.dtype == np.float32
        found = combine(name, single).weights @ rows
        assert np.linalg.norm(found - plain) < 1e-4 * np.linalg.norm(plain)


@pytest.mark.parametrize("name", ["aligned", "imtl_g", "nash", "fairgrad"])
def test_gradients_of_a_run_are_judged_by_the_precision_of_their_products(name):
    rows = [[torch.from_numpy(row)] for row in dependent(3)]
    gram = gram_matrix(rows)
    assert precision_of(gram) == FLOAT32
    told = make_combiner(name)(gram.astype(np.float64), generator(), precision=FLOAT32)
    assert_allclose(combine(name, gram).weights, told.weights, rtol=1e-12)
    assert precision_of(gram_matrix([[torch.ones(2, dtype=torch.float64)]])) == FLOAT64


@pytest.mark.parametrize("name", ["nash", "fairgrad"])
def test_a_bargain_between_opposite_float32_gradients_fails(name):
    for number in range(DEPENDENT):
        direction = generator(number).normal(size=4000).astype(np.float32)
        rows = np.stack([direction, -np.float32(3) * direction])
        assert_array_equal(combine(name, rows @ rows.T).weights, [0.0, 0.0])
