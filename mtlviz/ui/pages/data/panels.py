"""The Data page: which view, which task, and where else to look for tasks."""

from collections.abc import Sequence

import streamlit as st

from mtlviz.access import DATA_FOLDER
from mtlviz.engine.tasks.catalogue import TaskChoice
from mtlviz.errors import MtlvizError
from mtlviz.runs.own_tasks import delete_own
from mtlviz.ui.core import page, run_records, session
from mtlviz.ui.core.controls import control, show_problem
from mtlviz.ui.core.page import Panel
from mtlviz.ui.core.words import escaped
from mtlviz.ui.pages.data import add, browse, leaks
from mtlviz.ui.pages.data.add import NOTE
from mtlviz.ui.pages.data.settings import SHOWN, Shown, show_task
from mtlviz.ui.pages.data.tasks import catalogue

_GROUPS = {
    "built-in": "built in", "families": "in families", "data": "data folder", "own": "your own",
    "folder": "other folder",
}  # fmt: skip
_FOLDER = Panel("data.folder", "Tasks of another folder")
_VIEWS = {
    "browse": Panel("data.browse", "What a task holds", browse.section),
    "leaks": Panel("data.leaks", "Which tasks give each other away", leaks.section),
    "add": Panel("data.add", "Tasks of one's own", lambda _: add.section()),
}
PANELS = (*_VIEWS.values(), _FOLDER)


def body() -> None:
    """The controls at the top, and the view that is chosen."""
    found = catalogue()
    views = {view: title for view, title in SHOWN.control("view").offered().items()
             if _VIEWS[view].shown}  # fmt: skip
    view = SHOWN.now.view if SHOWN.now.view in views else next(iter(views), "")
    choice = _chosen(found.choices)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        control(SHOWN, "view", choices=views, value=view, look="segmented")
        if view == "browse":
            _task(found.choices, choice)
        if view != "add" and _FOLDER.shown:
            _folder(found.problems)
        if view == "browse" and choice.group == "own":
            _delete(choice)
        page.share("data", add.omitted())
        page.lecture_switch()
    show_problem(SHOWN)
    if text := session.take(NOTE):
        st.success(escaped(str(text)))
    if view:
        page.draw((_VIEWS[view],), (found.choices, choice))


def _chosen(choices: Sequence[TaskChoice]) -> TaskChoice:
    """The task of the link, or the first; a sentence where there is no such task."""
    asked = SHOWN.now.task
    found = next((choice for choice in choices if choice.key == asked), None)
    if asked and found is None:
        st.warning(f"There is no task “{escaped(asked)}” here; choose another one.")
    return found or choices[0]


def _task(choices: Sequence[TaskChoice], choice: TaskChoice) -> None:
    names = {each.key: f"{each.name} · {_GROUPS[each.group]}" for each in choices}
    control(
        SHOWN, "task", choices=names, value=choice.key, width=300,
        changed=lambda: show_task(SHOWN.now.task),
    )  # fmt: skip


def _folder(problems: Sequence[str]) -> None:
    with st.popover("More tasks", help="Take data sets from another folder."):
        control(
            SHOWN, "folder", changed=lambda: SHOWN.put(Shown(folder=SHOWN.now.folder))
        )  # fmt: skip
        st.caption(
            f"The folder that {DATA_FOLDER} names is always looked at. A table of your own: see "
            "“Add your own”."
        )
        for problem in problems:
            st.warning(escaped(problem))


def _delete(choice: TaskChoice) -> None:
    with st.popover("Delete", help="Forget this task."):
        st.markdown(f"Forget **{escaped(choice.name)}** for everybody who uses this app?")
        st.caption("Runs that trained on it stay, but cannot be resumed.")
        st.button("Delete it", key="data.delete", type="primary", on_click=_forget,
                  args=(choice.name,), help="This cannot be undone.")  # fmt: skip


def _forget(name: str) -> None:
    try:
        delete_own(run_records.store().home, name)
        show_task("")
        session.put(NOTE, f"Deleted the task “{name}”.")
    except MtlvizError as error:
        SHOWN.tell(str(error))
