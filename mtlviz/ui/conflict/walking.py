"""The walk in the background: begun, watched together, left; found again by whoever asks next."""

from mtlviz.errors import MtlvizError
from mtlviz.toy.arrows import ArrowsConfig
from mtlviz.toy.landscapes.trajectories import Walk
from mtlviz.ui import state
from mtlviz.ui.conflict import walks
from mtlviz.ui.conflict.cached import shared, visitor
from mtlviz.ui.jobs import Job

_WATCHED, _LEFT = "conflict.walk.watched", "conflict.walk.left"
PROBLEM = "conflict.walk.problem"
HELP = "All methods from all starts side by side, in the background. Whoever opens the same "
HELP += "settings sees the same walk."


def start() -> None:
    """Walk with the settings as they are, or join whoever does; leave the walk before."""
    try:
        _watch(walks.plan(state.arrows()))
    except MtlvizError as error:
        state.put(PROBLEM, str(error))


def stop() -> None:
    """Watch no longer; a walk that nobody watches stops."""
    watched = state.take(_WATCHED)
    if watched is not None:
        shared().leave(str(watched), visitor())
        state.put(_LEFT, watched)


def job_of(config: ArrowsConfig) -> Job | None:
    """The walk of these very settings, if this visitor or anybody before asked for it.

    Whoever opens the settings of a walk under way watches it too, unless they stopped it.
    """
    asked = _asked(config)
    if asked is None:
        return None
    job = shared().find(repr(asked))
    if job is None or not job.running:
        return job
    if state.remember(_LEFT, None) == repr(asked):
        return None
    return _watch(asked)


def _watch(asked: Walk) -> Job:
    key = repr(asked)
    before = state.remember(_WATCHED, None)
    if before not in (None, key):
        shared().leave(str(before), visitor())
    state.put(_WATCHED, key)
    state.put(_LEFT, None)
    return shared().start(key, visitor(), lambda: walks.stages(asked))


def _asked(config: ArrowsConfig) -> Walk | None:
    try:
        return walks.plan(config)
    except MtlvizError:
        return None
