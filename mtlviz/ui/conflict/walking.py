"""The visitor's walk in the background: begun, found again, replaced by the next."""

from mtlviz.errors import MtlvizError
from mtlviz.toy.arrows import ArrowsConfig
from mtlviz.toy.landscapes.trajectories import Walk
from mtlviz.ui import state
from mtlviz.ui.conflict import walks
from mtlviz.ui.jobs import Job

_JOB = "conflict.walk.job"
PROBLEM = "conflict.walk.problem"
HELP = "All methods from all starts side by side, in the background."


def start() -> None:
    """Walk with the settings as they are; an older walk of this visitor ends."""
    known = state.remember(_JOB, None)
    if isinstance(known, tuple):
        known[1].cancel()
    try:
        asked = walks.plan(state.arrows())
        state.put(_JOB, (asked, Job(walks.stages(asked))))
    except MtlvizError as error:
        state.put(PROBLEM, str(error))


def job_of(config: ArrowsConfig) -> Job | None:
    """The walk of these very settings, if it was asked for."""
    known = state.remember(_JOB, None)
    if not isinstance(known, tuple):
        return None
    asked, job = known
    return job if _asked(config) == asked else None


def _asked(config: ArrowsConfig) -> Walk | None:
    try:
        return walks.plan(config)
    except MtlvizError:
        return None
