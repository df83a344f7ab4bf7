"""Any two groups against each other, seed by seed; and what differs between all groups."""

import math
from collections.abc import Sequence

import streamlit as st

from mtlviz.engine.measures.transfer import OUTCOMES, Transfer, signed
from mtlviz.figures import compare as figures
from mtlviz.runs.comparison import Difference, Group, difference
from mtlviz.runs.flat_settings import differing, in_words, meaning, shown, values_at
from mtlviz.ui.component import chart
from mtlviz.ui.core import scored_runs
from mtlviz.ui.core.controls import control
from mtlviz.ui.core.run_words import numbered
from mtlviz.ui.core.words import escaped, listed
from mtlviz.ui.pages.compare.compared_runs import ComparedRuns
from mtlviz.ui.pages.compare.notes import one_seed
from mtlviz.ui.pages.compare.settings import COMPARISON

_WORDS = {
    "helps": "▲ higher", "hurts": "▼ lower", "undecided": "● not told apart",
    "unchanged": "● exactly equal", "one seed": OUTCOMES["one seed"],
}  # fmt: skip


def pair_section(compared: ComparedRuns) -> None:
    """Choose two groups; what the first scores more than the second."""
    if len(compared.groups) < 2:
        return
    st.subheader("Two groups, seed by seed", anchor="pair")
    first, second = _chosen(compared)
    if first is second:
        st.info("Choose two different groups.")
        return
    found = differences(compared, first, second)
    if not any(each.found is not None for each in found):
        st.info(_nothing(first, second))
        return
    st.markdown(_sentence(found, first, second))
    left, right = st.columns(2)
    with left:
        _picture(compared, found, first, second)
    with right:
        st.dataframe(rows(found), hide_index=True, height="content")
        _left_out(found)


def pair(compared: ComparedRuns) -> tuple[Group, Group] | None:
    """The two groups chosen; None where there are no two."""
    names = [group.label for group in compared.groups]
    if len(names) < 2:
        return None
    first, second = COMPARISON.now.first, COMPARISON.now.second
    first = first if first in names else names[0]
    if second not in names:
        second = names[1] if first == names[0] else names[0]
    return compared.groups[names.index(first)], compared.groups[names.index(second)]


def differences(compared: ComparedRuns, first: Group, second: Group) -> list[Difference]:
    """What one group scores more than another, task by task."""
    name = ("differences", compared.tasks, first.by, len(first.used))
    return scored_runs.once_for(
        (*first.used, *second.used),
        name,
        lambda: [difference(first, second, task) for task in compared.tasks],
    )


def rows(found: list[Difference]) -> list[dict[str, object]]:
    """One row a task: difference, interval, pairs, verdict."""
    return [
        {
            "task": each.task,
            "difference (points)": "–" if each.found is None else signed(each.found.mean),
            "95 % interval": _interval(each.found),
            "paired seeds": len(each.seeds),
            "verdict": "not paired" if each.found is None else _WORDS[each.found.outcome],
        }
        for each in found
    ]


def _chosen(compared: ComparedRuns) -> tuple[Group, Group]:
    names = [group.label for group in compared.groups]
    chosen = pair(compared) or (compared.groups[0], compared.groups[0])
    titles = dict(zip(names, names, strict=True))
    with st.container(horizontal=True, vertical_alignment="bottom"):
        for name, group in zip(("first", "second"), chosen, strict=True):
            control(
                COMPARISON, name, key=f"compare.choose_{name}", choices=titles, value=group.label,
                width=320,
            )  # fmt: skip
    return chosen


def _sentence(found: list[Difference], first: Group, second: Group) -> str:
    """Where the first is higher, where lower, where nobody can tell."""
    told: dict[str, list[str]] = {outcome: [] for outcome in _WORDS}
    for each in found:
        if each.found is not None:
            by = f" ({signed(each.found.mean)})" * (not each.found.unchanged)
            told[each.found.outcome].append(f"**{escaped(each.task)}**{by}")
    parts = [
        f"{words} {listed(told[verdict])}"
        for verdict, words in (
            ("helps", "scores higher on"), ("hurts", "lower on"),
            ("undecided", "cannot be told apart on"), ("unchanged", "exactly equal on"),
            ("one seed", "differs by one seed on"),
        )
        if told[verdict]
    ]  # fmt: skip
    said = f"**{escaped(first.label)}**, against {escaped(second.label)}, {'; '.join(parts)}"
    return f"{said}{one_seed(found)}."


def _picture(compared: ComparedRuns, found: list[Difference], first: Group, second: Group) -> None:
    chart(
        figures.differences(compared.tasks, [each.found for each in found]),
        key="compare.differences",
        alt=f"What {first.label} scores more than {second.label}, task by task, in points.",
        how_to_read="Right of zero the first group scores higher. Bars: 95 % interval over paired "
        "seeds; grey where it crosses zero.",
        height=44 * len(found) + 66,
        filename="differences",
    )


def _left_out(found: list[Difference]) -> None:
    """Runs without a partner, in words."""
    unpaired = sorted({run for each in found for run in each.unpaired})
    if unpaired:
        st.caption(f"Without a partner, so left out: {numbered(unpaired)}.")


def _nothing(first: Group, second: Group) -> str:
    """Why no two runs of these groups are a pair."""
    for group in (first, second):
        if not group.used:
            return f"No run of {escaped(group.label)} is finished, so nothing can be paired."
    seeds = [{run.seed for run in group.used} for group in (first, second)]
    if not seeds[0] & seeds[1]:
        return "No seed was run in both groups, so nothing can be paired."
    places = differing([run.settings for group in (first, second) for run in group.used])
    kept = [place for place in places if place not in first.by]
    names = listed([escaped(in_words(place)) for place in kept])
    return f"No two runs are a pair: with the same seed they still differ in {names}."


def _interval(found: Transfer | None) -> str:
    if found is None or not math.isfinite(found.low):
        return "–"
    if found.spreadless:
        return "no spread"
    return f"{signed(found.low)} to {signed(found.high)}"


def settings_section(compared: ComparedRuns) -> None:
    """Only what differs, in plain words and by key."""
    st.subheader("What differs", anchor="settings")
    labels = tuple(group.label for group in compared.groups)
    runs = tuple((run.id, run.summary.created) for run in compared.runs)
    rows = scored_runs.compared_once(("settings", runs, labels), lambda: _differing(compared))
    if not rows:
        st.markdown("Only the seed: every setting of these runs is the same.")
        return
    st.dataframe(rows, hide_index=True, height="content")


def _differing(compared: ComparedRuns) -> list[dict[str, str]]:
    """One row for each setting that differs."""
    return [
        {
            "setting": in_words(place),
            **{group.label: value(group, place) for group in compared.groups},
            "key": place,
            "what it means": meaning(place),
        }
        for place in differing([run.settings for run in compared.runs])
    ]


def value(group: Group, place: str) -> str:
    """A group's value of a setting; all values where its runs differ, a dash without the task."""
    found = dict.fromkeys(shown(each, place) for each in _values(group, place))
    return " | ".join(found) or "–"


def _values(group: Group, place: str) -> Sequence[object]:
    return values_at([run.settings for run in group.runs], place)
