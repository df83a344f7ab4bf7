"""The next sweep before it starts: runs, time and memory, and the button."""

from __future__ import annotations

from collections.abc import Iterator

import streamlit as st

from mtlviz.errors import MtlvizError
from mtlviz.runs.launcher import launcher_of, offered
from mtlviz.runs.sweep.cost import Cost, sweep_cost
from mtlviz.runs.sweep.plan import SweepPlan, place_name
from mtlviz.runs.sweep.runs import begin_sweep, check_sweep, facts_once
from mtlviz.ui.core import run_estimates, run_records, session, work
from mtlviz.ui.core.controls import control
from mtlviz.ui.core.session import visitor
from mtlviz.ui.core.words import counted, duration, listed, sentence
from mtlviz.ui.pages.sweep.settings import FORM, SHOWN

BEGUN = "sweep.begun"
"""Where the session keeps that a sweep was begun right now, so that the form is folded."""
_PURPOSE = "sweep.cost"
_MEGA = 1e6


def next_size() -> str:
    """How many runs the next sweep is made of, or that it cannot run and why: one line."""
    try:
        plan = FORM.now.plan()
        check_sweep(plan)
    except MtlvizError as error:
        return f"**The next sweep cannot run:** {sentence(str(error))}"
    return f"The next sweep: {counted(plan.count * plan.seeds, 'run')}."


def start_form() -> None:
    """What the settings beside it amount to, and the one click that queues it."""
    try:
        plan = FORM.now.plan()
        check_sweep(plan)
    except MtlvizError as error:
        st.error(sentence(str(error)))
        return
    st.markdown(_what(plan))
    # How many a cluster works on at once only it knows.
    at_once = None if _launcher() is None else 1
    key = ("sweep cost", plan.model_dump_json(), at_once)
    job = work.shared(key, lambda: _costs(plan, at_once), _PURPOSE)
    work.live(lambda: st.caption(_cost(job, plan)), lambda: job.running, every=0.7)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        control(FORM, "name", placeholder="named after the run")
        _where()
        if st.button(
            f"Queue {counted(plan.count * plan.seeds, 'run')}", type="primary", key="sweep.start",
            help="Each is a process of its own; leave the page or close it meanwhile. What is "
            "trained already, with built-in tasks, is not trained again.",
        ):  # fmt: skip
            _start(plan)


def _what(plan: SweepPlan) -> str:
    within = {path: f" {plan.over[path][0]}" for path in plan.ranges}
    names = listed([place_name(path) + within.get(path, "") for path in plan.over])
    if plan.ranges:
        names = names.replace(":log", " evenly in its logarithm")
        settings = f"{counted(plan.count, 'setting')} ({names})"
    else:
        sizes = " × ".join(str(len(values)) for values in plan.over.values())
        product = f"{sizes} = " if len(plan.over) > 1 else ""
        chosen = "" if plan.search == "grid" else f"{plan.count} of "
        settings = f"{chosen}{product}{counted(plan.combinations, 'setting')} ({names})"
    return (
        f"**{counted(plan.count * plan.seeds, 'run')}**: {settings}, each with "
        f"{counted(plan.seeds, 'seed')}."
    )


def _where() -> None:
    """This machine, or the cluster by its kind; its address is not for whoever looks."""
    kind = (offered() or "").partition(" ")[0]
    named = {"machine": "this machine", "cluster": f"the cluster ({kind.capitalize()})"}
    control(FORM, "where", choices=named)


def _launcher() -> str | None:
    """Name of the launcher that is chosen; None for the queue of this machine."""
    return offered() if FORM.now.where == "cluster" else None


def _costs(plan: SweepPlan, at_once: int | None) -> Iterator[Cost]:
    yield sweep_cost(plan, facts_once(), run_estimates.speed(), at_once)


def _cost(job: work.Job, plan: SweepPlan) -> str:
    if job.error is not None:
        return f"Time and memory: not known. {sentence(job.error)}"
    if not isinstance(job.part, Cost):
        return "Time and memory: as soon as the data is counted …"
    cost = job.part
    alone = f", with {counted(cost.alone, 'run')} of single tasks" if cost.alone else ""
    memory = f"; {cost.memory / _MEGA:.0f} MB each at most" if cost.memory else ""
    if cost.seconds is None:
        return f"Time: the first runs will tell{alone}{memory}."
    pace = "one after the other" if cost.at_once == 1 else f"{cost.at_once} at once"
    return (
        f"About **{duration(cost.seconds)}** in all, {pace}{alone}, within a factor of two on an "
        f"idle machine{memory}."
    )


def _start(plan: SweepPlan) -> None:
    store = run_records.store()
    try:
        with st.spinner(f"Queueing {counted(plan.count * plan.seeds, 'run')} …"):
            sweep = begin_sweep(store, plan, launcher_of(store, _launcher()), visitor())
    except MtlvizError as error:
        st.error(sentence(str(error)))
        return
    SHOWN.change(sweep=sweep.id, chosen=None, rows="", columns="", first="", second="")
    session.put(BEGUN, True)
    st.rerun()
