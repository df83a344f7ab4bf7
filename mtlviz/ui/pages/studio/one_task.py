"""What one task brings: its examples, how its sentences are made, its head."""

import streamlit as st

from mtlviz.engine.config import RunConfig, TaskConfig
from mtlviz.engine.estimate.facts import DataFacts
from mtlviz.engine.kinds import KINDS
from mtlviz.engine.tasks import TASKS
from mtlviz.engine.tasks.synthetic import ASKS
from mtlviz.engine.tasks.vocabulary import FAMILIES
from mtlviz.settings import Control
from mtlviz.ui.core import session
from mtlviz.ui.core.controls import control as draw
from mtlviz.ui.core.controls import option_control
from mtlviz.ui.pages.studio.places import task_places
from mtlviz.ui.pages.studio.settings import RUN, change

_CHOSEN = "studio.task"
_SHARES = {"vocabulary_overlap", "agreement", "dev_share"}
_OPTIONS = {
    "synthetic": (
        "asks", "size", "vocabulary_overlap", "vocabulary_pool", "agreement", "family", "seed",
    ),
    "folder": ("size", "dev_share", "metric"),
    "table": ("dev_share", "metric"),
}  # fmt: skip
"""Options that have a range or words of their own here; of other sources all are shown."""
_LABELS = {
    "asks": "What it asks",
    "size": "Examples",
    "vocabulary_overlap": "Words common to all tasks",
    "vocabulary_pool": "Own words (pool)",
    "agreement": "Agreement of the rule",
    "family": "Whose rule (family)",
    "seed": "Which sentences (seed)",
    "dev_share": "Held out where there is no dev split",
    "metric": "Score",
}
_RANGES = {"vocabulary_pool": (0, 3), "family": (0, FAMILIES - 1), "seed": (0, 20_000)}
_SENTIMENT = ("agreement", "family")
_MOST = 20_000


def settings(config: RunConfig, known: DataFacts | None) -> None:
    """Choose a task, then its controls."""
    names = [task.name for task in config.data.tasks]
    # A task that left the run cannot stay chosen.
    if session.remember(_CHOSEN, names[0]) not in names:
        session.put(_CHOSEN, names[0])
    name = st.selectbox("Task", names, key=_CHOSEN, help="The controls below are this task's.")
    place = names.index(str(name))
    kind = known.tasks[place].kind if known is not None else None
    examples, head = task_places(config, place, kind)
    task = config.data.tasks[place]
    for option in _OPTIONS.get(task.source, ()):
        _option(task, place, option, kind)
    if task.source not in _OPTIONS and task.source in TASKS:
        for each in TASKS[task.source].options:
            if isinstance(each.default, int | float | str):
                option_control(RUN, f"data.tasks.{place}.options", each)
    for each in examples:
        draw(RUN, each, look="field")
    st.markdown("**Its head**")
    for each in head:
        draw(RUN, each, look="field")


def _option(task: TaskConfig, index: int, option: str, kind: str | None) -> None:
    """One option of the source; what the rule is, is for sentiment alone."""
    if option in _SENTIMENT and task.options.get("asks", "sentiment") != "sentiment":
        return
    known = TASKS[task.source].option(option)
    low, high = _RANGES.get(option, (1, _MOST))
    is_share = option in _SHARES
    control = Control(
        path=f"data.tasks.{index}.options.{option}",
        title=_LABELS[option],
        help=known.help,
        kind="float" if is_share else "int",
        low=0.0 if is_share else low,
        high=1.0 if is_share else high,
        step=0.05 if is_share else None,
        choices={value: _word(value) for value in _values(task, option, kind)},
    )
    draw(
        RUN, control.path, what=control, value=task.options.get(option, known.default),
        look="" if is_share else "field", changed=lambda: _changed(index, option),
    )  # fmt: skip


def _values(task: TaskConfig, option: str, kind: str | None) -> tuple[str, ...]:
    """The words an option is limited to; none for a number."""
    if option == "asks":
        return ASKS
    if option == "size" and task.source == "folder":
        return ("full", "small")
    metrics = KINDS[kind].metrics if kind else ()
    return ("", *metrics) if option == "metric" else ()


def _word(value: str) -> str:
    return value.replace("_", " ") if value else "its own"


def _changed(index: int, option: str) -> None:
    """What the rule is, is an option of sentiment alone."""
    options = dict(RUN.now.data.tasks[index].options)
    kept = {name: value for name, value in options.items() if name not in _SENTIMENT}
    if option == "asks" and options.get("asks") != "sentiment" and kept != options:
        options = kept
        change({f"data.tasks.{index}.options": options}, f"data.tasks.{index}.options.asks")
