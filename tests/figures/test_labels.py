"""Labels of arrows: none covers another, another's tip, or an arrow, where there is room."""

import itertools

import numpy as np
import pytest

from mtlviz.figures.labels import text_positions

# What the boxes of a 300 pixel wide plot with 12 px type take up; written down again on purpose.
OFFSETS = {"left": -1, "center": 0, "right": 1, "top": 1, "middle": 0, "bottom": -1}


def boxes(tips, texts, reach):
    scale = 150 / reach
    for tip, text, position in zip(tips, texts, text_positions(tips, texts, reach), strict=True):
        up, across = (OFFSETS[word] for word in position.split())
        x, y = scale * np.asarray(tip)
        half = 3.2 * len(text)
        x, y = x + across * (half + 8), y + up * 14
        yield x - half, x + half, y - 7, y + 7


def overlap(one, other):
    return min(one[1], other[1]) > max(one[0], other[0]) and min(one[3], other[3]) > max(
        one[2], other[2]
    )


def at(*degrees, length=1.0):
    return [length * np.array([np.cos(a), np.sin(a)]) for a in np.radians(degrees)]


@pytest.mark.parametrize(
    ("tips", "texts"),
    [
        # The six orders of three gradients at 0, 160 and 200 degrees.
        (
            [*at(0, 160, 200, length=0.9), *at(110, 134, 141, -110, -134, -141, length=0.35)],
            ["task 1", "task 2", "task 3", "2 3 1", "2 1 3", "1 2 3", "3 2 1", "3 1 2", "1 3 2"],
        ),
        # Two tips nearly in one place.
        ([np.array([0.5, 0.5]), np.array([0.52, 0.47])], ["paper", "LibMTL"]),
    ],
)
def test_no_label_covers_another(tips, texts):
    found = list(boxes(tips, texts, 1.0))
    assert not any(overlap(one, other) for one, other in itertools.combinations(found, 2))


def test_a_label_alone_stands_outwards():
    assert text_positions(at(0, length=0.4), ["a"], 1.0) == ["middle right"]
    assert text_positions(at(180, length=0.4), ["a"], 1.0) == ["middle left"]
    assert text_positions(at(90, length=0.4), ["a"], 1.0) == ["top center"]


def test_a_label_at_the_edge_stays_inside():
    [position] = text_positions([np.array([0.99, 0.0])], ["a long label"], 1.0)
    assert "right" not in position


def test_an_arrow_of_length_zero_gets_a_label_too():
    assert len(text_positions([np.zeros(2), np.array([1.0, 0.0])], ["a", "b"], 1.0)) == 2
