"""The examples of one task, a page at a time, by label and by text."""

from collections.abc import Sequence

import streamlit as st

from mtlviz.engine.kinds import KINDS
from mtlviz.engine.tasks.survey import matching_positions
from mtlviz.engine.tasks.task import Examples, Task
from mtlviz.ui.core.words import escaped, grouped
from mtlviz.ui.data.listing import Cell, table
from mtlviz.ui.state import data, set_widget, widget

PER_PAGE = 20
_ALL = "all labels"
_ID_END = 6


def examples(task: Task) -> None:
    """Choose which examples to list, and list a page of them."""
    st.subheader("Examples", anchor="examples")
    split = data.shown().split if data.shown().split in task.splits else "train"
    part, label = task.splits[split], _label(task)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        _split(task, split)
        if task.label_names:
            _labels(task, label)
        _words()
    found = matching_positions(part, label=label, words=data.shown().words)
    pages = max(1, -(-len(found) // PER_PAGE))
    page = min(data.shown().page, pages)
    st.caption(f"{grouped(len(found))} of {grouped(len(part))} {split} examples")
    if not len(found):
        st.info("No example holds this. Search for another text, or choose all labels.")
        return
    here = found[(page - 1) * PER_PAGE : page * PER_PAGE]
    rows = listed_rows(task, part, here.tolist())
    table(("id", "text", "label"), rows, marked=data.shown().words, quiet=(0,), side=(2,))
    _pages(task, split, pages, page)


def listed_rows(task: Task, part: Examples, positions: Sequence[int]) -> list[list[Cell]]:
    """Id, text and label of some examples, as they are listed."""
    return [
        [_short(part.ids[place]), text_of(part, place), label_of(task, part, place)]
        for place in positions
    ]


def _short(identifier: str) -> str:
    """Both ends of a long identifier: some sets use digests, some count behind a name."""
    if len(identifier) <= 2 * _ID_END + 2:
        return identifier
    return f"{identifier[:_ID_END]}…{identifier[-_ID_END:]}"


def text_of(part: Examples, place: int) -> Cell:
    """The sentence, or the two of a pair."""
    if part.second is None:
        return part.first[place]
    return part.first[place], part.second[place]


def label_of(task: Task, part: Examples, place: int) -> str:
    """The class name, the score, or the answer that a span marks."""
    return KINDS[task.kind].say(task, part, place)


def _label(task: Task) -> int | None:
    """Number of the class listed; None for all, and where the link names no such class."""
    asked = data.shown().label
    if not asked:
        return None
    if asked not in task.label_names:
        st.warning(f"There is no class “{escaped(asked)}” here; all are listed.")
        return None
    return task.label_names.index(asked)


def _split(task: Task, split: str) -> None:
    set_widget("data.split", split)
    st.segmented_control(
        "Split",
        list(task.splits),
        key="data.split",
        required=True,
        on_change=lambda: data.list_examples(split=str(widget("data.split"))),
        help="Train is learned from; dev and test are only scored.",
    )


def _labels(task: Task, label: int | None) -> None:
    # Numbers, not names: a class may be called "all labels".
    set_widget("data.label", -1 if label is None else label)
    st.selectbox(
        "Label",
        [-1, *range(len(task.label_names))],
        key="data.label",
        format_func=lambda number: _ALL if number < 0 else task.label_names[number],
        on_change=lambda: data.list_examples(label=_chosen_name(task)),
        help="List the examples of one class only.",
        width=220,
    )


def _chosen_name(task: Task) -> str:
    number = int(str(widget("data.label")))
    return "" if number < 0 else task.label_names[number]


def _words() -> None:
    set_widget("data.words", data.shown().words)
    st.text_input(
        "Search",
        key="data.words",
        placeholder="a word or part of one",
        on_change=lambda: data.list_examples(words=str(widget("data.words"))),
        help="Lists examples whose text holds this, whatever its case.",
        width=260,
    )


def _pages(task: Task, split: str, pages: int, page: int) -> None:
    if pages == 1:
        return
    now = data.shown()
    # Another list is another widget, which begins at its own page.
    key = f"data.page.{task.name}.{split}.{now.label}.{now.words}"
    st.pagination(
        pages, default=page, key=key, on_change=lambda: data.turn_to(int(str(widget(key))))
    )
