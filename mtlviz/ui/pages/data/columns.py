"""Which column of a sent table is what, how it is split and read: the controls."""

from dataclasses import replace

import streamlit as st

from mtlviz.engine.kinds import KINDS, targets
from mtlviz.engine.tasks.labels import read_labels
from mtlviz.engine.tasks.mapping import Columns, guessed
from mtlviz.engine.tasks.sheet import Format, Sheet
from mtlviz.engine.tasks.upload import MAX_NAME, Wishes
from mtlviz.ui.core.controls import control
from mtlviz.ui.pages.data.settings import Table, TablePart

_COLUMNS = ("text", "text_b", "label", "split")
_FORM = ("encoding", "delimiter", "quoted", "header")
_SAID = {"": None, "cells": True, "letters": False, "names": True, "example": False}


def form_of(table: Table) -> Format:
    """How the bytes of a table are read."""
    return Format(table.encoding, table.delimiter, _SAID[table.quoted], _SAID[table.header])


def fit(part: TablePart, sheet: Sheet) -> None:
    """Guess the columns, unless what was chosen fits the table as it is read now."""
    now = part.now
    if now.text and {now.value_at(path) for path in _COLUMNS} - {""} <= set(sheet.columns):
        return
    kept = {path: now.value_at(path) for path in ("name", *_FORM)}
    part.put(Table(**kept, **vars(guessed(sheet))))


def wishes_of(table: Table, sheet: Sheet) -> Wishes:
    """What to make of the table; target and metric are those chosen as far as they still fit."""
    columns = Columns(
        *(table.value_at(path) for path in ("text", "text_b", "label", "target", "split"))
    )
    wishes = Wishes(
        table.name, columns.fitted(), dev_share=table.share / 100, seed=table.seed,
        missing=table.missing,
    )  # fmt: skip
    metric = table.metric if table.metric in metrics(wishes, sheet) else ""
    return replace(wishes, metric=metric)


def metrics(wishes: Wishes, sheet: Sheet) -> tuple[str, ...]:
    """The scores that fit the labels, the usual one first."""
    kind, cells = KINDS[wishes.columns.kind], sheet.cells(wishes.columns.label)
    return tuple(kind.fitting(len(read_labels(cells, kind, wishes.missing).names)))


def controls(part: TablePart, sheet: Sheet, wishes: Wishes) -> None:
    """Name, columns, labels, metric and split of the task to be."""
    control(part, "name", max_chars=MAX_NAME)
    for path in ("text", "text_b", "label"):
        _column(part, sheet, path)
    known = targets(pair=bool(wishes.columns.text_b))
    control(
        part, "target", value=wishes.columns.target, look="segmented",
        choices={target: kind.target_title for target, kind in known.items()},
        help=" ".join(kind.target_help for kind in known.values()),
    )  # fmt: skip
    control(part, "missing", placeholder="empty, -, -1, nan, null, None, NA")
    st.caption(f"Head: {KINDS[wishes.columns.kind].title}.")
    fitting = metrics(wishes, sheet)
    control(part, "metric", value=wishes.metric or fitting[0],
            choices={name: name.replace("_", " ") for name in fitting})  # fmt: skip
    _column(part, sheet, "split")
    control(part, "share", look="slider")
    control(part, "seed")


def reading(part: TablePart, sheet: Sheet | None) -> None:
    """How the bytes of the file are read."""
    with st.expander("How the file is read", expanded=sheet is None):
        for path in _FORM:
            control(part, path)
        if sheet and sheet.delimiter and not part.now.delimiter:
            st.caption(f"Guessed: {sheet.delimiter}.")


def _column(part: TablePart, sheet: Sheet, path: str) -> None:
    """One part of an example, and the column that holds it."""
    none = part.control(path).offered()
    control(part, path, choices={**none, **{name: name for name in sheet.columns}})
