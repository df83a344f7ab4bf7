"""The address of a page: what it opens, what it hides, and how it follows what is on screen."""

import difflib
import time
from collections.abc import Iterable, Mapping

import streamlit as st

from mtlviz.settings import GROUPS
from mtlviz.ui.core import class_mode, lesson_progress, session
from mtlviz.ui.core.lesson_progress import PROGRESS
from mtlviz.ui.core.part import Part
from mtlviz.ui.pages import PAGES, PageEntry

_LONGEST = 298  # A sentence that anybody reads to its end.
_OF_THE_APP = ("hide", "lecture")
EVERYWHERE = {
    "answers": "Answers, until a guess is made",
    "questions": "The questions: everything is shown at once",
}
"""What `hide=` may name on every page, and what Share calls it; see `guess`."""
_WRITTEN, _AT, _PAGE, _AWAY = "link.written", "link.at", "link.page", "link.away"
# A run of the script that began before the last address reached the browser brings an older one.
_STALE_SECONDS = 1.0


def open_link(page: PageEntry) -> None:
    """Take the address that opened the session, or the one that Back or a link led to."""
    asked = {key: st.query_params[key] for key in st.query_params}
    if not session.has("link.problems"):
        problems = [sentence for entry in PAGES for part in entry.parts()
                    for sentence in part.apply(asked)]  # fmt: skip
        hide = _split(asked.get("hide", ""))
        wrong = _not_hideable(hide)
        _tell([*problems, *_of_the_app(asked), *wrong.values()])
        session.put("link.hidden", frozenset(name for name in hide if name not in wrong))
        session.put("lecture", asked.get("lecture") == "1")
        session.put(_WRITTEN, asked)  # A click may end this run before the page writes its own.
    elif _led_elsewhere(page, asked):
        # Another address of the same page, such as Back leads to, tells all; a link may tell less.
        here = session.get(_PAGE) == page.path
        own = dict.fromkeys((*page.parts(), PROGRESS))
        parts = [part for part in own if here or any(map(part.knows, asked))]
        if parts:
            _tell([each for part in parts for each in part.apply(asked)])
            if here:
                lesson_progress.reopen()
        session.put(_WRITTEN, asked)
    session.put(_PAGE, page.path)


def _tell(problems: Iterable[str]) -> None:
    """Keep the sentences; one that quotes a value of any length is cut."""
    cut = [each if len(each) <= _LONGEST else f"{each[:_LONGEST]}…" for each in problems]
    session.put("link.problems", cut)


def write_link(page: PageEntry | None = None) -> dict[str, str]:
    """Write a page's settings, or this one's, into the address bar; the parameters written."""
    page = page or next(each for each in PAGES if each.path == session.get(_PAGE))
    parts = dict.fromkeys((*page.parts(), PROGRESS))
    parameters = {name: value for part in parts for name, value in part.query().items()}
    if hidden():
        parameters["hide"] = ",".join(sorted(hidden()))
    if lecture():
        parameters["lecture"] = "1"
    if dict(st.query_params) != parameters:
        st.query_params.from_dict(parameters)
        session.put(_AT, time.monotonic())
    session.put(_WRITTEN, parameters)
    if lesson_progress.acted():
        st.rerun()  # A part of the page was drawn alone; the lesson above it has something to say.
    return parameters


def step_names(page: PageEntry) -> list[str]:
    """Parameters whose change is a step of the browser's history: presets and stories."""
    presets = [part.preset_parameter for part in page.parts() if part.presets]
    return [*presets, *PROGRESS.parameters()]


def hidden() -> frozenset[str]:
    """What the link asks to hide (teacher mode)."""
    return session.get("link.hidden")  # type: ignore[return-value]


def is_hidden(*names: str) -> bool:
    """Whether the link or a lesson's step hides any of these controls, groups or panels."""
    asked = {name.lower() for name in hidden() | _away()}
    return any(name.lower() in asked for name in names)


def put_away(names: Iterable[str]) -> None:
    """Hide these as a link would, for as long as a lesson's step is taken; links do not tell it."""
    session.put(_AWAY, frozenset(names))


def open_apart(page: PageEntry, away: Iterable[str]) -> None:
    """Take the place of an address where there is none: nothing is hidden but these."""
    session.put("link.hidden", frozenset())
    session.put(_PAGE, page.path)
    put_away(away)


def is_away(name: str) -> bool:
    """Whether a lesson's step hides what no link may hide."""
    return name in _away()


def _away() -> frozenset[str]:
    return class_mode.away() | session.remember(_AWAY, frozenset())  # type: ignore[operator]


def is_hidden_group(group: str) -> bool:
    """Whether the link hides a group of controls: everywhere, or as `capacity.data` on one page."""
    path = session.remember(_PAGE, "")
    return is_hidden(group, *(f"{page.name}.{group}" for page in PAGES if page.path == path))


def problems() -> list[str]:
    """One sentence for each value of the opening link that could not be used."""
    return session.get("link.problems")  # type: ignore[return-value]


def dismiss_problems() -> None:
    """Forget the sentences about the opening link."""
    session.put("link.problems", [])


def lecture() -> bool:
    """Whether type and lines are enlarged for a lecture room."""
    return bool(session.remember("lecture", False))


def set_lecture(on: bool) -> None:
    """Switch the enlarged type on or off."""
    session.put("lecture", on)


def _led_elsewhere(page: PageEntry, asked: Mapping[str, str]) -> bool:
    """Whether the address is neither what this page wrote nor that of a page just chosen."""
    if session.get(_PAGE) != page.path:
        return bool(asked)
    written = session.remember(_WRITTEN, {})
    if (
        asked == written
        or time.monotonic() - float(str(session.remember(_AT, 0.0))) < _STALE_SECONDS
    ):
        return False
    return any(asked.get(name) != written.get(name) for name in step_names(page))  # type: ignore[attr-defined]


def _of_the_app(asked: Mapping[str, str]) -> list[str]:
    parts = [part for entry in PAGES for part in entry.parts()]
    told = [_unknown(key, parts) for key in asked if _is_unknown(key, parts)]
    if asked.get("lecture", "0") not in ("0", "1"):
        told.append(f"`lecture` must be 0 or 1, got {asked['lecture']!r:.60}.")
    return told


def _is_unknown(key: str, parts: Iterable[Part]) -> bool:
    return key not in _OF_THE_APP and not any(part.knows(key) for part in parts)


def _unknown(key: str, parts: Iterable[Part]) -> str:
    known = {*_OF_THE_APP, *(name for part in parts for name in part.parameters())}
    near = difflib.get_close_matches(key, sorted(known), n=1)
    meant = f"; perhaps {near[0]!r} was meant" if near else " in this app"
    return f"There is no control {key[:60]!r}{meant}."


def _split(text: str) -> list[str]:
    return [name.strip() for name in text.split(",") if name.strip()]


def _not_hideable(names: Iterable[str]) -> dict[str, str]:
    """A sentence for each name that no page could hide."""
    known = {*GROUPS, *EVERYWHERE, *(name for entry in PAGES for name in entry.hide_names())}
    known = {name.lower() for name in known}
    parts = [part for entry in PAGES for part in entry.parts()]
    return {
        name: f"`hide` knows no {name[:60]!r}: it takes {', '.join(GROUPS)}, and the names of "
        "controls and panels that Share lists."
        for name in names
        if name.lower() not in known and not any(part.hides(name) for part in parts)
    }
