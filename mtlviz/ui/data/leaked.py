"""The sentences behind a cell of the leakage matrix, with the labels they bear on both sides."""

from collections.abc import Sequence

import streamlit as st

from mtlviz.engine.tasks.catalogue import TaskChoice
from mtlviz.engine.tasks.leakage import Leak
from mtlviz.engine.tasks.matching import keys
from mtlviz.engine.tasks.splitting import take
from mtlviz.ui.core.words import escaped, grouped
from mtlviz.ui.data import cached
from mtlviz.ui.data.examples import label_of, text_of
from mtlviz.ui.data.listing import Cell, table
from mtlviz.ui.state import put, remember, widget

PER_PAGE = 10
PAGE = "data.leaked.page"


def sentences(leaks: Sequence[Leak], scored: TaskChoice, trained: TaskChoice) -> None:
    """List the evaluation examples that a training split holds, a page at a time."""
    count = sum(leak.count for leak in leaks)
    st.subheader("The sentences", anchor="sentences")
    if not count:
        st.info(
            f"No example that {escaped(scored.name)} is scored on stands in the train split of "
            f"{escaped(trained.name)}."
        )
        return
    st.markdown(
        f"{grouped(count)} examples that **{escaped(scored.name)}** is scored on, and that "
        f"**{escaped(trained.name)}** trains on."
    )
    pages = -(-count // PER_PAGE)
    page = min(int(str(remember(PAGE, 1))), pages)
    places = [(leak, place) for leak in leaks for place in leak.positions]
    here = places[(page - 1) * PER_PAGE : page * PER_PAGE]
    columns = ("split", "text", f"label in {scored.name}", f"in train of {trained.name}")
    table(columns, rows(here, scored, trained), quiet=(0,), side=(2, 3))
    if pages > 1:
        key = f"data.leaked.pages.{scored.key}.{trained.key}.{count}"
        st.pagination(
            pages,
            default=page,
            key=key,
            on_change=lambda: put(PAGE, int(str(widget(key)))),
        )


def rows(
    places: Sequence[tuple[Leak, int]], scored: TaskChoice, trained: TaskChoice
) -> list[list[Cell]]:
    """Split, text, its label where it is scored, and where it is trained on."""
    task, other = cached.task(scored), cached.task(trained)
    known, train = cached.train_places(other, trained.fingerprint), other.splits["train"]
    listed: list[list[Cell]] = []
    for leak, place in places:
        part = task.splits[leak.split]
        twin = known[keys(take(part, [place]))[0]]
        labels = label_of(task, part, place), label_of(other, train, twin)
        listed.append([leak.split, text_of(part, place), *labels])
    return listed
