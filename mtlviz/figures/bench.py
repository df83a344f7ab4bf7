"""Benchmark tables as bars: medians, with a line from the fastest to the slowest round."""

import html
from collections.abc import Sequence

from mtlviz.figures.theme import layout, task_look

Bar = tuple[str, float, float, float]
"""Name, median, lowest and highest."""


def bars(
    title: str, unit: str, found: Sequence[Bar], processor: Sequence[float | None] = ()
) -> dict:
    """Horizontal bars, the first on top.

    Args:
        title: What was measured.
        unit: Unit of the values.
        found: One bar for each case.
        processor: Processor time of each case, drawn as a diamond where there is one.
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
    return {"data": [trace, *_diamonds(unit, names, processor)], "layout": look}


def _diamonds(unit: str, names: Sequence[str], processor: Sequence[float | None]) -> list[dict]:
    """Processor time, where any was measured."""
    known = [(n, spent) for n, spent in zip(names, processor, strict=False) if spent is not None]
    if not known:
        return []
    return [
        {
            "type": "scatter",
            "mode": "markers",
            "y": [name for name, _ in known],
            "x": [spent for _, spent in known],
            "marker": {"symbol": "diamond", "size": 9, "color": task_look(1).color},
            "hovertemplate": f"%{{y}}: %{{x:.3g}} {unit} of processor time<extra></extra>",
        }
    ]


def page(heading: str, figures: Sequence[tuple[dict | None, Sequence[str]]]) -> str:
    """A page of its own that needs no network: each figure with its sentences below it.

    Args:
        heading: Where and when it was measured.
        figures: Each figure, None where there is nothing to draw, and what is said below it.
    """
    parts, library = [], True
    for figure, below in figures:
        if figure is not None:
            parts.append(_drawn(figure, library))
            # The first figure brings plotly.js for all.
            library = False
        parts += [f"<p>{html.escape(said)}</p>" for said in below]
    style = (
        "body{font:16px/1.5 system-ui,sans-serif;max-width:62rem;margin:2rem auto;padding:0 1rem}"
    )
    return (
        '<!doctype html><html lang="en"><meta charset="utf-8"><title>mtlviz bench</title>'
        f"<style>{style}</style><h1>mtlviz bench</h1><p>{html.escape(heading)}</p>" + "".join(parts)
    )


def _drawn(figure: dict, library: bool) -> str:
    from plotly import io

    return io.to_html(figure, include_plotlyjs=library, full_html=False)
