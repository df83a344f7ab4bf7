"""The capacity view of text: stored width studies, and the form that starts one."""

import streamlit as st

from mtlviz.engine.measures.widths import Best, Sweep, best, task_differences
from mtlviz.figures.capacity import Region
from mtlviz.runs import capacity_study
from mtlviz.runs.stored_study import StoredStudy, forget_study, studies
from mtlviz.ui.component import chart
from mtlviz.ui.core import guess, link, run_records, work
from mtlviz.ui.core.page import folded
from mtlviz.ui.core.run_actions import act
from mtlviz.ui.core.transfer_words import mean, points
from mtlviz.ui.core.words import counted
from mtlviz.ui.pages.capacity import words
from mtlviz.ui.pages.capacity.paper import paper_table
from mtlviz.ui.pages.capacity.plans import width_form
from mtlviz.ui.pages.capacity.progress import Runs, is_live, progress, runs_of
from mtlviz.ui.pages.capacity.questions import can_be_judged, study_question
from mtlviz.ui.pages.capacity.shown_choice import chosen, row

_WAITS = "Runs are still to come; what you saw is asked when they are done."
_MISSING = "There is no width study {} here; the newest is shown."


def text() -> None:
    """A study's curves beside the paper's table; below or instead, the next study.

    Raises:
        MtlvizError: The chosen tasks or the store cannot be read.
    """
    known = {study.id: study for study in studies(run_records.store(), capacity_study.KIND)}
    if not known:
        st.markdown(
            "How wide should the encoder be, and is **one for all** better than **one for each**? "
            "Every width is trained both ways, with the same seeds."
        )
        st.info("No width study yet. The controls beside this say what the first one is made of.")
        width_form()
        paper_table()
        return
    names = {n: each.name for n, each in known.items()}
    study = known[chosen("study", names, _MISSING, row())]
    work.live(lambda: _study(study), lambda: is_live(runs_of(study)), every=1.5)
    folded("Start another study", "capacity.study.new", width_form)


def _study(study: StoredStudy) -> None:
    """The curves so far; read anew while runs are to come."""
    run_records.tick()
    runs = runs_of(study)
    with st.container():
        progress(study, runs)
    if not runs:
        st.warning("The runs of this study were deleted.")
        st.button(
            "Forget this study", key="capacity.study.forget", on_click=act,
            args=(forget_study, study), help="Takes it off the list.",
        )  # fmt: skip
        return
    tasks = _tasks(runs)
    sweep = capacity_study.sweep(study.runs, run_records.results(runs.values()), len(tasks))
    live = is_live(runs)
    guess.pass_by()
    if can_be_judged(sweep, live):
        question = study_question(str(study.id), tasks, sweep)
        guess.enter(question.name)
        guess.ask(question, waits=_WAITS if live else "")
    if guess.covers("picture"):
        return
    with st.container():
        _shown(study, sweep, tasks, live)
    if guess.covers("answer"):
        return
    left, right = st.columns([3, 2])
    with left:
        _table(sweep, tasks)
    with right:
        paper_table()
    link.write_link()  # What is chosen inside a fragment runs the fragment alone.


def _tasks(runs: Runs) -> list[str]:
    config = run_records.run_config(next(iter(runs.values())))
    return [task.name for task in config.data.tasks]


def _shown(study: StoredStudy, sweep: Sweep, tasks: list[str], live: bool) -> None:
    found = best(sweep)
    if found is None:
        st.info("The curves appear when the first runs of both kinds are finished.")
        return
    told = [*filter(None, _verdicts(sweep, found, tasks, live))] if words.VERDICT.shown else []
    st.markdown("".join(told[:1]))
    chart(
        words.picture(
            sweep, found, _region(sweep, found), y_title="mean score",
            revision=f"capacity.study.{study.id}",
        ),
        key="capacity.study",
        alt=f"Mean development score over the width of the encoder in the study {study.name}: one "
        "encoder for all tasks, one for each, and the difference at each width.",
        how_to_read=words.how_to_read("paired seeds; widths on a logarithmic scale"),
        height=440,
        fit=True,
        filename=f"capacity-study-{study.id}",
    )  # fmt: skip
    st.markdown("  \n".join(told[1:]))


def _verdicts(sweep: Sweep, found: Best, tasks: list[str], live: bool) -> list[str]:
    points = task_differences(sweep, found.together, found.alone)
    told = [
        words.best_verdict(found),
        words.task_verdict(tasks, points),
        words.width_verdict(sweep),
        words.how_chosen(found),
    ]
    if live:
        told.append("Runs are still to come, so this may change.")
    elif not found.apart:
        told.append(
            f"Each side’s best of {counted(len(sweep.widths), 'width')} was chosen by the "
            "very scores that "
            "are compared, which flatters both."
        )
    return told


def _region(sweep: Sweep, found: Best | None) -> Region | None:
    if found is None or found.summed > sweep.widths.max():
        return None
    return Region(found.summed, "as wide as all alone in sum")


def _table(sweep: Sweep, tasks: list[str]) -> None:
    """Task by task at the best widths."""
    found = best(sweep)
    if found is None:
        return
    places = sweep.widths.tolist()
    shared = sweep.together[places.index(found.together)]
    gains = task_differences(sweep, found.together, found.alone)
    rows = [
        {
            "task": task,
            "width alone": width,
            "alone": mean(sweep.alone[places.index(width), :, number]),
            f"together at {found.together}": mean(shared[:, number]),
            "gain (points)": points(gains[number]),
        }
        for number, (task, width) in enumerate(zip(tasks, found.alone, strict=True))
    ]
    st.markdown("**Here**, at the best widths")
    st.dataframe(rows, hide_index=True, height="content")
    unknown = int(words.unknown(sweep))
    st.caption(
        "Development scores, mean ± standard error over seeds; differences with 95 % intervals "
        "over paired seeds."
        + (f" {unknown} scores are missing, of runs not finished or where a constant answer has "
           "no correlation; they are left out." if unknown else "")
    )  # fmt: skip
