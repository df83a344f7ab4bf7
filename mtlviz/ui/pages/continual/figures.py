"""The Continual lab's figures, from a summary."""

from mtlviz.engine.continual import CONTINUAL
from mtlviz.figures.compare import group_look
from mtlviz.figures.continual import score_matrix
from mtlviz.figures.curves import Curve, curves
from mtlviz.figures.switches import with_switches
from mtlviz.figures.transfer import TransferBar, transfer_bars
from mtlviz.toy.continual.settings import ContinualToyConfig
from mtlviz.toy.continual.summary import BASELINE, REFERENCE, ContinualSummary
from mtlviz.ui.core.words import plural


def step_names(config: ContinualToyConfig) -> list[str]:
    """Each step by what arrives in it."""
    what = "place" if config.one_head else "task"
    return [
        f"{plural(len(tasks), what)} {'+'.join(str(task + 1) for task in tasks)}"
        for tasks in config.phases
    ]


def task_names(config: ContinualToyConfig) -> list[str]:
    """The tasks, or the places of one cloud."""
    what = "place" if config.one_head else "task"
    return [f"{what} {task + 1}" for task in range(config.tasks)]


def matrix(summary: ContinualSummary, name: str) -> dict:
    """R of one method."""
    found, config = summary.methods[name], summary.config
    return score_matrix(
        [f"after {step}" for step in step_names(config)], task_names(config), found.scores,
        found.changes, found.half, config.learned, revision=f"continual {name} {config.tasks}",
    )  # fmt: skip


def gains(summary: ContinualSummary) -> dict:
    """Each method's average score less that of sequential training."""
    bars = [
        TransferBar(
            CONTINUAL[name].title, each.gain.mean, (each.gain.high - each.gain.low) / 2,
            each.gain.verdict,
        )
        for name, each in summary.methods.items()
        if each.gain is not None
    ]  # fmt: skip
    figure = transfer_bars(bars, revision="continual gains")
    figure["layout"]["xaxis"] |= {"title": {"text": "average score less sequential (points)"}}
    return figure


def over_training(summary: ContinualSummary, task: int, thick: str, wide: bool) -> dict:
    """Held-out scores over the updates; the lines of two references and of one method are thick."""
    lines = [
        _line(summary, name, task, name in (thick, BASELINE, REFERENCE), wide)
        for name in summary.methods
    ]
    title = "mean of tasks so far" if task < 0 else task_names(summary.config)[task]
    figure = curves(
        summary.steps, lines, f"{title}: held-out accuracy",
        revision=f"continual {task} {summary.steps[-1]}", percent=True,
    )  # fmt: skip
    return with_switches(figure, summary.switches.tolist(), step_names(summary.config))


def _line(summary: ContinualSummary, name: str, task: int, thick: bool, wide: bool) -> Curve:
    mean, low, high = summary.curves[name, task]
    look, width = group_look(list(summary.methods).index(name)), 2.0 if wide else 1.2
    band = (low, high) if thick else None
    return Curve(
        CONTINUAL[name].title, mean, band, look.color, look.dash, 2.4 * width if thick else width
    )
