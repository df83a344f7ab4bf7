"""Open the recorded runs behind a table, or start its experiment again."""

import streamlit as st

from mtlviz.errors import MtlvizError
from mtlviz.replication.catalogue import EXPERIMENTS
from mtlviz.replication.experiment import Size
from mtlviz.replication.replication import packaged_encoder
from mtlviz.replication.training import planned_runs
from mtlviz.runs import queue
from mtlviz.runs.examples import open_example, packaged
from mtlviz.runs.number_ranges import ranges
from mtlviz.ui.core import recorded, run_actions, run_records, session
from mtlviz.ui.core.page import link_to
from mtlviz.ui.core.words import counted
from mtlviz.ui.pages import entry

_OPENED = "replication.opened"
_LOOK = {
    "compare": "Compare them", "run": "Look at the first", "capacity": "In the Capacity lab",
}  # fmt: skip
_LAST = (
    "Scores here are those after the last update, which nothing has chosen; Compare takes each "
    "run's best evaluation, so numbers there differ a little."
)
_SIZES: dict[Size, str] = {"quick": "Start it again, quick", "full": "Start it again, full"}


def buttons(key: str, experiment: str, example: str, command: str = "") -> None:
    """What can be opened and started.

    Args:
        key: What the widgets' names begin with.
        experiment: Name of the experiment; empty for none.
        example: Name of the example whose runs can be opened; empty for none.
        command: What makes it again; the experiment's at quick size if empty.
    """
    can_open = example in packaged()
    runs = experiment and EXPERIMENTS[experiment].runs is not None
    if not (can_open or experiment or command):
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        if can_open:
            st.button(
                "Open the runs", key=f"{key}.open", icon=":material/inventory_2:", on_click=_open,
                args=(example,), help="Recorded runs that come with mtlviz.",
            )  # fmt: skip
        for size, title in _SIZES.items() if runs else ():
            st.button(title, key=f"{key}.{size}", on_click=_start, args=(experiment, size),
                      help="Puts its runs, and each task alone, into the queue.")  # fmt: skip
        st.code(command or f"mtlviz replicate {experiment} --quick", language="bash",
                wrap_lines=bool(command))  # fmt: skip
        if experiment == "toy":
            link_to("toy", "Play it in the Toy lab", icon="▶️")
    if can_open:
        st.caption(_LAST)
    if experiment and not runs:
        st.caption(_why_shell(experiment))


def _why_shell(experiment: str) -> str:
    """Why a button does not start it."""
    if EXPERIMENTS[experiment].script:
        return (
            "Started in a shell: a script of the source code makes it, from a checkout, and no "
            "runs are stored that the queue could train."
        )
    return "Started in a shell: it is computed in seconds, and no runs are stored."


def what_was_opened() -> None:
    """The runs that were just opened or queued, and where to look at them."""
    found = session.remember(_OPENED, None)
    if not isinstance(found, tuple):
        return
    words, places = found
    with st.container(horizontal=True, vertical_alignment="center"):
        st.success(words)
        for name, query in places.items():
            st.page_link(str(entry(name).script), label=_LOOK[name], query_params=query)


def _open(name: str) -> None:
    try:
        found = open_example(run_records.store(), name)
        places = recorded.places(found)
    except MtlvizError as error:
        session.put(run_actions.PROBLEM, str(error))
        return
    told = f"{counted(len(found.runs), 'recorded run')} open: {found.title}."
    session.put(_OPENED, (told, places))


def _start(name: str, size: Size) -> None:
    try:
        configs = planned_runs(EXPERIMENTS[name], size, packaged_encoder())
        numbers = queue.start_all(run_records.store(), configs, session.visitor())
    except MtlvizError as error:
        session.put(run_actions.PROBLEM, str(error))
        return
    told = f"{counted(len(numbers), 'run')} in the queue."
    places = {"compare": {"runs": ranges(numbers)}, "run": {"run": str(min(numbers))}}
    session.put(_OPENED, (told, places))
