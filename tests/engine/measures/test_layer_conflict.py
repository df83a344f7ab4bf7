"""Conflicts by layer, on Gram matrices made by hand."""

import numpy as np

from mtlviz.engine.measures.layer_conflict import (
    layer_conflict,
    layer_titles,
    prevailing,
    to_split,
)


def pair(cosine):
    return np.array([[1.0, cosine], [cosine, 1.0]])


def grams(*columns):
    """One list of cosines for each layer; None where it is not shared."""
    missing = np.full((2, 2), np.nan)
    layers = [[missing if c is None else pair(c) for c in column] for column in columns]
    return np.moveaxis(np.array(layers), 0, 1)


def test_shares_and_means_worked_by_hand():
    found = layer_conflict(grams([0.5, -0.5, -0.1, 0.3], [None] * 4, [0.2] * 4))
    np.testing.assert_allclose(found.share, [0.5, np.nan, 0.0])
    np.testing.assert_allclose(found.mean()[:, 0], [0.5, -0.5, -0.1, 0.3])
    assert np.isnan(found.mean()[:, 1]).all()
    np.testing.assert_array_equal(found.mean(0), found.mean())


def test_the_mean_over_pairs_passes_over_those_without_a_gradient():
    gram = np.diag([1.0, 1.0, 0.0]) + 0.0
    gram[0, 1] = gram[1, 0] = -0.4
    found = layer_conflict(gram[None, None])
    np.testing.assert_allclose(found.mean(), [[-0.4]])
    assert found.share.tolist() == [1.0]


def test_layers_that_conflict_beyond_chance_are_split_the_worst_first_and_never_what_is_beside():
    rng = np.random.default_rng(0)
    often, half, rarely = (rng.choice([-0.3, 0.3], 200, p=[p, 1 - p]) for p in (0.9, 0.5, 0.1))
    found = layer_conflict(grams(rarely, half, often, often))
    assert prevailing(found) == [2, 3]
    assert to_split(found) == [2]
    assert to_split(layer_conflict(grams(often, often, often, often, rarely)), most=2) == [0, 1]


def test_where_conflict_prevails_nowhere_the_layer_with_most_of_it_is_named():
    rng = np.random.default_rng(1)
    some, few = (rng.choice([-0.3, 0.3], 100, p=[p, 1 - p]) for p in (0.4, 0.1))
    found = layer_conflict(grams(few, some, [None] * 100))
    assert prevailing(found) == []
    assert to_split(found) == [1]
    assert to_split(layer_conflict(grams([None] * 3, [None] * 3))) == []


def test_neighbours_that_are_alike_make_a_share_less_sure():
    alternating = layer_conflict(grams([0.3, -0.3] * 50)).error[0]
    in_blocks = layer_conflict(grams(([0.3] * 25 + [-0.3] * 25) * 2)).error[0]
    assert in_blocks > 2 * alternating


def test_entries_are_called_from_the_embedding_upwards():
    assert layer_titles(4) == ["embedding", "layer 1", "layer 2", "beside the encoder"]
