"""The settings as a file: save what is on screen, open what was saved."""

import streamlit as st

from mtlviz.engine.choices import check_choices
from mtlviz.engine.config import RunConfig
from mtlviz.errors import MtlvizError
from mtlviz.runs.flat_settings import portable
from mtlviz.ui.core import session
from mtlviz.ui.core.words import sentence
from mtlviz.ui.pages.studio.settings import RUN

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
        if text := session.take(key):
            kind(sentence(str(text)))


def _open() -> None:
    upload = session.widget(_FILE)
    if upload is None:
        return
    try:
        RUN.put(opened(upload.getvalue()))
        session.put(_NOTE, "Opened the settings.")
    except MtlvizError as error:
        session.put(_PROBLEM, f"The settings stay as they were. {error}")


def opened(text: bytes) -> RunConfig:
    """The settings in a file, checked as far as can be before the data is read.

    Raises:
        ConfigError: If it is no such file, is of a newer version, or one setting is not allowed.
    """
    config = RunConfig.from_json(text)
    check_choices(config)
    return config
