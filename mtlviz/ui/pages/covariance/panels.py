"""What the Covariance lab shows, and its controls."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

import streamlit as st

from mtlviz.engine.measures.task_spectra import Analysis, without_spread
from mtlviz.runs.projections import warm_helper
from mtlviz.ui.core import guess, link, run_records, session, work
from mtlviz.ui.core.controls import control, grouped, show_problem
from mtlviz.ui.core.page import Panel, draw, link_to
from mtlviz.ui.core.run_estimates import catalogue
from mtlviz.ui.core.take_home import take_pictures_home
from mtlviz.ui.core.task_controls import task_controls
from mtlviz.ui.core.words import escaped, table
from mtlviz.ui.pages.covariance import alignment, reweighting, stored_runs, words
from mtlviz.ui.pages.covariance.clouds import Clouds, Wanted, analysis, wanted
from mtlviz.ui.pages.covariance.directions import two_tasks
from mtlviz.ui.pages.covariance.examples import examples
from mtlviz.ui.pages.covariance.pairs import pairs
from mtlviz.ui.pages.covariance.points import points
from mtlviz.ui.pages.covariance.questions import pair_question
from mtlviz.ui.pages.covariance.settings import (
    COVARIANCE,
    COVARIANCE_STORIES,
    MARKS,
    MOST_TASKS,
    Marks,
)
from mtlviz.ui.pages.covariance.similarity import spectra, three_similarities

_ABOUT = {
    "alignment": "Two tasks share one direction. A matrix R in front of it turns and stretches the "
    "source's cloud: set it yourself, or have it learned (Algorithm 1).",
    "reweighting": "Several tasks ask about the same inputs, and some of task 1's labels are "
    "wrong. Reweighting (Algorithm 2) weighs each task by what its labels have in common with the "
    "others'.",
}
_EMBEDDING, _ASKED = "covariance.embedding", "covariance.asked"
Seen = tuple[Analysis, Clouds]


def view() -> str:
    """Which of the views is on screen."""
    return COVARIANCE.now.view


def sidebar() -> None:
    """What the tasks bring and what encodes them; or what the view on screen is moved by."""
    if view() != "covariance":
        toy, moves = {"alignment": (_ALIGNMENT[0], alignment.sidebar),
                      "reweighting": (_REWEIGHTING[0], reweighting.sidebar)}[view()]  # fmt: skip
        if toy.shown:
            moves()
            st.caption(_ABOUT[view()])
        return
    st.markdown(
        "**Try it:** measure the spread around each task's own mean, or take a task away: which "
        "pair moves apart? Tasks that spread alike share well, the paper says."
    )
    grouped({"Data": _data, "Capacity": _encoder})
    st.caption("Nothing is trained on this view: the encoder stays as it is.")
    show_problem(COVARIANCE)


def _data() -> None:
    if COVARIANCE.now.encoder == "run":
        st.caption("A run brings its own tasks; their development examples are shown.")
    else:
        task_controls(COVARIANCE, lambda folder: catalogue(folder).choices, MOST_TASKS)
    control(COVARIANCE, "n")
    control(COVARIANCE, "around", look="segmented")


def _encoder() -> None:
    control(COVARIANCE, "encoder")
    for path in ("vectors", "checkpoint"):
        control(COVARIANCE, path)
    control(COVARIANCE, "layer", placeholder="the last")
    control(COVARIANCE, "pooling", look="segmented")
    if COVARIANCE.now.encoder == "run":
        _run()


def _run() -> None:
    runs = {run.id: run for run in run_records.store().runs()}
    if not runs:
        st.info("There is no run yet.")
        link_to("studio", "Start one in the Studio", icon="▶️")
        return
    if COVARIANCE.now.run not in runs:
        COVARIANCE.change(run=next(iter(runs)))
        st.rerun()
    names = {number: f"{number} · {run.name}" for number, run in runs.items()}
    control(COVARIANCE, "run", choices=names)
    control(COVARIANCE, "moment")
    control(COVARIANCE, "place")


def _covariance() -> None:
    """The tasks' points beside their similarity, and below what both are made of.

    Raises:
        MtlvizError: The tasks or the encoder cannot be read.
    """
    found = wanted(COVARIANCE.now)
    if found.clouds is None:
        _compute(found)
        return
    # UMAP compiles while the visitor looks at the first picture.
    warm_helper(run_records.store().home)
    _shown(found.clouds)


def _compute(found: Wanted) -> None:
    """Offer to compute what is missing, and show how far it is."""
    if session.remember(_ASKED, None) == found.key and found.work is not None:
        key = (_EMBEDDING, run_records.store().home, found.key)
        job = work.shared(key, found.work, _EMBEDDING, apart=True)
        if job.running or job.error:
            work.watch(job, _EMBEDDING, stopped=lambda: session.put(_ASKED, None))
            return
    st.info(f"The embeddings of {found.about} are not there yet. They are computed once and kept.")
    st.button(
        "Compute the embeddings",
        type="primary",
        key="covariance.compute",
        on_click=session.put,
        args=(_ASKED, found.key),
        help="In a process of its own; you can go to other pages meanwhile.",
    )


def _shown(clouds: Clouds) -> None:
    found = analysis(clouds, COVARIANCE.now.around == "mean")
    if still := without_spread(found, clouds.rows):
        st.info(
            f"All examples of {escaped(clouds.names[still[0]])} have one embedding here, so it "
            "spreads along no direction and cannot be compared. Choose another layer, pooling or "
            "encoder in the controls, or leave the task out."
        )
        return
    question = pair_question(found, clouds.names, f"{clouds.key} {COVARIANCE.now.around}")
    if question is not None:
        guess.enter(question.name, _begins())
        guess.ask(question, _again, guess.changed_from(COVARIANCE.preset, not _begins()))
        if guess.covers("picture"):
            _glance(clouds)
    draw(_PARTS, (found, clouds))


def _begins() -> bool:
    """Whether these are the tasks and the encoder of a story, however looked at."""
    looked_at = {"around": COVARIANCE.base.around, "projection": "pca", "along": 1}
    return COVARIANCE.now.changed(**looked_at) == COVARIANCE.base


def _again() -> None:
    """The same of the next story; of one's own tasks, of spread around the other centre."""
    if _begins():
        names = list(COVARIANCE_STORIES)
        COVARIANCE.open_preset(names[(names.index(COVARIANCE.preset) + 1) % len(names)])
    else:
        COVARIANCE.change(around="mean" if COVARIANCE.now.around == "origin" else "origin")


def _glance(clouds: Clouds) -> None:
    """An example of each task, so that a guess has something to go by."""
    rows = [[f"**{escaped(name)}**", escaped(text.shown[0])]
            for name, text in zip(clouds.names, clouds.texts, strict=True)]  # fmt: skip
    st.markdown(table(["task", "one of its examples"], rows))


def _pairs(seen: Seen) -> None:
    """Who spreads like whom: to be seen, and once it is told in numbers."""
    pairs(*seen, COVARIANCE.now.around == "mean")


def _points(seen: Seen) -> None:
    """Every example as a point, the list of examples below."""
    if MARKS.now.of != seen[1].key:
        MARKS.put(Marks(of=seen[1].key))  # Other examples are on screen now.
    st.subheader("The points", anchor="points")
    points(seen[1])
    examples(seen[1])
    link.write_link()  # What is chosen inside a fragment runs the fragment alone.


def _mathematics(name: str) -> None:
    st.markdown(Path(__file__).with_name(name).read_text(encoding="utf-8"))


def _of(name: str, show: Callable[[], None]) -> Callable[[str], None]:
    return lambda shown: show() if shown == name else None


_PARTS = (
    Panel("covariance.verdict", "The verdict",
          lambda seen: st.markdown(words.verdict(seen[0], seen[1].names)), reveals="answer"),
    Panel("covariance.pairs", "Pairs of tasks, and who is like whom", _pairs,
          aliases=("covariance.points",), reveals="picture"),
    Panel("covariance.examples", "The points and the examples", st.fragment(_points),
          aliases=("covariance.points",), reveals="answer"),
    Panel("covariance.similarity", "Similarity, three ways",
          lambda seen: three_similarities(seen[0], seen[1].names), reveals="answer"),
    Panel("covariance.spectra", "The spectra", lambda seen: spectra(*seen), reveals="answer"),
    Panel("covariance.directions", "Two tasks in detail",
          lambda seen: st.fragment(two_tasks)(*seen), reveals="answer"),
    Panel("covariance.take_home", "Take it home", lambda seen: take_pictures_home(
        "covariance", "Covariance lab", [words.verdict(seen[0], seen[1].names)]),
          reveals="answer"),
)  # fmt: skip
_ALIGNMENT = (
    Panel("alignment.toy", "Two clouds to turn", lambda _: alignment.toy()),
    Panel("alignment.measured", "Alignment on real tasks",
          lambda _: alignment.measured_alignment(),
          reveals="answer",
          folded="On real tasks: does similarity predict transfer, and does alignment help?"),
    Panel("alignment.runs", "Alignment on text", lambda _: stored_runs.runs_with_alignment(),
          reveals="answer",
          folded="On text: train R between the embedding layer and the encoder"),
    Panel("alignment.mathematics", "The mathematics of alignment",
          lambda _: _mathematics("alignment_mathematics.md"), reveals="answer",
          folded="The mathematics"),
)  # fmt: skip
_REWEIGHTING = (
    Panel("reweighting.toy", "Tasks with wrong labels", lambda _: reweighting.toy()),
    Panel("reweighting.measured", "Reweighting on real tasks",
          lambda _: reweighting.measured_reweighting(),
          reveals="answer",
          folded="On real tasks: 20 % random labels in one of several tasks on the same sentences"),
    Panel("reweighting.runs", "Reweighting on text",
          lambda _: stored_runs.runs_with_reweighting(),
          reveals="answer",
          folded="On text: three readers of the same sentences, one of them careless"),
    Panel("reweighting.mathematics", "The mathematics of reweighting",
          lambda _: _mathematics("reweighting_mathematics.md"), reveals="answer",
          folded="The mathematics"),
)  # fmt: skip
PANELS = (
    Panel("covariance", "The covariances", _of("covariance", _covariance), parts=_PARTS),
    Panel("alignment", "All of alignment", _of("alignment", partial(draw, _ALIGNMENT)),
          parts=_ALIGNMENT, aliases=("alignment.*",)),
    Panel("reweighting", "All of reweighting", _of("reweighting", partial(draw, _REWEIGHTING)),
          parts=_REWEIGHTING, aliases=("reweighting.*",)),
)  # fmt: skip
