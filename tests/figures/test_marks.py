"""Rules reach from edge to edge, bands lie between their edges."""

import numpy as np
import pytest

from mtlviz.figures.marks import band, rule
from mtlviz.toy.film import decoded


@pytest.mark.parametrize(("direction", "ends"), [("upright", "y"), ("level", "x")])
def test_a_rule_goes_through_its_place_from_edge_to_edge(direction, ends):
    found = rule(direction, 3.5)
    other = {"x": "y", "y": "x"}[ends]
    assert found[f"{ends}ref"] == "paper"
    assert (found[f"{ends}0"], found[f"{ends}1"]) == (0, 1)
    assert found[f"{other}0"] == found[f"{other}1"] == 3.5


def test_a_band_goes_along_its_upper_edge_and_back_along_the_lower():
    found = band(np.array([1.0, 2.0]), np.array([0.0, 0.5]), np.array([4.0, 5.0]), "#000000")
    assert decoded(found["x"]).tolist() == [1, 2, 2, 1]
    assert decoded(found["y"]).tolist() == [4, 5, 0.5, 0]
    assert found["fill"] == "toself"
