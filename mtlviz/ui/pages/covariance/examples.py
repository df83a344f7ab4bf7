"""The list of examples: searched, chosen, and marked in the picture together."""

from zlib import crc32

import numpy as np
import streamlit as st

from mtlviz.ui.core import session
from mtlviz.ui.core.controls import control
from mtlviz.ui.core.words import counted
from mtlviz.ui.pages.covariance.clouds import Clouds
from mtlviz.ui.pages.covariance.planes import even_part
from mtlviz.ui.pages.covariance.settings import MARKS, Example

_LISTED = 200
_NEIGHBOURS = 15


def chosen_marks(clouds: Clouds) -> set[Example]:
    """The examples marked in picture and list: chosen rows, else what was found."""
    rows = _chosen_rows()
    if rows:
        listed = MARKS.now.listed
        return {listed[row] for row in rows if row < len(listed)}
    if MARKS.now.words or MARKS.now.example is not None:
        return set(_found(clouds))
    return set()


def _chosen_rows() -> list[int]:
    """Rows of the list that are chosen, of the list as it was last shown."""
    key = _list_key(MARKS.now.listed)
    if not session.has_widget(key):
        return []
    held = session.widget(key)
    return list(held["selection"]["rows"]) if held else []


def examples(clouds: Clouds) -> None:
    """The list: what was searched for, or the neighbours of the point that was clicked."""
    control(MARKS, "words", placeholder="a word or a part of one", changed=_searched)
    found = _found(clouds)
    listed = tuple(found[:_LISTED]) or _first(clouds)
    if listed != MARKS.now.listed:
        MARKS.change(listed=listed)
    st.caption(_headline(clouds, found))
    st.dataframe(
        {
            "task": [clouds.names[task] for task, _ in listed],
            "label": [_label(clouds, each) for each in listed],
            "text": [clouds.texts[task].shown[number] for task, number in listed],
        },
        key=_list_key(listed),
        hide_index=True,
        height=380,
        on_select="rerun",
        selection_mode="multi-row",
        column_config={"text": st.column_config.TextColumn(width="large")},
    )


def _list_key(listed: tuple[Example, ...]) -> str:
    """Another list is another widget: rows chosen in one mean nothing in the next."""
    return f"covariance.list.{crc32(repr(listed).encode())}"


def _searched() -> None:
    MARKS.change(words=MARKS.now.words.strip(), listed=(), example=None)


def _headline(clouds: Clouds, found: list[Example]) -> str:
    if MARKS.now.words:
        return (
            f"These words are in {counted(len(found), 'example')}. Choose rows to mark only them."
        )
    if MARKS.now.example is not None:
        return f"The point clicked and its {len(found) - 1} nearest by cosine, of all tasks."
    return "The first examples of each task. Choose rows to mark them in the picture."


def _found(clouds: Clouds) -> list[Example]:
    """Examples that hold the searched text, or the neighbours of the clicked one, nearest first."""
    if words := MARKS.now.words.lower():
        return [
            (task, number)
            for task, texts in enumerate(clouds.texts)
            for number, text in enumerate(texts.shown)
            if words in text.lower()
        ]
    example = MARKS.now.example
    return [] if example is None else neighbours(clouds, example)


def neighbours(clouds: Clouds, example: Example) -> list[Example]:
    """An example and those whose embeddings point most nearly the same way, of all tasks."""
    task, number = example
    if task >= len(clouds.rows) or number >= len(clouds.rows[task]):
        return []
    target = clouds.rows[task][number]
    cosines = np.concatenate([_cosines(rows, target) for rows in clouds.rows])
    owners = [
        (task, number) for task, rows in enumerate(clouds.rows) for number in range(len(rows))
    ]
    others = [owners[place] for place in np.argsort(-cosines, kind="stable")]
    return [example, *[each for each in others if each != example][:_NEIGHBOURS]]


def _cosines(rows: np.ndarray, target: np.ndarray) -> np.ndarray:
    lengths = np.linalg.norm(rows, axis=1) * np.linalg.norm(target)
    return np.divide(rows @ target, lengths, out=np.zeros(len(rows)), where=lengths > 0)


def _first(clouds: Clouds) -> tuple[Example, ...]:
    each = max(1, _LISTED // len(clouds.rows) // 4)
    return tuple(
        (task, number)
        for task, rows in enumerate(clouds.rows)
        for number in even_part(len(rows), each).tolist()
    )


def _label(clouds: Clouds, example: Example) -> str:
    texts = clouds.texts[example[0]]
    label = texts.labels[example[1]]
    if np.ndim(label):
        return ", ".join(
            name for name, borne in zip(texts.label_names, label, strict=False) if borne
        )
    return texts.label_names[int(label)] if texts.label_names else f"{float(label):g}"
