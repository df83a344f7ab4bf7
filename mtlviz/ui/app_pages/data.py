"""Data: what a task holds, which tasks give each other away, and tasks of one's own."""

import streamlit as st

from mtlviz.errors import MtlvizError
from mtlviz.ui.core.words import escaped
from mtlviz.ui.data import add, cached, header, leaks, reading
from mtlviz.ui.data.examples import examples
from mtlviz.ui.data.overview import overview
from mtlviz.ui.state import data

try:
    found = header.catalogue()
    choice = header.chosen(found.choices)
    header.header(found, choice)
    view = data.shown().view
    if view == "add":
        add.section()
    elif view == "leaks":
        leaks.section(found.choices, choice)
    elif cached.is_large(choice) and reading.finished(cached.read_job(choice)) is None:
        reading.wait(cached.read_job(choice), choice.name, sum(choice.sizes.values()))
    else:
        task, counted = cached.surveyed(choice)
        overview(task, counted)
        examples(task)
except MtlvizError as error:
    st.error(escaped(str(error)))
