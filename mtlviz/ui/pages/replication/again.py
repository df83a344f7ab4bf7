"""Open the recorded runs behind a table, or start its experiment again."""

import streamlit as st

from mtlviz.errors import MissingError, MtlvizError
from mtlviz.replication.catalogue import EXPERIMENTS
from mtlviz.replication.experiment import Experiment, Size
from mtlviz.replication.replication import has_scripts, lacking, packaged_encoder
from mtlviz.replication.training import planned_runs
from mtlviz.runs import queue
from mtlviz.runs.examples import EXAMPLES, open_example, packaged
from mtlviz.runs.number_ranges import ranges
from mtlviz.ui.core import recorded, run_records, session
from mtlviz.ui.core.page import go_with, link_to
from mtlviz.ui.core.words import counted, sentence
from mtlviz.ui.pages import entry

_TOLD = "replication.told"
"""What the last click did: the key of its buttons, a sentence, and the runs (none: a problem)."""
_SIZES: dict[Size, str] = {"quick": "Start it again, quick", "full": "Start it again, full"}


def buttons(key: str, experiment: str, example: str, command: str = "") -> None:
    """What can be opened and started, and where neither can be, why.

    Args:
        key: What the widgets' names begin with.
        experiment: Name of the experiment; empty for none.
        example: Name of the example whose runs can be opened; empty for none.
        command: What makes it again; the experiment's at quick size if empty.
    """
    can_open = example in packaged()
    if not (can_open or experiment or command):
        return
    chosen = EXPERIMENTS.get(experiment)
    missing = lacking(chosen) if chosen else ""
    # Above them it stands where the click was, also at the lower end of the window.
    _told(key)
    with st.container(horizontal=True, vertical_alignment="center"):
        if can_open:
            _open_buttons(key, example)
        for size, title in _SIZES.items() if chosen and chosen.runs and not missing else ():
            st.button(title, key=f"{key}.{size}", on_click=_start, args=(key, experiment, size),
                      help="Puts its runs, and each task alone, into the queue.")  # fmt: skip
        # What only a checkout can make would be refused.
        if not (chosen and chosen.script and not has_scripts()):
            st.code(command or f"mtlviz replicate {experiment} --quick", language="bash",
                    wrap_lines=bool(command))  # fmt: skip
        if experiment == "toy":
            link_to("toy", "Play it in the Toy lab", icon="▶️")
    cannot = f"It cannot be started on this machine: {missing}" if missing else ""
    why_none = _why_none(chosen, can_open) if chosen else ""
    differs = chosen.opened if chosen and can_open else ""
    if why := " ".join(filter(None, (differs, why_none, cannot))):
        st.caption(sentence(why))


def _open_buttons(key: str, example: str) -> None:
    """One click to the recorded runs, where they are compared and where else they are shown."""
    pages = {"compare": "Open the runs"}
    if EXAMPLES[example].is_study:
        pages["capacity"] = "Open in the Capacity lab"
    for page, title in pages.items():
        about = f"Recorded runs that come with mtlviz, on {entry(page).title}."
        name = f"{key}.open.{page}"
        if st.button(title, key=name, icon=":material/inventory_2:", help=about):
            _open(key, example, page)


def _why_none(chosen: Experiment, can_open: bool) -> str:
    """Why there are no runs to open, or no button that starts them."""
    if chosen.script:
        return (
            "No runs to open or to start here: a script computes it in a shell, from a checkout of "
            "the source code."
        )
    if chosen.runs is None:
        return "No runs to open or to start here: it is computed in a shell, and stores none."
    return "" if can_open else "No runs to open: none of these come with mtlviz."


def _told(key: str) -> None:
    """Beside the buttons that were clicked: what that did, and where to look at it."""
    found = session.remember(_TOLD, None)
    if not isinstance(found, tuple) or found[0] != key:
        return
    _, words, runs = found
    if not runs:
        st.error(sentence(words))
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        st.success(words)
        for page, title, query in (
            ("compare", "Compare them", {"runs": ranges(runs)}),
            ("run", "Look at the first", {"run": str(min(runs))}),
        ):
            st.page_link(str(entry(page).script), label=title, query_params=query)


def _open(key: str, name: str, page: str) -> None:
    try:
        found = recorded.places(open_example(run_records.store(), name))
    except MtlvizError as error:
        session.put(_TOLD, (key, str(error), ()))
        st.rerun()
    go_with(page, found[page])


def _start(key: str, name: str, size: Size) -> None:
    chosen = EXPERIMENTS[name]
    try:
        if missing := lacking(chosen):
            raise MissingError(f"Nothing was queued: {missing}")
        configs = planned_runs(chosen, size, packaged_encoder())
        numbers = queue.start_all(run_records.store(), configs, session.visitor())
    except MtlvizError as error:
        session.put(_TOLD, (key, str(error), ()))
        return
    session.put(_TOLD, (key, f"{counted(len(numbers), 'run')} in the queue.", tuple(numbers)))
