"""The window in which tasks are chosen from all that this machine can offer."""

from collections.abc import Sequence

import streamlit as st

from mtlviz.engine.config import TaskConfig
from mtlviz.engine.kinds import KINDS
from mtlviz.engine.tasks.catalogue import Group, TaskChoice
from mtlviz.errors import MtlvizError
from mtlviz.ui.core import run_estimates, session
from mtlviz.ui.core.words import escaped, grouped, sentence
from mtlviz.ui.pages.studio import data
from mtlviz.ui.pages.studio.settings import RUN

OPEN = "studio.choosing"
_FOLDER = "studio.folder"
_TITLES: dict[Group, str] = {
    "built-in": "Built-in sentences with a known rule",
    "families": "Thirty-two built-in tasks in four families",
    "data": "Data sets of this machine",
    "own": "Your own tasks",
    "folder": "From the folder above",
}


@st.dialog("Choose tasks", width="large", on_dismiss="rerun")
def choose() -> None:
    """All tasks by where they come from; a tick takes a task into the run."""
    session.set_widget(f"{_FOLDER}.text", session.remember(_FOLDER, ""))
    st.text_input(
        "A folder of your own",
        key=f"{_FOLDER}.text",
        persist_state="session",
        placeholder="/home/me/my-task",
        on_change=lambda: session.put(_FOLDER, str(session.widget(f"{_FOLDER}.text")).strip()),
        help="A data set (a folder with a meta.json), or a folder of such folders.",
    )
    for group, choices in _found(str(session.remember(_FOLDER, ""))).items():
        st.markdown(f"**{_TITLES[group]}**")
        if group == "families":
            _families(choices)
        else:
            _rows(choices)
    if problem := RUN.problem("tasks"):
        st.error(sentence(problem))
    st.caption("Upload a table of your own on the Data page; it then stands here.")


def _found(folder: str) -> dict[Group, list[TaskChoice]]:
    """What there is, by group; what is wrong with a folder is said."""
    try:
        found = run_estimates.catalogue(folder)
    except MtlvizError as error:
        st.error(sentence(str(error)))
        found = run_estimates.catalogue("")
    for problem in found.problems:
        st.warning(sentence(problem))
    groups: dict[Group, list[TaskChoice]] = {}
    for choice in found.choices:
        groups.setdefault(choice.group, []).append(choice)
    return groups


def _families(choices: Sequence[TaskChoice]) -> None:
    """All of many at one click, or one by one."""
    st.button(
        f"Train these {len(choices)}", key="studio.choice.families",
        on_click=lambda: data.take([choice.config for choice in choices]),
        help="They take the place of the tasks chosen until now. Members of a family ask alike.",
    )  # fmt: skip
    with st.expander("One by one"):
        _rows(choices)


def _rows(choices: Sequence[TaskChoice]) -> None:
    columns = st.columns(2)
    half = -(-len(choices) // 2)
    for number, choice in enumerate(choices):
        with columns[number // half]:
            _row(choice)


def _row(choice: TaskChoice) -> None:
    key = f"studio.choice.{choice.key}"
    session.set_widget(key, taken(choice.config, RUN.now.data.tasks) is not None)
    st.checkbox(
        described(choice),
        key=key,
        persist_state="session",
        on_change=_toggle,
        args=(choice, key),
        help=escaped(choice.about),
    )


def described(choice: TaskChoice) -> str:
    """Name, kind, sizes and length of a task in a line."""
    sizes = ", ".join(f"{split} {grouped(count)}" for split, count in choice.sizes.items())
    words = f"{choice.words:.0f} words each"
    return f"**{escaped(choice.name)}** · {KINDS[choice.kind].title} · {sizes} · {words}"


def taken(config: TaskConfig, tasks: Sequence[TaskConfig]) -> TaskConfig | None:
    """The task of the run that reads the same examples, under whatever name; or None."""
    return next((task for task in tasks if _is_same(task, config)), None)


def _is_same(one: TaskConfig, other: TaskConfig) -> bool:
    if one.source == "synthetic" or other.source == "synthetic":
        return one.source == other.source and one.name == other.name
    return (one.source, one.path) == (other.source, other.path)


def _toggle(choice: TaskChoice, key: str) -> None:
    tasks = list(RUN.now.data.tasks)
    held = taken(choice.config, tasks)
    if session.widget(key) and held is None:
        data.take([*tasks, _named_apart(choice.config, tasks)])
    elif held is not None:
        data.take([task for task in tasks if task is not held])


def _named_apart(config: TaskConfig, tasks: Sequence[TaskConfig]) -> TaskConfig:
    """The task under a name that no other task of the run has."""
    names = {task.name for task in tasks}
    number, name = 2, config.name
    while name in names:
        number, name = number + 1, f"{config.name} {number}"
    return config.model_copy(update={"name": name})
