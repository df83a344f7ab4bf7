"""The affinity view: who helps whom, which tasks to train together, and whether that is true."""

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from mtlviz.engine.measures.affinity import Correlation, prediction
from mtlviz.engine.measures.grouping import MOST_TASKS
from mtlviz.figures.affinity import affinity_heatmap, received_over_training
from mtlviz.figures.alignment_pairs import Pair, predicted_measured
from mtlviz.questions import Question
from mtlviz.runs import affinity_study
from mtlviz.runs.affinity_study import Measured
from mtlviz.runs.stored_study import StoredStudy, studies
from mtlviz.ui.component import chart
from mtlviz.ui.core import guess, link, run_actions, run_records, work
from mtlviz.ui.core.memo import Memo
from mtlviz.ui.core.recorded import open_one
from mtlviz.ui.core.words import sentence
from mtlviz.ui.pages.capacity import words
from mtlviz.ui.pages.capacity.affinity_scene import Scene, scene_of, with_affinity
from mtlviz.ui.pages.capacity.many import many
from mtlviz.ui.pages.capacity.plans import affinity_form
from mtlviz.ui.pages.capacity.progress import is_live, progress, runs_of
from mtlviz.ui.pages.capacity.questions import grouping_question
from mtlviz.ui.pages.capacity.settings import SHOWN, Shown
from mtlviz.ui.pages.capacity.shown_choice import chosen, look_at
from mtlviz.ui.pages.capacity.words import VERDICT

Array = NDArray[np.float64]
_SEED, _RESAMPLES = 0, 500
_PREDICTIONS = Memo(64)
_FEWEST = 2
_MISSING = "Run {} is not finished or has no affinities; the newest is shown."


def affinity() -> None:
    """The suggestion, the matrix, and the test of both.

    Raises:
        MtlvizError: The store cannot be read.
    """
    work.live(_looked_at, lambda: _running() is not None, every=2.0)
    with st.expander("Measure affinities of chosen tasks", expanded=not with_affinity()):
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
        st.markdown(
            "Take one step for one task alone: whose loss falls, whose rises? Averaged over "
            "training, this says **which tasks to train together**, if it predicts transfer at all."
        )
        st.info(
            "No finished run has recorded affinities yet. Measure some below: the built-in tasks "
            "take a few seconds a run. Or set “Affinity, every … updates” in the Studio."
        )
        run_actions.show_problem()
        open_one("capacity", "families", look_at)
        return
    scene = scene_of(chosen("run", known, _MISSING), SHOWN.now.groups)
    if len(scene.tasks) > MOST_TASKS:
        many(
            scene, lambda shown, title: _against_measured(scene, shown, title), running is not None
        )
        st.caption(words.averaged(scene.runs, len(scene.updates)))
    else:
        _few(scene)
    link.write_link()  # What is chosen inside a fragment runs the fragment alone.


def _few(scene: Scene) -> None:
    """Tasks few enough that every grouping of them can be tried."""
    if (question := _question(scene)) is not None:
        guess.enter(question.name, SHOWN.now.groups == Shown().groups)
        guess.ask(question)
    if guess.covers("picture"):
        return
    first, *further = _suggestion(scene)
    with st.container():
        st.markdown(first)
    if guess.covers("answer"):
        _matrix(scene)
        st.caption(words.averaged(scene.runs, len(scene.updates)))
        return
    left, right = st.columns(2)
    with left:
        _matrix(scene)
        st.markdown("  \n".join(further))
        st.caption(words.averaged(scene.runs, len(scene.updates)))
    with right:
        _against_measured(scene, 100 * scene.average.mean, "affinity onto the task (%)")
    _through_training(scene)


def _question(scene: Scene) -> Question | None:
    """Who should train together; None where no grouping is suggested, or only one is allowed."""
    if scene.grouping is None or SHOWN.now.groups == 1:
        return None
    return grouping_question(
        str(scene.run), scene.tasks, scene.grouping, scene.average.mean, SHOWN.now.groups
    )


def _suggestion(scene: Scene) -> list[str]:
    """What is suggested, the most important first; an empty sentence where that is hidden."""
    if not VERDICT.shown:
        return [""]
    if scene.grouping is None:
        return [sentence(scene.problem)]
    if SHOWN.now.groups == 1:
        return ["One encoder at most: there is nothing to choose, all tasks train together."]
    return words.suggestion(scene.grouping, scene.tasks, len(scene.runs))


def _matrix(scene: Scene) -> None:
    alone = tuple((task,) for task in range(len(scene.tasks)))
    covered = scene.grouping is None or guess.covers("answer")
    groups = alone if covered else scene.grouping.groups
    st.markdown("**Who lowers whose loss**")
    chart(
        affinity_heatmap(
            scene.average, scene.tasks, groups, revision=f"affinity.{scene.run}.{groups}"
        ),
        key="affinity.matrix",
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


def _against_measured(scene: Scene, affinity: Array, title: str) -> None:
    """Affinity beside measured transfer, or which runs are missing for that."""
    st.markdown("**Does it predict transfer?**")
    if len(scene.transfers) < _FEWEST:
        st.info(words.NOT_ENOUGH)
        return
    pairs = [_pair(scene, each, affinity) for each in scene.transfers]
    st.markdown(words.correlation(_prediction(scene, affinity, title), len(pairs)))
    chart(
        predicted_measured(pairs, title, revision=f"affinity.{scene.run}.{title}"),
        key="affinity.measured",
        alt="One dot for each task and its company: average affinity, and the change of the score "
        "that training together gave, with 95 % intervals over seeds.",
        how_to_read="If affinity predicts transfer, dots rise from left to right. Bars: 95 % "
        "intervals over paired seeds; grey cannot be told apart from zero.",
        height=320,
        filename="affinity-measured",
    )
    st.caption(
        "A pair is scored at the best mean of its own tasks, tasks apart at the best mean of all: "
        "this flatters company a little, more so with small development splits."
    )


def _prediction(scene: Scene, affinity: Array, title: str) -> Correlation | None:
    """How well an affinity predicts what was measured; made once for all who look."""
    seeds = sorted({seed for each in scene.transfers for seed in each.seeds})
    changes = np.array([[each.seeds.get(seed, np.nan) for seed in seeds]
                        for each in scene.transfers])  # fmt: skip
    company = [(each.task, each.company) for each in scene.transfers]
    return _PREDICTIONS.once(
        (run_records.store().home, scene.run, title), (affinity.tobytes(), changes.tobytes()),
        lambda: prediction(affinity, company, changes, np.random.default_rng(_SEED), _RESAMPLES),
    )  # fmt: skip


def _pair(scene: Scene, each: Measured, affinity: Array) -> Pair:
    company = " and ".join(scene.tasks[other] for other in each.company)
    predicted = float(np.mean([affinity[other, each.task] for other in each.company]))
    found = each.found
    # One seed has no interval: no bar is drawn.
    low, high = (found.low, found.high) if found.seeds > 1 else (found.mean, found.mean)
    return Pair(
        f"{company} on {scene.tasks[each.task]}", predicted, found.mean, low, high, found.verdict
    )


def _through_training(scene: Scene) -> None:
    if len(scene.updates) < _FEWEST:
        return
    with st.expander("Through training"):
        chart(
            received_over_training(
                scene.updates, scene.measured, scene.tasks, revision=f"received.{scene.run}"
            ),
            key="affinity.received",
            alt="Mean affinity of the other tasks onto each task, over the updates.",
            how_to_read="Above zero the others' steps lower this task's loss. Means over five "
            "neighbouring measurements and over seeds.",
            height=300,
            filename="affinity-through-training",
        )
