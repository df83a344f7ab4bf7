"""Where one phase of a run ends and the next begins, drawn into any of its curves."""

from collections.abc import Mapping, Sequence
from typing import Any

from mtlviz.figures.marks import rule
from mtlviz.figures.text import plain

_LONGEST = 24


def with_switches(
    figure: Mapping[str, Any], places: Sequence[float], names: Sequence[str]
) -> dict[str, Any]:
    """A figure with a dashed upright line at each switch, and beside it who trains from there on.

    Args:
        figure: A figure over the updates of a run.
        places: Where each phase begins on its axis; the first phase has a name and no line.
        names: What each phase is called.
    """
    layout = figure["layout"]
    lines = [rule("upright", place, dash="dash", width=1) for place in places[1:]]
    texts = [_text(place, name) for place, name in zip(places, names, strict=True)]
    marks = {
        "shapes": [*layout.get("shapes", ()), *lines],
        "annotations": [*layout.get("annotations", ()), *texts],
    }
    return {**figure, "layout": {**layout, **marks}}


def _text(place: float, name: str) -> dict[str, Any]:
    cut = name if len(name) <= _LONGEST else f"{name[: _LONGEST - 1]}…"
    return {
        "x": place,
        "y": 1,
        "xref": "x",
        "yref": "paper",
        "xanchor": "left",
        "yanchor": "top",
        "text": plain(cut),
        "showarrow": False,
        "font": {"size": 11},
    }
