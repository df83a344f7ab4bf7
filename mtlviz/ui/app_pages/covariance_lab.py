"""Covariance lab: how alike the tasks' inputs are, and what can be made of it."""

import streamlit as st

from mtlviz.errors import MtlvizError
from mtlviz.ui.core.words import escaped
from mtlviz.ui.covariance import controls, header, view
from mtlviz.ui.covariance.alignment import alignment_section
from mtlviz.ui.covariance.reweighting import reweighting_section
from mtlviz.ui.state import covariance as chosen

_VIEWS = {
    "covariance": view.covariance_view,
    "alignment": alignment_section,
    "reweighting": reweighting_section,
}

try:
    header.header()
    settings = chosen.settings()
    if settings.view == "covariance":
        with st.sidebar:
            controls.controls(settings)
    _VIEWS[settings.view]()
except MtlvizError as error:
    st.error(escaped(str(error)))
