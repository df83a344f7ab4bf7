"""One question's passage: its answers framed, and the windows that a model reads it in."""

from collections.abc import Sequence

import streamlit as st

from mtlviz.engine.answer_places import SeenWindow, seen_windows
from mtlviz.engine.tasks.task import Examples
from mtlviz.ui.core.controls import control
from mtlviz.ui.core.text_table import Cell, Passage, table
from mtlviz.ui.core.words import counted, escaped, grouped, listed
from mtlviz.ui.pages.data.settings import SHOWN


def section(part: Examples, here: Sequence[int]) -> None:
    """Choose one of the listed questions, and how long windows are; read it as a model does.

    Args:
        part: The split.
        here: Which of its questions are listed.
    """
    place = _chosen(part, here)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        names = {part.ids[each]: part.first[each] for each in here}
        control(SHOWN, "question", choices=names, value=part.ids[place], width=420)
        control(SHOWN, "window", look="field", width=200)
        control(SHOWN, "window_overlap", look="field", width=200)
    paragraph, places = (part.second or ())[place], part.places_of(place)
    st.markdown(_answers(part, place))
    overlap = min(SHOWN.now.window_overlap, SHOWN.now.window // 2)
    label = part.labels[place].tolist()
    windows = seen_windows(part.first[place], paragraph, label, SHOWN.now.window, overlap)
    st.markdown(_told(windows, bool(places)))
    table(
        ("window", "text", "answer"),
        [_row(number, windows, paragraph, places) for number in range(len(windows))],
        quiet=(0,), side=(2,),
    )  # fmt: skip


def _chosen(part: Examples, here: Sequence[int]) -> int:
    """The question of the link where it is listed, or the first that is."""
    return next((each for each in here if part.ids[each] == SHOWN.now.question), here[0])


def _answers(part: Examples, place: int) -> str:
    """Every accepted answer once, with how many people gave it."""
    texts = (part.references or ())[place]
    if not texts:
        return "**No answer**: the passage does not say it."
    each = [f"“{escaped(text)}” ({texts.count(text)}×)" for text in dict.fromkeys(texts)]
    return f"Accepted answers: {listed(each)}. The first is the one that is learned."


def _told(windows: Sequence[SeenWindow], answered: bool) -> str:
    """How many windows there are, and which one is learned."""
    if not answered:
        return f"{counted(len(windows), 'window')}. The first teaches that there is no answer."
    holding = sum(window.room >= 0 for window in windows)
    if len(windows) == 1:
        return f"1 window, which {'shows' if holding else 'cannot show'} the whole answer."
    best = 1 + _learned(windows)
    most = "with the most text around it" if holding else "and shows most of it"
    return (
        f"{counted(len(windows), 'window')}, of which {grouped(holding) if holding else 'none'} "
        f"can show the whole answer; it is learned in window {best}, {most}. All are read when it "
        "is answered."
    )


def _learned(windows: Sequence[SeenWindow]) -> int:
    return max(range(len(windows)), key=lambda number: windows[number].room)


def _row(
    number: int,
    windows: Sequence[SeenWindow],
    paragraph: str,
    places: Sequence[tuple[int, int]],
) -> tuple[Cell, ...]:
    """A window's number, its text with what it shows of the answers, and how it shows them."""
    window = windows[number]
    start, end = window.place
    inside = [(max(a, start) - start, min(b, end) - start) for a, b in places]
    text = Passage(paragraph[start:end], tuple(inside))
    first, last = window.words
    return f"{number + 1}", (f"words {first + 1} to {last}", text), _how(number, windows, places)


def _how(number: int, windows: Sequence[SeenWindow], places: Sequence[tuple[int, int]]) -> str:
    room = windows[number].room
    if not places:
        return "none"
    learned = ", learned here" if number == _learned(windows) else ""
    if room < 0:
        return f"not whole{learned}"
    return f"whole, {counted(int(room), 'word')} to the nearer end{learned}"
