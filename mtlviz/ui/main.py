"""The app's script: names the pages and runs the chosen one."""

from pathlib import Path

import streamlit as st

from mtlviz.ui import frame

_HERE = Path(__file__).parent
PAGES = (
    ("start.py", "Start", "The idea in one moving picture, and where to go from it."),
    ("toy_lab.py", "Toy lab", "Tasks on a plane: drag the data and see transfer change sign."),
    ("conflict_lab.py", "Conflict lab", "Gradients as arrows: drag them and see who is hurt."),
    (
        "covariance_lab.py",
        "Covariance lab",
        "Tasks as clouds of points: which spread alike, and what alignment makes of it.",
    ),
    (
        "capacity_lab.py",
        "Capacity lab",
        "How wide the shared encoder should be, and which tasks should share it.",
    ),
    ("studio.py", "Studio", "Choose tasks and a way of training, start, and watch."),
    (
        "run.py",
        "Run",
        "One run in full: curves, conflicts, and what each combiner would have done.",
    ),
    ("compare.py", "Compare", "Runs side by side over seeds: what helps, what hurts, by how much."),
    ("data.py", "Data", "What a task holds, which tasks give each other away, and your own."),
)

st.set_page_config(page_title="mtlviz", page_icon=str(_HERE / "icon.png"), layout="wide")
chosen = st.navigation(
    [st.Page(_HERE / "app_pages" / file, title=title, help=text) for file, title, text in PAGES],
    position="top",
)
frame.open_page()
chosen.run()
frame.close_page()
