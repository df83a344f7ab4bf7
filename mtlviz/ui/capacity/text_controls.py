"""The side bar where text is measured: what the next width study is made of."""

import streamlit as st

from mtlviz.engine.tasks.catalogue import task_choices
from mtlviz.engine.tasks.choice import TaskChoice
from mtlviz.errors import ConfigError, MtlvizError
from mtlviz.ui import cache
from mtlviz.ui.capacity.controls import groups
from mtlviz.ui.capacity.settings import ENCODERS, MOST_TASKS, MOST_WIDTHS, StudyForm
from mtlviz.ui.capacity.widgets import bounds, common
from mtlviz.ui.core.words import escaped
from mtlviz.ui.state import capacity as chosen

_WIDTHS = (2, 4, 5, 8, 10, 16, 20, 30, 50, 64, 100, 128, 200, 256, 500)


def text_controls() -> None:
    """Controls of the next study; the one that is shown keeps what it was started with."""
    groups({"Data": data, "Capacity": _capacity, "Optimisation": _optimisation})


def offered(folder: str) -> dict[str, TaskChoice]:
    """The tasks a run can train, by key.

    Raises:
        DataError: There is no such folder, or it holds no data set.
    """
    found = task_choices(cache.store().home, folder)
    return {choice.key: choice for choice in found.trainable}


def chosen_tasks(form: StudyForm) -> list[TaskChoice]:
    """The tasks of the next study.

    Raises:
        MtlvizError: A task is not there, two have one name, or the folder cannot be read.
    """
    known = offered(form.folder)
    missing = [key for key in form.tasks if key not in known]
    if missing:
        raise ConfigError(f"There is no task {missing[0]!r} to train here; choose another.")
    found = [known[key] for key in form.tasks]
    names = [choice.name for choice in found]
    doubled = sorted({name for name in names if names.count(name) > 1})
    if doubled:
        raise ConfigError(f"Two chosen tasks are called {doubled[0]!r}; leave one of them out.")
    return found


def data() -> None:
    """Which tasks, and how much of each."""
    form = chosen.form()
    try:
        known = offered(form.folder)
    except MtlvizError as error:
        st.error(escaped(str(error)))
        known = offered("")
    st.multiselect(
        "Tasks",
        list(dict.fromkeys([*known, *form.tasks])),
        max_selections=MOST_TASKS,
        format_func=lambda key: _label(key),
        **common(form, "tasks")
        | {"help": "Built in, below MTLVIZ_DATA, your own, or in the folder below. Two or more."},
    )
    st.text_input("Folder of data sets", **common(form, "folder"))
    st.number_input(
        "Training examples of each task", 20, 100_000, step=100, placeholder="all",
        **common(form, "examples"),
    )  # fmt: skip


def _label(key: str) -> str:
    group, _, name = key.partition("/")
    return name if group == "built-in" else f"{name} ({group})"


def _capacity() -> None:
    form = chosen.form()
    st.selectbox("Encoder", list(ENCODERS), format_func=ENCODERS.get, **common(form, "encoder"))
    st.multiselect(
        "Widths to try",
        sorted({*_WIDTHS, *form.widths}),
        max_selections=MOST_WIDTHS,
        **common(form, "widths"),
    )


def _optimisation() -> None:
    form = chosen.form()
    for name, title in (("seeds", "Seeds"), ("epochs", "Passes over the data")):
        st.number_input(title, *bounds(StudyForm.model_fields[name]), **common(form, name))
