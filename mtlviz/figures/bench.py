"""Benchmark tables as bars: medians, with a line from the fastest to the slowest round."""

from collections.abc import Sequence
from pathlib import Path

from mtlviz.figures.theme import layout, task_look

Bar = tuple[str, float, float, float]
"""Name, median, lowest and highest."""


def bars(title: str, unit: str, found: Sequence[Bar]) -> dict:
    """Horizontal bars, the first on top.

    Args:
        title: What was measured.
        unit: Unit of the values.
        found: One bar for each case.
    """
    names = [name for name, *_ in found]
    medians = [median for _, median, _, _ in found]
    trace = {
        "type": "bar",
        "orientation": "h",
        "y": names,
        "x": medians,
        "error_x": {
            "type": "data",
            "array": [high - median for _, median, _, high in found],
            "arrayminus": [median - low for _, median, low, _ in found],
        },
        "marker": {"color": task_look(0).color},
        "hovertemplate": f"%{{y}}: %{{x:.3g}} {unit}<extra></extra>",
    }
    look = layout(unit, "", revision=title, show_legend=False)
    look |= {
        "title": {"text": title},
        "hovermode": "closest",
        "height": 140 + 26 * len(found),
        "margin": {"l": 230, "r": 24, "t": 56, "b": 48},
        "xaxis": {**look["xaxis"], "rangemode": "tozero", "showgrid": True},
        "yaxis": {
            **look["yaxis"],
            "nticks": len(found) + 1,
            "autorange": "reversed",
            "automargin": True,
        },
    }
    return {"data": [trace], "layout": look}


def write_page(path: Path, heading: str, figures: Sequence[tuple[dict, str]]) -> None:
    """A page of its own that needs no network: each figure with a sentence below it."""
    import html

    from plotly import io

    parts = [
        io.to_html(figure, include_plotlyjs=number == 0, full_html=False)
        + f"<p>{html.escape(text)}</p>"
        for number, (figure, text) in enumerate(figures)
    ]
    style = (
        "body{font:16px/1.5 system-ui,sans-serif;max-width:62rem;margin:2rem auto;padding:0 1rem}"
    )
    path.write_text(
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>mtlviz bench</title>'
        f"<style>{style}</style><h1>mtlviz bench</h1><p>{html.escape(heading)}</p>"
        + "".join(parts),
        encoding="utf-8",
    )
