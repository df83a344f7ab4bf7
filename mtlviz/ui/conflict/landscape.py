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
from mtlviz.ui.conflict.header import update
from mtlviz.ui.conflict.paths_film import film
from mtlviz.ui.conflict.walk_curves import CURSOR, curves
from mtlviz.ui.conflict.walk_settings import settings
from mtlviz.ui.conflict.walking import HELP, PROBLEM, job_of, start
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
    st.fragment(_show, run_every=0.8 if live else None)(config, job, live)
    settings(config)
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
    if done:
        st.markdown(endpoints.verdict(paths))
    events = arrows(
        film(paths, growing=not done),
        key=_FILM,
        alt=_text(paths),
        cursor_group=CURSOR,
        view="paths",
        on_edit=_take_start,
    )
    if events.edit is not None:
        st.rerun()  # The settings changed, so the whole page does.
    for note in paths.notes():
        st.warning(note)
    if done:
        st.markdown(endpoints.table(paths))
        curves(paths)


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
        if st.button("Walk", key="conflict.walk.start", type="primary", on_click=start, help=HELP):
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
