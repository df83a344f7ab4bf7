"""One look for every figure: a task keeps its hue, dash and marker, and a sign its hue."""

from dataclasses import dataclass


@dataclass(frozen=True)
class TaskLook:
    """Hue, dash and marker of a task, so that it is told apart without colour too."""

    color: str
    dash: str
    marker: str


# Okabe & Ito's palette, safe for colour-blind readers, in a fixed order; orange, purple and sky
# blue are darker than theirs, so that every hue has a contrast of 3:1 on both themes.
_HUES = ("#0072B2", "#C27C00", "#009E73", "#C26A9B", "#3A93C9")
_DASHES = ("solid", "dash", "dot", "dashdot", "longdash")
_MARKERS = ("circle", "square", "diamond", "triangle-up", "cross")

HELPS, HURTS, UNDECIDED = "#0072B2", "#D55E00", "#767B84"
VERDICT_COLORS = {"helps": HELPS, "hurts": HURTS, "undecided": UNDECIDED}

# Orange below zero, blue above, so that a conflict or a loss is orange everywhere.
DIVERGING = [[0.0, HURTS], [0.25, "#EDAE7F"], [0.5, "#F2F2F0"], [0.75, "#8DB8D9"], [1.0, HELPS]]


def task_look(index: int) -> TaskLook:
    """Hue, dash and marker of the task with this number, counted from 0.

    From the sixth task on hues repeat with another dash and marker.
    """
    turn = index // len(_HUES)
    shifted = (index + turn) % len(_HUES)
    return TaskLook(_HUES[index % len(_HUES)], _DASHES[shifted], _MARKERS[shifted])


def layout(
    x_title: str, y_title: str, *, revision: str, percent: bool = False, show_legend: bool = True
) -> dict:
    """The common layout: few grid lines, room for titles, zoom kept while `revision` stays."""
    return {
        "uirevision": revision,
        "margin": {"l": 58, "r": 16, "t": 12, "b": 46},
        "hovermode": "x unified",
        "xaxis": {"title": {"text": x_title}, "zeroline": False, "showgrid": False},
        "yaxis": {
            "title": {"text": y_title},
            "zeroline": False,
            "nticks": 5,
            "tickformat": ".0%" if percent else "",
        },
        "showlegend": show_legend,
        "legend": {"orientation": "h", "y": 1.0, "yanchor": "bottom", "x": 0},
    }


def faded(color: str, alpha: float) -> str:
    """A hex colour with an alpha, as Plotly's rgba string."""
    red, green, blue = (int(color[i : i + 2], 16) for i in (1, 3, 5))
    return f"rgba({red},{green},{blue},{alpha})"
