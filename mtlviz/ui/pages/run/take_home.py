"""A finished run in one file: what it found, and its curves under one cursor."""

from mtlviz.runs.summary import RunSummary
from mtlviz.ui.component.take_home import Piece
from mtlviz.ui.core import run_words
from mtlviz.ui.core.run_curves import curve_data
from mtlviz.ui.core.run_view import RunView
from mtlviz.ui.core.take_home import take_home


def offer(run: RunSummary, view: RunView) -> None:
    """A button that hands out a run that has ended."""
    title = f"Run {run.id}: {run.name}"
    take_home("run", title, run_words.lines(run, view), lambda: pieces(view))


def pieces(view: RunView) -> list[Piece]:
    """Every curve that was measured."""
    return [Piece("chart", curve_data(view, name)) for name in view.figures]
