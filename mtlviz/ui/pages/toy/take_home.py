"""The toy lab in one file: the film, the verdicts, the bars and the curves."""

from mtlviz.toy.presets import PRESETS
from mtlviz.toy.summary import Summary
from mtlviz.ui.component.chart import chart_data
from mtlviz.ui.component.film import film_data
from mtlviz.ui.component.take_home import Piece
from mtlviz.ui.core.take_home import take_home
from mtlviz.ui.core.toy_words import panel_verdict, verdicts
from mtlviz.ui.pages.toy import figures
from mtlviz.ui.pages.toy.settings import TOY

_CURSOR = "toy"


def offer(summary: Summary) -> None:
    """A button that hands out what is on screen."""
    title = PRESETS[TOY.preset].title
    changed = "" if TOY.is_preset else " (changed)"
    take_home(
        "toy", f"Toy lab: {title}{changed}", verdicts(summary), lambda: pieces(summary)
    )  # fmt: skip


def pieces(summary: Summary) -> list[Piece]:
    """The film, and the charts that follow its cursor."""
    told = [panel_verdict(summary.transfers.get((arm, summary.target))) for arm in summary.arms]
    film = film_data(
        {**summary.film, "verdicts": told},
        f"Ways of training task {summary.target + 1}, as panels of the plane.",
        _CURSOR,
    )
    bars = chart_data(
        figures.target_bars(summary), "Signed transfer for each partner, with 95 % intervals.",
        height=240, filename="transfer",
    )  # fmt: skip
    return [Piece("film", film), Piece("chart", bars)] + [
        Piece("chart", _curve(summary, measure)) for measure in figures.MEASURE_TITLES
    ]


def _curve(summary: Summary, measure: str) -> dict:
    return chart_data(
        figures.measure_curves(summary, measure, False),
        f"Task {summary.target + 1}: {figures.MEASURE_TITLES[measure]} over training steps.",
        height=300, cursor_group=_CURSOR, filename=measure,
    )  # fmt: skip
