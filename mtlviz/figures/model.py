"""The model, drawn: what tasks share, what belongs to each, and whose gradients flow back."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from mtlviz.figures.text import plain
from mtlviz.figures.theme import UNDECIDED, faded, task_look

_TRUNK, _COMMON, _OWN, _HEAD = (0.2, 2.6), (3.0, 4.6), (5.2, 7.2), (7.8, 9.4)
_HIGH = 0.34  # Half the height of a task's box; tasks lie one apart.


@dataclass(frozen=True)
class ModelParts:
    """What a model is made of, as a way of sharing declares it.

    Attributes:
        tasks: Names of the tasks.
        trunk: What the shared module is called.
        shared: Trained parameters that all tasks use; None where nobody knows yet.
        own: Trained parameters of each task alone, its head included; None where not known.
        frozen: Parameters that training leaves as they are.
        in_common: Parts beside the trunk that all tasks share.
        own_parts: Parts beside its head that each task has for itself.
        shares: Whether tasks share a trunk at all.
        trained: Whether the trunk is trained.
        meets: How tasks help each other where no trained part is shared; empty if they cannot.
    """

    tasks: tuple[str, ...]
    trunk: str
    shared: int | None = None
    own: tuple[int, ...] | None = None
    frozen: int = 0
    in_common: tuple[str, ...] = ()
    own_parts: tuple[str, ...] = ()
    shares: bool = True
    trained: bool = True
    meets: str = ""


def model_picture(parts: ModelParts) -> dict[str, Any]:
    """Boxes of the shared and of each task's own parts, and the gradients that flow back.

    Read it from left to right: an input passes what is shared, then its task's own parts. Arrows
    back are gradients in the hues of their tasks; they end where training changes something.
    """
    shapes, notes = _shared(parts)
    for row, name in enumerate(parts.tasks):
        more = _task(parts, row, name)
        shapes, notes = shapes + more[0], notes + more[1]
    axis = {"visible": False, "fixedrange": True, "showgrid": False, "zeroline": False}
    return {
        "data": [_table(parts)],
        "layout": {
            "uirevision": "model",
            "margin": {"l": 4, "r": 4, "t": 4, "b": 4},
            "xaxis": axis | {"range": [0, 9.6]},
            "yaxis": axis | {"range": [len(parts.tasks) - 0.5, -0.5]},
            "showlegend": False,
            "shapes": shapes,
            "annotations": notes,
        },
    }


def model_sentence(parts: ModelParts) -> str:
    """The same in words."""
    kept = "" if parts.trained else " (kept as it is)"
    together = [f"{parts.trunk}{kept}", *parts.in_common]
    first = (
        f"All {len(parts.tasks)} tasks share {_listed(together)}{_count(parts.shared)}."
        if parts.shares
        else f"Each task has {parts.trunk} of its own: nothing is shared."
    )
    if parts.meets:
        first += f" {parts.meets[0].upper()}{parts.meets[1:]}."
    each = _listed([*parts.own_parts, "a head"])
    counts = (
        "" if parts.own is None else f": {_listed([_grouped(n) for n in parts.own])} parameters"
    )
    frozen = f" {_grouped(parts.frozen)} parameters stay as they are." if parts.frozen else ""
    return f"{first} Each task alone has {each}{counts}.{frozen}"


def _shared(parts: ModelParts) -> tuple[list[dict], list[dict]]:
    if not parts.shares:
        return [], []
    rows = (-_HIGH, len(parts.tasks) - 1 + _HIGH)
    dash = "solid" if parts.trained else "dot"
    kept = "shared, trained" if parts.trained else "shared, kept as it is"
    held = parts.shared if parts.trained else parts.frozen or None
    shapes = [_box(_TRUNK, rows, UNDECIDED, dash)]
    notes = [_note(_TRUNK, rows, f"<b>{plain(parts.trunk)}</b><br>{kept}{_count(held)}")]
    if parts.in_common:
        # Where the trunk trains, its number holds these as well.
        common = "" if parts.trained else _count(parts.shared)
        shapes.append(_box(_COMMON, rows, UNDECIDED))
        notes.append(
            _note(_COMMON, rows, f"<b>{_lines(parts.in_common)}</b><br>of all tasks{common}")
        )
    return shapes, notes


def _task(parts: ModelParts, row: int, name: str) -> tuple[list[dict], list[dict]]:
    look, rows = task_look(row), (row - _HIGH, row + _HIGH)
    count = "" if parts.own is None else _count(parts.own[row])
    # The number is that of all that is the task's own.
    head = f"in all{count.removeprefix(',')}" if count and parts.own_parts else f"head{count}"
    shapes = [_box(_HEAD, rows, look.color)]
    notes = [_note(_HEAD, rows, f"<b>{plain(name)}</b><br>{head}")]
    last = _COMMON if parts.in_common else _TRUNK
    if not parts.shares:
        shapes.append(_box(_TRUNK, rows, look.color))
        notes.append(_note(_TRUNK, rows, f"<b>{plain(parts.trunk)}</b>, its own"))
        last = _TRUNK
    begin = _HEAD[0]
    if parts.own_parts:
        shapes.append(_box(_OWN, rows, look.color))
        notes.append(_note(_OWN, rows, _lines(parts.own_parts)))
        notes.append(_arrow(begin, _OWN[1], row, look.color))
        begin = _OWN[0]
    if parts.trained or parts.in_common or not parts.shares:
        notes.append(_arrow(begin, last[1], row, look.color))
    else:
        shapes.append(_line(begin, last[1], row))
    return shapes, notes


def _box(
    across: tuple[float, float], rows: tuple[float, float], color: str, dash: str = "solid"
) -> dict[str, Any]:
    """A part of the model in its owner's hue."""
    return {
        "type": "rect", "x0": across[0], "x1": across[1], "y0": rows[0], "y1": rows[1],
        "line": {"color": color, "width": 2, "dash": dash}, "fillcolor": faded(color, 0.12),
        "layer": "below",
    }  # fmt: skip


def _line(start: float, end: float, row: int) -> dict:
    line = {"color": UNDECIDED, "width": 1.5, "dash": "dot"}
    return {"type": "line", "x0": start, "x1": end, "y0": row, "y1": row, "line": line}


def _note(across: tuple[float, float], rows: tuple[float, float], text: str) -> dict:
    place = {"x": sum(across) / 2, "y": sum(rows) / 2}
    return {**place, "text": text, "showarrow": False, "align": "center"}


def _arrow(start: float, end: float, row: int, color: str) -> dict:
    """A gradient flowing back, from right to left."""
    return {
        "x": end, "y": row, "ax": start, "ay": row, "xref": "x", "yref": "y", "axref": "x",
        "ayref": "y", "text": "", "showarrow": True, "arrowhead": 2, "arrowwidth": 2.5,
        "arrowcolor": color,
    }  # fmt: skip


def _table(parts: ModelParts) -> dict[str, Any]:
    """The counts as data: what is saved as CSV and read aloud."""
    names = ["shared", *parts.tasks]
    counts = [parts.shared, *(parts.own or [None] * len(parts.tasks))]
    return {
        "type": "scatter", "mode": "markers", "name": "parameters", "x": list(range(len(names))),
        "y": counts, "text": names, "visible": False,
    }  # fmt: skip


def _lines(names: Sequence[str]) -> str:
    """Names under each other; where a part stands gets a line of its own."""
    return "<br>".join(plain(name).replace(" in the ", "<br>in the ") for name in names)


def _count(number: int | None) -> str:
    return "" if number is None else f", {_grouped(number)} parameters"


def _grouped(number: int) -> str:
    return f"{number:,}".replace(",", "\u2009")


def _listed(names: Sequence[str]) -> str:
    return " and ".join(filter(None, [", ".join(names[:-1]), *names[-1:]]))
