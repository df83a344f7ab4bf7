"""Toy lab: tasks on a plane; move the data and watch transfer change its sign."""

import streamlit as st

from mtlviz.errors import MtlvizError
from mtlviz.toy.config import to_json
from mtlviz.ui import cache, controls, state
from mtlviz.ui.toy import header, map, own_data, regression, results

in_many_dimensions = state.story() == state.REGRESSION_STORY
with st.sidebar:
    if in_many_dimensions:
        regression.controls()
    else:
        controls.toy_controls(state.toy())

header.header()
if in_many_dimensions:
    regression.section()
    st.stop()

try:
    summary = cache.toy_summary(to_json(state.toy()), state.target())
except MtlvizError as error:
    st.error(str(error))
    st.stop()

header.headline(summary)
results.film_player(summary)
results.transfers(summary)
results.curves_over_training(summary)
results.landscape(summary)
map.section(state.toy(), state.target())
own_data.section(state.toy())
results.mathematics()
