"""A map of cells with a text in each, rows downwards: blue gains, orange losses."""

from collections.abc import Sequence

from mtlviz.figures.theme import DIVERGING, layout


def cell_map(  # noqa: PLR0913 (arrays of one picture and its titles)
    rows: Sequence[str],
    columns: Sequence[str],
    places: Sequence[Sequence[float | None]],
    texts: Sequence[Sequence[str]],
    *,
    reach: float,
    hover: str,
    revision: str,
) -> dict:
    """A map of cells.

    Args:
        rows: Names of the rows, R of them, the first on top.
        columns: Names of the columns, C of them.
        places: Where each cell stands on the scale of colours, (R, C); None is left blank.
        texts: What stands in each cell, (R, C).
        reach: Size of a gain or loss at which its colour is full.
        hover: What a pointer is told, in plotly's words.
        revision: Zoom is kept while this stays the same.
    """
    found = layout("", "", revision=revision, show_legend=False)
    found["yaxis"] = {"autorange": "reversed", "automargin": True, "ticksuffix": " "}
    found["xaxis"] |= {"side": "top"}
    found["margin"] = {"l": 70, "r": 8, "t": 34, "b": 8}
    found |= {"hovermode": "closest"}
    data = {
        "type": "heatmap",
        "x": list(columns),
        "y": list(rows),
        "z": places,
        "text": texts,
        "texttemplate": "%{text}",
        "zmin": -reach,
        "zmax": reach,
        "colorscale": DIVERGING,
        "showscale": False,
        "xgap": 3,
        "ygap": 3,
        "hoverongaps": False,
        "hovertemplate": f"{hover}<extra></extra>",
    }
    return {"data": [data], "layout": found}
