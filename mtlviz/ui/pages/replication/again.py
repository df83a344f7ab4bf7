"""Open the recorded runs behind a table, or start its experiment again."""

import streamlit as st

from mtlviz.errors import MtlvizError
from mtlviz.replication.catalogue import EXPERIMENTS
from mtlviz.replication.experiment import Size
from mtlviz.replication.printed import PrintedTable
from mtlviz.replication.replication import packaged_encoder
from mtlviz.replication.training import planned_runs
from mtlviz.runs import queue
from mtlviz.runs.examples import open_example, packaged
from mtlviz.runs.number_ranges import ranges
from mtlviz.ui.core import run_actions, run_records, session
from mtlviz.ui.core.page import link_to
from mtlviz.ui.core.words import counted
from mtlviz.ui.pages import entry

_OPENED = "replication.opened"
_SIZES: dict[Size, str] = {"quick": "Start it again, quick", "full": "Start it again, full"}


def buttons(table: PrintedTable) -> None:
    """What can be opened and started of a table."""
    can_open = table.example in packaged()
    runs = table.experiment and EXPERIMENTS[table.experiment].runs is not None
    if not (can_open or table.experiment):
        return
    key = f"replication.{table.name}"
    with st.container(horizontal=True, vertical_alignment="center"):
        if can_open:
            st.button(
                "Open the runs", key=f"{key}.open", icon=":material/inventory_2:", on_click=_open,
                args=(table.example,), help="Recorded runs that come with mtlviz.",
            )  # fmt: skip
        for size, title in _SIZES.items() if runs else ():
            st.button(title, key=f"{key}.{size}", on_click=_start, args=(table.experiment, size),
                      help="Puts its runs, and each task alone, into the queue.")  # fmt: skip
        st.code(f"mtlviz replicate {table.experiment} --quick", language="bash")
        if table.experiment == "toy":
            link_to("toy", "Play it in the Toy lab", icon="▶️")


def what_was_opened() -> None:
    """The runs that were just opened or queued, and where to look at them."""
    found = session.remember(_OPENED, None)
    if not isinstance(found, tuple):
        return
    words, numbers = found
    with st.container(horizontal=True, vertical_alignment="center"):
        st.success(words)
        for name, title, query in (
            ("compare", "Compare them", {"runs": ranges(numbers)}),
            ("run", "Look at the first", {"run": str(min(numbers))}),
        ):
            st.page_link(str(entry(name).script), label=title, query_params=query)


def _open(name: str) -> None:
    try:
        found = open_example(run_records.store(), name)
    except MtlvizError as error:
        session.put(run_actions.PROBLEM, str(error))
        return
    store = run_records.store()
    together = [run for run in found.runs if len(store.config(run).data.tasks) > 1]
    told = f"{counted(len(found.runs), 'recorded run')} open: {found.title}."
    session.put(_OPENED, (told, tuple(together or found.runs)))


def _start(name: str, size: Size) -> None:
    try:
        configs = planned_runs(EXPERIMENTS[name], size, packaged_encoder())
        numbers = queue.start_all(run_records.store(), configs, session.visitor())
    except MtlvizError as error:
        session.put(run_actions.PROBLEM, str(error))
        return
    told = f"{counted(len(numbers), 'run')} in the queue."
    session.put(_OPENED, (told, tuple(numbers)))
