"""Which column of a sent table is what, how it is split and read: the controls."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import streamlit as st

from mtlviz.engine.kinds import KINDS, targets
from mtlviz.engine.tasks.decoding import ENCODINGS
from mtlviz.engine.tasks.delimited import DELIMITERS
from mtlviz.engine.tasks.labels import read_labels
from mtlviz.engine.tasks.mapping import Columns
from mtlviz.engine.tasks.sheet import Sheet
from mtlviz.engine.tasks.upload import MAX_NAME, Wishes
from mtlviz.ui.state import data, set_widget, widget
from mtlviz.ui.state.data import Draft

_QUOTED = {"guess": None, "enclose cells": True, "are letters": False}
_HEADER = {"guess": None, "names the columns": True, "is an example": False}
_NONE = {"text_b": "none", "split": "none: hold out a share"}


def controls(draft: Draft, sheet: Sheet, wishes: Wishes) -> None:
    """Name, columns, labels, metric and split of the task to be."""
    _name(draft, wishes)
    for part, label, text in (
        ("text", "Text", "The sentence, or the first of a pair."),
        ("text_b", "Second text", "The second of a pair; none for single sentences."),
        ("label", "Label", "What a model is to answer."),
    ):
        _column(draft, wishes, sheet, part, label, text)
    _target(draft, wishes)
    _missing(draft, wishes)
    st.caption(f"Head: {KINDS[wishes.columns.kind].title}.")
    _metric(draft, sheet, wishes)
    _column(
        draft, wishes, sheet, "split", "Split",
        "A column that says train, dev or test; none to hold out a share.",
    )  # fmt: skip
    if not wishes.columns.split:
        _share(draft, wishes)


def reading(draft: Draft, sheet: Sheet | None) -> None:
    """How the bytes of the file are read."""

    def read(**changes: Any) -> None:
        _set(draft, form=replace(draft.form, **changes))

    with st.expander("How the file is read", expanded=sheet is None):
        _choice(
            "data.encoding", "Encoding", list(ENCODINGS), draft.form.encoding,
            "UTF-8 is right for almost every file; Excel's plain CSV is Western.",
            lambda value: read(encoding=str(value)),
        )  # fmt: skip
        _choice(
            "data.delimiter", "Cells are separated by", ["", *DELIMITERS], draft.form.delimiter,
            "The guess is what gives the first rows as many cells each.",
            lambda value: read(delimiter=str(value)),
            lambda value: value or "guess",
        )  # fmt: skip
        _choice(
            "data.quoted", "Quotation marks", list(_QUOTED), _key(_QUOTED, draft.form.quoted),
            "Between tabs they are usually letters, else they usually enclose cells.",
            lambda value: read(quoted=_QUOTED[str(value)]),
        )  # fmt: skip
        _choice(
            "data.names", "The first row", list(_HEADER), _key(_HEADER, draft.form.header),
            "A first row that looks like an example is read as one.",
            lambda value: read(header=_HEADER[str(value)]),
        )  # fmt: skip
        if sheet and sheet.delimiter and not draft.form.delimiter:
            st.caption(f"Guessed: {sheet.delimiter}.")


def _key(choices: dict[str, bool | None], value: bool | None) -> str:
    """What a value is called."""
    return next(name for name, each in choices.items() if each is value)


def _set(drawn: Draft, **changes: Any) -> None:
    """Change the table at hand, unless another one was sent since its controls were drawn."""
    now = data.draft()
    if now is not None and (now.file, now.content) == (drawn.file, drawn.content):
        data.set_draft(replace(now, **changes))


def _wish(draft: Draft, wishes: Wishes) -> None:
    _set(draft, wishes=wishes)


def _name(draft: Draft, wishes: Wishes) -> None:
    set_widget("data.name", wishes.name)
    st.text_input(
        "Name of the task",
        key="data.name",
        max_chars=MAX_NAME,
        on_change=lambda: _wish(draft, replace(wishes, name=str(widget("data.name")).strip())),
        help="Shown in every figure.",
    )


def _column(draft: Draft, wishes: Wishes, sheet: Sheet, part: str, label: str, text: str) -> None:
    """One part of an example, and the column that holds it."""
    optional = part in ("text_b", "split")

    def changed(value: object) -> None:
        columns = replace(wishes.columns, **{part: str(value)})
        _wish(draft, _with_columns(wishes, columns))

    _choice(
        f"data.column.{part}", label, [*([""] if optional else []), *sheet.columns],
        getattr(wishes.columns, part), text, changed, lambda value: value or _NONE.get(part, ""),
    )  # fmt: skip


def _with_columns(wishes: Wishes, columns: Columns) -> Wishes:
    """The same wishes for other columns; the metric begins anew where the kind changes."""
    columns = columns.fitted()
    metric = wishes.metric if columns.kind == wishes.columns.kind else ""
    return replace(wishes, columns=columns, metric=metric)


def _target(draft: Draft, wishes: Wishes) -> None:
    known = targets(pair=bool(wishes.columns.text_b))
    set_widget("data.target", wishes.columns.target)

    def changed() -> None:
        columns = replace(wishes.columns, target=str(widget("data.target")))
        _wish(draft, _with_columns(wishes, columns))

    st.segmented_control(
        "Labels are",
        list(known),
        key="data.target",
        required=True,
        format_func=lambda target: known[target].target_title,
        on_change=changed,
        help=" ".join(kind.target_help for kind in known.values()),
    )


def _missing(draft: Draft, wishes: Wishes) -> None:
    set_widget("data.missing", " ".join(wishes.missing or ()))

    def changed() -> None:
        marks = tuple(str(widget("data.missing")).split())
        _wish(draft, replace(wishes, missing=marks or None))

    st.text_input(
        "Marks of no label",
        key="data.missing",
        placeholder="empty, -, -1, nan, null, None, NA",
        on_change=changed,
        help="Rows with such a label are left out and counted; put blanks between several marks.",
    )


def _metric(draft: Draft, sheet: Sheet, wishes: Wishes) -> None:
    kind, cells = KINDS[wishes.columns.kind], sheet.cells(wishes.columns.label)
    classes = len(read_labels(cells, kind, wishes.missing).names)
    metrics = kind.fitting(classes)
    _choice(
        "data.metric", "Metric", list(metrics),
        wishes.metric if wishes.metric in metrics else metrics[0],
        "The task's main score. F1 and Matthews look at rare classes more than accuracy does.",
        lambda value: _wish(draft, replace(wishes, metric=str(value))),
        lambda value: str(value).replace("_", " "),
    )  # fmt: skip


def _share(draft: Draft, wishes: Wishes) -> None:
    set_widget("data.share", round(100 * wishes.dev_share))
    st.slider(
        "Held out for dev (%)",
        5,
        50,
        step=5,
        key="data.share",
        on_change=lambda: _wish(
            draft, replace(wishes, dev_share=int(str(widget("data.share"))) / 100)
        ),
        help="Share of every class that is scored and never trained on. Rows of the same text stay "
        "together.",
    )
    set_widget("data.seed", wishes.seed)
    st.number_input(
        "Seed of the split",
        min_value=0,
        max_value=2**31 - 1,
        step=1,
        key="data.seed",
        on_change=lambda: _wish(draft, replace(wishes, seed=int(str(widget("data.seed"))))),
        help="Decides which rows are held out; the same seed holds out the same rows.",
    )


def _choice(
    key: str,
    label: str,
    options: list[str],
    value: str,
    text: str,
    changed: Callable[[object], None],
    shown: Callable[[str], str] = str,
) -> None:
    """A select box that shows a value and reports another one."""

    def entered() -> None:
        # After another file was sent, the browser may report what the last one offered.
        if (found := widget(key)) in options:
            changed(found)

    set_widget(key, value)
    st.selectbox(
        label,
        options,
        key=key,
        format_func=shown,
        on_change=entered,
        help=text,
    )
