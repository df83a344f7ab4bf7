"""The landscape: choose a surface, methods and starts; walk in the background; watch."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from mtlviz.engine.measures.conflict import cosines, curvature_bound, magnitude_similarity
from mtlviz.errors import MtlvizError
from mtlviz.figures.conflicts import method_look
from mtlviz.figures.landscapes import Descent, descents
from mtlviz.toy.arrows import MOST_STEPS, ArrowsConfig
from mtlviz.toy.landscapes.functions import LANDSCAPES
from mtlviz.toy.landscapes.methods import METHODS
from mtlviz.toy.landscapes.optimisers import OPTIMISERS
from mtlviz.toy.landscapes.paths import Paths
from mtlviz.ui import state
from mtlviz.ui.component import arrows, chart
from mtlviz.ui.conflict import endpoints, walks
from mtlviz.ui.conflict.header import update
from mtlviz.ui.conflict.paths_film import film
from mtlviz.ui.jobs import Job

_CURSOR = "conflict.walk"
_FILM = "conflict.walk.film"
_JOB = "conflict.walk.job"
_PROBLEM = "conflict.walk.problem"
_MOST_BOUND = 3.0


def section(config: ArrowsConfig) -> None:
    """The story, the film of all runs, where they ended, and the settings below."""
    st.subheader("What it does to training", anchor="landscape")
    landscape = LANDSCAPES[config.landscape]
    st.markdown(f"{landscape.story} Two losses over one plane; every method starts alike.")
    problem = state.take(_PROBLEM)
    if problem:
        st.error(str(problem))
    job = _job(config)
    live = job is not None and job.running
    st.fragment(_show, run_every=0.8 if live else None)(config, job, live)
    _settings(config)
    st.caption(f"Formulas, starts and steps: {landscape.source}.")


def _job(config: ArrowsConfig) -> Job | None:
    """The walk of these very settings, if it was asked for."""
    known = state.remember(_JOB, None)
    if not isinstance(known, tuple):
        return None
    asked, job = known
    return job if _asked(config) == asked else None


def _asked(config: ArrowsConfig) -> object:
    try:
        return walks.plan(config)
    except MtlvizError:
        return None


def _show(config: ArrowsConfig, job: Job | None, live: bool) -> None:
    if live and job is not None and not job.running:
        st.rerun()  # One whole run ends the timer.
    try:
        paths = _paths(config, job)
    except MtlvizError as error:
        st.error(str(error))
        return
    done = _say_how_far(config, job)
    if done:
        st.markdown(endpoints.verdict(paths))
    events = arrows(
        film(paths, growing=not done),
        key=_FILM,
        alt=_text(paths),
        cursor_group=_CURSOR,
        view="paths",
        on_edit=_take_start,
    )
    if events.edit is not None:
        st.rerun()  # The settings changed, so the whole page does.
    for note in paths.notes():
        st.warning(note)
    if done:
        st.markdown(endpoints.table(paths))
        _curves(paths)


def _paths(config: ArrowsConfig, job: Job | None) -> Paths:
    if job is not None and job.part is not None:
        return job.part.paths
    if walks.is_first(config):
        return walks.kept()
    return walks.glance(walks.plan(config))


def _say_how_far(config: ArrowsConfig, job: Job | None) -> bool:
    """Show the progress or the way to start; whether the paths on show are whole."""
    if job is None:
        if walks.is_first(config):
            return True
        if st.button("Walk", key="conflict.walk.start", type="primary", on_click=start, help=_HELP):
            st.rerun()
        st.caption("Nobody has walked with these settings yet: only the starts are shown.")
        return False
    if job.error:
        st.error(job.error)
        return False
    share = job.part.progress if job.part else 0.0
    if job.running:
        st.progress(share, text=_progress_text(job))
        st.button("Stop", key="conflict.walk.stop", on_click=job.cancel, help="Keep what is there.")
    elif share < 1:
        st.caption(f"Stopped at {share:.0%}: the paths end there.")
    return not job.running and job.part is not None


_HELP = "All methods from all starts side by side, in the background."


def start() -> None:
    """Walk with the settings as they are; an older walk of this visitor ends."""
    known = state.remember(_JOB, None)
    if isinstance(known, tuple):
        known[1].cancel()
    try:
        asked = walks.plan(state.arrows())
        state.put(_JOB, (asked, Job(walks.stages(asked))))
    except MtlvizError as error:
        state.put(_PROBLEM, str(error))


def _take_start() -> None:
    edit = state.component_event(_FILM, "edit")
    if edit is None:
        return
    update(starts=(*state.arrows().walk_starts, tuple(edit["start"])))
    start()


def _progress_text(job: Job) -> str:
    if job.waiting:
        return "Waiting for another computation to finish …"
    left = job.seconds_left()
    return "Walking …" if left is None else f"Walking … about {max(1, round(left))} s left"


def _text(paths: Paths) -> str:
    names = ", ".join(method_look(method.name).title for method in paths.methods)
    return f"Paths of {names} from {len(paths.starts)} starts over the contours. " + (
        endpoints.verdict(paths).replace("*", "")
    )


def _curves(paths: Paths) -> None:
    left, right = st.columns(2)
    with left:
        chart(
            descents(paths.steps, _runs(paths, paths.losses.mean(axis=-1)), "mean of both losses"),
            key="conflict.walk.losses",
            alt="Mean of both losses over steps, one line per method and start.",
            how_to_read="Lower is better. Drag the line to move the film.",
            height=300,
            cursor_group=_CURSOR,
            filename="landscape-loss",
        )
    with right:
        _measure(paths)


def _measure(paths: Paths) -> None:
    """One of the numbers of PCGrad's tragic triad at every step."""
    chosen = st.segmented_control(
        "At every step",
        list(_MEASURES),
        default="cosine",
        required=True,
        key="conflict.walk.measure",
        format_func=lambda name: _MEASURES[name].title,
        help="Conflict, alike lengths and the curvature bound: what PCGrad's Theorem 2 asks about.",
    )
    shown = _MEASURES[str(chosen)]
    grams = paths.gradients @ paths.gradients.swapaxes(-1, -2)
    chart(
        descents(paths.steps, _runs(paths, shown.of(grams)[..., 0, 1]), shown.title),
        key="conflict.walk.measured",
        alt=f"{shown.title} over steps, one line per method and start.",
        how_to_read=shown.reading,
        height=300,
        cursor_group=_CURSOR,
        filename=f"landscape-{chosen}",
    )


@dataclass(frozen=True)
class _Measure:
    """A number of two gradients over steps."""

    title: str
    of: Callable[[NDArray[np.float64]], NDArray[np.float64]]
    reading: str


_MEASURES = {
    "cosine": _Measure(
        "cosine",
        cosines,
        "Below zero the tasks conflict. At −1 no step helps both: the run is on the Pareto set, "
        "or stuck.",
    ),
    "magnitude": _Measure(
        "lengths alike Φ",
        magnitude_similarity,
        "1: equally long gradients. Near 0: one task dominates the sum.",
    ),
    "bound": _Measure(
        "curvature bound ξ",
        lambda grams: np.minimum(curvature_bound(grams), _MOST_BOUND),
        f"Above 1 PCGrad's theorem promises nothing. Cut off at {_MOST_BOUND:g}.",
    ),
}


def _runs(paths: Paths, values: object) -> list[Descent]:
    return [
        Descent(method_look(method.name), number + 1, row)
        for method, rows in zip(paths.methods, values, strict=True)
        for number, row in enumerate(rows)
    ]


def _settings(config: ArrowsConfig) -> None:
    with st.expander("Landscape, methods, starts and optimiser"):
        left, right = st.columns(2)
        with left:
            _choice("Landscape", "landscape", list(LANDSCAPES), lambda name: LANDSCAPES[name].title)
            _walkers(config)
        with right:
            _starts(config)
            with st.container(horizontal=True):
                _choice("Optimiser", "optimiser", list(OPTIMISERS), str)
                _number("Steps", "steps", 10, MOST_STEPS, 1000)
                _number("Learning rate", "rate", 1e-6, 1.0, 1e-3)
        st.button("Walk again", key="conflict.walk.again", on_click=start, help=_HELP)


def _choice(title: str, field: str, options: list[str], shown: object) -> None:
    key = f"conflict.{field}"
    state.set_widget(key, getattr(state.arrows(), field))
    st.selectbox(
        title,
        options,
        key=key,
        format_func=shown,
        on_change=_set_landscape if field == "landscape" else _set,
        args=() if field == "landscape" else (field,),
        help=_FIELD_HELP[field],
    )


def _number(title: str, field: str, low: float, high: float, step: float) -> None:
    key = f"conflict.{field}"
    state.set_widget(key, getattr(state.arrows(), field))
    st.number_input(
        title, low, high, step=step, key=key, on_change=_set, args=(field,),
        format="%g" if isinstance(step, float) else "%d", help=_FIELD_HELP[field],
    )  # fmt: skip


_FIELD_HELP = {
    "landscape": "Two losses over a plane, from the papers. A new one brings its own starts and "
    "number of steps.",
    "optimiser": "What turns an update into a step. The papers use Adam.",
    "steps": "Updates of every run. A hundred thousand take some seconds.",
    "rate": "The optimiser's step size.",
}


def _set(field: str) -> None:
    update(**{field: state.widget(f"conflict.{field}")})


def _set_landscape() -> None:
    name = str(state.widget("conflict.landscape"))
    update(landscape=name, starts=(), steps=LANDSCAPES[name].steps)


def _walkers(config: ArrowsConfig) -> None:
    state.set_widget("conflict.walkers", list(config.walkers))
    st.multiselect(
        "Who walks",
        METHODS,
        key="conflict.walkers",
        format_func=lambda name: method_look(name).title,
        on_change=lambda: update(walkers=tuple(state.widget("conflict.walkers"))),
        help="Combiners, FAMO, or one loss alone.",
    )


def _starts(config: ArrowsConfig) -> None:
    text = "; ".join(f"{x:g} {y:g}" for x, y in config.walk_starts)
    state.set_widget("conflict.starts", text)
    st.text_input(
        "Starts",
        key="conflict.starts",
        on_change=_set_starts,
        help="Two numbers per start, starts separated by semicolons. Leave it empty for the "
        "published ones, or click a picture.",
    )


def _set_starts() -> None:
    text = str(state.widget("conflict.starts"))
    try:
        starts = tuple(tuple(float(part) for part in pair.split()) for pair in _pairs(text))
    except ValueError:
        state.put(
            _PROBLEM, f"Starts are pairs of numbers separated by semicolons, got {text!r:.60}."
        )
        return
    update(starts=starts)


def _pairs(text: str) -> list[str]:
    return [pair for pair in text.split(";") if pair.strip()]
