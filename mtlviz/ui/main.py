"""The app's script: names the pages and runs the chosen one."""

from pathlib import Path

import streamlit as st

from mtlviz.ui import frame

_HERE = Path(__file__).parent
PAGES = (
    ("start.py", "Start", "The idea in one moving picture, and where to go from it."),
    ("toy_lab.py", "Toy lab", "Tasks on a plane: drag the data and see transfer change sign."),
    ("conflict_lab.py", "Conflict lab", "Gradients as arrows: drag them and see who is hurt."),
    ("studio.py", "Studio", "Choose tasks and a way of training, start, and watch."),
    (
        "run.py",
        "Run",
        "One run in full: curves, conflicts, and what each combiner would have done.",
    ),
)

st.set_page_config(page_title="mtlviz", page_icon=str(_HERE / "icon.png"), layout="wide")
chosen = st.navigation(
    [st.Page(_HERE / "app_pages" / file, title=title, help=text) for file, title, text in PAGES],
    position="top",
)
frame.open_page()
chosen.run()
frame.close_page()
