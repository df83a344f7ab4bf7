"""Whether training in groups pays: each group trained by itself, beside what affinity said."""

from collections.abc import Sequence

import numpy as np
import streamlit as st

from mtlviz.engine.measures.transfer import Transfer, paired_transfer
from mtlviz.figures.text import plain
from mtlviz.runs import affinity_study
from mtlviz.runs.affinity_study import Group, Measured
from mtlviz.runs.study import PairedRuns
from mtlviz.ui.core import run_records
from mtlviz.ui.core.page import link_to
from mtlviz.ui.core.transfer_words import points
from mtlviz.ui.core.words import counted, escaped, table
from mtlviz.ui.pages.capacity import many_words as told
from mtlviz.ui.pages.capacity.affinity_run import AffinityRun, relatives_of
from mtlviz.ui.pages.capacity.many_tasks import ManyTasks
from mtlviz.ui.pages.capacity.plan_time import estimate
from mtlviz.ui.pages.capacity.plans import NextStudy, start_study
from mtlviz.ui.pages.capacity.settings import SHOWN
from mtlviz.ui.pages.capacity.words import VERDICT

Grouping = Sequence[Group]


def groups_in_full(subject: AffinityRun, found: ManyTasks, live: bool) -> None:
    """Every group with its tasks, what was said of it and what it did; and the runs to see that.

    Args:
        subject: The run with its other seeds.
        found: Its groups.
        live: Whether runs of such a study are to come.
    """
    if found.clusters is None:
        return
    groupings = _groupings(found)
    every = tuple(group for grouping in groupings.values() for group in grouping)
    relatives = relatives_of(subject.run, every)
    results = run_records.results(
        run_records.store().run(run) for run in set(relatives.runs.values())
    )
    st.markdown("**Does training in these groups pay?**")
    if VERDICT.shown:
        scores = {
            name: affinity_study.grouping_scores(relatives, grouping, results.get)
            for name, grouping in (groupings | _whole(len(subject.tasks))).items()
        }
        st.markdown(told.pays(scores))
        st.markdown(told.score_table(scores))
    measured = affinity_study.measured_in_groups(relatives, groupings[told.THESE], results.get)
    _table(subject, found, measured)
    if not live:
        _missing(subject, relatives, every)
    link_to(
        "replication",
        "Thirty-two planted tasks over eight draws, recorded",
        ":material/table_chart:",
    )


def _groupings(found: ManyTasks) -> dict[str, Grouping]:
    groupings: dict[str, Grouping] = {told.THESE: found.clusters.members}
    if found.planted is not None:
        labels = np.array(found.planted)
        groupings[told.PLANTED] = [
            tuple(np.flatnonzero(labels == family).tolist()) for family in np.unique(labels)
        ]
    return groupings


def _whole(tasks: int) -> dict[str, Grouping]:
    return {told.ONE: [tuple(range(tasks))], told.ALONE: [(task,) for task in range(tasks)]}


def _missing(subject: AffinityRun, relatives: PairedRuns, groups: Sequence[Group]) -> None:
    """The one click that trains what is missing of these groups."""
    config = run_records.run_config(run_records.store().run(subject.run))
    if not affinity_study.can_be_grouped(config):
        why = told.not_grouped(config)
        with st.container(horizontal=True, vertical_alignment="center"):
            st.button("Train these groups", key="affinity.groups", disabled=True, help=why)
            st.caption(why)
        return
    plan = affinity_study.planned_groups(config, relatives, groups)
    if not plan:
        return
    study = NextStudy(
        affinity_study.KIND, "affinity.groups", lambda: plan, lambda: f"groups of run {subject.run}"
    )
    if st.button(
        f"Train these groups: {counted(len(plan), 'run')}", key="affinity.groups", type="primary",
        help="Each group, and each planted family, on an encoder of its own, with the seeds and "
        "as many updates as the run of all tasks.",
    ):  # fmt: skip
        start_study(study)
        st.rerun()
    estimate(plan, config.data)


def _table(subject: AffinityRun, found: ManyTasks, measured: Sequence[Measured]) -> None:
    """Each group: its tasks, the affinity inside it, and what it did to them."""
    shown = found.by(SHOWN.now.grouped_by)
    rows = [
        [
            ", ".join(escaped(plain(subject.tasks[task])) for task in group),
            _inside(shown, group),
            points(_change([each for each in measured if each.task in group])),
        ]
        for group in found.clusters.members
    ]
    said = told.NAMES[SHOWN.now.grouped_by]
    st.markdown(table(("group", f"{said} inside", "against each alone"), rows))


def _inside(values: np.ndarray | None, group: Group) -> str:
    if values is None or len(group) < 2:
        return "–"
    inside = values[np.ix_(group, group)]
    return f"{np.nanmean(inside[~np.eye(len(group), dtype=bool)]):+.2g}".replace("-", "−")


def _change(measured: Sequence[Measured]) -> Transfer | None:
    """What a group did to its tasks in the mean, paired over the seeds that all have."""
    if not measured:
        return None
    seeds = set.intersection(*(set(each.seeds) for each in measured))
    mean = {seed: np.mean([each.seeds[seed] for each in measured]) / 100 for seed in seeds}
    return paired_transfer(mean, dict.fromkeys(seeds, 0.0))
