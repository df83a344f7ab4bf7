"""The papers' own numbers beside those of the groups that repeat their experiments."""

import streamlit as st

from mtlviz.engine.published import Published, published_scores
from mtlviz.runs.comparison import Group, spread_of
from mtlviz.ui.compare.scene import Scene
from mtlviz.ui.core.words import escaped, listed, score

Found = list[tuple[Group, str, Published]]
_BESIDE = (
    "A paper's score is of its full experiment; encoder size, budget and sampling may differ from "
    "these runs. Papers that print one run each say nothing about seeds: a difference of a point "
    "or two is within what another seed would give. ± is one standard error over seeds."
)


def papers_section(scene: Scene) -> None:
    """A table for the groups that repeat a paper's experiment; nothing where none does."""
    found = scene.once("papers", lambda: published(scene))
    if not found:
        return
    st.subheader("Beside the papers' tables", anchor="papers")
    st.dataframe([row(scene, *each) for each in found], hide_index=True, height="content")
    for flag, tasks in _flags(found).items():
        st.warning(f"* **{listed(tasks)}**: {flag}.")
    st.caption(_BESIDE)


def published(scene: Scene) -> Found:
    """What the papers print for the tasks of each group that repeats an experiment."""
    configs = {run.summary.id: run.config for run in scene.picked}
    return [
        (group, task, each)
        for group in scene.groups
        if group.used
        for task, each in published_scores(configs[group.used[-1].id]).items()
    ]


def row(scene: Scene, group: Group, task: str, printed: Published) -> dict[str, object]:
    """One task of one group: here, there, and what guessing scores."""
    here = spread_of(group, task)
    mean, error = (float("nan"), float("nan")) if here is None else (here.mean, here.error)
    run = group.used[-1]
    return {
        "group": group.label,
        "task": task,
        "metric": scene.metric(task),
        "here": score(mean, error),
        "seeds": 0 if here is None else here.seeds,
        "published": f"{score(printed.score)}{' *' if printed.flag else ''}",
        "here − published": f"{mean - printed.score:+.3f}".replace("-", "−"),
        "constant answer": score(float(run.baselines[run.tasks.index(task)])),
        "source": printed.source,
    }


def _flags(found: Found) -> dict[str, list[str]]:
    """What is wrong with published numbers, and with which."""
    flags: dict[str, list[str]] = {}
    for _, task, each in found:
        if each.flag and escaped(task) not in flags.setdefault(each.flag, []):
            flags[each.flag].append(escaped(task))
    return flags
