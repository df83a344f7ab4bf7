"""Toy lab: tasks on a plane; move the data and watch transfer change its sign."""

import streamlit as st

from mtlviz.errors import MtlvizError
from mtlviz.ui import controls, state
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

# One place for what may come and go, so that the film below never changes its own.
waiting = st.empty()
try:
    summary = header.trained(waiting)
except MtlvizError as error:
    st.error(str(error))
    own_data.section(state.toy())
    st.stop()

header.headline(summary)
results.film_player(summary)
results.transfers(summary)
results.curves_over_training(summary)
results.landscape(summary)
map.section(state.toy(), state.target())
own_data.section(state.toy())
results.mathematics()
