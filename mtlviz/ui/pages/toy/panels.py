"""What the toy lab found: the film, the transfers, the curves, the losses over the plane."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import streamlit as st

from mtlviz.errors import MtlvizError
from mtlviz.figures.model import ModelParts
from mtlviz.toy.own import edited
from mtlviz.toy.summary import Summary
from mtlviz.ui.component import chart, film
from mtlviz.ui.core import guess, link, session
from mtlviz.ui.core.controls import control
from mtlviz.ui.core.model_view import draw_model
from mtlviz.ui.core.page import Panel
from mtlviz.ui.core.toy_words import verdicts
from mtlviz.ui.pages.toy import figures, map, own_data, pictures, take_home
from mtlviz.ui.pages.toy.settings import LOOKING, TOY

_MATHEMATICS = Path(__file__).with_name("mathematics.md")


def film_player(summary: Summary) -> None:
    """The panels of the task in question, played and edited in the browser."""
    waits = guess.covers("picture")
    film(
        **pictures.film_player(summary),
        key="toy.film",
        editable=TOY.now.source == "clouds" and not waits and not link.is_hidden_group("Data"),
        task=min(LOOKING.now.task, len(TOY.now.tasks) - 1),
        on_edit=_take_edit,
    )


def _take_edit() -> None:
    edit = session.edit("toy.film")
    if edit is None:
        return
    try:
        if edit["kind"] != "select":
            TOY.move(edited(TOY.now, edit))
        LOOKING.change(task=int(edit["task"]))
    except MtlvizError as error:
        LOOKING.tell(str(error), "film")


def transfers(summary: Summary) -> None:
    """Signed transfer of the task in question, and of every task in every arm."""
    st.subheader("What sharing gives or takes", anchor="transfer")
    st.markdown("  \n".join(verdicts(summary)))
    left, right = st.columns(2)
    with left:
        chart(key="toy.bars", **pictures.bars(summary))
    with right:
        chart(key="toy.matrix", **pictures.matrix(summary))
    st.caption(
        "Transfer = held-out accuracy together − alone, in percentage points, paired over "
        f"{summary.film['seeds']} seeds; each 95 % interval is Student's, widened for a table, "
        "whose splits share their points.",
    )


def curves_over_training(summary: Summary) -> None:
    """Curves of the task in question, with the film's step as a line to drag."""
    st.subheader("Over training", anchor="curves")
    columns = st.columns(3)
    for column, measure in zip(columns, figures.MEASURE_TITLES, strict=True):
        with column:
            chart(key=f"toy.curve.{measure}", **pictures.curve(summary, measure))


def landscape(summary: Summary) -> None:
    """Each task's loss over the plane of the shared vector, with gradients at the cursor."""
    st.subheader("The losses, seen from the shared vector", anchor="landscape")
    titles = figures.panel_titles(summary)
    last = len(titles) - 1
    panel = last if LOOKING.now.panel is None else min(LOOKING.now.panel, last)
    control(LOOKING, "panel", look="segmented", choices=dict(enumerate(titles)), value=panel)
    film(
        summary.film,
        key="toy.landscape",
        alt="Loss of each task over the plane of the shared vector B, the path of B in training, "
        "and at the current step each task's downhill arrow and the update made of them.",
        cursor_group=pictures.CURSOR,
        editable=False,
        view="landscape",
        panel=panel,
    )


def model(_: Summary) -> None:
    """The shared matrix, and each task's head."""
    config = TOY.now
    rows = 3 if config.activation == "relu" else 2
    name = f"B: 2 × {config.capacity}" + (" with ReLU" if config.activation == "relu" else "")
    tasks = len(config.tasks)
    parts = ModelParts(
        tasks=tuple(f"task {task + 1}" for task in range(tasks)),
        trunk=name,
        shared=rows * config.capacity,
        own=(config.capacity + 1,) * tasks,
    )
    draw_model(parts, "toy.model")


def mathematics(_: Summary) -> None:
    """The formulas behind the page, each with its source."""
    st.markdown(_MATHEMATICS.read_text(encoding="utf-8"))


def _trained(draw: Callable[[Summary], None]) -> Callable[[Summary | None], None]:
    """Nothing where there is nothing to show."""
    return lambda summary: None if summary is None else draw(summary)


PANELS = (
    Panel("toy.film", "The film", _trained(film_player), hideable=False),
    Panel("toy.transfer", "The transfers", _trained(transfers), hideable=False, reveals="answer"),
    Panel("curves", "The curves", _trained(curves_over_training), reveals="answer"),
    Panel("landscape", "The loss landscape", _trained(landscape), reveals="answer"),
    replace(map.MAP, draw=None),  # Drawn beside the controls.
    Panel("toy.take_home", "Take it home", _trained(take_home.offer), reveals="answer"),
    Panel("own-data", "Own data", own_data.section, "Data", folded="Own data"),
    Panel("toy.model", "The model", _trained(model), folded="The model: what is shared"),
    Panel(
        "toy.mathematics",
        "The mathematics",
        _trained(mathematics),
        hideable=False,
        reveals="answer",
        folded="The mathematics",
    ),
)
