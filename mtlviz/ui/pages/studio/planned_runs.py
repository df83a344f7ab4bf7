"""Which runs Start begins with the settings on screen."""

from mtlviz.engine.config import RunConfig
from mtlviz.errors import MtlvizError
from mtlviz.runs import plan_runs
from mtlviz.runs.plan_runs import Planned, planned
from mtlviz.ui.core import run_estimates, session
from mtlviz.ui.core.existing_runs import missing_of, missing_runs
from mtlviz.ui.core.family_panel import SEEDS
from mtlviz.ui.pages.studio import expected, problems
from mtlviz.ui.pages.studio.settings import REPEATS, RUN

_SHORT = 180.0
"""Seconds for which somebody sits and watches."""
_FAMILY = "studio.family"


def to_begin(config: RunConfig) -> tuple[list[RunConfig], int]:
    """The runs that Start begins now, and how many it leaves out because they are there.

    Without tasks alone to go beside them, runs are begun as often as they are asked for.

    Raises:
        MtlvizError: If the scheduler cannot work with these settings, or the store be used.
    """
    runs = _planned(config)
    if len(runs) == REPEATS.now.seeds:
        return [each.config for each in runs], 0
    wanted = missing_of(config, runs)
    return wanted, len(runs) - len(wanted)


def how_many(config: RunConfig) -> tuple[int, int]:
    """How many runs Start begins, and how many it leaves out; settings may still be wrong."""
    if not REPEATS.now.alone:
        return REPEATS.now.seeds, 0
    try:
        wanted, left_out = to_begin(config)
    except MtlvizError:
        return REPEATS.now.seeds, 0
    return len(wanted), left_out


def family(config: RunConfig) -> list[RunConfig]:
    """What is missing of these settings over seeds, with each task alone; empty if not offered.

    It is offered for one run of several tasks whose data is counted: who asks for seeds or for
    tasks alone has said how many. Found once while the page is drawn, for all who ask.
    """
    if not session.has(_FAMILY) or session.get(_FAMILY)[0] != config:
        session.put(_FAMILY, (config, _family(config)))
    return session.get(_FAMILY)[1]


def forget() -> None:
    """A page that is drawn anew looks anew."""
    session.take(_FAMILY)


def _family(config: RunConfig) -> list[RunConfig]:
    chosen = REPEATS.now
    if chosen.seeds > 1 or chosen.alone or not plan_runs.knows_budgets(config):
        return []
    known = problems.facts(config)
    if known is None or problems.problems(config):
        return []
    try:
        return missing_runs(config, SEEDS, known)
    except MtlvizError:
        return []  # Said where Start would say it.


def whole_family(config: RunConfig) -> int:
    """How many runs a family has where none of it is there: each task alone with each seed."""
    return SEEDS * (1 + len(config.data.tasks))


def is_short(config: RunConfig, runs: list[RunConfig]) -> bool:
    """Whether these runs are over while one watches."""
    try:
        seconds = expected.whole_seconds(runs, problems.facts(config))
    except MtlvizError:
        return False
    return seconds is not None and seconds <= _SHORT


def _planned(config: RunConfig) -> list[Planned]:
    """The runs that Start would begin if the store were empty."""
    facts = problems.facts(config) if REPEATS.now.alone else None
    if facts is None:
        return planned(config, RUN.preset, REPEATS.now.seeds, None)
    return run_estimates.planned_alone(config, RUN.preset, REPEATS.now.seeds, facts)
