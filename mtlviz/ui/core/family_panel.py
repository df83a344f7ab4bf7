"""What training together did, over seeds and against each task alone; and how to find it out."""

from collections.abc import Sequence

import streamlit as st

from mtlviz.engine.config import RunConfig
from mtlviz.engine.estimate.facts import DataFacts
from mtlviz.errors import MtlvizError
from mtlviz.runs import plan_runs
from mtlviz.runs.family import Family
from mtlviz.runs.summary import RunSummary
from mtlviz.ui.component.live_text import live_text
from mtlviz.ui.core import families, guess, live, run_actions, run_records, scored_runs, session
from mtlviz.ui.core.existing_runs import missing_runs
from mtlviz.ui.core.run_choice import choose_run
from mtlviz.ui.core.run_words import numbered
from mtlviz.ui.core.words import duration, escaped

SEEDS = 5
"""So many seeds give an interval that is worth reading."""
_ASKED = "family.asked"


def family_progress(members: Sequence[RunSummary], runs: Sequence[RunSummary], key: str) -> None:
    """How far runs are that were begun together; the browser keeps it up to date.

    Args:
        members: These runs, at least one of which waits or trains.
        runs: All runs of the store.
        key: Name on the page.
    """
    covered = guess.covers("outcome")
    place = live.feed(runs, covered).described(live.family_name(members, covered))
    name = f"{key}.{members[0].id}{'.covered' * covered}"
    live_text(families.told(members, covered), key=name, feed=place)


def family_verdict(run: RunSummary, runs: Sequence[RunSummary], key: str) -> None:
    """What a run's family shows, or how far it is; a question about it covers what it shows.

    Args:
        run: The run.
        runs: All runs of the store.
        key: Name on the page.
    """
    members = families.members(runs, run.family)
    if any(each.pending for each in members):
        family_progress(members, runs, key)
    elif run.status == "finished" and not guess.covers("outcome"):
        verdict(run)


def queue_family(config: RunConfig, facts: DataFacts | None = None) -> bool:
    """Queue what is missing of a run over seeds, with each task alone, and choose it to look at.

    Args:
        config: The run of the first seed.
        facts: The data of its tasks; None to count it now.

    Returns:
        Whether that could be done; why not, the page says.
    """
    try:
        store = run_records.store()
        if wanted := missing_runs(config, SEEDS, facts):
            choose_run(plan_runs.begin(store, wanted, session.visitor()))
    except MtlvizError as error:
        session.put(run_actions.PROBLEM, str(error))
        return False
    return True


def verdict(run: RunSummary) -> None:
    """What a finished run and its other seeds show, and what is missing to show more."""
    found = scored_runs.family_of(run)
    if found is None:
        return
    if told := found.sentence(lambda task: f"**{escaped(task)}**"):
        st.markdown(told, help=_measured_against(found))
    _offer(run, found)


def _measured_against(found: Family) -> str:
    together, alone = map(numbered, (found.together, found.alone))
    return (
        f"Scores of {together} less those of each task trained alone ({alone}) with the same data, "
        "seed and number of updates. Each is judged at its best evaluation, which a task alone "
        "chooses for itself."
    )


def _offer(run: RunSummary, found: Family) -> None:
    """A button that queues further seeds and the tasks alone, where a sentence needs them."""
    config = run_records.run_config(run)
    # The seeds and tasks alone of a recorded run would be of this machine, and pair with none.
    complete = not (found.one_seed or found.unmeasured) or run.recorded is not None
    if complete or not plan_runs.knows_budgets(config):
        return
    if session.take(_ASKED) == run.id:
        with st.spinner("Reading how many examples the tasks have …"):
            queue_family(config)
        st.rerun()
    label = "Add seeds" if found.one_seed else "Does training together help? Train each task alone"
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button(
            label, key="family.add", on_click=session.put, args=(_ASKED, run.id),
            help=f"Queues what is missing of {SEEDS} seeds, each task alone with each seed among "
            "it: the difference then has an interval.",
        )  # fmt: skip
        if run.started and run.finished:
            seconds = 2 * SEEDS * (run.finished - run.started)
            st.caption(f"{SEEDS} seeds and each task alone: at most about {duration(seconds)}.")
