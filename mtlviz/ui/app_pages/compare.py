"""Compare: runs side by side over seeds; what helps, what hurts, by how much, and how sure."""

import streamlit as st

from mtlviz.errors import MtlvizError
from mtlviz.ui import cache
from mtlviz.ui.compare import header, view

try:
    known, problem = view.known_runs(cache.store().runs())
    picked = header.header(known, problem)
    if not known:
        header.nothing_yet()
    elif picked:
        view.live_comparison([run.summary.id for run in picked])
except MtlvizError as error:
    st.error(str(error))
