"""Sliders for settings made of plain numbers, in the three groups of the app."""

from collections.abc import Callable, Mapping

import streamlit as st
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from mtlviz.ui import state
from mtlviz.ui.controls import GROUPS

_FINE = 12.0  # Widest range whose slider moves in twentieths.


def grouped_sliders(
    config: BaseModel,
    groups: Mapping[str, tuple[str, ...]],
    prefix: str,
    change: Callable[[str, object], None],
    *,
    open_group: str,
    highest: Mapping[str, int] | None = None,
) -> None:
    """One slider for each setting, in its group, less what the link hides.

    Args:
        config: The settings shown.
        groups: Names of settings in each group.
        prefix: What the widgets' keys begin with.
        change: Called with a setting's name and new value.
        open_group: The group that is unfolded.
        highest: Upper ends that depend on other settings.
    """
    fields = type(config).model_fields
    for group, names in groups.items():
        shown = [name for name in names if not state.is_hidden(f"{prefix}{name}", group)]
        if not shown:
            continue
        with st.expander(f"**{group}** · {GROUPS[group]}", expanded=group == open_group):
            for name in shown:
                top = (highest or {}).get(name)
                _slider(name, fields[name], getattr(config, name), f"{prefix}{name}", change, top)


def _slider(
    name: str,
    field: FieldInfo,
    value: float,
    key: str,
    change: Callable[[str, object], None],
    highest: int | None,
) -> None:
    whole = isinstance(value, int)
    low, high = (_bound(field, end) for end in ("ge", "le"))
    top = high if highest is None else highest
    if top <= low:
        st.caption(f"{field.title}: {value}, the only choice for one task.")
        return
    state.set_widget(key, value)
    step = 1 if whole else (0.05 if high - low <= _FINE else 1.0)
    number = int if whole else float
    st.slider(
        field.title or name,
        number(low),
        number(top),
        step=number(step),
        format="%g",
        key=key,
        help=field.description,
        on_change=lambda: change(name, state.widget(key)),
    )


def _bound(field: FieldInfo, name: str) -> float:
    return next(getattr(limit, name) for limit in field.metadata if hasattr(limit, name))
