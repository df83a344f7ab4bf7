"""The toy lab in one file: the film, the verdicts, the bars and the curves."""

from collections.abc import Mapping

from mtlviz.toy.presets import PRESETS
from mtlviz.toy.summary import Summary
from mtlviz.ui.component.chart import chart_data
from mtlviz.ui.component.film import film_data
from mtlviz.ui.component.take_home import Piece, Shown
from mtlviz.ui.core import guess, link, session
from mtlviz.ui.core.take_home import take_home
from mtlviz.ui.core.toy_words import verdicts
from mtlviz.ui.pages.toy import figures, header, pictures
from mtlviz.ui.pages.toy.settings import TOY, in_many_dimensions


def offer(summary: Summary) -> None:
    """A button that hands out what is on screen."""
    title = PRESETS[TOY.preset].title
    changed = "" if TOY.is_preset else " (changed)"
    take_home(
        "toy", f"Toy lab: {title}{changed}", verdicts(summary),
        lambda: _taken(summary),
    )  # fmt: skip


def _taken(summary: Summary) -> list[Piece]:
    with session.apart():  # Whoever presses the button has seen the answer.
        return list(pieces(summary).values())


def shown() -> Shown | None:
    """What the page shows now; nothing for the story in many dimensions, which has no film."""
    if in_many_dimensions():
        return None
    summary = header.summary()
    if guess.covers("answer"):
        return Shown((), {"film": _film(summary)})
    return Shown(verdicts(summary), pieces(summary, curves=not link.is_hidden("curves")))


def pieces(summary: Summary, curves: bool = True) -> Mapping[str, Piece]:
    """The film, what came of it, and the curves that follow its cursor."""
    charts = {"bars": pictures.bars(summary), "matrix": pictures.matrix(summary)}
    for measure in figures.MEASURE_TITLES if curves else ():
        charts[measure] = pictures.curve(summary, measure)
    drawn = {name: Piece("chart", chart_data(**each)) for name, each in charts.items()}
    return {"film": _film(summary), **drawn}


def _film(summary: Summary) -> Piece:
    return Piece("film", film_data(**pictures.film_player(summary)))
