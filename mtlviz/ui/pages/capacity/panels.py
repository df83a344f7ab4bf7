"""What the Capacity lab shows, and its controls."""

from collections.abc import Callable

import streamlit as st

from mtlviz.ui.core import run_actions
from mtlviz.ui.core.controls import control, grouped, show_problem
from mtlviz.ui.core.controls import controls as all_controls
from mtlviz.ui.core.page import Panel
from mtlviz.ui.core.task_controls import task_controls
from mtlviz.ui.pages.capacity.affinity import affinity
from mtlviz.ui.pages.capacity.paper import PAPER
from mtlviz.ui.pages.capacity.plans import offered
from mtlviz.ui.pages.capacity.settings import FORM, MOST_TASKS, MOST_WIDTHS, PARTS, SHOWN, TOY
from mtlviz.ui.pages.capacity.text import text
from mtlviz.ui.pages.capacity.toy import toy
from mtlviz.ui.pages.capacity.words import VERDICT

_WIDTHS = (2, 4, 5, 8, 10, 16, 20, 30, 50, 64, 100, 128, 200, 256, 500)


def view() -> str:
    """Which of the views is on screen."""
    return "affinity" if SHOWN.now.view == "affinity" else SHOWN.now.measured


def _of(name: str, draw: Callable[[], None]) -> Callable[[str], None]:
    return lambda shown: draw() if shown == name else None


PANELS = (
    Panel("capacity.toy", "The toy", _of("toy", toy)),
    Panel("capacity.text", "The width studies", _of("text", text)),
    Panel("capacity.affinity", "The affinities", _of("affinity", affinity)),
    VERDICT,
    PAPER,
)


def controls() -> None:
    """The controls of the view on screen; a study that is shown keeps what it was started with."""
    shown = view()
    if shown != "affinity":
        control(SHOWN, "measured", look="segmented")
    if shown == "toy":
        # The width is no control: it is the axis of the picture.
        all_controls(TOY, opened="")
    elif shown == "text":
        grouped({"Data": _data, "Capacity": _encoder, "Optimisation": _length})
    else:
        grouped({"Data": _data, "Capacity": lambda: control(SHOWN, "groups")})
        st.caption(
            "Tasks chosen here are those of the next runs; a run that is shown keeps its own."
        )
    for part in PARTS:
        show_problem(part)
    run_actions.show_problem()


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
