"""Toy lab: tasks on a plane; move the data and watch transfer change its sign."""

import streamlit as st

from mtlviz.errors import MtlvizError
from mtlviz.toy.config import to_json
from mtlviz.ui import cache, controls, state
from mtlviz.ui.toy import header, map, own_data, results

with st.sidebar:
    controls.toy_controls(state.toy())

header.header()
try:
    summary = cache.toy_summary(to_json(state.toy()), header.target())
except MtlvizError as error:
    st.error(str(error))
    st.stop()

header.headline(summary)
results.film_player(summary)
results.transfers(summary)
results.curves_over_training(summary)
results.landscape(summary)
map.section(state.toy(), header.target())
own_data.section(state.toy())
results.mathematics()
