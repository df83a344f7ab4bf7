"""The model, drawn: what tasks share, what belongs to each, and whose gradients flow back."""

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Any

from mtlviz.figures.text import plain
from mtlviz.figures.theme import UNDECIDED, faded, task_look

_HIGH = 0.34  # Half the height of a task's box; tasks lie one apart.
_LETTER = 6.4  # Pixels of a letter, about.
_LINE, _AROUND = 24, 14  # Pixels of a line of type within a row, and of a row around its lines.


@dataclass(frozen=True)
class _Places:
    """Where the boxes lie across, as shares of the picture, and how wide that is.

    Attributes:
        trunk: What is shared.
        common: What all tasks share beside it.
        own: What a task has beside its head.
        head: A task's head.
        pixels: Width of the picture, at least.
    """

    trunk: tuple[float, float] = (0.02, 0.27)
    common: tuple[float, float] = (0.31, 0.48)
    own: tuple[float, float] = (0.54, 0.75)
    head: tuple[float, float] = (0.81, 0.98)
    pixels: int = 900

    def letters(self, across: tuple[float, float]) -> int:
        """How many letters a line in such a box has."""
        return int((across[1] - across[0]) * self.pixels / _LETTER)


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


def model_picture(parts: ModelParts, *, narrow: bool = False) -> dict[str, Any]:
    """Boxes of the shared and of each task's own parts, and the gradients that flow back.

    Read it from left to right: an input passes what is shared, then its task's own parts. Arrows
    back are gradients in the hues of their tasks; they end where training changes something.

    Args:
        parts: What the model is made of.
        narrow: For a telephone: only the columns there are, of as many short lines as it takes.
    """
    at = _narrow(parts) if narrow else _Places()
    shapes, notes = _shared(parts, at)
    for row, name in enumerate(parts.tasks):
        more = _task(parts, at, row, name)
        shapes, notes = shapes + more[0], notes + more[1]
    rows = [note["text"].count("<br>") + 1 for note in notes if note["y"] % 1 == 0]
    axis = {"visible": False, "fixedrange": True, "showgrid": False, "zeroline": False}
    return {
        "data": [_table(parts)],
        "layout": {
            "uirevision": "model",
            "margin": {"l": 4, "r": 4, "t": 4, "b": 4},
            "height": max(150, (_LINE * max(rows) + _AROUND) * len(parts.tasks) + 10),
            "xaxis": axis | {"range": [0, 1]},
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


def _narrow(parts: ModelParts) -> _Places:
    """The columns that this model has, across a telephone's picture of some 340 pixels."""
    there = [True, bool(parts.in_common), bool(parts.own_parts), True]
    between = 0.07
    wide = (1 - 0.02 - between * (sum(there) - 1)) / sum(there)
    starts = [0.01, *accumulate((wide + between) * each for each in there)]
    columns = [(start + 0.01 * bool(n), start + wide) for n, start in enumerate(starts[:4])]
    return _Places(*columns, pixels=340)


def _shared(parts: ModelParts, at: _Places) -> tuple[list[dict], list[dict]]:
    if not parts.shares:
        return [], []
    rows = (-_HIGH, len(parts.tasks) - 1 + _HIGH)
    dash = "solid" if parts.trained else "dot"
    kept = "shared, trained" if parts.trained else "shared, kept as it is"
    held = parts.shared if parts.trained else parts.frozen or None
    shapes = [_box(at.trunk, rows, UNDECIDED, dash)]
    notes = [_note(at, at.trunk, rows, [parts.trunk], f"{kept}{_count(held)}")]
    if parts.in_common:
        # Where the trunk trains, its number holds these as well.
        common = "" if parts.trained else _count(parts.shared)
        shapes.append(_box(at.common, rows, UNDECIDED))
        notes.append(_note(at, at.common, rows, parts.in_common, f"of all tasks{common}"))
    return shapes, notes


def _task(parts: ModelParts, at: _Places, row: int, name: str) -> tuple[list[dict], list[dict]]:
    look, rows = task_look(row), (row - _HIGH, row + _HIGH)
    count = "" if parts.own is None else _count(parts.own[row])
    # The number is that of all that is the task's own.
    head = f"in all{count.removeprefix(',')}" if count and parts.own_parts else f"head{count}"
    shapes = [_box(at.head, rows, look.color)]
    notes = [_note(at, at.head, rows, [name], head)]
    last = at.common if parts.in_common else at.trunk
    if not parts.shares:
        shapes.append(_box(at.trunk, rows, look.color))
        notes.append(_note(at, at.trunk, rows, [parts.trunk], "its own"))
        last = at.trunk
    begin = at.head[0]
    if parts.own_parts:
        shapes.append(_box(at.own, rows, look.color))
        notes.append(_note(at, at.own, rows, [], *parts.own_parts))
        notes.append(_arrow(begin, at.own[1], row, look.color))
        begin = at.own[0]
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


def _note(
    at: _Places, across: tuple[float, float], rows: tuple[float, float], names: Sequence[str],
    *more: str,
) -> dict:  # fmt: skip
    """What stands in a box: its names in bold, then the rest, in lines that fit."""
    place = {"x": sum(across) / 2, "y": sum(rows) / 2}
    bold = [f"<b>{line}</b>" for name in names for line in _lines(name, at.letters(across))]
    text = "<br>".join(
        [*bold, *(line for each in more for line in _lines(each, at.letters(across)))]
    )
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


def _lines(text: str, letters: int) -> list[str]:
    """A text in lines of so many letters; where a part stands gets a line of its own."""
    apart = text.replace(" in the ", "\nin the ").splitlines()
    return [plain(line) for each in apart for line in _wrapped(each, letters)]


def _wrapped(text: str, letters: int) -> list[str]:
    """Lines of a text; thin spaces within numbers are no places to break."""
    kept = textwrap.wrap(text.replace("\u2009", "\0"), letters)
    return [line.replace("\0", "\u2009") for line in kept]


def _count(number: int | None) -> str:
    return "" if number is None else f", {_grouped(number)} parameters"


def _grouped(number: int) -> str:
    return f"{number:,}".replace(",", "\u2009")


def _listed(names: Sequence[str]) -> str:
    return " and ".join(filter(None, [", ".join(names[:-1]), *names[-1:]]))
