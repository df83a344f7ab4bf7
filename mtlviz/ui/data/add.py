"""Make a task of a table: send it, say what its columns are, see what is wrong, keep it."""

import streamlit as st

from mtlviz.engine.tasks.catalogue import built_in
from mtlviz.engine.tasks.mapping import guessed
from mtlviz.engine.tasks.sheet import ENDINGS, MAX_ROWS, Sheet
from mtlviz.engine.tasks.upload import MAX_NAME, Wishes
from mtlviz.errors import MtlvizError
from mtlviz.ui.core.words import escaped, grouped
from mtlviz.ui.data import cached
from mtlviz.ui.data.columns import controls, reading
from mtlviz.ui.data.listing import table
from mtlviz.ui.data.outcome import outcome
from mtlviz.ui.state import data, widget
from mtlviz.ui.state.data import Draft

_PREVIEW_ROWS, _PREVIEW_LETTERS, _EXAMPLE_ROWS = 6, 160, 100


def section() -> None:
    """Send a table, map its columns, keep it as a task."""
    st.markdown(
        "Send a table with one example per row: a **text** (or two) and a **label**. You say which "
        "column is which; nothing is kept until every row is right."
    )
    _uploader()
    draft = data.draft()
    if draft is None:
        _example()
        return
    try:
        sheet = cached.sheet(draft.content, draft.file, draft.form)
    except MtlvizError as error:
        st.error(escaped(str(error)))
        reading(draft, None)
        return
    wishes = fitting(draft, sheet)
    left, right = st.columns([1, 2])
    with left:
        controls(draft, sheet, wishes)
    with right:
        found = cached.checked(draft.content, draft.file, draft.form, wishes)
        outcome(found)
        _preview(sheet)
        reading(draft, sheet)


def fitting(draft: Draft, sheet: Sheet) -> Wishes:
    """The draft's wishes as far as they fit the table as it is read now, else a first guess."""
    wishes = draft.wishes
    if wishes is not None:
        columns = wishes.columns
        named = {columns.text, columns.text_b, columns.label, columns.split} - {""}
        if named <= set(sheet.columns):
            return wishes
    stem = draft.file.rsplit(".", 1)[0][:MAX_NAME]
    name = wishes.name if wishes else "".join(filter(str.isprintable, stem)).strip()
    return Wishes(name or "my task", guessed(sheet))


def _example() -> None:
    """What a table looks like, and one to try."""
    train = cached.task(built_in()[0]).splits["train"]
    names = cached.task(built_in()[0]).label_names
    rows = [
        [text, names[int(label)]]
        for text, label in zip(train.first[:_EXAMPLE_ROWS], train.labels, strict=False)
    ]
    st.markdown("**For example**")
    table(("text", "label"), rows[:_PREVIEW_ROWS], side=(1,))
    content = "\n".join(["text,label", *(",".join(row) for row in rows)])
    st.button(
        "Try this one",
        key="data.example",
        on_click=data.set_draft,
        args=(Draft("example.csv", content.encode()),),
        help=f"{_EXAMPLE_ROWS} rows of a built-in task, as if you had sent them.",
    )


def _uploader() -> None:
    megabytes = st.get_option("server.maxUploadSize")
    key = f"data.upload.{data.uploads()}"
    st.file_uploader(
        f"A table: CSV, TSV, JSON Lines or Parquet, at most {megabytes} MB and "
        f"{grouped(MAX_ROWS)} rows",
        type=[ending.removeprefix(".") for ending in ENDINGS],
        key=key,
        on_change=_take,
        args=(key,),
        help="The first row names the columns. Cells are plain text, whatever they look like.",
    )
    st.caption(
        "Tasks are kept on the machine that runs this app, for everybody who uses it; nothing is "
        "sent elsewhere."
    )
    if draft := data.draft():
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(f"At hand: **{escaped(draft.file)}**")
            st.button("Forget it", key="data.forget", on_click=data.set_draft, args=(None,),
                      help="Begin again with another file.")  # fmt: skip


def _take(key: str) -> None:
    sent = widget(key)
    # Taking the file out of the uploader leaves the draft, which has a button of its own.
    if sent is not None:
        data.set_draft(Draft(sent.name, sent.getvalue()))


def _preview(sheet: Sheet) -> None:
    st.markdown(f"**First rows** of {grouped(len(sheet.rows) + len(sheet.problems))}")
    rows = [[_cut(cell) for cell in row] for row in sheet.rows[:_PREVIEW_ROWS]]
    table(sheet.columns, rows)


def _cut(cell: str) -> str:
    return cell if len(cell) <= _PREVIEW_LETTERS else f"{cell[:_PREVIEW_LETTERS]}…"
