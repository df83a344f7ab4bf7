"""What one task is: in sentences with numbers, and as pictures of its labels and lengths."""

import streamlit as st

from mtlviz.engine.tasks.catalogue import TaskChoice
from mtlviz.engine.tasks.survey import Survey
from mtlviz.engine.tasks.task import Kind, Task
from mtlviz.figures import data as figures
from mtlviz.ui.component import chart
from mtlviz.ui.run.markup import escaped
from mtlviz.ui.words import grouped, listed, score

_HEIGHT = 300
_BAR, _BARS_MARGIN = 34, 100
_KINDS: dict[Kind, str] = {
    "classification": "a sentence in, one of {} classes out",
    "pair_classification": "a pair of sentences in, one of {} classes out",
    "pair_regression": "a pair of sentences in, a score from {:g} to {:g} out",
    "span_extraction": "a question and a paragraph in, the words that answer it out",
}


def overview(choice: TaskChoice, task: Task, counted: Survey) -> None:
    """The task in a line, its verdict, its two pictures."""
    st.markdown(one_line(task, counted))
    st.markdown(verdict(task, counted))
    if choice.obstacle:
        st.info(choice.obstacle)
    left, right = st.columns(2)
    with left:
        _labels(task, counted)
    with right:
        _lengths(task, counted)
    st.caption(escaped(task.origin))


def one_line(task: Task, counted: Survey) -> str:
    """What goes in, what comes out, how it is scored, how many examples, how long."""
    kind = _KINDS[task.kind].format(*(task.score_range or (len(task.label_names),)))
    sizes = listed([f"**{grouped(len(part))}** {split}" for split, part in task.splits.items()])
    return (
        f"**{escaped(task.name)}**: {kind}, scored by **{task.metric.replace('_', ' ')}**. "
        f"{sizes} examples, {counted.words['train'].mean():.1f} words each on average."
    )


def verdict(task: Task, counted: Survey) -> str:
    """What guessing would score."""
    if counted.baseline is None:
        if task.kind == "pair_regression":
            return "Guessing scores about **0**: an answer that never changes has no correlation."
        return "Guessing has no score here: an answer is a piece of the paragraph."
    share = counted.labels["train"].max() / max(1, counted.labels["train"].sum())
    return (
        f"Always answering **{escaped(str(counted.most_common))}**, the most frequent training "
        f"class ({share:.1%}), scores **{score(counted.baseline)}** on dev: only what lies above "
        "is learned."
    )


def _labels(task: Task, counted: Survey) -> None:
    if counted.labels:
        biggest = f"{counted.most_common} is the most frequent training class"
        chart(
            figures.label_bars(counted.labels, task.label_names),
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
