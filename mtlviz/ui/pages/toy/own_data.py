"""Own data: upload a table of points, save and open settings as a file."""

import streamlit as st

from mtlviz.errors import MtlvizError
from mtlviz.toy.config import ToyConfig, from_json, to_json
from mtlviz.toy.fields import MAX_OWN_POINTS, MAX_TASKS, TaskScene
from mtlviz.toy.table import COLUMNS, read_table
from mtlviz.ui.core import session
from mtlviz.ui.core.controls import show_problem
from mtlviz.ui.core.words import counted, escaped
from mtlviz.ui.pages.toy.settings import LOOKING, TOY, in_many_dimensions


def section(_: object) -> None:
    """Bring own points in, and take settings out."""
    if in_many_dimensions():
        return
    config = TOY.now
    left, right = st.columns(2)
    with left:
        _upload_table()
        if config.source == "table":
            st.info("The picture shows your table. Its points are split anew in every repetition.")
            st.button(
                "Back to clouds", key="toy.own.back", on_click=_back_to_clouds,
                help="Forget the table and go back to the story's clouds.",
            )  # fmt: skip
        elif config.own_points:
            st.button(
                f"Erase {counted(len(config.own_points), 'painted point')}", key="toy.own.erase",
                on_click=_erase, help="The clouds stay.",
            )  # fmt: skip
    with right:
        _settings_file(config)
    show_problem(LOOKING, "own")
    if note := session.take("toy.own.note"):
        st.success(escaped(str(note)))


def _upload_table() -> None:
    columns = ", ".join(f"`{column}`" for column in COLUMNS)
    st.file_uploader(
        "Points as a CSV table",
        type=["csv"],
        key="toy.own.table",
        on_change=_read_table,
        help=f"Columns {', '.join(COLUMNS)}; 2 to {MAX_TASKS} tasks, two labels in each, at most "
        f"{MAX_OWN_POINTS:,} rows.".replace(",000", "\u2009000"),
    )
    st.caption(f"Columns {columns}. Or paint points in the picture above.")


def _read_table() -> None:
    upload = session.widget("toy.own.table")
    if upload is None:
        return
    config = TOY.now
    try:
        table = read_table(upload.getvalue())
        tasks = tuple(
            config.tasks[index] if index < len(config.tasks) else TaskScene()
            for index in range(len(table.task_names))
        )
        TOY.put(config.changed(own_points=tuple(table.points), tasks=tasks, source="table"))
        session.put(
            "toy.own.note", " ".join((f"Read {counted(len(table.points), 'point')}.", *table.notes))
        )
    except MtlvizError as error:
        LOOKING.tell(str(error), "own")


def _back_to_clouds() -> None:
    TOY.open_preset(TOY.preset)


def _erase() -> None:
    TOY.change(own_points=())


def _settings_file(config: ToyConfig) -> None:
    st.file_uploader(
        "Settings from a file",
        type=["json"],
        key="toy.own.settings",
        on_change=_read_settings,
        help="A file saved with the button below, own points included.",
    )
    st.download_button(
        "Save settings",
        to_json(config),
        "mtlviz-toy.json",
        "application/json",
        key="toy.own.save",
        on_click="ignore",
        help="Everything that decides the picture, own points included.",
    )


def _read_settings() -> None:
    upload = session.widget("toy.own.settings")
    if upload is None:
        return
    try:
        TOY.put(from_json(upload.getvalue()))
        session.put("toy.own.note", "Opened the settings.")
    except MtlvizError as error:
        LOOKING.tell(str(error), "own")
