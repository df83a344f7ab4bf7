"""The only caches of the app: thin, bounded wrappers around what takes time."""

import streamlit as st

from mtlviz.toy.config import from_json
from mtlviz.toy.summary import Summary, summarise


# A class asks for the same presets: 128 summaries of about 0.5 MB.
@st.cache_data(max_entries=128, show_spinner="Training every arm and repetition …")
def toy_summary(settings: str, target: int) -> Summary:
    """The trained toy of these settings (as JSON), with the panels of one target task."""
    return summarise(from_json(settings), target)
