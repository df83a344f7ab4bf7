"""The settings as a file: save what is on screen, open what was saved."""

import streamlit as st

from mtlviz.engine.config import RunConfig
from mtlviz.errors import MtlvizError
from mtlviz.runs.flat_settings import portable
from mtlviz.ui import state
from mtlviz.ui.studio.link import opened

_FILE, _PROBLEM, _NOTE = "studio.file", "studio.file.problem", "studio.file.note"


def settings_file(config: RunConfig) -> None:
    """Save and open settings; a file that cannot be used changes nothing."""
    st.download_button(
        "Save these settings",
        portable(config).to_json(),
        f"{config.name}.json",
        "application/json",
        key="studio.save",
        on_click="ignore",
        help="The same file works with `mtlviz train --config FILE`.",
    )
    st.file_uploader(
        "Open settings",
        type=["json"],
        key=_FILE,
        on_change=_open,
        help="A file saved here or by `mtlviz runs export`.",
    )


def outcome() -> None:
    """What became of the file just opened, once; outside the window, which may be closed."""
    for kind, key in ((st.error, _PROBLEM), (st.success, _NOTE)):
        if text := state.take(key):
            kind(str(text))


def _open() -> None:
    upload = state.widget(_FILE)
    if upload is None:
        return
    try:
        state.set_studio(opened(upload.getvalue()))
        state.put(_NOTE, "Opened the settings.")
    except MtlvizError as error:
        state.put(_PROBLEM, f"The settings stay as they were. {error}")
