"""Controls that choose tasks out of what is offered, and the folder of further ones."""

from collections.abc import Callable, Iterable

import streamlit as st

from mtlviz.engine.tasks.choice import TaskChoice
from mtlviz.errors import MtlvizError
from mtlviz.ui.core.controls import control
from mtlviz.ui.core.part import Part
from mtlviz.ui.core.words import sentence


def task_controls(
    part: Part,
    offered: Callable[[str], Iterable[TaskChoice]],
    most: int,
    changed: Callable[[], None] | None = None,
) -> None:
    """Choose tasks and their folder; where it cannot be read that is said, without its tasks.

    Args:
        part: Settings with `tasks`, which are keys, and a `folder`.
        offered: The tasks there are, with those of a folder.
        most: How many may be chosen.
        changed: Called after another choice.
    """
    try:
        found = offered(part.now.folder)
    except MtlvizError as error:
        st.error(sentence(str(error)))
        found = offered("")
    keys = dict.fromkeys([*(each.key for each in found), *part.now.tasks])
    names = {key: _label(key) for key in keys}
    control(part, "tasks", choices=names, max_selections=most, changed=changed)
    control(part, "folder", changed=changed)


def _label(key: str) -> str:
    group, _, name = key.partition("/")
    return name if group == "built-in" else f"{name} ({group})"
