"""What one task is: in sentences and pictures, and its examples a page at a time."""

from collections.abc import Sequence

import streamlit as st

from mtlviz.engine.kinds import KINDS, Ceiling
from mtlviz.engine.tasks.catalogue import TaskChoice
from mtlviz.engine.tasks.survey import Survey, matching_positions
from mtlviz.engine.tasks.task import Examples, Task
from mtlviz.figures import data as figures
from mtlviz.ui.component import chart
from mtlviz.ui.core.controls import control
from mtlviz.ui.core.page import folded
from mtlviz.ui.core.text_table import Cell, Passage, table
from mtlviz.ui.core.words import escaped, grouped, listed, score
from mtlviz.ui.pages.data import passage
from mtlviz.ui.pages.data.listing import page_of, turn_pages
from mtlviz.ui.pages.data.settings import SHOWN, first_page
from mtlviz.ui.pages.data.tasks import surveyed, wait_for

_PER_PAGE = 20
_ID_END = 6
_HEIGHT = 300
_BAR, _BARS_MARGIN = 34, 100


def section(shown: tuple[Sequence[TaskChoice], TaskChoice]) -> None:
    """One task: in a line, its verdict, its two pictures, its examples."""
    if wait_for(shown[1]):
        return
    task, counted = surveyed(shown[1])
    st.markdown(_one_line(task, counted))
    st.markdown(_verdict(task, counted))
    left, right = st.columns(2)
    with left:
        _labels(task, counted)
    with right:
        _lengths(task, counted)
    st.caption(escaped(task.origin))
    _examples(task)


def _one_line(task: Task, counted: Survey) -> str:
    """What goes in, what comes out, how it is scored, how many examples, how long."""
    return (
        f"**{escaped(task.name)}**: {KINDS[task.kind].asked(task)}, scored by "
        f"**{task.metric.replace('_', ' ')}**. {sizes(task)} examples, "
        f"{counted.words['train'].mean():.1f} words each on average."
    )


def sizes(task: Task) -> str:
    """How many examples each split has."""
    return listed([f"**{grouped(len(part))}** {split}" for split, part in task.splits.items()])


def _verdict(task: Task, counted: Survey) -> str:
    """What guessing would score."""
    floor, ceiling = counted.floor, counted.ceiling
    if floor is None:
        return KINDS[task.kind].no_floor
    people = "" if ceiling is None else f" {_people(ceiling)}"
    return (
        f"Always answering **{escaped(floor.answer)}**, {floor.why}, scores "
        f"**{score(floor.score)}** on dev: only what lies above is learned.{people}"
    )


def _people(ceiling: Ceiling) -> str:
    """What people score."""
    scores = [f"{metric.replace('_', ' ')} **{score(value, ceiling.errors[metric])}**"
              for metric, value in ceiling.scores.items()]  # fmt: skip
    return (
        f"People score {listed(scores)}: {ceiling.how}, of the {grouped(ceiling.count)} questions "
        "that several people answered."
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
        st.info("Answers are pieces of text: there are no classes to count. Below they are framed.")


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


def _examples(task: Task) -> None:
    """Choose which examples to list, and list a page of them."""
    st.subheader("Examples", anchor="examples")
    now = SHOWN.now
    split = now.split if now.split in task.splits else "train"
    part, label = task.splits[split], _label(task)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        control(SHOWN, "split", choices={name: name for name in task.splits}, value=split,
                look="segmented", changed=first_page)  # fmt: skip
        if task.label_names:
            names = {"": "all labels", **{name: name for name in task.label_names}}
            control(SHOWN, "label", choices=names, value=label, width=220, changed=first_page)
        control(SHOWN, "words", placeholder="a word or part of one", width=260, changed=first_page)
    number = task.label_names.index(label) if label else None
    found = matching_positions(part, label=number, words=now.words)
    st.caption(f"{grouped(len(found))} of {grouped(len(part))} {split} examples")
    if not len(found):
        st.info("No example holds this. Search for another text, or choose all labels.")
        return
    here = found[page_of(len(found), _PER_PAGE, "page")].tolist()
    table(("id", "text", "label"), _rows(task, part, here), marked=now.words, quiet=(0,), side=(2,))
    turn_pages(len(found), _PER_PAGE, "page", task.name, split, label, now.words)
    if KINDS[task.kind].reads_tokens:
        folded("One passage and its windows", "data.passage", lambda: passage.section(part, here))


def _label(task: Task) -> str:
    """The class listed; empty for all, and where the link names no such class."""
    asked = SHOWN.now.label
    if asked and asked not in task.label_names:
        st.warning(f"There is no class “{escaped(asked)}” here; all are listed.")
        return ""
    return asked


def _rows(task: Task, part: Examples, positions: Sequence[int]) -> list[list[Cell]]:
    """Id, text and label of some examples, as they are listed."""
    return [
        [_short(part.ids[place]), text_of(part, place), KINDS[task.kind].say(task, part, place)]
        for place in positions
    ]


def _short(identifier: str) -> str:
    """Both ends of a long identifier: some sets use digests, some count behind a name."""
    if len(identifier) <= 2 * _ID_END + 2:
        return identifier
    return f"{identifier[:_ID_END]}…{identifier[-_ID_END:]}"


def text_of(part: Examples, place: int) -> Cell:
    """The sentence, or the two of a pair."""
    if part.second is None:
        return part.first[place]
    if part.references is None:
        return part.first[place], part.second[place]
    return part.first[place], Passage(part.second[place], part.places_of(place))
