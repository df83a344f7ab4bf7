"""What is known of a run now, read once for all who look at it; no visitor's choice is in it."""

import threading
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from mtlviz.engine.config import RunConfig
from mtlviz.engine.measures.conflict import cosines
from mtlviz.engine.phases import phases_of
from mtlviz.engine.records import EvalRecord, PhaseRecord
from mtlviz.figures import runs as figures
from mtlviz.figures.arrays import packed
from mtlviz.figures.axis import BY_UPDATE, Axis
from mtlviz.figures.switches import with_switches
from mtlviz.runs.history import History, history
from mtlviz.runs.steps import Steps
from mtlviz.runs.summary import RunSummary
from mtlviz.ui.component.feed import Feed
from mtlviz.ui.core import run_records
from mtlviz.ui.core.memo import Memo
from mtlviz.ui.core.phase_words import phase_names

POINTS = 600
"""Steps of a curve: more than a chart has pixels to show."""
_UNITS = ((7200.0, 3600.0, "hours"), (120.0, 60.0, "minutes"), (0.0, 1.0, "seconds"))
_TOKENS = ((1e6, "million tokens"), (1e3, "thousand tokens"), (1.0, "tokens"))
_BAR_UNITS = {"epoch": "epochs"}
_ANCHORS = 400
_HISTORIES, _VIEWS = Memo(32), Memo(64)


@dataclass(frozen=True, eq=False)
class RunView:
    """What is known of a run now; its figures are drawn once, for all who watch it.

    Attributes:
        tasks: Names of its tasks.
        metrics: Main metric of each; the word "score" before it is known.
        steps: Its updates, thinned.
        evaluations: Its development scores.
        span: Reach of the running averages, in updates.
        axis: What lies across.
        cursor: Name of the step cursor; None where there is none.
        feed: Where its charts find what is newer; None for a run that has ended.
        phases: Its phases as they began; empty for a run without.
    """

    tasks: list[str]
    metrics: tuple[str, ...]
    steps: Steps
    evaluations: list[EvalRecord]
    span: float
    axis: Axis = field(default=BY_UPDATE)
    cursor: str | None = None
    feed: Feed | None = None
    phases: list[PhaseRecord] = field(default_factory=list)

    def fed(self, name: str) -> dict[str, str | float] | None:
        """Where the chart of this figure finds a newer one."""
        return None if self.feed is None else self.feed.described(name)

    @cached_property
    def cosines(self) -> np.ndarray:
        """Cosines of the recorded updates, (T, K, K)."""
        return cosines(self.steps.gram)

    @cached_property
    def figures(self) -> dict[str, dict]:
        """All that can be drawn, by name: what was not measured is not among them."""
        update, tasks, span, axis = self.steps.update, self.tasks, self.span, self.axis
        known = {
            "loss": figures.loss_curves(update, self.steps.losses, tasks, span, axis),
            "weights": figures.per_task_curves(
                update, self.steps.weights, tasks, "weight in the update", span, axis
            ),
        }
        if self.evaluations:
            known["scores"] = figures.score_curves(self.evaluations, tasks, self.metrics, axis)
        if np.isfinite(self.cosines[:, *np.triu_indices(len(tasks), k=1)]).any():
            known["cosines"] = figures.cosine_curves(update, self.cosines, tasks, span, axis)
        if np.isfinite(self.steps.gram).any():
            norms = np.sqrt(np.diagonal(self.steps.gram, axis1=1, axis2=2))
            known["lengths"] = figures.per_task_curves(
                update, norms, tasks, "gradient length", span, axis, logarithmic=True
            )
        if len(self.phases) < 2:
            return known
        places = axis.at([phase.update for phase in self.phases]).tolist()
        names = phase_names(self.phases, tasks)
        return {name: with_switches(figure, places, names) for name, figure in known.items()}


def waiting(run: RunSummary) -> bool:
    """Whether more is to come of this run."""
    return run.active or run.status == "queued"


def token(run: RunSummary) -> str:
    """Another text for everything that can be told of a run: its records and where it stands."""
    standing = (run.edition, run.updates, run.status, run.position, run.stop_requested, run.planned)
    return "-".join(map(str, standing))


def look(
    run: RunSummary, span: float, across: str = "update", cursor: str | None = None
) -> RunView:
    """What the store knows of a run now.

    Args:
        run: The run.
        span: Reach of the running averages, in updates.
        across: What lies across under its curves, a key of `ACROSS`.
        cursor: Name of the step cursor that its curves follow.

    Raises:
        MtlvizError: If the run is gone, or its settings are of a newer version.
    """
    version = (run.edition, run.updates, run.status, run.metrics)
    key = (*run_records.name_of(run), span, across, cursor)
    return _VIEWS.once(key, version, lambda: _looked(run, span, across, cursor))


def _looked(run: RunSummary, span: float, across: str, cursor: str | None) -> RunView:
    place = feed(run, span, across)  # First: it tells when this was looked at.
    tasks = [task.name for task in run_records.run_config(run).data.tasks]
    return RunView(
        tasks=tasks,
        metrics=run.metrics or ("score",) * len(tasks),
        steps=run_records.steps(run, len(tasks), POINTS),
        evaluations=run_records.evaluations(run),
        span=span,
        axis=axis(across, run),
        cursor=cursor,
        feed=place,
        phases=run_records.phases(run),
    )


def feed(run: RunSummary, span: float, across: str) -> Feed | None:
    """Where the page of a run that goes on finds what is newer; None once it has ended."""
    if not waiting(run):
        return None
    return Feed(f"mtlviz/live/{run.id}?across={across}&span={span:g}", token(run))


def cursor_of(run: RunSummary) -> str:
    """Name of the cursor that the charts of a run follow."""
    return f"run.{run.id}"


def bar_places(run: RunSummary, axis: Axis) -> dict:
    """The updates of a run, and where some of them lie on the axis, as the bar takes them."""
    by_number = {"count": run.updates, "updates": (), "positions": (), "unit": ""}
    if not len(axis.updates):
        return by_number
    updates = np.unique(np.linspace(0, run.updates, _ANCHORS).round())
    return by_number | {
        "updates": packed(updates, "float64"),
        "positions": packed(axis.at(updates), "float64"),
        "unit": _BAR_UNITS.get(axis.title, axis.title),
    }


class _Kept:
    """The history of one run, read on where more was recorded; one reader at a time."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._history: History | None = None
        self._version: tuple[int, str] | None = None

    def upto(self, run: RunSummary, tasks: int) -> History:
        with self._lock:
            if self._history is None or self._version != (run.updates, run.status):
                self._history = history(run_records.store(), run.id, tasks, self._history)
                self._version = (run.updates, run.status)
            return self._history


def whole_history(run: RunSummary) -> History:
    """Every recorded update of a run in a few numbers, read once for all who watch."""
    tasks = len(run_records.run_config(run).data.tasks)
    return _HISTORIES.once(run_records.name_of(run), run.edition, _Kept).upto(run, tasks)


def axis(name: str, run: RunSummary) -> Axis:
    """What lies across under the curves of a run, a key of `ACROSS`."""
    if name == "update":
        return BY_UPDATE
    return axis_of(name, run, run_records.run_config(run), whole_history(run))


def axis_of(name: str, run: RunSummary, config: RunConfig, recorded: History) -> Axis:
    """The axis of this name.

    Args:
        name: "update", "epoch", "tokens" or "time".
        run: The run.
        config: Its settings.
        recorded: All that is recorded of it.
    """
    if name == "update" or not len(recorded.update):
        return BY_UPDATE
    ends = np.concatenate([recorded.update, recorded.update[-1:] + 1]).astype(np.float64)
    if name == "time":
        clock = recorded.clock
        scale, unit = next((scale, unit) for least, scale, unit in _UNITS if clock[-1] >= least)
        return Axis(unit, ends, clock / scale)
    if name == "tokens":
        return _by_tokens(ends, recorded.read)
    # Epochs of phases differ in their updates: the last one is as long as it is so far.
    known = 0 if len(phases_of(config)) > 1 else run.planned or 0
    planned = known / config.optimisation.epochs
    return Axis("epoch", ends, epochs(recorded.epoch, planned))


def _by_tokens(ends: NDArray[np.float64], read: NDArray[np.float64]) -> Axis:
    """Tokens read; a kept encoder whose vectors are remembered reads none, and updates stay."""
    for scale, unit in _TOKENS:
        if read[-1] >= scale:
            return Axis(unit, ends, read / scale)
    return BY_UPDATE


def epochs(epoch: NDArray[np.int64], planned: float) -> NDArray[np.float64]:
    """How many epochs are done before each update, and after the last, (T + 1,).

    Args:
        epoch: Epoch of each update, counted from 0, rising, (T,).
        planned: Updates of an epoch by plan; tells how far the last, unfinished one is.
    """
    first = np.searchsorted(epoch, epoch, side="left")
    size = (np.searchsorted(epoch, epoch, side="right") - first).astype(np.float64)
    last = epoch == epoch[-1]
    size[last] = np.maximum(size[last], planned)
    within = np.arange(len(epoch)) - first
    done = epoch + within / size
    return np.concatenate([done, [epoch[-1] + (within[-1] + 1) / size[-1]]])
