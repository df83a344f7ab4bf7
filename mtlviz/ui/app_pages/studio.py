"""Studio: choose what to train, start it, watch it; the run goes on without the page."""

import streamlit as st

from mtlviz.errors import MtlvizError
from mtlviz.ui import state
from mtlviz.ui.studio import choosing, header, problems, runs
from mtlviz.ui.studio.controls import studio_controls
from mtlviz.ui.studio.tasks_table import tasks_table

try:
    problems.settle(state.studio_config())
    with st.sidebar:
        studio_controls()
    header.header()
    header.what_will_run()
    runs.live_runs()
    header.what_that_means()
    tasks_table(state.studio_config())
    problems.watch(state.studio_config())
    if state.take(choosing.OPEN):
        choosing.choose()
except MtlvizError as error:
    st.error(str(error))
