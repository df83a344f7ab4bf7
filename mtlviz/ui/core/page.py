"""A page: what stands around every one, and panels that a teacher's link may hide."""

from collections.abc import Callable, Mapping
from copy import copy
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit, urlunsplit

import streamlit as st
from streamlit.navigation.page import StreamlitPage

from mtlviz.errors import MtlvizError
from mtlviz.settings import GROUPS
from mtlviz.ui.core import class_mode, guess, lesson_progress, link, session
from mtlviz.ui.core.glossary import explain_words, words_button
from mtlviz.ui.core.words import sentence
from mtlviz.ui.pages import PAGES, PageEntry, entry

# Streamlit leaves six lines of nothing above a page; the picture belongs above the fold.
_STYLE = """<style>
.stMainBlockContainer { padding: 4.25rem 2rem 3rem; max-width: 96rem; }
@media (max-width: 640px) {
  .stMainBlockContainer { padding: 4rem 1rem 3rem; }
  .st-key-studio-experiment { flex-basis: 100%; }
  /* A wide table or formula moves under the finger, and the page does not. */
  [data-testid=stMarkdownContainer]:has(> table, .katex-display) { overflow-x: auto; }
  .st-key-replication-source [role=radiogroup] { flex-wrap: wrap; row-gap: 0.25rem; }
}
/* It would name the limit of another page's files. */
.st-key-lessons-file [data-testid=stFileUploaderDropzoneInstructions] { display: none; }
/* In a lesson the picture needs the room. */
.st-key-lesson { padding-block: 0.4rem; }
.st-key-lesson, .st-key-lesson .st-key-guess { gap: 0.4rem; }
@media (min-width: 900px) { .st-key-lesson .st-key-told { flex-wrap: nowrap; } }
/* All pages in sight beside an open side bar, and in a lecture room too. */
[data-testid=stTopNavLink] { padding-inline: 0.25rem; }
.st-key-lesson-phone { display: none; }
@media (max-width: 768px) {
  .st-key-lesson-phone { display: flex; }
  [data-testid=stExpandSidebarButton] { width: auto; }
  [data-testid=stExpandSidebarButton]::after { content: "Pages and controls"; padding: 0 0.5rem; }
}
</style>"""
_SCRIPTS = ("history.html", "focus.html")
# From the back row type has to be larger, and what lies between it has not: the picture needs that.
_LECTURE_STYLE = """<style>
:root { font-size: 125%; }
[data-testid=stTopNavLink], [data-testid=stTopNavLink] * { font-size: 13px; }
[data-testid=stHeader] { height: 56px; min-height: 56px; }
@media (min-width: 641px) { .stMainBlockContainer { padding: 62px 32px 3rem; } }
.stApp :is([data-testid=stVerticalBlock], [data-testid=stHorizontalBlock]) { gap: 10px; }
.stMainBlockContainer [data-testid=stMarkdownContainer] p { line-height: 1.35; }
.stMainBlockContainer h3 { padding: 0 0 1rem; }
.stApp :is(.stButton, .stPopover) button { min-height: 38px; padding: 2px 12px; }
.stApp .stSelectbox [role=group] { height: 38px; min-height: 38px; }
[data-testid=stSidebarHeader] { height: 56px; margin: 0; }
[data-testid=stSidebarUserContent] { padding-top: 0; }
[data-testid=stSidebar] .stButton kbd { display: none; }
</style>"""


@dataclass(frozen=True)
class Panel:
    """One thing that a page shows.

    Attributes:
        name: What `hide=` calls it, such as `toy.map`.
        title: What Share calls it.
        draw: Draws it, called with what the page prepared; None where another panel draws it
            within itself.
        group: The group of controls it belongs to, with which it is hidden; empty for none.
        hideable: Whether a link may hide it.
        folded: Title of the fold it lies in, drawn only while open; empty where it is in sight.
        aliases: Names that older links have for it.
        parts: What it draws within itself and a link may hide on its own.
        reveals: Whether it shows the picture that answers the page's question, or gives the answer
            away; it waits for the visitor's guess then.
    """

    name: str
    title: str
    draw: Callable[[Any], None] | None = None
    group: str = ""
    hideable: bool = True
    folded: str = ""
    aliases: tuple[str, ...] = ()
    parts: tuple["Panel", ...] = ()
    reveals: guess.Reveals = ""

    @property
    def shown(self) -> bool:
        """Whether the link leaves it in sight, and no question covers it."""
        if guess.covers(self.reveals) or link.is_away(self.name):
            return False
        hidden = link.is_hidden(self.name, *self.aliases) or link.is_hidden_group(self.group)
        return not (self.hideable and hidden)


def menu_page(page: PageEntry) -> StreamlitPage:
    """A page as Streamlit's menu has it; each run has its own, which it marks as chosen."""
    return copy(_menu_page(page))


@cache
def _menu_page(page: PageEntry) -> StreamlitPage:
    # Made once: it looks for the script's file.
    return st.Page(page.script, title=page.title, help=page.help, url_path=page.path,
                   visibility="visible" if page.listed else "hidden")  # fmt: skip


def open_page(page: PageEntry) -> None:
    """Take over the address, and say which of its values could not be used."""
    link.open_link(page)
    guess.leave()
    session.put(session.DRAWN, {})
    st.html(_STYLE)
    if link.lecture():
        st.html(_LECTURE_STYLE)
    if problems := link.problems():
        st.warning("\n\n".join(map(sentence, problems)), icon="⚠️")
        st.button("Dismiss", on_click=link.dismiss_problems, key="link.dismiss")


def close_page(page: PageEntry) -> None:
    """Keep the address bar up to date, so that it can be copied at any time."""
    link.write_link(page)
    explain_words()
    st.html(_scripts(), unsafe_allow_javascript=True)


@cache
def _scripts() -> str:
    """Beside the glossary on every page: which addresses are steps, and where the focus goes."""
    files = [Path(__file__).with_name(name).read_text(encoding="utf-8") for name in _SCRIPTS]
    names = {name for each in PAGES for name in link.step_names(each)}
    return "\n".join(files).replace("STEPS", str(sorted(names)))


def run(
    name: str,
    header: Callable[[], None] = lambda: None,
    sidebar: Callable[[], None] | None = None,
    prepare: Callable[[], Any] = lambda: None,
    body: Callable[[], None] | None = None,
) -> None:
    """Draw a page: its top, its controls, its panels; what is wrong stands where it was found.

    Args:
        name: The page's folder.
        header: Draws the top.
        sidebar: Draws the controls.
        prepare: What every panel is drawn from.
        body: Draws the panels itself, for a page that does so again and again.
    """
    try:
        if not lesson_progress.needs_room(name):
            header()
        if sidebar is not None:
            with st.sidebar:
                sidebar()
        if body is None:
            draw(entry(name).panels(), prepare())
        else:
            body()
    except MtlvizError as error:
        st.error(sentence(str(error)))


def draw(panels: tuple[Panel, ...], context: Any = None) -> None:
    """Draw those panels that the link leaves in sight."""
    for panel in panels:
        if not panel.shown or panel.draw is None:
            continue
        if panel.folded:
            folded(panel.folded, panel.name, partial(panel.draw, context))
        else:
            panel.draw(context)


def folded(
    title: str,
    name: str,
    what: Callable[[], object],
    opened: bool | Callable[[], bool] = False,
) -> bool:
    """A fold whose content is made only while it is open; whether it is.

    Args:
        title: What stands on it. To the browser a fold of another title is another one.
        name: What tells it from the others.
        what: Draws what is in it.
        opened: Whether it is open at first, or what says so, asked once.
    """
    if not session.has_widget(fold_key(name)):
        session.set_widget(fold_key(name), opened() if callable(opened) else opened)
    box = st.expander(title, key=fold_key(name), on_change="rerun")
    if box.open:
        with box:
            what()
    return bool(box.open)


def unfold(name: str) -> None:
    """Open a fold, before it is drawn."""
    session.set_widget(fold_key(name), True)


def fold(name: str) -> None:
    """Close a fold, as it is drawn next."""
    session.set_widget(fold_key(name), False)


def fold_key(name: str) -> str:
    """Where the session keeps whether a fold is open."""
    return f"fold.{name}"


def link_to(name: str, label: str, icon: str | None = None) -> None:
    """A link to another page of the app, by its folder; nothing where it is not offered."""
    if entry(name) not in class_mode.offered(PAGES):
        return
    st.page_link(str(entry(name).script), label=label, icon=icon)


def go_to(name: str) -> None:
    """Open another page of the app now."""
    st.switch_page(str(entry(name).script))


def go_with(name: str, query: Mapping[str, str]) -> None:
    """Open another page of the app as a link with these parameters would."""
    for part in entry(name).parts():
        part.apply(query)
    go_to(name)


def lecture_switch() -> None:
    """The switch between a screen on a desk and one seen from the back row; and the app's words."""
    words_button(partial(link_to, "words", "All words on a page"))
    session.set_widget("frame.lecture", link.lecture())
    st.toggle(
        "Lecture room",
        key="frame.lecture",
        persist_state="session",
        on_change=lambda: link.set_lecture(bool(session.widget("frame.lecture"))),
        help="Larger type and thicker lines, readable from the back row.",
    )


def share(name: str, omitted: str = "") -> None:
    """A button that opens the link of what is on screen, and the choices of a teacher's link.

    Args:
        name: The page's folder.
        omitted: One sentence on what the link cannot carry, or an empty string.
    """
    if link.is_hidden(f"{name}.share"):
        return
    page = entry(name)
    titles = _hideable(page)
    with st.popover("Share", help="A link that opens exactly this picture."):
        if omitted:
            st.warning(omitted)
        hidden = st.multiselect(
            "Hide in the link (for a class)",
            list(titles),
            key=f"{name}.share.hide",
            format_func=lambda each: titles[each],
            help="Whoever opens the link does not see these parts: let the class guess first. The "
            "settings still hold.",
        )
        if "answers" in hidden and (asked := guess.asked_of_a_class()):
            st.caption(f"With changed settings the class is asked: {asked}")
        chosen = dict(link.write_link(page))
        if hidden:
            chosen["hide"] = ",".join(hidden)
        st.code(address(st.context.url or "", chosen), language=None, wrap_lines=True)
        st.caption("Copy it with the button at its right end.")


def address(page: str, parameters: Mapping[str, str]) -> str:
    """The address of a page with these parameters and no others."""
    parts = urlsplit(page)
    return urlunsplit((parts.scheme, parts.netloc, parts.path, urlencode(parameters), ""))


def _hideable(page: PageEntry) -> dict[str, str]:
    """What a link to this page can hide, in words: groups, panels, single controls."""
    groups = {group: f"All of {group}: {meaning}" for group, meaning in GROUPS.items()}
    controls = {
        part.model.link_prefix + path: control.title
        for part in page.parts()
        for path, control in part.now.controls().items()
    }
    return {**link.EVERYWHERE, **groups, **page.hideable(), **controls}
