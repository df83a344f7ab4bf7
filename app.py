"""The launcher: `streamlit run app.py` serves the app's script together with its own routes."""

import streamlit as st

from mtlviz.ui import server

# Streamlit recognises a launcher by this very call, so it cannot hide in a function.
app = st.App(
    server.MAIN_SCRIPT,
    routes=server.routes(),
    middleware=server.middleware(),
    lifespan=server.lifespan,
)
