"""What finished runs of the same tasks and model tell of the time a run takes."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice

from mtlviz.engine.config import RunConfig
from mtlviz.engine.estimate.duration import preparation
from mtlviz.errors import MtlvizError
from mtlviz.runs.signature import cost_key
from mtlviz.runs.summary import RunSummary
from mtlviz.ui.core import run_estimates
from mtlviz.ui.core.run_words import numbered
from mtlviz.ui.core.words import duration

_LOOKED_AT = 40
"""So many of the newest finished runs are asked how long they took."""
_TOLD = 3
# A longer time beside training was a pause between two sittings.
_LONGEST_PREPARATION = 120.0


@dataclass(frozen=True)
class Earlier:
    """A finished run whose updates cost the same: its number, updates and seconds."""

    run: int
    updates: int
    before: float
    training: float

    def seconds(self, updates: int) -> float:
        """From start to finish, with so many updates instead of its own."""
        return self.before + self.training * updates / self.updates


def runs_alike(runs: Iterable[RunSummary], config: RunConfig) -> list[Earlier]:
    """The newest of these finished runs whose updates cost as much as these settings'."""
    wanted, found = cost_key(config), []
    own = (run for run in runs if run.recorded is None)  # Others' machines are no measure.
    for run in islice(own, _LOOKED_AT):
        try:
            result = run_estimates.result(run) if run_estimates.cost_of(run) == wanted else None
            if result is not None and result.updates:
                before = _before(run, result.seconds, config)
                found.append(Earlier(run.id, result.updates, before, result.seconds))
        except MtlvizError:
            continue  # Settings of a newer version: another run may still tell.
    return found


def _before(run: RunSummary, training: float, config: RunConfig) -> float:
    """Seconds that a run needed beside training, as measured, unless it paused for a while."""
    if run.started is not None and run.finished is not None:
        beside = run.finished - run.started - training
        if 0 <= beside <= _LONGEST_PREPARATION:
            return beside
    return preparation(config)


def told(earlier: list[Earlier], updates: int) -> str:
    """The time that earlier runs took, or would have taken with another number of updates."""
    same = [run for run in earlier if run.updates == updates]
    runs = (same or earlier)[:_TOLD]
    times = [run.seconds(updates) for run in runs]
    low, high = said(min(times)), said(max(times))
    span = low if low == high else f"{low} to {high}"
    names = numbered(run.run for run in runs)
    if same:
        return f"about **{span}**, as {names} took"
    return f"about **{span}**, scaled from {names}: same model, another number of updates"


def said(seconds: float) -> str:
    """A time without an empty smaller unit: `18 min`, not `18 min 0 s`."""
    return duration(seconds).removesuffix(" 0 s").removesuffix(" 0 min")
