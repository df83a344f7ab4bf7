"""Where to put the labels of points so that they do not cover each other."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

# A letter's width and a line's height in pixels, in Plotly's default type of 12 px.
_LETTER, _LINE = 7.0, 16.0
_GAP = 8.0
# Places along an arrow that a label should not cover.
_ALONG = np.linspace(0.1, 0.9, 9)
_SIDES = {
    "middle right": (1, 0),
    "top right": (1, 1),
    "top center": (0, 1),
    "top left": (-1, 1),
    "middle left": (-1, 0),
    "bottom left": (-1, -1),
    "bottom center": (0, -1),
    "bottom right": (1, -1),
}


def text_positions(
    tips: Sequence[Array], texts: Sequence[str], reach: float, *, side: float = 300.0
) -> list[str]:
    """Plotly's `textposition` of labels at arrow tips: outwards, or wherever there is room.

    Args:
        tips: The tips, each of shape (2,), of arrows from the origin, on a square plot.
        texts: Their labels.
        reach: Half the width of the plot, in the points' units.
        side: Width of the plot in pixels.
    """
    scale = side / (2 * reach)
    places = [scale * np.asarray(tip, dtype=np.float64) for tip in tips]
    taken = [_box(place, 0, 0, 0.0) for place in places]
    taken += [_box(share * place, 0, 0, 0.0, 3.0) for place in places for share in _ALONG]
    chosen = []
    for place, text in zip(places, texts, strict=True):
        costs = {name: _cost(place, text, name, taken, side / 2) for name in _SIDES}
        best = min(costs, key=costs.__getitem__)
        taken.append(_box(place, *_SIDES[best], _LETTER * len(text)))
        chosen.append(best)
    return chosen


def _box(
    place: Array, across: int, up: int, width: float, size: float = _GAP
) -> tuple[float, float, float, float]:
    """Left, right, bottom and top of a label on one side of its point; of the point itself."""
    half, tall = (width / 2, _LINE / 2) if width else (size, size)
    x = place[0] + across * (half + _GAP)
    y = place[1] + up * _LINE * (1.0 if across == 0 else 0.8)
    return x - half, x + half, y - tall, y + tall


def _cost(
    place: Array, text: str, name: str, taken: Sequence[tuple[float, ...]], edge: float
) -> float:
    """What the label would cover, then how far it leaves the picture, then how inward it lies."""
    across, up = _SIDES[name]
    left, right, low, high = _box(place, across, up, _LETTER * len(text))
    covered = sum(
        max(0.0, min(right, r) - max(left, x)) * max(0.0, min(high, t) - max(low, b))
        for x, r, b, t in taken
    )
    outside = sum(max(0.0, over) for over in (right - edge, -left - edge, high - edge, -low - edge))
    length = float(np.hypot(*place)) or 1.0
    outward = (across * place[0] + up * place[1]) / (length * np.hypot(across, up))
    return float(covered) + 20 * outside - 30 * float(outward)
