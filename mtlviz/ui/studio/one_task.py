"""What one task brings: its examples, how its sentences are made, its head."""

from typing import Any

import streamlit as st

from mtlviz.engine.config import RunConfig, TaskConfig
from mtlviz.engine.estimate.facts import DataFacts
from mtlviz.engine.kinds import KINDS
from mtlviz.engine.tasks import TASKS
from mtlviz.engine.tasks.synthetic import ASKS
from mtlviz.ui import state
from mtlviz.ui.studio.number_field import number
from mtlviz.ui.studio.places import task_places
from mtlviz.ui.studio.widgets import change, control, show_problem, shown, widget_key

_CHOSEN = "studio.task"
_SHARES = {"vocabulary_overlap", "agreement", "dev_share"}
_OPTIONS = {
    "synthetic": ("asks", "size", "vocabulary_overlap", "vocabulary_pool", "agreement", "seed"),
    "folder": ("size", "dev_share", "metric"),
    "table": ("dev_share", "metric"),
}
"""Options of each source that are worth a control; the others stay as they were found."""
_LABELS = {
    "asks": "What it asks",
    "size": "Examples",
    "vocabulary_overlap": "Words common to all tasks",
    "vocabulary_pool": "Own words (pool)",
    "agreement": "Agreement of the rule",
    "seed": "Which sentences (seed)",
    "dev_share": "Held out where there is no dev split",
    "metric": "Score",
}
_POOLS = (0, 3)
_MOST = 20_000


def settings(config: RunConfig, known: DataFacts | None) -> None:
    """Choose a task, then its controls."""
    names = [task.name for task in config.data.tasks]
    # A task that left the run cannot stay chosen.
    if state.remember(_CHOSEN, names[0]) not in names:
        state.put(_CHOSEN, names[0])
    name = st.selectbox("Task", names, key=_CHOSEN, help="The controls below are this task's.")
    place = names.index(str(name))
    kind = known.tasks[place].kind if known is not None else None
    examples, head = task_places(config, place, kind)
    for option in _OPTIONS.get(config.data.tasks[place].source, ()):
        _option(config.data.tasks[place], place, option, kind)
    for each in examples:
        control(config, each)
    st.markdown("**Its head**")
    for each in head:
        control(config, each)


def _option(task: TaskConfig, index: int, option: str, kind: str | None) -> None:
    """One option of the source; the rule's agreement is for sentiment alone."""
    if option == "agreement" and task.options.get("asks", "sentiment") != "sentiment":
        return
    place = f"data.tasks.{index}.options.{option}"
    known = TASKS[task.source].option(option)
    value = task.options.get(option, known.default)
    key = widget_key(place)
    state.set_widget(key, value)
    common: dict[str, Any] = {
        "key": key,
        "help": known.help or None,
        "on_change": _changed,
        "args": (index, option),
    }
    _widget(option, value, _values(task, option, kind), common)
    show_problem(place)


def _values(task: TaskConfig, option: str, kind: str | None) -> tuple[str, ...]:
    """The words an option is limited to; none for a number."""
    if option == "asks":
        return ASKS
    if option == "size" and task.source == "folder":
        return ("full", "small")
    metrics = KINDS[kind].metrics if kind else ()
    return ("", *metrics) if option == "metric" else ()


def _widget(option: str, value: Any, values: tuple[str, ...], common: dict[str, Any]) -> None:
    label = _LABELS[option]
    if values:
        # A word that is none of them stays in sight; the data says what is wrong with it.
        offered = values if value in values else (*values, value)
        st.selectbox(label, offered, format_func=_word, **common)
    elif option in _SHARES:
        st.slider(label, 0.0, 1.0, step=0.05, **common)
    elif option == "vocabulary_pool":
        number(label, min_value=_POOLS[0], max_value=_POOLS[1], step=1, **common)
    else:
        least = 0 if option == "seed" else 1
        number(label, min_value=least, max_value=_MOST, step=1, **common)


def _word(value: str) -> str:
    return shown(value) if value else "its own"


def _changed(index: int, option: str) -> None:
    place = f"data.tasks.{index}.options.{option}"
    value = state.widget(widget_key(place))
    also: dict[str, object] = {}
    if option == "asks" and value != "sentiment":
        options = dict(state.studio_config().data.tasks[index].options)
        options.pop("agreement", None)
        also[f"data.tasks.{index}.options"] = {**options, "asks": value}
    change(place, value, also=also)
