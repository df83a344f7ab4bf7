"""What one task is: in sentences with numbers, and as pictures of its labels and lengths."""

import streamlit as st

from mtlviz.engine.kinds import KINDS
from mtlviz.engine.tasks.survey import Survey
from mtlviz.engine.tasks.task import Task
from mtlviz.figures import data as figures
from mtlviz.ui.component import chart
from mtlviz.ui.core.words import escaped, grouped, listed, score

_HEIGHT = 300
_BAR, _BARS_MARGIN = 34, 100


def overview(task: Task, counted: Survey) -> None:
    """The task in a line, its verdict, its two pictures."""
    st.markdown(one_line(task, counted))
    st.markdown(verdict(task, counted))
    left, right = st.columns(2)
    with left:
        _labels(task, counted)
    with right:
        _lengths(task, counted)
    st.caption(escaped(task.origin))


def one_line(task: Task, counted: Survey) -> str:
    """What goes in, what comes out, how it is scored, how many examples, how long."""
    kind = KINDS[task.kind].asked(task)
    sizes = listed([f"**{grouped(len(part))}** {split}" for split, part in task.splits.items()])
    return (
        f"**{escaped(task.name)}**: {kind}, scored by **{task.metric.replace('_', ' ')}**. "
        f"{sizes} examples, {counted.words['train'].mean():.1f} words each on average."
    )


def verdict(task: Task, counted: Survey) -> str:
    """What guessing would score."""
    floor = counted.floor
    if floor is None:
        return KINDS[task.kind].no_floor
    return (
        f"Always answering **{escaped(floor.answer)}**, {floor.why}, scores "
        f"**{score(floor.score)}** on dev: only what lies above is learned."
    )


def _labels(task: Task, counted: Survey) -> None:
    if counted.labels:
        first = task.label_names[int(counted.labels["train"].argmax())]
        biggest = f"{first} is the most frequent in training"
        chart(
            figures.label_bars(counted.labels, task.label_names, counted.sizes),
            key=f"data.labels.{len(task.label_names)}",
            alt=f"Share of each of {len(task.label_names)} classes in each split; {biggest}.",
            how_to_read="Bars of one length: the classes are balanced. Splits that differ: dev is "
            "not like train.",
            height=max(_HEIGHT, _BARS_MARGIN + _BAR * len(task.label_names)),
            filename="labels",
        )
    elif counted.scores:
        chart(
            figures.score_bars(counted.scores),
            key="data.scores",
            alt="Share of examples at each score, by split.",
            how_to_read="Height: share of the split with such a score.",
            height=_HEIGHT,
            filename="scores",
        )
    else:
        st.info("Answers are pieces of text: there are no classes to count.")


def _lengths(task: Task, counted: Survey) -> None:
    mean = float(counted.words["train"].mean())
    both = "" if task.splits["train"].second is None else ", both texts together"
    longest = max(int(words.max()) for words in counted.words.values())
    chart(
        figures.length_steps(counted.words, mean=mean),
        key="data.lengths",
        alt=f"Share of examples of each length in words, by split; mean {mean:.1f} in train.",
        how_to_read=f"Words between blanks{both}. The dotted line is train's mean, {mean:.1f}; "
        f"the longest has {grouped(longest)}.",
        height=_HEIGHT,
        filename="lengths",
    )
