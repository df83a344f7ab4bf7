"""What is known of a run now, read once for all who look at it; no visitor's choice is in it."""

from mtlviz.figures.axis import BY_UPDATE, Axis
from mtlviz.runs.summary import RunSummary
from mtlviz.ui import cache
from mtlviz.ui.component.fed import Feed
from mtlviz.ui.run.axes import axis_of
from mtlviz.ui.run.cached import seen as seen_by_all
from mtlviz.ui.run.cached import whole_history
from mtlviz.ui.run.curves import Seen

POINTS = 600
"""Steps of a curve: more than a chart has pixels to show."""


def waiting(run: RunSummary) -> bool:
    """Whether more is to come of this run."""
    return run.active or run.status == "queued"


def axis(name: str, run: RunSummary) -> Axis:
    """What lies across under the curves of a run."""
    if name == "update":
        return BY_UPDATE
    return axis_of(name, run, cache.run_config(run), whole_history(run))


def look(
    run: RunSummary, span: float, across: str = "update", cursor_group: str | None = None
) -> Seen:
    """What the store knows of a run now.

    Args:
        run: The run.
        span: Reach of the running averages, in updates.
        across: What lies across under its curves: "update", "epoch" or "time".
        cursor_group: Name of the step cursor that its curves follow.

    Raises:
        MtlvizError: If the run is gone, or its settings are of a newer version.
    """
    how = (span, across, cursor_group)
    return seen_by_all(run, how, lambda: _looked(run, span, across, cursor_group))


def token(run: RunSummary) -> str:
    """Another text for everything that can be told of a run: its records and where it stands."""
    standing = (run.edition, run.updates, run.status, run.position, run.stop_requested, run.planned)
    return "-".join(map(str, standing))


def feed(run: RunSummary, span: float, across: str) -> Feed | None:
    """Where the page of a run that goes on finds what is newer; None once it has ended."""
    if not waiting(run):
        return None
    return Feed(f"mtlviz/live/{run.id}?across={across}&span={span:g}", token(run))


def _looked(run: RunSummary, span: float, across: str, cursor_group: str | None) -> Seen:
    place = feed(run, span, across)  # First: it tells when this was looked at.
    tasks = [task.name for task in cache.run_config(run).data.tasks]
    return Seen(
        tasks=tasks,
        metrics=run.metrics or ("score",) * len(tasks),
        steps=cache.steps(run, len(tasks), POINTS),
        evaluations=cache.evaluations(run),
        span=span,
        axis=axis(across, run),
        cursor=cursor_group,
        feed=place,
    )
