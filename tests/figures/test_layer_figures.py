"""Heatmap and bars by layer."""

import numpy as np

from mtlviz.figures.layers import COLUMNS, layer_cosines, layer_shares
from mtlviz.figures.theme import HURTS, UNDECIDED
from tests.figures.test_curves import unpacked

TITLES = ["embedding", "layer 1", "beside the encoder"]


def test_few_updates_are_shown_as_they_are_with_a_scale_even_about_zero():
    cosines = np.array([[0.1, -0.32, np.nan], [0.2, 0.1, np.nan]])
    (trace,) = layer_cosines(np.array([0, 10]), cosines, TITLES)["data"]
    np.testing.assert_allclose(unpacked(trace["z"]).reshape(3, 2), cosines.T, rtol=1e-6)
    assert (trace["zmin"], trace["zmax"]) == (-0.35, 0.35)


def test_many_updates_are_averaged_with_their_neighbours_passing_over_gaps():
    cosines = np.full((4 * COLUMNS, 3), np.nan)
    cosines[::2, 0] = 0.4
    (trace,) = layer_cosines(np.arange(4 * COLUMNS), cosines, TITLES)["data"]
    shown = unpacked(trace["z"]).reshape(3, COLUMNS)
    np.testing.assert_allclose(shown[0], 0.4, rtol=1e-6)
    assert np.isnan(shown[1:]).all()
    np.testing.assert_allclose(unpacked(trace["x"])[:2], [1.5, 5.5])


def test_a_bar_is_orange_only_where_its_whole_interval_lies_above_one_half():
    share, error = np.array([0.9, 0.6, np.nan]), np.array([0.1, 0.1, np.nan])
    (trace,) = layer_shares(share, error, TITLES)["data"]
    assert trace["marker"]["color"] == [HURTS, UNDECIDED, UNDECIDED]
