"""Studio: choose what to train, start it, watch it; the run goes on without the page."""

import streamlit as st

from mtlviz.errors import MtlvizError
from mtlviz.ui.studio import header, runs
from mtlviz.ui.studio.controls import studio_controls

with st.sidebar:
    studio_controls()

header.header()
try:
    header.what_will_run()
    runs.live_runs()
    header.what_that_means()
except MtlvizError as error:
    st.error(str(error))
