"""The controls of the Covariance lab, in the groups of every page."""

import streamlit as st

from mtlviz.engine.run_embeddings import PLACES
from mtlviz.errors import MtlvizError
from mtlviz.ui import cache
from mtlviz.ui.controls import GROUPS
from mtlviz.ui.core import link, session
from mtlviz.ui.core.page import link_to
from mtlviz.ui.core.words import escaped
from mtlviz.ui.covariance import cached
from mtlviz.ui.covariance.settings import MOST_TASKS, SOURCES, CovarianceSettings
from mtlviz.ui.state import covariance as chosen

_HELP = {name: field.description or "" for name, field in CovarianceSettings.model_fields.items()}


def controls(settings: CovarianceSettings) -> None:
    """What the tasks bring and what encodes them; parts the link hides are left out."""
    for group, draw in (("Data", _data), ("Capacity", _capacity)):
        if link.is_hidden(group, f"covariance.{group.lower()}"):
            continue
        with st.expander(f"**{group}** · {GROUPS[group]}", expanded=True):
            draw(settings)
    st.caption("Nothing is trained on this view: the encoder stays as it is.")
    if problem := chosen.problem():
        st.error(escaped(problem))


def keep(name: str) -> None:
    """Take over what a widget shows now; marks of other examples are forgotten."""
    chosen.change(**{name: session.widget(key_of(name))})
    if name in ("tasks", "folder", "n", "encoder", "run", "moment", "seed"):
        chosen.forget_marks()


def key_of(name: str) -> str:
    """The key of a setting's widget."""
    return f"covariance.{name}"


def common(settings: CovarianceSettings, name: str) -> dict:
    """What every widget has: its key, help and what happens on a change; and it shows the value."""
    session.set_widget(key_of(name), getattr(settings, name))
    return {"key": key_of(name), "help": _HELP[name], "on_change": keep, "args": (name,)}


def _data(settings: CovarianceSettings) -> None:
    if settings.encoder == "run":
        st.caption("A run brings its own tasks; their development examples are shown.")
    else:
        _tasks(settings)
    st.slider("Examples of each task", 20, 2000, step=20, **common(settings, "n"))
    st.segmented_control(
        "Spread around",
        ["origin", "mean"],
        required=True,
        format_func={"origin": "origin", "mean": "own mean"}.get,
        **common(settings, "around"),
    )


def _tasks(settings: CovarianceSettings) -> None:
    try:
        found = cached.catalogue(settings.folder)
    except MtlvizError as error:
        st.error(escaped(str(error)))
        found = cached.catalogue("")
    offered = {each.key: each for each in found.choices}
    known = [key for key in settings.tasks if key in offered]
    session.set_widget(key_of("tasks"), known)
    st.multiselect(
        "Tasks",
        list(offered),
        key=key_of("tasks"),
        max_selections=MOST_TASKS,
        format_func=lambda key: _label(key, offered[key].name),
        on_change=keep,
        args=("tasks",),
        help="Built in, below MTLVIZ_DATA, your own, or in the folder named below.",
    )
    st.text_input("Folder of data sets", **common(settings, "folder"))


def _label(key: str, name: str) -> str:
    group = key.partition("/")[0]
    return name if group == "built-in" else f"{name} ({group})"


def _capacity(settings: CovarianceSettings) -> None:
    st.selectbox("Encoder", list(SOURCES), format_func=SOURCES.get, **common(settings, "encoder"))
    if settings.encoder == "file":
        st.text_input("File of word vectors (GloVe format)", **common(settings, "vectors"))
    if settings.encoder in ("table", "checkpoint"):
        st.text_input("Pretrained encoder", **common(settings, "checkpoint"))
    if settings.encoder == "checkpoint":
        _layer(settings)
    if settings.encoder == "run":
        _run(settings)


def _layer(settings: CovarianceSettings) -> None:
    st.number_input("Layer", 0, 48, step=1, placeholder="the last", **common(settings, "layer"))
    st.segmented_control(
        "Pooling",
        ["mean", "cls"],
        required=True,
        format_func={"mean": "mean of tokens", "cls": "CLS"}.get,
        **common(settings, "pooling"),
    )


def _run(settings: CovarianceSettings) -> None:
    runs = {run.id: run for run in cache.store().runs()}
    if not runs:
        st.info("There is no run yet.")
        link_to("studio", "Start one in the Studio", icon="▶️")
        return
    if settings.run not in runs:
        chosen.change(run=next(iter(runs)))
        st.rerun()
    st.selectbox(
        "Run",
        list(runs),
        format_func=lambda number: f"{number} · {runs[number].name}",
        **common(settings, "run"),
    )
    st.selectbox(
        "Moment",
        ["checkpoint", "cursor"],
        format_func={
            "checkpoint": "its newest checkpoint",
            "cursor": "recorded at the update looked at",
        }.get,
        **common(settings, "moment"),
    )
    if settings.moment == "checkpoint":
        st.selectbox("Place", list(PLACES), format_func=PLACES.get, **common(settings, "place"))
