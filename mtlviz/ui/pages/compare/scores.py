"""Every group's scores, task by task: mean, interval, single seeds."""

import math
from collections.abc import Callable

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from mtlviz.engine.published_scores import Published, published_scores
from mtlviz.figures import compare as figures
from mtlviz.figures.compare import Dots
from mtlviz.runs.comparison import Group, Spread, spread_of
from mtlviz.runs.scored_run import ScoredRun
from mtlviz.ui.component import chart
from mtlviz.ui.core import scored_runs
from mtlviz.ui.core.words import escaped, listed, score
from mtlviz.ui.pages.compare.compared_runs import ComparedRuns

Found = list[tuple[Group, str, Published]]
Mark = Callable[[ScoredRun, str], float]
_LINE, _FRAME, _PADDING = 19, 64, 22
_BESIDE = (
    "A paper's score is of its full experiment; encoder size, budget and sampling may differ from "
    "these runs. Papers that print one run each say nothing about seeds: a difference of a point "
    "or two is within what another seed would give. ± is one standard error over seeds."
)


def scores_section(compared: ComparedRuns) -> None:
    """One picture a task, and the numbers in a table."""
    if all(run.best_update is None for run in compared.runs):
        st.info("No run picked has been scored yet: the first scores come at the end of an epoch.")
        return
    for number, place in enumerate(side_by_side(len(compared.tasks))):
        with place:
            _task(compared, number, compared.tasks[number])
    numbers = st.expander("The numbers", key="compare.numbers_open", on_change="rerun")
    if numbers.open:
        with numbers:
            st.dataframe(table(compared), hide_index=True, height="content")
            st.caption(
                "Standard error and 95 % interval (Student's t) are over seeds. Points of accuracy "
                "or correlation are hundredths."
            )


def side_by_side(count: int) -> list[DeltaGenerator]:
    """Places for so many pictures, two in a row; rows are level whatever stands below a picture."""
    rows = [st.columns(min(2, count)) for _ in range(0, count, 2)]
    return [place for row in rows for place in row][:count]


def table(compared: ComparedRuns) -> list[dict[str, object]]:
    """One row a group and task: mean, standard error and interval over seeds."""
    return [
        _row(compared, group, task, spread_of(group, task))
        for group in compared.groups
        for task in compared.tasks
        if any(task in run.tasks for run in group.runs)
    ]


def _row(
    compared: ComparedRuns, group: Group, task: str, found: Spread | None
) -> dict[str, object]:
    nothing = Spread(math.nan, math.nan, math.nan, math.nan, 0)
    known = found or nothing
    return {
        "group": group.label,
        "task": task,
        "metric": compared.metric(task),
        "seeds": known.seeds,
        "mean": score(known.mean),
        "standard error": score(known.error),
        "95 % interval": f"{score(known.low)} to {score(known.high)}" if known.seeds > 1 else "–",
        "without learning": score(_agreed(compared, task, ScoredRun.floor)),
        "people": score(_agreed(compared, task, ScoredRun.ceiling)),
    }


def _task(compared: ComparedRuns, number: int, task: str) -> None:
    rows, figure = compared.once(("dots", number), lambda: _picture(compared, task))
    lines = sum(max(2, row.name.count(" · ") + 1) for row in rows)
    st.markdown(f"**{escaped(task)}**")
    chart(
        figure,
        key=f"compare.dots.{number}",
        alt=f"{compared.metric(task)} of {task} in each group: {_told(rows)}.",
        how_to_read="Marker and bar: mean and 95 % interval over seeds; with few seeds it may run "
        "out of the picture, which ends where the score does. Dots: single seeds. Rings: not "
        "finished. Dotted: an answer without learning; long dashes: people, where known."
        if number == 0
        else "",
        height=lines * _LINE + len(rows) * _PADDING + _FRAME,
        filename=f"scores-{number + 1}",
    )


def _picture(compared: ComparedRuns, task: str) -> tuple[list[Dots], dict]:
    """The rows of the picture of a task, and the picture."""
    groups = [group for group in compared.groups if any(task in run.tasks for run in group.runs)]
    rows = [_dots(compared.groups.index(group), group, task) for group in groups]
    marks = (_agreed(compared, task, mark) for mark in (ScoredRun.floor, ScoredRun.ceiling))
    return rows, figures.score_dots(rows, compared.metric(task), *marks)


def _dots(number: int, group: Group, task: str) -> Dots:
    found = scored_runs.once_for(group.used, ("spread", task), lambda: spread_of(group, task))
    known = [run for run in group.used if math.isfinite(run.score(task))]
    open_ended = [
        run.score(task) for run in group.runs if not run.counts and math.isfinite(run.score(task))
    ]
    return Dots(
        group.label,
        number,
        [run.score(task) for run in known],
        [f"run {run.id}, seed {run.seed}" for run in known],
        open_ended,
        math.nan if found is None else found.mean,
        math.nan if found is None else found.high - found.mean,
    )


def _agreed(compared: ComparedRuns, task: str, mark: Mark) -> float:
    """What an answer without learning scores, or people; NaN where the runs do not agree on it."""
    found = {
        round(mark(run, task), 4)
        for run in compared.runs
        if task in run.tasks and run.best_update is not None
    }
    return found.pop() if len(found) == 1 else math.nan


def _told(rows: list[Dots]) -> str:
    """The means in words, for those who do not see the picture."""
    return "; ".join(f"{row.name} {score(row.mean)}" for row in rows)


def papers_section(compared: ComparedRuns) -> None:
    """A table for the groups that repeat a paper's experiment; nothing where none does."""
    found = compared.once("papers", lambda: published(compared))
    if not found:
        return
    st.subheader("Beside the papers' tables", anchor="papers")
    st.dataframe([paper_row(compared, *each) for each in found], hide_index=True, height="content")
    for flag, tasks in _flags(found).items():
        st.warning(f"* **{listed(tasks)}**: {flag}.")
    st.caption(_BESIDE)


def published(compared: ComparedRuns) -> Found:
    """What the papers print for the tasks of each group that repeats an experiment."""
    configs = {run.summary.id: run.config for run in compared.picked}
    return [
        (group, task, each)
        for group in compared.groups
        if group.used
        for task, each in published_scores(configs[group.used[-1].id]).items()
    ]


def paper_row(
    compared: ComparedRuns, group: Group, task: str, printed: Published
) -> dict[str, object]:
    """One task of one group: here, there, and what guessing scores."""
    here = spread_of(group, task)
    mean, error = (float("nan"), float("nan")) if here is None else (here.mean, here.error)
    run = group.used[-1]
    return {
        "group": group.label,
        "task": task,
        "metric": compared.metric(task),
        "here": score(mean, error),
        "seeds": 0 if here is None else here.seeds,
        "published": f"{score(printed.score)}{' *' if printed.flag else ''}",
        "here − published": f"{mean - printed.score:+.3f}".replace("-", "−"),
        "without learning": score(run.floor(task)),
        "source": printed.source,
    }


def _flags(found: Found) -> dict[str, list[str]]:
    """What is wrong with published numbers, and with which."""
    flags: dict[str, list[str]] = {}
    for _, task, each in found:
        if each.flag and escaped(task) not in flags.setdefault(each.flag, []):
            flags[each.flag].append(escaped(task))
    return flags
