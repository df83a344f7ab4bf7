"""Whether a setting wins, and what new seeds say of it."""

from __future__ import annotations

import numpy as np
import streamlit as st

from mtlviz.engine.measures.transfer import Transfer
from mtlviz.runs.sweep.scores import confirmed, fresh_difference
from mtlviz.runs.sweep.words import (
    confirmed_sentences,
    difference,
    front_sentence,
    name_of,
    winner_sentence,
)
from mtlviz.ui.core.words import MARKS, counted, escaped, listed
from mtlviz.ui.pages.sweep.view import Found, SweepView


def verdict(view: SweepView) -> None:
    """The sentences above the pictures."""
    found = view.found
    told = winner_sentence(view.sweep, found.known.winner)
    sure = found.known.winner is not None and found.known.winner.sure
    lines = [f"{MARKS['helps' if sure else 'undecided']} {escaped(told)}"]
    front = escaped(front_sentence(view.sweep, found.known))
    lines += filter(None, (front, _over_alone(found), _counts(view)))
    chosen = confirmed(view.sweep, found.known, found.results)
    lines += [escaped(each) for each in confirmed_sentences(view.sweep, chosen)]
    if (fresh := fresh_difference(chosen)) is not None:
        less = escaped(difference(fresh))
        lines.append(f"{_mark(fresh)} At the new seeds the first scores {less} over the second.")
    if view.state.going:
        lines.append("Runs are still to come, so this may change.")
    st.markdown("  \n".join(lines))


def _over_alone(found: Found) -> str:
    """What the best setting does to each task against training it alone."""
    best = found.order[0]
    parts = [
        f"{_mark(each)} {escaped(task)} {escaped(difference(each))}"
        for number, task in enumerate(found.known.tasks)
        if (each := found.known.over_alone(best, number)) is not None
    ]
    return f"The best setting against each task alone: {'; '.join(parts)}." if parts else ""


def _counts(view: SweepView) -> str:
    """Which setting has a task's highest mean, where they differ, and what is not ranked."""
    found, points = view.found, view.found.points
    best = np.nanargmax(points.scores, axis=0).tolist() if len(points.names) else []
    other = [f"{escaped(task)}: {escaped(name_of(view.sweep, points.numbers[place]))}"
             for task, place in zip(found.known.tasks, best, strict=True) if place]  # fmt: skip
    told = (
        f"Highest mean per task, not tested: {listed(other)}." if other and len(other) <= 4 else ""
    )
    left = len(view.sweep.settings) - len(found.order)
    have = "has" if left == 1 else "have"
    unranked = f"{counted(left, 'setting')} {have} no score at every seed."
    return f"{told} {unranked}".strip() if left else told


def _mark(found: Transfer) -> str:
    return MARKS[found.verdict]
