"""The tasks of the run side by side: what is asked, how many examples, how long."""

import streamlit as st

from mtlviz.engine.config import RunConfig, TaskConfig
from mtlviz.engine.estimate.facts import DataFacts, TaskFacts
from mtlviz.engine.kinds import KINDS
from mtlviz.ui.core import run_records
from mtlviz.ui.core.page import folded
from mtlviz.ui.core.words import counted, escaped, grouped, table
from mtlviz.ui.pages.studio import problems
from mtlviz.ui.pages.studio.settings import RUN

_COLUMNS = ("task", "asks", "train", "dev", "test", "words", "95 % have at most", "head", "score")


def tasks_table() -> None:
    """A table of the tasks, and every leak between them; open until there is a run to look at."""
    config = RUN.now
    known = problems.facts(config)
    if known is None:
        return
    folded(
        "The tasks: sizes, lengths, leaks",
        "studio.tasks",
        lambda: _table(config, known),
        lambda: not run_records.store().runs(),
    )


def _table(config: RunConfig, known: DataFacts) -> None:
    rows = [_row(task, fact) for task, fact in zip(config.data.tasks, known.tasks, strict=True)]
    st.markdown(table(_COLUMNS, rows))
    st.caption(
        "Words and marks between blanks and punctuation; two texts of a pair as a + b. Longer "
        f"inputs are cut at {config.data.max_length} tokens."
    )
    for fact in known.tasks:
        st.caption(f"**{escaped(fact.name)}**: {escaped(fact.origin)}")
    _leaks(known)


def _row(task: TaskConfig, fact: TaskFacts) -> tuple[str, ...]:
    drawn = task.examples_per_epoch
    train = grouped(fact.train)
    if drawn is not None and drawn < fact.train:
        train += f", {grouped(drawn)} an epoch"
    return (
        f"**{escaped(task.name)}**",
        KINDS[fact.kind].title,
        train,
        grouped(fact.dev),
        grouped(fact.test) if fact.test else "–",
        " + ".join(f"{words:.0f}" for words in fact.words if words),
        str(fact.longest),
        head_in_words(task, fact),
        fact.metric,
    )


def head_in_words(task: TaskConfig, fact: TaskFacts) -> str:
    """A head in a few words: layers, width, and how pairs are read."""
    head = task.head
    words = counted(head.layers, "layer")
    if head.layers > 1:
        words += f", width {head.width}"
    if not KINDS[fact.kind].pair:
        return words
    apart = f"read apart, {head.fusion.replace('_', ' ')}"
    return f"{words}, {apart if head.pair == 'separate' else 'read in one'}"


def _leaks(known: DataFacts) -> None:
    if not known.leaks:
        st.caption("No evaluation example of these tasks stands in any training split.")
        return
    st.markdown(
        "Evaluation examples that also stand in a training split "
        "(compared without case, blanks and punctuation):"
    )
    lines = [
        f"- {grouped(leak.count)} of {grouped(leak.examples)} ({leak.share:.1%}) in "
        f"{leak.split} of **{escaped(leak.evaluation_task)}**, given away by the training split "
        f"of **{escaped(leak.train_task)}**"
        for leak in sorted(known.leaks, key=lambda leak: -leak.share)
    ]
    st.markdown("\n".join(lines))
