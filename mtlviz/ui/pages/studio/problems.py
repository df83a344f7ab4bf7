"""What is wrong with the settings, one sentence for the group in which it stands."""

import streamlit as st

from mtlviz.engine.choices import check_optimisation, check_processes, check_sources
from mtlviz.engine.config import RunConfig
from mtlviz.engine.estimate.checkpoints import NotFetched
from mtlviz.engine.estimate.facts import DataFacts
from mtlviz.engine.estimate.shapes import CheckpointShape
from mtlviz.engine.kinds import KINDS
from mtlviz.errors import CheckpointError, ConfigError, MtlvizError
from mtlviz.runs.machine_slots import check_devices
from mtlviz.ui.core import run_estimates, session, work
from mtlviz.ui.core.work import Job
from mtlviz.ui.pages.studio.checks import check_encoder, check_head
from mtlviz.ui.pages.studio.settings import RUN

_EVERY = 0.5  # Seconds.
_UNCOUNTED = "studio.uncounted"


def problems(config: RunConfig) -> dict[str, str]:
    """What is wrong with the settings: the group's name and one sentence.

    Of the data only what is known already counts; see `counting`.
    """
    found = {}
    for group, check in (
        ("Data", _check_data), ("Capacity", _check_capacity), ("Optimisation", _check_optimisation)
    ):  # fmt: skip
        try:
            check(config)
        except MtlvizError as error:
            found[group] = str(error)
    return found


def _check_optimisation(config: RunConfig) -> None:
    check_optimisation(config)
    check_processes(config)
    check_devices(config)


def counting(config: RunConfig) -> bool:
    """Whether the data of these settings is still being counted."""
    return run_estimates.facts_job(config.data).running


def trying(config: RunConfig) -> bool:
    """Whether the checkpoint of these settings is still being tried."""
    job: Job | None = run_estimates.trial_job(config)
    return job is not None and job.running


def facts(config: RunConfig) -> DataFacts | None:
    """What is known of the data; None while it is counted, and if it cannot be."""
    found: Job = run_estimates.facts_job(config.data)
    return found.part if isinstance(found.part, DataFacts) else None


def note(config: RunConfig) -> str:
    """What is no mistake but should be known of the encoder; empty if nothing."""
    try:
        run_estimates.shape(config)
    except NotFetched as error:
        return str(error)
    except MtlvizError:
        return ""
    return ""


def _check_data(config: RunConfig) -> None:
    check_sources(config)
    if error := run_estimates.facts_job(config.data).error:
        raise ConfigError(error)
    found = facts(config)
    if found is not None:
        for task, fact in zip(config.data.tasks, found.tasks, strict=True):
            check_head(task, fact.kind)
            KINDS[fact.kind].check_encoder(task.name, config.capacity.encoder)


def _check_capacity(config: RunConfig) -> None:
    check_encoder(config, _shape(config))
    job = run_estimates.trial_job(config)
    if job is not None and job.error:
        raise CheckpointError(job.error)


def _shape(config: RunConfig) -> CheckpointShape | None:
    try:
        return run_estimates.shape(config)
    except NotFetched:
        return None  # The run fetches it.


def settle() -> None:
    """Give small data a moment to be counted, so that nothing on the page appears late."""
    session.put(_UNCOUNTED, run_estimates.facts_soon(RUN.now.data).running)


def watch() -> None:
    """Draw the page again when the data has been counted and the checkpoint tried."""
    config = RUN.now
    if session.take(_UNCOUNTED) and not counting(config):
        st.rerun()  # Counted while the page was drawn: its top does not know yet.
    work.live(lambda: None, lambda: counting(config) or trying(config), _EVERY)
