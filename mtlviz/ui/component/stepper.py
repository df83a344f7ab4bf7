"""The stepper: a film bar over the updates of a stored run; Python learns which one is chosen."""

from collections.abc import Callable
from functools import cache

import streamlit as st
from numpy.typing import ArrayLike
from streamlit.components.v2.types import ComponentRenderer

from mtlviz.errors import ConfigError
from mtlviz.figures.arrays import packed


@cache
def declared() -> ComponentRenderer:
    """The component, declared on first use: its files are found only inside a running app."""
    return st.components.v2.component("mtlviz.stepper", css="film.css", js="stepper.js")


def stepper(
    count: int,
    chosen: int,
    *,
    key: str,
    cursor_group: str,
    on_step: Callable[[], None],
    updates: ArrayLike = (),
    positions: ArrayLike = (),
    unit: str = "",
) -> None:
    """Play, step and scrub through the updates of a run; all charts of the group follow at once.

    Python hears of a new update when the cursor rests, and a few times a second while it plays: the
    report is `{"update", "playing"}`.

    Args:
        count: Number of updates, at least 1.
        chosen: The update that Python looks at.
        key: The bar's name on the page; the same key keeps the same node and cursor.
        cursor_group: Name of the step cursor that the bar moves.
        on_step: Called before the script when another update was chosen.
        updates: Some updates whose place on the charts' axis is known, rising.
        positions: Their places; those between lie in proportion. Without any, an update lies at
            its number.
        unit: Unit of those places, shown beside the number of the update.

    Raises:
        ConfigError: If the chosen update is not among them.
    """
    if not 0 <= chosen < count:
        raise ConfigError(f"`chosen` must be from 0 to {count - 1}, got {chosen}.")
    data = {
        "count": count,
        "chosen": chosen,
        "updates": packed(updates, "float64"),
        "positions": packed(positions, "float64"),
        "unit": unit,
        "cursor_group": cursor_group,
    }
    declared()(key=key, data=data, on_step_change=on_step)
