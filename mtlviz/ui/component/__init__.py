"""The browser components: `chart` (Plotly, updated in place) and `film` (canvas player)."""

from mtlviz.ui.component.chart import ChartEvents, chart
from mtlviz.ui.component.film import FilmEvents, film

__all__ = ["ChartEvents", "FilmEvents", "chart", "film"]
