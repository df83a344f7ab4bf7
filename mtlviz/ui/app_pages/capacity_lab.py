"""Capacity lab: how wide the shared part should be, and which tasks should share it."""

import streamlit as st

from mtlviz.errors import MtlvizError
from mtlviz.ui.capacity import controls, header
from mtlviz.ui.capacity.affinity import affinity, affinity_controls
from mtlviz.ui.capacity.text import text
from mtlviz.ui.capacity.text_controls import text_controls
from mtlviz.ui.capacity.toy import toy
from mtlviz.ui.core.words import escaped
from mtlviz.ui.state import capacity as chosen

_CONTROLS = {"toy": controls.toy_controls, "text": text_controls, "affinity": affinity_controls}
_VIEWS = {"toy": toy, "text": text, "affinity": affinity}

try:
    header.header()
    shown = chosen.shown()
    part = "affinity" if shown.view == "affinity" else shown.measured
    with st.sidebar:
        if shown.view == "capacity":
            controls.measured_on()
        _CONTROLS[part]()
    _VIEWS[part]()
except MtlvizError as error:
    st.error(escaped(str(error)))
