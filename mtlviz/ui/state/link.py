"""The link that opened the session, and the link that opens what is on screen.

A page's settings are a part: a module with PARAMETERS (the names it reads; a `*` at the end stands
for any ending), HIDEABLE (what `hide=` may name), `open_link` and `link`.
"""

import difflib
from collections.abc import Iterable, Mapping
from typing import Protocol

import streamlit as st

from mtlviz.ui.state import (
    alignment,
    capacity,
    compare,
    conflict,
    covariance,
    data,
    reweighting,
    run,
    session,
    studio,
    toy_lab,
)

GROUPS = ("Data", "Capacity", "Optimisation")
_OF_THE_APP = ("hide", "lecture")


class Part(Protocol):
    """What a page keeps in links."""

    PARAMETERS: tuple[str, ...]
    HIDEABLE: tuple[str, ...]

    def open_link(self, parameters: Mapping[str, str]) -> list[str]:
        """Take the settings of a link; one sentence for each value that cannot be used."""

    def link(self) -> dict[str, str]:
        """The parameters that open what is on screen."""


PARTS: tuple[Part, ...] = (
    toy_lab, conflict, covariance, alignment, reweighting, capacity, studio, run, compare, data
)  # fmt: skip


def open_session() -> None:
    """Read the link that opened this session; later calls change nothing."""
    if session.has("link.problems"):
        return
    parameters = {key: st.query_params[key] for key in st.query_params}
    problems = [sentence for part in PARTS for sentence in _opened(part, parameters)]
    hide = _split(parameters.get("hide", ""))
    session.put("link.problems", [*problems, *_of_the_app(parameters), *_not_hideable(hide)])
    session.put("link.hidden", frozenset(name for name in hide if _can_be_hidden(name)))
    session.put("lecture", parameters.get("lecture") == "1")


def write_link(page: Mapping[str, str] | None = None) -> dict[str, str]:
    """Write every setting into the address bar and return the parameters written."""
    parameters = {name: value for part in PARTS for name, value in part.link().items()}
    parameters |= page or {}
    if hidden():
        parameters["hide"] = ",".join(sorted(hidden()))
    if lecture():
        parameters["lecture"] = "1"
    if dict(st.query_params) != parameters:
        st.query_params.from_dict(parameters)
    return parameters


def hidden() -> frozenset[str]:
    """Controls and groups the link asks to hide (teacher mode)."""
    return session.get("link.hidden")


def is_hidden(*names: str) -> bool:
    """Whether the link asks to hide any of these controls, groups or sections."""
    asked = {name.lower() for name in hidden()}
    return any(name.lower() in asked for name in names)


def link_problems() -> list[str]:
    """One sentence for each value of the opening link that could not be used."""
    return session.get("link.problems")


def dismiss_link_problems() -> None:
    """Forget the sentences about the opening link."""
    session.put("link.problems", [])


def lecture() -> bool:
    """Whether type and lines are enlarged for a lecture room."""
    return session.get("lecture")


def set_lecture(on: bool) -> None:
    """Switch the enlarged type on or off."""
    session.put("lecture", on)


def _opened(part: Part, parameters: Mapping[str, str]) -> list[str]:
    """Give a part its parameters, and those with a dot that are nobody's: options of methods."""
    others = [name for other in PARTS if other is not part for name in other.PARAMETERS]
    mine = {
        key: value
        for key, value in parameters.items()
        if _names(part.PARAMETERS, key) or not _names(others, key)
    }
    return part.open_link(mine)


def _names(patterns: Iterable[str], key: str) -> bool:
    return any(
        key.startswith(pattern[:-1]) if pattern.endswith("*") else key == pattern
        for pattern in patterns
    )


def _of_the_app(parameters: Mapping[str, str]) -> list[str]:
    problems = [_unknown(key) for key in parameters if _is_unknown(key)]
    if parameters.get("lecture", "0") not in ("0", "1"):
        problems.append(f"`lecture` must be 0 or 1, got {parameters['lecture']!r}.")
    return problems


def _is_unknown(key: str) -> bool:
    # Keys with another dot are options of a method; the toy says what is wrong with them.
    patterns = (*_OF_THE_APP, *(name for part in PARTS for name in part.PARAMETERS))
    return "." not in key and not _names(patterns, key)


def _unknown(key: str) -> str:
    known = [name for part in PARTS for name in part.PARAMETERS if not name.endswith("*")]
    near = difflib.get_close_matches(key, sorted({*known, *_OF_THE_APP}), n=1)
    meant = f"; perhaps {near[0]!r} was meant" if near else " in this app"
    return f"There is no control {key!r}{meant}."


def _split(text: str) -> list[str]:
    return [name.strip() for name in text.split(",") if name.strip()]


def _can_be_hidden(name: str) -> bool:
    groups = {group.lower() for group in GROUPS}
    return name.lower() in groups or _names(
        (pattern for part in PARTS for pattern in part.HIDEABLE), name
    )


def _not_hideable(names: Iterable[str]) -> list[str]:
    sections = (name for part in PARTS for name in part.HIDEABLE if _is_section(name))
    allowed = ", ".join((*GROUPS, *sections))
    return [
        f"`hide` knows no {name!r}: it takes names of controls, {allowed}."
        for name in names
        if not _can_be_hidden(name)
    ]


def _is_section(name: str) -> bool:
    return name in toy_lab.SECTIONS
