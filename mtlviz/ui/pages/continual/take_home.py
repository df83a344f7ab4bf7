"""The Continual lab in a lesson's file: film, gains, matrices and curves."""

from mtlviz.toy.continual.summary import BASELINE
from mtlviz.ui.component.chart import chart_data
from mtlviz.ui.component.film import film_data
from mtlviz.ui.component.take_home import Piece, Shown
from mtlviz.ui.core import guess, link
from mtlviz.ui.pages.continual import header, panels, words
from mtlviz.ui.pages.continual.settings import LOOKING


def shown() -> Shown:
    """What the page shows now."""
    summary = header.summary()
    pieces = {"film": Piece("film", film_data(**panels.film_player(summary)))}
    if guess.covers("answer"):
        return Shown((), pieces)
    charts = {}
    if not link.is_hidden("continual.numbers"):
        charts["gains"] = panels.gains(summary)
    if not link.is_hidden("continual.matrix"):
        for name in (BASELINE, LOOKING.now.method):
            charts[f"matrix {name}"] = panels.matrix(summary, name)
    if not link.is_hidden("continual.curves"):
        charts["curves"] = panels.curves(summary)
    drawn = {name: Piece("chart", chart_data(**each)) for name, each in charts.items()}
    return Shown(words.verdicts(summary), pieces | drawn)
