"""What transfer is measured against, and the runs that are missing for it."""

import streamlit as st

from mtlviz.engine.config import RunConfig
from mtlviz.errors import MtlvizError
from mtlviz.runs import queue
from mtlviz.runs.scored_run import ScoredRun
from mtlviz.runs.single_task import KINDS, TaskSignature, is_covered, missing
from mtlviz.ui.core import run_actions, run_records, session
from mtlviz.ui.core.controls import control
from mtlviz.ui.core.run_words import numbered
from mtlviz.ui.core.words import counted, escaped
from mtlviz.ui.pages.compare.compared_runs import ComparedRuns
from mtlviz.ui.pages.compare.settings import COMPARISON

_MOST_TOLD = 6
_ASKED = "compare.asked_alone"


def measured_against(compared: ComparedRuns) -> None:
    """What the baseline is, the choice of another, and which runs have none."""
    control(COMPARISON, "baseline", key="compare.kind", value=compared.kind, look="segmented")
    if compared.has_transfer:
        st.caption(
            f"Alone means: {KINDS[compared.kind]}, with the same data, seed and settings, for "
            "as many updates as the task takes part in together, scored as often. Every run is "
            "judged at its evaluation with the best mean, which a task alone chooses for itself."
        )
    if compared.kind == "alone" and any(_own_words(run.config) for run in compared.picked):
        st.caption(
            "An encoder trained from scratch knows the words of its run's training texts: alone, "
            "a small task knows fewer words, which may be a part of the difference."
        )
    unpaired = _unpaired(compared)
    if compared.has_transfer and unpaired:
        st.caption(f"Without a baseline, so left out: {'; '.join(unpaired)}.")


def _own_words(config: RunConfig) -> bool:
    """Whether the vocabulary is made of the run's own texts."""
    return config.capacity.encoder != "checkpoint" and len(config.data.tasks) > 1


def _unpaired(compared: ComparedRuns) -> list[str]:
    """Groups, tasks and runs that have no baseline; groups without any are named above."""
    found = []
    for group in compared.together:
        runs = {task: compared.transfers[group.label, task].unpaired for task in compared.tasks}
        if compared.has_any(group):
            found += [f"**{escaped(task)}** of {escaped(group.label)} ({numbered(each)})"
                      for task, each in runs.items() if each]  # fmt: skip
    more = len(found) - _MOST_TOLD
    return [*found[:_MOST_TOLD], f"{more} more"] if more > 0 else found


def offer_runs(compared: ComparedRuns) -> None:
    """Where tasks have no baseline: say so, and offer to train it."""
    wanted = _without_baseline(compared)
    waiting = frozenset(mark for mark in wanted if is_covered(mark, (), compared.waiting))
    if waiting:
        told = counted(len(waiting), "single-task run")
        verb = "waits or runs" if len(waiting) == 1 else "wait or run"
        st.info(f"{told} {verb}; the matrix fills as they finish.")
    wanted = wanted - waiting
    if not wanted:
        return
    if session.take(_ASKED):
        with st.spinner("Reading how many examples the tasks have …"):
            _train_alone(compared)
        st.rerun()
    with st.container(horizontal=True, vertical_alignment="center"):
        if not compared.has_transfer:
            st.markdown(
                "**Nothing to measure transfer against yet**: no finished run trains these tasks "
                "alone with the same data, seeds and number of updates."
            )
        st.button(
            "Train each task alone, same seeds",
            key="compare.train_alone",
            type="primary" if not compared.has_transfer else "secondary",
            on_click=session.put,
            args=(_ASKED, True),
            help=f"Puts {counted(len(wanted), 'run')} into the queue, one for each task, seed and "
            "budget that has none. Together they take about as long as the runs they are compared "
            "with.",
        )
        st.caption(counted(len(wanted), "run"))


def _without_baseline(compared: ComparedRuns) -> frozenset[TaskSignature]:
    """Signatures of tasks trained together that no single-task run has."""
    if compared.kind != "alone":
        return frozenset()
    return frozenset(
        mark
        for group in compared.together
        for run in group.used
        if _wants_baselines(run)
        for mark in compared.marks[run.id]
        if mark is not None and mark not in compared.alone
    )


def _wants_baselines(run: ScoredRun) -> bool:
    """Whether its tasks may be trained alone here; a recorded run pairs within its pack alone."""
    return len(run.tasks) > 1 and run.summary.recorded is None


def _train_alone(compared: ComparedRuns) -> None:
    """Queue the runs that are missing."""
    used = {run.id for group in compared.together for run in group.used if _wants_baselines(run)}
    chosen = [
        (run, known.config)
        for run, known in zip(compared.runs, compared.picked, strict=True)
        if run.id in used
    ]
    try:
        configs = missing(chosen, compared.alone, compared.waiting)
        queue.start_all(run_records.store(), configs, session.visitor())
        COMPARISON.change(baseline="alone")
    except MtlvizError as error:
        session.put(run_actions.PROBLEM, str(error))
