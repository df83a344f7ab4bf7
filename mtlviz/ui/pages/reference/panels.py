"""What the Reference page shows: one method in full, and the list that it stands in."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

import streamlit as st

from mtlviz.engine.reference import Entry, entries
from mtlviz.ui.core import session
from mtlviz.ui.core.controls import control
from mtlviz.ui.core.page import Panel, lecture_switch, share
from mtlviz.ui.core.text_table import table
from mtlviz.ui.core.words import escaped
from mtlviz.ui.pages.reference.settings import LOOKED_UP

_COLUMNS = ("name", "what it does", "what it costs", "whose")
_CHOICE = "reference.choice"
_REPEATED = 4
"""How many methods of one list make a cost the usual one."""


def header() -> None:
    """Which list, and which of its entries."""
    control(
        LOOKED_UP, "list", look="segmented", changed=lambda: LOOKED_UP.change(method="")
    )  # fmt: skip
    found = entries(LOOKED_UP.now.list)
    titles = {each.name: each.title for each in found}
    now = LOOKED_UP.now.method
    with st.container(horizontal=True, vertical_alignment="bottom"):
        session.set_widget(_CHOICE, now if now in titles else None)
        st.selectbox(
            LOOKED_UP.control("method").title, list(titles), key=_CHOICE, width=320,
            persist_state="session",
            format_func=lambda name: titles[name], placeholder="Choose one, or read the list",
            help="Its rule with equations, and every option.",
            on_change=lambda: LOOKED_UP.change(method=str(session.widget(_CHOICE) or "")),
        )  # fmt: skip
        share("reference")
        lecture_switch()
    if now and now not in titles:
        st.warning(f"There is no {LOOKED_UP.now.list} called {escaped(now)}.")


def looked_up() -> tuple[Entry, ...]:
    """The entries of the list."""
    return entries(LOOKED_UP.now.list)


def _in_full(found: tuple[Entry, ...]) -> None:
    """One entry, if one is chosen."""
    chosen = next((each for each in found if each.name == LOOKED_UP.now.method), None)
    if chosen is None:
        return
    with st.container(border=True):
        st.markdown(f"#### {escaped(chosen.title)} · `{chosen.name}`")
        st.markdown(escaped(chosen.help))
        if chosen.rule:
            st.text(chosen.rule)
        st.markdown("**Options**" if chosen.options else "It has no options.")
        st.markdown("\n".join(f"- {option}" for option in chosen.options))
        if chosen.cost:
            st.markdown(f"**Cost** {escaped(chosen.cost)}")
        st.markdown(f"**Source** {escaped(chosen.source)}")


def _list(found: tuple[Entry, ...]) -> None:
    """All entries, a row each."""
    told, costs = _costs([each.cost for each in found])
    if told:
        st.caption(told)
    rows = [
        (
            each.title if each.title == each.name else (each.title, each.name),
            each.help,
            cost,
            each.source,
        )
        for each, cost in zip(found, costs, strict=True)
    ]
    table(_COLUMNS, rows, side=(0,), stacked=True)


def _costs(costs: Sequence[str]) -> tuple[str, list[str]]:
    """What costs have in common, told once, and what is left to say of each."""
    settings = {cost.partition(": ")[0] for cost in costs if ": " in cost}
    if len(settings) == 1:
        (setting,) = settings
        told = f"Costs, {setting[0].lower()}{setting[1:]}:"
        return told, [cost.removeprefix(f"{setting}: ") for cost in costs]
    usual, times = Counter(costs).most_common(1)[0]
    if times < _REPEATED:
        return "", list(costs)
    return f"What it costs, if not said below: {usual}", [
        "as told above" if cost == usual else cost for cost in costs
    ]


def _how(_: Any) -> None:
    st.markdown(
        "Everything here is read from the registries: `mtlviz train --list-settings` prints the "
        "same options, and a method that is added stands here by itself (CONTRIBUTING.md)."
    )


PANELS = (
    Panel("reference.method", "One in full", _in_full),
    Panel("reference.list", "The list", _list),
    Panel("reference.how", "Where this comes from", _how, folded="Where this comes from"),
)
