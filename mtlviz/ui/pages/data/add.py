"""Make a task of a table: send it, say what its columns are, see what is wrong, keep it."""

from dataclasses import dataclass, field

import streamlit as st

from mtlviz.engine.tasks.catalogue import built_in
from mtlviz.engine.tasks.sheet import ENDINGS, MAX_ROWS, Sheet, read_sheet
from mtlviz.engine.tasks.survey import Survey, survey
from mtlviz.engine.tasks.task import Task
from mtlviz.engine.tasks.upload import MAX_NAME, Checked, check_upload
from mtlviz.errors import MtlvizError
from mtlviz.figures.data import label_bars, score_bars
from mtlviz.runs.own_tasks import save_own
from mtlviz.ui.component import chart
from mtlviz.ui.core import run_records, session
from mtlviz.ui.core.memo import Memo
from mtlviz.ui.core.text_table import table
from mtlviz.ui.core.words import escaped, grouped, score, sentence
from mtlviz.ui.pages.data.browse import sizes
from mtlviz.ui.pages.data.columns import controls, fit, form_of, reading, wishes_of
from mtlviz.ui.pages.data.settings import SHOWN, TablePart, show_task
from mtlviz.ui.pages.data.tasks import surveyed

NOTE = "data.note"
"""Where the session keeps a sentence on what was done, to be told once."""
_DRAFT, _UPLOADS = "data.draft", "data.uploads"
_PREVIEW_ROWS, _PREVIEW_LETTERS, _EXAMPLE_ROWS = 6, 160, 100
_SHEETS, _CHECKED = Memo(4), Memo(4)


@dataclass(frozen=True)
class Draft:
    """A table that was sent but is no task yet; it stays while other pages are open."""

    file: str
    content: bytes = field(repr=False)
    part: TablePart = field(default_factory=TablePart, compare=False)


def section() -> None:
    """Send a table, map its columns, keep it as a task."""
    st.markdown(
        "Send a table with one example per row: a **text** (or two) and a **label**. You say which "
        "column is which; nothing is kept until every row is right."
    )
    draft = _draft()
    _uploader(draft)
    if draft is None:
        _example()
        return
    try:
        sheet = _sheet(draft)
    except MtlvizError as error:
        st.error(sentence(str(error)))
        reading(draft.part, None)
        return
    fit(draft.part, sheet)
    wishes = wishes_of(draft.part.now, sheet)
    left, right = st.columns([1, 2])
    with left:
        controls(draft.part, sheet, wishes)
    with right:
        key = (draft.content, draft.file, form_of(draft.part.now), wishes)
        with st.spinner("Checking every row …"):
            _outcome(_CHECKED.once(key, (), lambda: check_upload(sheet, wishes)))
        _preview(sheet)
        reading(draft.part, sheet)


def omitted() -> str:
    """What a link cannot carry of this view, in a sentence; empty for nothing."""
    return "The link does not carry the table that you sent." if _draft() else ""


def _draft() -> Draft | None:
    """The table that was sent; None before there is one."""
    return session.remember(_DRAFT, None)  # type: ignore[return-value]


def _sheet(draft: Draft) -> Sheet:
    form = form_of(draft.part.now)
    with st.spinner("Reading the table …"):
        return _SHEETS.once(
            (draft.content, draft.file, form), (),
            lambda: read_sheet(draft.content, draft.file, form),
        )  # fmt: skip


def _send(file: str, content: bytes) -> None:
    """Take a table, under a name made from its file's."""
    draft = Draft(file, content)
    stem = file.rsplit(".", 1)[0][:MAX_NAME]
    draft.part.change(name="".join(filter(str.isprintable, stem)).strip() or "my task")
    session.put(_DRAFT, draft)


def _forget() -> None:
    """Begin again: each table that is done with leaves an empty uploader."""
    session.put(_DRAFT, None)
    session.put(_UPLOADS, int(str(session.remember(_UPLOADS, 0))) + 1)


def _example() -> None:
    """What a table looks like, and one to try."""
    task, _ = surveyed(built_in()[0])
    train = task.splits["train"]
    rows = [
        [text, task.label_names[int(label)]]
        for text, label in zip(train.first[:_EXAMPLE_ROWS], train.labels, strict=False)
    ]
    st.markdown("**For example**")
    table(("text", "label"), rows[:_PREVIEW_ROWS], side=(1,))
    content = "\n".join(["text,label", *(",".join(row) for row in rows)])
    st.button(
        "Try this one",
        key="data.example",
        on_click=_send,
        args=("example.csv", content.encode()),
        help=f"{_EXAMPLE_ROWS} rows of a built-in task, as if you had sent them.",
    )


def _uploader(draft: Draft | None) -> None:
    megabytes = st.get_option("server.maxUploadSize")
    key = f"data.upload.{session.remember(_UPLOADS, 0)}"
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
    if draft:
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(f"At hand: **{escaped(draft.file)}**")
            st.button("Forget it", key="data.forget", on_click=_forget,
                      help="Begin again with another file.")  # fmt: skip


def _take(key: str) -> None:
    sent = session.widget(key)
    # Taking the file out of the uploader leaves the draft, which has a button of its own.
    if sent is not None:
        _send(sent.name, sent.getvalue())  # type: ignore[attr-defined]


def _preview(sheet: Sheet) -> None:
    st.markdown(f"**First rows** of {grouped(len(sheet.rows) + len(sheet.problems))}")
    table(sheet.columns, [[_cut(cell) for cell in row] for row in sheet.rows[:_PREVIEW_ROWS]])


def _cut(cell: str) -> str:
    return cell if len(cell) <= _PREVIEW_LETTERS else f"{cell[:_PREVIEW_LETTERS]}…"


def _outcome(found: Checked) -> None:
    """What is wrong, or what the table makes."""
    if found.task is None:
        lines = [f"- {escaped(problem)}" for problem in found.problems]
        if found.more:
            lines.append(f"- … and {grouped(found.more)} more.")
        st.error("Nothing is kept yet:\n\n" + "\n".join(lines))
        return
    counted = survey(found.task)
    st.markdown(_told(found.task, counted))
    for note in found.notes:
        st.warning(escaped(note))
    st.button(
        "Keep this task",
        key="data.keep",
        type="primary",
        on_click=_keep,
        args=(found.task,),
        help="It is listed here and in the Studio from then on.",
    )
    _picture(found.task, counted)


def _told(task: Task, counted: Survey) -> str:
    if counted.floor is None:
        return f"Every row is right: {sizes(task)} examples with scores."
    return (
        f"Every row is right: {sizes(task)} examples in {len(task.label_names)} classes. Always "
        f"answering **{escaped(counted.floor.answer)}** would score "
        f"**{score(counted.floor.score)}** on dev."
    )


def _picture(task: Task, counted: Survey) -> None:
    if counted.labels:
        figure = label_bars(counted.labels, task.label_names, counted.sizes)
    else:
        figure = score_bars(counted.scores)
    chart(
        figure,
        key=f"data.draft.labels.{len(task.label_names)}",
        alt="Share of each label in each split of the new task.",
        how_to_read="The splits have the same share of each class, as far as that is possible.",
        height=110 + 34 * max(3, len(task.label_names)),
        filename="labels",
    )


def _keep(task: Task) -> None:
    try:
        save_own(run_records.store().home, task)
    except MtlvizError as error:
        SHOWN.tell(str(error))
        return
    _forget()
    show_task(f"own/{task.name}")
    session.put(NOTE, f"Kept as your own task “{task.name}”. The Studio can train on it.")
