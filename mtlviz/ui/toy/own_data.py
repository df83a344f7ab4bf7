"""Own data: upload a table of points, save and open settings as a file."""

import streamlit as st

from mtlviz.errors import MtlvizError
from mtlviz.toy.config import ToyConfig, from_json, to_json
from mtlviz.toy.edit import with_own_points
from mtlviz.toy.fields import MAX_OWN_POINTS, MAX_TASKS, TaskScene
from mtlviz.toy.table import COLUMNS, read_table
from mtlviz.ui import state


def section(config: ToyConfig) -> None:
    """Bring own points in, and take settings out."""
    if state.is_hidden("own-data", "data"):
        return
    st.subheader("Own data", anchor="own-data")
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
                f"Erase {len(config.own_points)} painted points", key="toy.own.erase",
                on_click=_erase, help="The clouds stay.",
            )  # fmt: skip
    with right:
        _settings_file(config)
    for kind, key in ((st.error, "toy.own.problem"), (st.success, "toy.own.note")):
        text = state.take(key)
        if text:
            kind(str(text))


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
    upload = state.widget("toy.own.table")
    if upload is None:
        return
    config = state.toy()
    try:
        table = read_table(upload.getvalue())
        tasks = tuple(
            config.tasks[index] if index < len(config.tasks) else TaskScene()
            for index in range(len(table.task_names))
        )
        state.set_toy(with_own_points(config, list(table.points), tasks=tasks, source="table"))
        state.put("toy.own.note", " ".join((f"Read {len(table.points)} points.", *table.notes)))
    except MtlvizError as error:
        state.put("toy.own.problem", str(error))


def _back_to_clouds() -> None:
    state.open_preset(state.toy_preset())


def _erase() -> None:
    state.set_toy(with_own_points(state.toy(), []))


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
    upload = state.widget("toy.own.settings")
    if upload is None:
        return
    try:
        state.set_toy(from_json(upload.getvalue()))
        state.put("toy.own.note", "Opened the settings.")
    except MtlvizError as error:
        state.put("toy.own.problem", str(error))
