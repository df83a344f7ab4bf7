"""Open recorded runs: an example that comes with the app, or a pack that somebody handed over."""

from collections.abc import Callable
from functools import partial

import streamlit as st

from mtlviz.errors import MtlvizError
from mtlviz.runs import affinity_study
from mtlviz.runs.examples import EXAMPLES, open_example, packaged
from mtlviz.runs.number_ranges import ranges
from mtlviz.runs.pack_file import ENDING, LARGEST_PACKED
from mtlviz.runs.recorded_runs import Opened, open_pack
from mtlviz.runs.summary import RunSummary
from mtlviz.ui.component.chart import chart_library
from mtlviz.ui.core import class_mode, run_actions, run_records, session
from mtlviz.ui.core.words import escaped

Then = Callable[[Opened], None]
SHOW_RUNS = ("run", "compare", "capacity")
"""Pages on which opened runs can be seen."""
_NO_WEIGHTS = "This run has saved no weights yet. A run saves them at its end, and as it goes."
_NOT_PACKED = (
    "This is a recorded run: what it recorded is here, its weights are not. Start it again from "
    "the Studio to have a model that answers."
)


def open_recorded(key: str, then: Then, *, empty: bool = False) -> None:
    """The examples, and a field for a pack; nothing in a class, where nobody adds runs.

    Args:
        key: What the widgets' names begin with.
        then: What to do with the runs that were opened.
        empty: Whether there is nothing else to look at, so that the examples stand in sight.
    """
    if class_mode.is_on():
        return
    if empty:
        st.markdown("**Or open an example**: runs that were recorded before")
        _examples(f"{key}.example", then)
        _upload(f"{key}.pack", then)
        chart_library()  # The opened runs' charts wait for nothing.
        return
    choices = f"{key}.examples"
    with st.popover(
        "Open an example",
        icon=":material/inventory_2:",
        help="Recorded runs, or a pack of somebody's.",
        key=choices,
        on_change="rerun",  # So that it can be closed: what was opened stands below it.
    ):
        _examples(f"{key}.example", then, choices)
        _upload(f"{key}.pack", then, choices)


def _examples(key: str, then: Then, choices: str = "") -> None:
    for name in packaged():
        st.button(
            EXAMPLES[name].title, key=f"{key}.{name}", help=EXAMPLES[name].shows, width="stretch",
            on_click=opens(name, then, choices),
        )  # fmt: skip


def open_one(key: str, name: str, then: Then) -> None:
    """A button that opens one example; nothing where it is missing, or in a class.

    Args:
        key: What the widget's name begins with.
        name: The example.
        then: What to do with its runs.
    """
    if name in packaged() and not class_mode.is_on():
        st.button(
            f"Open an example: {EXAMPLES[name].title}", key=f"{key}.{name}",
            on_click=opens(name, then),
            icon=":material/inventory_2:", help=EXAMPLES[name].shows,
        )  # fmt: skip


def opens(name: str, then: Then, choices: str = "") -> Callable[[], None]:
    """What a widget calls to open an example, and to close the popover that offers it."""
    return partial(_open, lambda: open_example(run_records.store(), name), then, choices)


def places(found: Opened) -> dict[str, dict[str, str]]:
    """Where opened runs are to be seen: parameters of a link, by page."""
    store = run_records.store()
    together = [run for run in found.runs if len(store.config(run).data.tasks) > 1]
    runs = together or list(found.runs)
    seen = {"compare": {"runs": ranges(runs)}, "run": {"run": str(runs[0])}}
    measured = affinity_study.runs_with_affinity(store)
    if found.study is not None:
        seen["capacity"] = {"cap_view": "sharing", "cap_ways": str(found.study)}
    elif affine := [run for run in runs if run in measured]:
        seen["capacity"] = {"cap_view": "affinity", "cap_run": str(affine[0])}
    return seen


def _upload(key: str, then: Then, choices: str = "") -> None:
    st.file_uploader(
        "Open a packed run",
        type=[ENDING.removeprefix(".")],
        key=key,
        on_change=_send,
        args=(key, then, choices),
        help="A file that `mtlviz runs pack 1 2 3 --out FILE` wrote, at most "
        f"{LARGEST_PACKED // 2**20} MB. It holds numbers and settings, is checked part by part, "
        "and is kept on this server as recorded runs.",
    )


def _send(key: str, then: Then, choices: str) -> None:
    sent = session.widget(key)
    if sent is not None:
        _open(lambda: open_pack(run_records.store(), sent.getvalue()), then, choices)


def _open(opening: Callable[[], Opened], then: Then, choices: str) -> None:
    if choices:
        _close(choices)
    try:
        then(opening())
    except MtlvizError as error:
        session.put(run_actions.PROBLEM, str(error))


def _close(choices: str) -> None:
    """Close the popover of the choices, as it is drawn next."""
    session.set_widget(choices, False)


def mark(run: RunSummary) -> str:
    """Where a recorded run came from, as Markdown; empty for a run of this machine."""
    if run.recorded is None:
        return ""
    return (
        f"Recorded: from “{escaped(run.recorded.title)}”, packed on "
        f"{escaped(run.recorded.made)}. It can be read and compared, not trained."
    )


def no_weights(run: RunSummary) -> str:
    """Why a run's model cannot answer."""
    return _NO_WEIGHTS if run.recorded is None else _NOT_PACKED
