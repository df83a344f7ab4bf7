"""The pictures of a sweep: all settings, what each does, pairs, tasks, and curves."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import streamlit as st

from mtlviz.engine.measures.sweeps import two_settings
from mtlviz.engine.measures.transfer import paired_interval, signed
from mtlviz.figures.sweep_effects import setting_effects, setting_importances
from mtlviz.figures.sweep_lines import parallel_lines, value_pairs
from mtlviz.figures.sweep_tasks import Arm, arm_curves, task_front, tasks_against_mean
from mtlviz.runs.sweep.words import confounded, interval_sentence, learned, name_of
from mtlviz.ui.component import chart
from mtlviz.ui.core.controls import control
from mtlviz.ui.core.words import counted, listed
from mtlviz.ui.pages.sweep.settings import SHOWN
from mtlviz.ui.pages.sweep.view import SweepView, evaluations

_ARMS = 5
_FEWEST = 2
_STAGES = 20
_MANY = 20


def lines(view: SweepView) -> None:
    """A line for every setting."""
    found = view.found
    kept = found.order[: SHOWN.now.best or len(found.order)]
    best, worst = (name_of(view.sweep, kept[place]) for place in (0, -1))
    chart(
        parallel_lines(
            found.axes(len(kept)), found.known.means[kept].mean(axis=1),
            found.points.names[: len(kept)], kept, chosen=SHOWN.now.chosen,
            revision=f"sweep.{view.sweep.id}",
        ),
        key="sweep.lines.picture",
        alt=f"{counted(len(kept), 'setting')}, a line each across the values of "
        f"{listed(found.names)} to the mean score. The best is {best}, the lowest {worst}.",
        how_to_read="From the right: blue lines are the best fifth of the settings, orange ones "
        "the worst. A value that blue lines come through together matters. Click one to choose it.",
        height=330, events=("click",), filename=f"sweep-{view.sweep.id}-settings",
    )  # fmt: skip
    if len(found.order) > _MANY:
        with st.container(width=220):
            control(SHOWN, "best", look="field", placeholder="all")


def effects_picture(view: SweepView) -> None:
    """What each value does to the mean."""
    found = view.found
    if len(found.order) < _FEWEST:
        return
    st.markdown("**What each value does**")
    sure = [
        f"{name} {word} {signed(points)}"
        for name, words, each in zip(found.names, found.values, found.effects, strict=True)
        for word, points, half in zip(words, each.points, each.half, strict=True)
        if np.isfinite(half) and abs(points) > half
    ]
    rows = sum(found.sizes) + len(found.sizes)
    over = interval_sentence(found.effects[0])
    notes = dict.fromkeys([over, *map(confounded, found.effects), learned(view.sweep)])
    noted = "".join(f" {each}" for each in notes if each)
    chart(
        setting_effects(found.names, found.values, found.effects),
        key="sweep.effects.picture",
        alt="Difference of each value to the mean over values, in points. "
        f"Told apart from zero: {listed(sure) or 'none'}.{noted}",
        how_to_read="Bars: 95 % intervals. ▲ more, ▼ less than the mean, grey cannot be told "
        f"apart.{noted}",
        height=max(230, 26 * rows + 60), filename=f"sweep-{view.sweep.id}-effects",
    )  # fmt: skip


def importances_picture(view: SweepView) -> None:
    """How much each setting explains, beside chance."""
    found = view.found
    if len(found.order) < _FEWEST:
        return
    st.markdown("**How much each setting matters**")
    told = [name for name, each in zip(found.names, found.importances, strict=True) if each.told]
    chart(
        setting_importances(found.names, found.importances),
        key="sweep.importance.picture",
        alt=f"Share of the variance among {counted(len(found.order), 'setting')} that each "
        f"explains. Told from noise: {listed(told) or 'none'}.",
        how_to_read="Grey band: what 95 of 100 settings without effect explain at most, by "
        "shuffles of the scores or by what seeds do to its values, whichever is more (by seeds "
        "alone in grids as small as 2 × 3, which have too few shuffles). Over "
        f"{counted(len(found.order), 'setting')} with a score at every seed.",
        height=max(230, 52 * len(found.names) + 70), filename=f"sweep-{view.sweep.id}-importance",
    )  # fmt: skip


def pairs(view: SweepView) -> None:
    """Any two settings together."""
    found, names = view.found, view.found.names
    if len(names) < _FEWEST:
        st.caption("This sweep tries one setting alone.")
        return
    row, column = _two(names, "rows", "columns")
    sizes = found.sizes[row], found.sizes[column]
    cells = two_settings(found.known.means, found.codes, row, column, sizes)
    top = np.unravel_index(np.nanargmax(cells), cells.shape)
    chart(
        value_pairs((names[row], found.values[row]), (names[column], found.values[column]), cells),
        key="sweep.pairs.picture",
        alt=f"Mean score of each pair of {names[row]} and {names[column]} less the mean of all; "
        f"highest at {found.values[row][top[0]]} and {found.values[column][top[1]]}, "
        f"{signed(cells[top])} points.",
        how_to_read="Blue pairs score above the mean of all settings, orange ones below, in "
        "points; blank pairs were not tried.",
        height=320, filename=f"sweep-{view.sweep.id}-pairs",
    )  # fmt: skip


def per_task(view: SweepView) -> None:
    """Each task's score over the mean."""
    found, tasks = view.found, view.found.known.tasks
    best = [found.points.names[int(np.argmax(found.points.scores[:, task]))]
            for task in range(len(tasks))]  # fmt: skip
    pairs = "; ".join(f"{task}: {name}" for task, name in zip(tasks, best, strict=True))
    chart(
        tasks_against_mean(found.points, tasks, SHOWN.now.chosen),
        key="sweep.tasks.picture",
        alt=f"Each task's score over the mean. Highest mean per task, not tested: {pairs}.",
        how_to_read="A point a setting and task; stars are each task's highest mean, not tested. "
        "A star left of the rightmost points: choosing by the mean may cost this task something.",
        height=380, events=("click",), filename=f"sweep-{view.sweep.id}-tasks",
    )  # fmt: skip


def tasks_front(view: SweepView) -> None:
    """Two tasks against each other."""
    found, tasks = view.found, list(view.found.known.tasks)
    if len(tasks) < _FEWEST:
        st.caption("This sweep trains one task alone.")
        return
    across, up = _two(tasks, "first", "second")
    count = int(found.front.sum())
    chart(
        task_front(found.points, across, up, tasks, found.front, SHOWN.now.chosen),
        key="sweep.front.picture",
        alt=f"{tasks[up]} over {tasks[across]}, a point a setting: {count} of "
        f"{len(found.points.names)} are on the Pareto front over all tasks.",
        how_to_read=f"Blue: no other setting scores as much on every one of {len(tasks)} tasks. "
        "Means over seeds: of two settings that cannot be told apart one may still look beaten.",
        height=380, events=("click",), filename=f"sweep-{view.sweep.id}-front",
    )  # fmt: skip


def curves(view: SweepView) -> None:
    """The best settings, and the chosen one, through training."""
    arms = list(dict.fromkeys([*view.found.order[:_ARMS], SHOWN.now.chosen]))
    drawn = [arm for number in arms if number in view.found.order and (arm := _arm(view, number))]
    if not drawn:
        st.caption("No scores through training are stored.")
        return
    chart(
        arm_curves(drawn), key="sweep.curves.picture",
        alt=f"Mean score over tasks through training of {listed([arm.name for arm in drawn])}.",
        how_to_read="The best settings and the chosen one. Bands: 95 % intervals over seeds.",
        height=380, filename=f"sweep-{view.sweep.id}-curves",
    )  # fmt: skip


def _arm(view: SweepView, number: int) -> Arm | None:
    """A setting's scores at so many stages of its training."""
    stages = np.linspace(0, 1, _STAGES + 1)[1:]
    rows = []
    for run in view.found.known.runs[number]:
        summary = view.runs.get(int(run))
        scored = [] if summary is None else evaluations(summary)
        if scored and summary.planned:
            share = [each.update / summary.planned for each in scored]
            means = [float(each.scores.mean()) for each in scored]
            rows.append(np.interp(stages, share, means, left=np.nan))
    if not rows:
        return None
    mean, low, high = paired_interval(np.array(rows).T)
    kept = np.isfinite(mean)
    return Arm(name_of(view.sweep, number), stages[kept], mean[kept], low[kept], high[kept])


def _two(names: Sequence[str], first: str, second: str) -> tuple[int, int]:
    """Two of these, chosen in two lists; where the link names none, the first two."""
    for path, place in ((first, 0), (second, 1)):
        if SHOWN.now.value_at(path) not in names:
            SHOWN.change(**{path: names[place]})
    if SHOWN.now.value_at(first) == SHOWN.now.value_at(second):
        other = next(name for name in names if name != SHOWN.now.value_at(first))
        SHOWN.change(**{second: other})
    with st.container(horizontal=True):
        for path in (first, second):
            control(SHOWN, path, choices={name: name for name in names})
    return tuple(list(names).index(SHOWN.now.value_at(path)) for path in (first, second))  # type: ignore[return-value]
