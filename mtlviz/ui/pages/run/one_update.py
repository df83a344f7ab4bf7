"""One update: who pulled where, which examples made it, and what every combiner would have done."""

from itertools import combinations

import streamlit as st

from mtlviz.engine.choices import nothing_shared
from mtlviz.figures.task_map import MANY, map_height
from mtlviz.ui.component import chart
from mtlviz.ui.component.live_text import live_text
from mtlviz.ui.core.controls import control
from mtlviz.ui.core.page import folded
from mtlviz.ui.core.run_choice import CHOICE
from mtlviz.ui.pages.run import worked_example
from mtlviz.ui.pages.run.update import Update
from mtlviz.ui.pages.run.update_parts import PARTS, place

_HEIGHT = 340


def one_update(update: Update) -> None:
    """Cosines, directions, counterfactuals, examples and the worked example of one update."""
    if reason := nothing_shared(update.config):
        st.info(reason)
    else:
        _pictures(update)
        folded(
            "What every combiner would have done with these gradients",
            "run.combiners",
            lambda: _combiners(update, "combiners"),
        )
    folded("The examples behind these gradients", "run.examples", lambda: _examples(update))
    if looks := worked_example.looks_of(update.run):
        title = "The worked example: a singer and an army"
        folded(title, "run.worked", lambda: _worked(update, looks))


def _pictures(update: Update) -> None:
    left, right = st.columns(2)
    many = len(update.names) > MANY
    with left:
        if many:
            names = {None: "none", **dict(enumerate(update.names, 1))}
            control(CHOICE, "task", choices=names)
        else:
            # As tall as the choice of a plane beside it.
            st.markdown("**Cosines of the gradients**")
        height = map_height(len(update.names)) if many else _HEIGHT
        _chart(update, "matrix", "cosine-matrix", height)
    with right:
        _plane(update, "run.plane")
        _chart(update, "arrows", "directions")


def _plane(update: Update, prefix: str) -> None:
    """The plane in which gradients are drawn, and the two tasks that span it."""
    control(CHOICE, "plane", look="segmented", key=f"{prefix}.name")
    pairs = list(combinations(range(len(update.names)), 2))
    if CHOICE.now.plane != "pair" or not pairs:
        return
    kept = CHOICE.now.pair if CHOICE.now.pair in pairs else pairs[0]
    titles = {pair: f"{update.names[pair[0]]} and {update.names[pair[1]]}" for pair in pairs}
    control(CHOICE, "pair", key=f"{prefix}.pair", choices=titles, value=kept, look="one")


def _combiners(update: Update, name: str) -> None:
    control(CHOICE, "same_length", key=f"run.{name}.matched")
    _words(update, name)


def _examples(update: Update) -> None:
    with st.spinner("Reading the examples of this run …"):
        _words(update, "examples")


def _worked(update: Update, looks: list) -> None:
    _words(update, "worked")
    left, right = st.columns(2)
    with left:
        chart(
            worked_example.curves(looks, update.names),
            key="run.worked.cosines",
            alt="Cosines between the gradients of the three sentences through training.",
            how_to_read="Below zero the sentences pull the shared weights apart. One sentence a "
            "task, so the lines are rough.",
            height=_HEIGHT,
            filename="worked-example",
        )
    with right:
        _plane(update, "run.worked.plane")
        _chart(update, "worked.arrows", "worked-directions")
    _combiners(update, "worked.combiners")
    st.caption(worked_example.source(looks))


def _chart(update: Update, name: str, filename: str, height: int = _HEIGHT) -> None:
    """A figure of this update; the browser asks for that of another."""
    part = PARTS[name](update)
    chart(
        part["figure"],
        key=f"run.{name}",
        alt=part["alt"],
        how_to_read=part["how_to_read"],
        missing=part.get("missing"),
        height=height,
        filename=filename,
        feed=place(update.run, update.number).described(name),
    )


def _words(update: Update, name: str) -> None:
    """Sentences and tables of this update; the browser asks for those of another."""
    feed = place(update.run, update.number).described(name)
    live_text(PARTS[name](update), key=f"run.{name}.{update.run.id}", feed=feed)
