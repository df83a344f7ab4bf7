"""Run: one run in full, live while it trains: curves, conflicts, and any update looked at."""

import streamlit as st

from mtlviz.errors import MtlvizError
from mtlviz.ui import cache
from mtlviz.ui.core.page import link_to
from mtlviz.ui.run import header, view
from mtlviz.ui.studio import actions

try:
    runs = cache.store().runs()
    run = header.chosen(runs)
    header.header(runs, run)
    actions.show_problem()
    if run is None and not runs:
        st.markdown("## No run yet")
        st.markdown("A run begins in the Studio: ten seconds on any laptop.")
        link_to("studio", "Start one in the Studio", icon="▶️")
    if run is not None:
        with st.sidebar:
            header.sidebar(run)
        view.live_run(run.id)
except MtlvizError as error:
    st.error(str(error))
