"""One update: who pulled where, and what every combiner would have made of it."""

import numpy as np
import streamlit as st

from mtlviz.engine.config import RunConfig
from mtlviz.engine.measures.conflict import cosines
from mtlviz.engine.measures.conflict_plane import plane_from_gram
from mtlviz.engine.records import StepRecord
from mtlviz.figures import one_update as figures
from mtlviz.runs.summary import RunSummary
from mtlviz.ui import cache, state
from mtlviz.ui.component import chart
from mtlviz.ui.run.counterfactual import HURTS_NONE, Moment, Outcome, made, moment, outcomes
from mtlviz.ui.words import grouped

_THOUSANDS = {0: "", -3: " in thousandths", -6: " in millionths", -9: " in billionths"}


def chosen_update(run: RunSummary) -> int | None:
    """The update looked at: the one chosen, or the last one recorded; None before there is one."""
    if run.updates == 0:
        return None
    chosen = state.remember("run.update", None)
    last = run.updates - 1
    return last if chosen is None else min(int(str(chosen)), last)


def update_slider(run: RunSummary, update: int) -> None:
    """Choose the update to look at; it stays at the latest until it is moved."""
    last = max(1, (run.planned or run.updates) - 1)
    state.set_widget("run.moment", update)
    st.slider(
        "Update",
        0,
        last,
        key="run.moment",
        on_change=lambda: state.put("run.update", state.widget("run.moment")),
        help="The update that the pictures below look at. A click on a curve chooses one too.",
    )


def one_update(run: RunSummary, config: RunConfig, update: int) -> None:
    """Cosines, directions and counterfactuals of one update."""
    names = [task.name for task in config.data.tasks]
    record = cache.store().step(run.id, update)
    seen = None if record is None else moment(record)
    if record is None or seen is None:
        every = config.probes.gram_every
        advice = f"they are taken every {every} updates" if every else "they were switched off"
        st.info(f"No gradients were recorded at update {grouped(update)}: {advice}.")
        return
    if not np.diagonal(seen.gram).any():
        st.info("The tasks share no weights, so they have no shared gradients.")
        return
    if len(seen.due) == 1:
        st.info(
            f"Only {names[seen.due[0]]} was due at update {grouped(update)}: with one gradient "
            "there is nothing to combine."
        )
        return
    left, right = st.columns(2)
    with left:
        _matrix(record, names)
    with right:
        _plane(seen, names)
    _table(seen, config, names)


def _matrix(record: StepRecord, names: list[str]) -> None:
    chart(
        figures.cosine_matrix(cosines(np.asarray(record.gram, dtype=np.float64)), names),
        key="run.matrix",
        alt=f"Cosines between the tasks' gradients at update {record.update}.",
        how_to_read="Orange: the two tasks pull apart. Blue: together. Blank: no gradient.",
        height=320,
        filename="cosine-matrix",
    )


def _plane(seen: Moment, names: list[str]) -> None:
    due = [names[task] for task in seen.due]
    share = plane_from_gram(seen.gram).share
    kept = [
        f"{name} {part:.0%}" for name, part in zip(due, share, strict=True) if np.isfinite(part)
    ]
    chart(
        figures.downhill(seen.gram, seen.weights, due, seen.due.tolist()),
        key="run.plane",
        alt="Each task's downhill direction and the update's, in the plane that shows most.",
        how_to_read="Arrows point to where each task's loss falls; grey is the update (direction "
        f"only). Share of each arrow's length that the plane shows: {', '.join(kept)}.",
        height=320,
        filename="directions",
    )


def _table(seen: Moment, config: RunConfig, names: list[str]) -> None:
    st.markdown("**What every combiner would have done with these gradients**")
    if not seen.step > 0:
        st.info("The step size is 0 at this update, so that no combiner would move anything.")
        return
    state.set_widget("run.same_length", state.remember("run.matched", False))
    st.toggle(
        "All as long as the sum",
        key="run.same_length",
        on_change=lambda: state.put("run.matched", state.widget("run.same_length")),
        help="Methods scale their weights differently, which acts as a hidden learning rate. "
        "Switch this on to compare directions alone.",
    )
    same_length = bool(state.remember("run.matched", False))
    mine = made(seen, config, names)
    others = outcomes(seen, config, names, same_length=same_length)
    st.markdown(_sentence(mine, others))
    due = [names[task] for task in seen.due]
    scale = _scale([mine, *others])
    st.dataframe(
        [_row(each, due, config, scale) for each in (mine, *others)],
        hide_index=True,
        height="content",
        key="run.combiners",
        column_config={name: st.column_config.NumberColumn(format="%+.3g") for name in due}
        | {"length": st.column_config.NumberColumn(format="%.2f ×")},
    )
    st.caption(
        f"Predicted change of each task's training loss{_THOUSANDS[scale]}; below zero is better. "
        "First order: −η G w for a plain gradient step of this update's step size "
        f"η = {seen.step:.2g}, clipped as in the run (AdamW's real step differs). Length: of the "
        "update before clipping, against the plain sum. GradVac learns from earlier updates; here "
        "it starts fresh."
    )


def _sentence(mine: Outcome, others: list[Outcome]) -> str:
    kind = [each for each in others if each.words == HURTS_NONE]
    return (
        f"The update that was made: **{mine.words}**, to first order; {len(kind)} of "
        f"{len(others)} combiners would have hurt no task."
    )


def _scale(shown: list[Outcome]) -> int:
    """The power of ten in which the changes are told, so that most have a digit before the dot."""
    largest = max(np.nanmax(np.abs(each.changes), initial=0.0) for each in shown)
    return next((power for power in _THOUSANDS if largest >= 10.0**power), 0)


def _row(outcome: Outcome, due: list[str], config: RunConfig, scale: int) -> dict[str, object]:
    name = outcome.name.replace("_", " ")
    mark = " (its combiner)" if outcome.name == config.optimisation.combiner else ""
    changes = dict(zip(due, (outcome.changes / 10.0**scale).tolist(), strict=True))
    return {
        "combiner": f"{name}{mark}",
        "in words": outcome.words,
        **changes,
        "length": outcome.relative,
    }
