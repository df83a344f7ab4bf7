"""What the Capacity lab shows, and its controls."""

from collections.abc import Callable

import streamlit as st

from mtlviz.engine.models.sharing import SHARING
from mtlviz.runs.sharing_study import ALONE
from mtlviz.ui.core import class_mode, run_actions
from mtlviz.ui.core.controls import control, grouped, preset, show_problem
from mtlviz.ui.core.controls import controls as all_controls
from mtlviz.ui.core.page import Panel
from mtlviz.ui.core.task_controls import task_controls
from mtlviz.ui.pages.capacity.adding import adding
from mtlviz.ui.pages.capacity.affinity import affinity
from mtlviz.ui.pages.capacity.paper import PAPER
from mtlviz.ui.pages.capacity.plans import offered
from mtlviz.ui.pages.capacity.settings import (
    FORM,
    MEASURED,
    MOST_TASKS,
    MOST_WIDTHS,
    PARTS,
    SHOWN,
    TOY,
    WAYS,
    WAYS_TITLES,
)
from mtlviz.ui.pages.capacity.sharing import sharing
from mtlviz.ui.pages.capacity.text import text
from mtlviz.ui.pages.capacity.toy import toy
from mtlviz.ui.pages.capacity.words import VERDICT, way_choice

_WIDTHS = (2, 4, 5, 8, 10, 16, 20, 30, 50, 64, 100, 128, 200, 256, 500)


def view() -> str:
    """Which of the views is on screen; in a class the one that needs no runs."""
    if class_mode.is_on():
        return "toy"
    return SHOWN.now.measured if SHOWN.now.view == "capacity" else SHOWN.now.view


def _of(name: str, draw: Callable[[], None]) -> Callable[[str], None]:
    return lambda shown: draw() if shown == name else None


PANELS = (
    Panel("capacity.toy", "The toy", _of("toy", toy)),
    Panel("capacity.text", "The width studies", _of("text", text)),
    Panel("capacity.affinity", "The affinities", _of("affinity", affinity)),
    Panel("capacity.ways", "Ways of sharing", _of("sharing", sharing)),
    Panel("capacity.adding", "A new task", _of("sharing", adding)),
    VERDICT,
    PAPER,
)


def controls() -> None:
    """The controls of the view on screen; a study that is shown keeps what it was started with."""
    shown = view()
    if shown in MEASURED and not class_mode.is_on():
        control(SHOWN, "measured", look="segmented")
    if shown == "toy":
        # The width is no control: it is the axis of the picture.
        all_controls(TOY, opened="")
    elif shown == "text":
        grouped({"Data": _data, "Capacity": _encoder, "Optimisation": _length})
    elif shown == "sharing":
        _ways()
    else:
        grouped({"Data": _data})
        st.caption(
            "Tasks chosen here are those of the next runs; a run that is shown keeps its own."
        )
    for part in PARTS:
        show_problem(part)
    run_actions.show_problem()


def _ways() -> None:
    """What the next study of ways of sharing is made of."""
    preset(WAYS, WAYS_TITLES, "Where the next study starts from.", label="Start from")
    grouped({"Data": _ways_data, "Capacity": _ways_capacity, "Optimisation": _ways_length})


def _ways_data() -> None:
    task_controls(WAYS, lambda folder: offered(folder).values(), MOST_TASKS)
    control(WAYS, "examples", placeholder="all")


def _ways_capacity() -> None:
    control(WAYS, "checkpoint", placeholder="small encoder, from scratch")
    ways = [name for name in SHARING if name != ALONE]
    meanings = "\n".join(f"- **{way_choice(name)}**: {SHARING[name].help}" for name in ways)
    said = WAYS.control("ways").help
    control(WAYS, "ways", choices={name: way_choice(name) for name in ways},
            help=f"{said}\n\n{meanings}")  # fmt: skip


def _ways_length() -> None:
    for path in ("rates", "seeds", "epochs"):
        control(WAYS, path, look="field")


def _data() -> None:
    """Which tasks, and how much of each."""
    task_controls(FORM, lambda folder: offered(folder).values(), MOST_TASKS)
    control(FORM, "examples", placeholder="all")


def _encoder() -> None:
    control(FORM, "encoder")
    widths = sorted({*_WIDTHS, *FORM.now.widths})
    control(
        FORM, "widths", choices={width: str(width) for width in widths}, max_selections=MOST_WIDTHS
    )


def _length() -> None:
    control(FORM, "seeds", look="field")
    control(FORM, "epochs", look="field")
