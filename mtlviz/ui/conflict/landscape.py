"""The landscape: choose a surface, methods and starts; walk in the background; watch."""

import streamlit as st

from mtlviz.errors import MtlvizError
from mtlviz.figures.conflicts import method_look
from mtlviz.toy.arrows import ArrowsConfig
from mtlviz.toy.landscapes.functions import LANDSCAPES
from mtlviz.toy.landscapes.paths import Paths
from mtlviz.ui import state
from mtlviz.ui.component import arrows
from mtlviz.ui.conflict import endpoints, walks
from mtlviz.ui.conflict.cached import progress_text
from mtlviz.ui.conflict.end_points_told import explanation
from mtlviz.ui.conflict.header import shows, update
from mtlviz.ui.conflict.paths_film import film
from mtlviz.ui.conflict.walk_curves import CURSOR, curves
from mtlviz.ui.conflict.walk_settings import settings
from mtlviz.ui.conflict.walking import HELP, PROBLEM, job_of, start, stop
from mtlviz.ui.jobs import Job

_FILM = "conflict.walk.film"


def section(config: ArrowsConfig) -> None:
    """The story, the film of all runs, where they ended, and the settings below."""
    st.subheader("What it does to training", anchor="landscape")
    landscape = LANDSCAPES[config.landscape]
    st.markdown(f"{landscape.story} Two losses over one plane; every method starts alike.")
    problem = state.take(PROBLEM)
    if problem:
        st.error(str(problem))
    job = job_of(config)
    live = job is not None and job.running
    if shows("walk-settings"):
        settings(config)
    st.fragment(_show, run_every=0.8 if live else None)(config, job, live)
    st.caption(f"Formulas, starts and steps: {landscape.source}.")


def _show(config: ArrowsConfig, job: Job | None, live: bool) -> None:
    if live and job is not None and not job.running:
        st.rerun()  # One whole run ends the timer.
    try:
        paths = _paths(config, job)
    except MtlvizError as error:
        st.error(str(error))
        return
    done = _say_how_far(config, job)
    if done and shows("walk-ends"):
        st.markdown(endpoints.verdict(paths))
    _film(paths, done)
    for note in paths.notes():
        st.warning(note)
    if done:
        _after(config, paths)


def _film(paths: Paths, done: bool) -> None:
    events = arrows(
        film(paths, growing=not done, pickable=shows("walk-settings")),
        key=_FILM,
        alt=_text(paths, done),
        cursor_group=CURSOR,
        view="paths",
        on_edit=_take_start,
    )
    if events.edit is not None:
        st.rerun()  # The settings changed, so the whole page does.


def _after(config: ArrowsConfig, paths: Paths) -> None:
    """Where the runs ended, how far that can be trusted, and the curves."""
    if shows("walk-ends"):
        st.markdown(endpoints.table(paths))
        if config.landscape == "cagrad":
            explanation()
    if shows("walk-curves"):
        curves(paths, config.rate)


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
        _offer("Nobody has walked with these settings yet: only the starts are shown.")
        return False
    if job.error:
        st.error(job.error)
        return False
    share = job.part.progress if job.part else 0.0
    if job.running:
        st.progress(share, text=progress_text(job, "Walking"))
        if st.button("Stop", key="conflict.walk.stop", on_click=stop, help=_STOP_HELP):
            st.rerun()
    elif share < 1:
        _offer(f"Stopped at {share:.0%}: the paths end there.")
    return not job.running and job.part is not None


_STOP_HELP = "Keep what is there. A walk that others watch goes on for them."


def _offer(state_of_things: str) -> None:
    """A button that walks, and why there is no whole walk yet."""
    if st.button("Walk", key="conflict.walk.start", type="primary", on_click=start, help=HELP):
        st.rerun()
    st.caption(state_of_things)


def _take_start() -> None:
    edit = state.component_event(_FILM, "edit")
    if edit is None:
        return
    update(starts=(*state.arrows().walk_starts, tuple(edit["start"])))
    start()


def _text(paths: Paths, done: bool) -> str:
    names = ", ".join(method_look(method.name).title for method in paths.methods)
    text = f"Paths of {names} from {len(paths.starts)} starts over the contours."
    if not (done and shows("walk-ends")):
        return text
    return f"{text} {endpoints.verdict(paths).replace('*', '')}"
