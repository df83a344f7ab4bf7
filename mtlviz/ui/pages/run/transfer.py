"""What training together did to each task of a run, where its single-task baselines exist."""

import streamlit as st

from mtlviz.engine.measures.transfer import ONE_SEED, signed
from mtlviz.runs.summary import RunSummary
from mtlviz.ui.core import run_records, scored_runs
from mtlviz.ui.core.words import escaped, listed


def transfer(run: RunSummary | None) -> None:
    """One sentence: each task's score less that of the same task alone, with the same seed."""
    if run is None or run.status != "finished" or not (told := gains(run)):
        return
    st.markdown(
        f"**Against training alone**, with the same seed: {listed(told)} ({ONE_SEED}; Compare "
        "pairs all seeds)."
    )


def gains(run: RunSummary) -> list[str]:
    """`letters +3.2 points against run 7`, for each task that was trained alone."""
    alone = scored_runs.single_task_runs(run)
    if not alone:
        return []
    known, _ = scored_runs.readable(run_records.store().runs(("finished",)))
    scored = {each.summary.id: scored_runs.outcome(each) for each in known
              if each.summary.id in {run.id, *alone.values()}}  # fmt: skip
    mine = dict(zip(scored[run.id].tasks, scored[run.id].scores, strict=True))
    found = []
    for task, number in alone.items():
        theirs = dict(zip(scored[number].tasks, scored[number].scores, strict=True))
        points = 100 * (mine[task] - theirs[task])
        if points == points:  # A score that is no number has no difference.
            found.append(f"{escaped(task)} **{signed(points)}** points (run {number})")
    return found
