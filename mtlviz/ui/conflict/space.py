"""Three or more loaded gradients in space, with the share of each that three dimensions show."""

import streamlit as st

from mtlviz.engine.measures.conflict_plane import View, space_from_gram
from mtlviz.figures.conflicts import Update, method_look, space
from mtlviz.toy.arrow_updates import Scene, combination
from mtlviz.toy.arrows import ArrowsConfig
from mtlviz.ui.component import chart
from mtlviz.ui.core.words import listed


def section(config: ArrowsConfig, scene: Scene) -> None:
    """The gradients and the chosen updates as arrows to be turned."""
    st.subheader("In three dimensions", anchor="space")
    view = space_from_gram(scene.gram)
    said = shares(view)
    st.markdown(said)
    updates = [
        Update(
            method_look(name).title,
            combination(name, scene.gram, config.order).weights @ view.coordinates,
            method_look(name),
        )
        for name in config.methods
    ]
    titles = listed([update.label for update in updates]) or "no method"
    chart(
        space(view.coordinates, updates, revision="space"),
        key="conflict.space",
        alt=f"{config.tasks} gradients and the updates of {titles} as arrows in space. {said}",
        how_to_read="Drag to turn, scroll to zoom. An update that forms a sharp angle with a "
        "task's arrow helps that task.",
        height=460,
        filename="gradients-3d",
    )


def shares(view: View) -> str:
    """How much of each gradient's length is seen, in a sentence."""
    if len(view.share) == 3:
        return "Three gradients span three dimensions: this picture shows **100 %** of each length."
    named = [f"task {task + 1} {share:.0%}" for task, share in enumerate(view.share)]
    return (
        f"{len(view.share)} gradients span up to {len(view.share)} dimensions. Of each length the "
        f"best three show: **{listed(named)}**."
    )
