"""The affinity view: who helps whom, which tasks to train together, and whether that is true."""

from functools import cache

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from mtlviz.engine.measures.affinity import Correlation, prediction
from mtlviz.engine.measures.grouping import MOST_TASKS
from mtlviz.engine.tasks.families import planted_families
from mtlviz.figures.affinity import affinity_heatmap, received_over_training
from mtlviz.figures.alignment_pairs import Pair, predicted_measured
from mtlviz.questions import Question
from mtlviz.runs import affinity_study
from mtlviz.runs.affinity_study import Measured
from mtlviz.runs.examples import example_settings, packaged
from mtlviz.runs.recorded_runs import Opened
from mtlviz.runs.stored_study import StoredStudy, studies
from mtlviz.ui.component import chart
from mtlviz.ui.core import guess, link, run_records, work
from mtlviz.ui.core.controls import control
from mtlviz.ui.core.memo import Memo
from mtlviz.ui.core.recorded import places
from mtlviz.ui.core.words import sentence
from mtlviz.ui.pages.capacity import words
from mtlviz.ui.pages.capacity.affinity_run import AffinityRun, affinity_run, with_affinity
from mtlviz.ui.pages.capacity.first_sight import first_sight
from mtlviz.ui.pages.capacity.many import many
from mtlviz.ui.pages.capacity.many_words import MEASURE
from mtlviz.ui.pages.capacity.plans import affinity_form
from mtlviz.ui.pages.capacity.progress import is_live, progress, runs_of
from mtlviz.ui.pages.capacity.questions import families_question, grouping_question
from mtlviz.ui.pages.capacity.settings import MOST_ENCODERS, SHOWN, Shown
from mtlviz.ui.pages.capacity.shown_choice import chosen, labels, row, told_recorded
from mtlviz.ui.pages.capacity.words import VERDICT

Array = NDArray[np.float64]
_SEED, _RESAMPLES = 0, 500
_PREDICTIONS = Memo(64)
_FEWEST = 2
_PREDICTS = "Does it predict transfer?"
_MISSING = "Run {} is not finished or has no affinities; the newest is shown."


def affinity() -> None:
    """The suggestion, the matrix, and the test of both.

    Raises:
        MtlvizError: The store cannot be read.
    """
    work.live(_looked_at, lambda: _running() is not None, every=2.0)
    with st.expander(MEASURE, expanded=not with_affinity()):
        affinity_form()
    with st.expander("What is computed, and where it comes from"):
        st.markdown(words.MATHEMATICS)


def _running() -> StoredStudy | None:
    """The newest affinity study with runs to come."""
    for study in studies(run_records.store(), affinity_study.KIND)[:3]:
        if is_live(runs_of(study)):
            return study
    return None


def _looked_at() -> None:
    """What there is now; read anew while runs are to come."""
    run_records.tick()
    guess.pass_by()  # Another run may be chosen without the page's script.
    running = _running()
    with st.container():
        if running is not None:
            progress(running, runs_of(running))
    known = with_affinity()
    if not known:
        if "families" in packaged():
            first_sight("families", _asked_of_example("example"), _of_example)
        st.info(
            "No finished run has recorded affinities yet: whose loss falls by one step for one "
            "task alone, whose rises? Measure some below: the built-in tasks take a few seconds a "
            "run. Or set “Affinity, every … updates” in the Studio."
        )
        return
    line = row()
    subject = affinity_run(chosen("run", known, _MISSING, line), SHOWN.now.groups)
    if len(subject.tasks) > MOST_TASKS:
        many(
            subject,
            lambda shown, title: _against_measured(subject, shown, title),
            running is not None,
            line,
        )
    else:
        with line:
            most = {count: f"at most {count}" for count in range(1, MOST_ENCODERS + 1)}
            control(SHOWN, "groups", choices=most, width=170, label_visibility=labels())
        _few(subject)
    if not guess.covers("picture"):
        st.caption(words.averaged(subject.runs, len(subject.updates), subject.drawn_anew))
        told_recorded([run_records.store().run(subject.run)])
    link.write_link()  # What is chosen inside a fragment runs the fragment alone.


def _of_example(found: Opened) -> str:
    """What the question of the first sight is called once the example's runs have numbers."""
    return _asked_of_example(places(found)["capacity"]["cap_run"]).name


@cache
def _asked_of_example(run: str) -> Question:
    """What is asked of the example, before anything of it is opened."""
    tasks = max((each.data.tasks for each in example_settings("families")), key=len)
    return families_question(run, len(tasks), len(set(planted_families(tasks) or ())))


def _few(subject: AffinityRun) -> None:
    """Tasks few enough that every grouping of them can be tried."""
    if (question := _question(subject)) is not None:
        guess.enter(question.name, SHOWN.now.groups == Shown().groups)
        guess.ask(question)
    if guess.covers("picture"):
        return
    first, *further = _suggestion(subject)
    with st.container():
        st.markdown(first)
    if guess.covers("answer"):
        _matrix(subject)
        return
    left, right = st.columns(2)
    with left:
        _matrix(subject)
        st.markdown("  \n".join(further))
    with right:
        _against_measured(subject, 100 * subject.average.mean, "affinity onto the task (%)")
    _through_training(subject)


def _question(subject: AffinityRun) -> Question | None:
    """Who should train together; None where no grouping is suggested, or only one is allowed."""
    if subject.grouping is None or SHOWN.now.groups == 1:
        return None
    return grouping_question(
        str(subject.run), subject.tasks, subject.grouping, subject.average.mean, SHOWN.now.groups
    )


def _suggestion(subject: AffinityRun) -> list[str]:
    """What is suggested, the most important first; an empty sentence where that is hidden."""
    if not VERDICT.shown:
        return [""]
    if subject.grouping is None:
        return [sentence(subject.problem)]
    if SHOWN.now.groups == 1:
        return ["One encoder at most: there is nothing to choose, all tasks train together."]
    return words.suggestion(subject.grouping, subject.tasks, len(subject.runs))


def _matrix(subject: AffinityRun) -> None:
    alone = tuple((task,) for task in range(len(subject.tasks)))
    covered = subject.grouping is None or guess.covers("answer")
    groups = alone if covered else subject.grouping.groups
    chart(
        affinity_heatmap(
            subject.average, subject.tasks, groups, revision=f"affinity.{subject.run}.{groups}"
        ),
        key="affinity.matrix",
        title="Who lowers whose loss",
        alt="Average lookahead affinity: one row for each task stepped on, one column for each "
        "task whose loss is looked at"
        + ("." if covered else ", tasks of a suggested group side by side."),
        how_to_read="Row: the task a step is taken on. Column: whose loss changes. Blue: it falls, "
        "which helps; orange: it rises. "
        + ("" if covered else "Frames: the suggested groups. ")
        + "Hover for the spread.",
        height=380,
        fit=True,
        filename="affinity",
    )


def _against_measured(subject: AffinityRun, affinity: Array, title: str) -> None:
    """Affinity beside measured transfer, or which runs are missing for that."""
    if len(subject.transfers) < _FEWEST:
        st.markdown(f"**{_PREDICTS}**")
        st.info(words.NOT_ENOUGH)
        return
    pairs = [_pair(subject, each, affinity) for each in subject.transfers]
    chart(
        predicted_measured(pairs, title, revision=f"affinity.{subject.run}.{title}"),
        key="affinity.measured",
        title=_PREDICTS,
        alt="One dot for each task and its company: average affinity, and the change of the score "
        "that training together gave, with 95 % intervals over seeds.",
        how_to_read="If affinity predicts transfer, dots rise from left to right. Bars: 95 % "
        "intervals over paired seeds; grey cannot be told apart from zero.",
        height=320,
        fit=True,
        filename="affinity-measured",
    )
    st.markdown(words.correlation(_prediction(subject, affinity, title), len(pairs)))
    flattered = (
        "A pair is scored at the best mean of its own tasks, tasks apart at the best mean of all: "
        "this flatters company a little, more so with small development splits."
    )
    mixed = words.mixed_metrics(subject.tasks, subject.metrics)
    st.caption(" ".join(filter(None, [mixed, flattered])))


def _prediction(subject: AffinityRun, affinity: Array, title: str) -> Correlation | None:
    """How well an affinity predicts what was measured; made once for all who look."""
    seeds = sorted({seed for each in subject.transfers for seed in each.seeds})
    changes = np.array([[each.seeds.get(seed, np.nan) for seed in seeds]
                        for each in subject.transfers])  # fmt: skip
    company = [(each.task, each.company) for each in subject.transfers]
    version = (affinity.tobytes(), changes.tobytes(), changes.shape, tuple(company))
    return _PREDICTIONS.once(
        (run_records.store().home, subject.run, title), version,
        lambda: prediction(affinity, company, changes, np.random.default_rng(_SEED), _RESAMPLES),
    )  # fmt: skip


def _pair(subject: AffinityRun, each: Measured, affinity: Array) -> Pair:
    company = " and ".join(subject.tasks[other] for other in each.company)
    predicted = float(np.mean([affinity[other, each.task] for other in each.company]))
    found = each.found
    # One seed has no interval: no bar is drawn.
    low, high = (found.low, found.high) if found.seeds > 1 else (found.mean, found.mean)
    return Pair(
        f"{company} on {subject.tasks[each.task]}", predicted, found.mean, low, high, found.verdict
    )


def _through_training(subject: AffinityRun) -> None:
    if len(subject.updates) < _FEWEST:
        return
    with st.expander("Through training"):
        chart(
            received_over_training(
                subject.updates, subject.measured, subject.tasks, revision=f"received.{subject.run}"
            ),
            key="affinity.received",
            alt="Mean affinity of the other tasks onto each task, over the updates.",
            how_to_read="Above zero the others' steps lower this task's loss. Means over five "
            "neighbouring measurements and over seeds.",
            height=300,
            filename="affinity-through-training",
        )
