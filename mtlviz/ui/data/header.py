"""Top of the Data page: which view, which task, and where else to look for tasks."""

from collections.abc import Sequence

import streamlit as st

from mtlviz.access import DATA_FOLDER
from mtlviz.engine.tasks.catalogue import Catalogue, TaskChoice
from mtlviz.errors import MtlvizError
from mtlviz.runs.own_tasks import delete_own
from mtlviz.ui.core.page import lecture_switch
from mtlviz.ui.core.words import escaped
from mtlviz.ui.data import cached
from mtlviz.ui.state import data, is_hidden, put, set_widget, take, widget

PROBLEM, NOTE = "data.problem", "data.note"
_VIEWS = {"browse": "Browse", "leaks": "Leaks", "add": "Add your own"}
_GROUPS = {
    "built-in": "built in", "data": "data folder", "own": "your own", "folder": "other folder",
}  # fmt: skip


def catalogue() -> Catalogue:
    """Every task there is; of a folder that cannot be used one sentence is said."""
    folder = data.shown().folder
    try:
        return cached.catalogue(folder)
    except MtlvizError as error:
        if not folder:
            raise
        put(PROBLEM, str(error))
        return cached.catalogue("")


def chosen(choices: Sequence[TaskChoice]) -> TaskChoice:
    """The task of the link, or the first; a sentence where there is no such task."""
    asked = data.shown().task
    found = next((choice for choice in choices if choice.key == asked), None)
    if asked and found is None:
        st.warning(f"There is no task “{escaped(asked)}” here; choose another one.")
    return found or choices[0]


def header(found: Catalogue, choice: TaskChoice) -> None:
    """Choose a view and a task, name a folder, delete an own task."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        _view()
        if data.shown().view == "browse":
            _task(found.choices, choice)
        if data.shown().view != "add" and not is_hidden("data.folder"):
            _folder(found)
        if data.shown().view == "browse" and choice.group == "own":
            _delete(choice)
        lecture_switch()
    for kind, key in ((st.error, PROBLEM), (st.success, NOTE)):
        if text := take(key):
            kind(escaped(str(text)))


def _view() -> None:
    set_widget("data.view", data.shown().view)
    st.segmented_control(
        "View",
        [view for view in data.VIEWS if not is_hidden(f"data.{view}")],
        key="data.view",
        required=True,
        format_func=lambda view: _VIEWS[view],
        on_change=lambda: data.show_view(str(widget("data.view"))),
        help="Look at one task, compare several, or make a task of a table.",
    )


def _task(choices: Sequence[TaskChoice], choice: TaskChoice) -> None:
    names = {each.key: f"{each.name} · {_GROUPS[each.group]}" for each in choices}
    set_widget("data.task", choice.key)
    st.selectbox(
        "Task",
        list(names),
        key="data.task",
        format_func=lambda key: names[key],
        on_change=lambda: data.show_task(str(widget("data.task"))),
        help="Built-in tasks, data sets below the data folder, your own. Type to search.",
        width=300,
    )


def _folder(found: Catalogue) -> None:
    with st.popover("More tasks", help="Take data sets from another folder."):
        set_widget("data.folder", data.shown().folder)
        st.text_input(
            "Folder of data sets",
            key="data.folder",
            on_change=lambda: data.show_folder(str(widget("data.folder"))),
            help="A folder on the machine that runs this app. It, or the folders in it, hold a "
            "meta.json with kind, class names and files.",
        )
        st.caption(
            f"The folder that {DATA_FOLDER} names is always looked at. A table of your own: see "
            f"“{_VIEWS['add']}”."
        )
        for problem in found.problems:
            st.warning(escaped(problem))


def _delete(choice: TaskChoice) -> None:
    with st.popover("Delete", help="Forget this task."):
        st.markdown(f"Forget **{escaped(choice.name)}** for everybody who uses this app?")
        st.caption("Runs that trained on it stay, but cannot be resumed.")
        st.button("Delete it", key="data.delete", type="primary", on_click=_forget,
                  args=(choice.name,), help="This cannot be undone.")  # fmt: skip


def _forget(name: str) -> None:
    try:
        delete_own(cached.home(), name)
        data.show_task("")
        put(NOTE, f"Deleted the task “{name}”.")
    except MtlvizError as error:
        put(PROBLEM, str(error))
