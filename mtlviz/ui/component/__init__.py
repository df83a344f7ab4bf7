"""The browser components: `chart` (Plotly, updated in place), `film` (canvas player), `arrows`."""

from mtlviz.ui.component.arrows import ArrowEvents, arrows
from mtlviz.ui.component.chart import ChartEvents, chart
from mtlviz.ui.component.film import FilmEvents, film

__all__ = ["ArrowEvents", "ChartEvents", "FilmEvents", "arrows", "chart", "film"]
