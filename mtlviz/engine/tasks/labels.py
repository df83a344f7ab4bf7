"""What the cells of a label column say: marks of no label, one way of writing each label."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from unicodedata import category, normalize

from mtlviz.engine.kinds import TaskKind
from mtlviz.limits import brief

# "None" and "NA" are how Python and R write what is missing; "none" may be a stance.
_MISSING = frozenset(("", "-", "None", "NA", "<NA>"))
_MISSING_IN_ANY_CASE = frozenset(("nan", "null"))
_WHOLE = re.compile(r"([+-]?)(0|[1-9]\d*)(?:\.0*)?")
_COMMA = re.compile(r"[+-]?\d*,\d+")
_THOUSANDS = re.compile(r"[+-]?[1-9]\d{0,2}(?:,\d{3})+")
_LISTED = re.compile(r"[\[({](.*)[\])}]", re.DOTALL)
_SEPARATORS = ",;|"
_TOLD = 3


@dataclass(frozen=True)
class Labels:
    """The labels of a column.

    Attributes:
        cells: What each row says, one way of writing each label; None where it has no label.
        names: Label names: numbers by value, then words by letter; empty for scores.
        marks: How many rows bear each mark of no label.
        notes: One sentence for each thing to know that is no problem.
    """

    cells: tuple[str | None, ...]
    names: tuple[str, ...]
    marks: dict[str, int]
    notes: tuple[str, ...]


def read_labels(
    cells: Sequence[str],
    kind: TaskKind,
    missing: Sequence[str] | None = None,
    given: Sequence[str] = (),
) -> Labels:
    """Read a column of labels.

    Args:
        cells: The cells as they are.
        kind: The kind of task.
        missing: Cells that mean there is no label; the usual ones if None: empty cells (unless
            they mean none of several labels), -, nan, null, None, NA, and -1 unless it looks like
            a class or a score.
        given: Label names in their order; those found if empty.
    """
    ways = {cell: plain_label(cell) for cell in set(cells)}
    plain = [ways[cell] for cell in cells]
    counts = Counter(plain)
    names = tuple(map(plain_label, given))
    usual = _usual(counts, kind, names) - {*names}
    marks = usual if missing is None else {plain_label(mark) for mark in missing}
    labelled = [cell for cell in plain if cell not in marks]
    tidy = iter(tidied(labelled, kind))
    names = names or _names(labelled, kind)
    found = {mark: counts[mark] for mark in sorted(marks) if counts[mark]}
    return Labels(
        tuple(None if cell in marks else next(tidy) for cell in plain),
        names,
        found,
        tuple(_notes(found, names, counts, len(cells), told=missing is None)),
    )


def plain_label(cell: str) -> str:
    """A label without what is not seen; a whole number as such: 1 for 1.0."""
    text = cell.strip()
    if not text.isascii() or not text.isprintable():
        kept = normalize("NFC", text)
        text = "".join(c for c in kept if c in "\u200c\u200d" or category(c) not in ("Cc", "Cf"))
        text = text.strip().strip("\u200c\u200d")
        digits = normalize("NFKC", text)
        text = digits if _WHOLE.fullmatch(digits) else text
    found = _WHOLE.fullmatch(text) if text[-1:].isdigit() or text[-1:] in (".", "0") else None
    return str(int(found[1] + found[2])) if found else text


def by_value(name: str) -> tuple[bool, float, str]:
    """The order of label names: numbers by value, then words by letter."""
    try:
        number = float(name)
    except ValueError:
        number = float("nan")
    return (False, number, name) if number == number else (True, 0.0, name)


def tidied(cells: Sequence[str], kind: TaskKind) -> list[str]:
    """Plain labels as a kind of task reads them: 0.5 for 0,5, joy,anger for ['joy'; 'anger']."""
    if kind.target == "labels":
        between = _between(cells)
        return [_joined(cell, between) for cell in cells]
    if kind.ranged and _has_decimal_commas(cells):
        return [cell.replace(",", ".") if _COMMA.fullmatch(cell) else cell for cell in cells]
    return list(cells)


def _names(cells: Sequence[str], kind: TaskKind) -> tuple[str, ...]:
    if kind.parts is None:
        return ()
    names = {name for cell in set(tidied(cells, kind)) for name in kind.parts(cell)}
    return tuple(sorted(names, key=by_value))


def _usual(counts: Counter[str], kind: TaskKind, given: Sequence[str]) -> set[str]:
    """The cells of a column that usually mean there is no label."""
    marks = {cell for cell in counts if cell in _MISSING or cell.lower() in _MISSING_IN_ANY_CASE}
    if kind.target == "labels":
        return marks - {""}
    if "-1" in counts and not kind.ranged and (given or not _is_class(counts, marks)):
        marks.add("-1")
    return marks


def _is_class(counts: Counter[str], marks: set[str]) -> bool:
    """Whether -1 is a class: the other one of 1, below 0 like others, or no rarer than 0 and 1."""
    others = set(counts) - marks - {"-1"}
    if any(name.startswith("-") and by_value(name)[1] < 0 for name in others):
        return True
    if others <= {"0", "1"} and "1" in others:
        return "0" not in others or 3 * counts["-1"] >= 2 * min(counts["0"], counts["1"])
    return False


def _has_decimal_commas(cells: Iterable[str]) -> bool:
    """Whether commas stand for the point: in every fraction, in one not only for thousands."""
    found = {cell for cell in cells if "," in cell or "." in cell}
    return (
        bool(found)
        and all(_COMMA.fullmatch(cell) for cell in found)
        and not all(_THOUSANDS.fullmatch(cell) for cell in found)
    )


def _between(cells: Sequence[str]) -> str:
    """What separates several labels in a cell: the comma unless other marks alone stand there."""
    counts = {mark: sum(mark in cell for cell in cells) for mark in _SEPARATORS}
    return max(_SEPARATORS, key=lambda mark: (counts[mark], mark == ","))


def _joined(cell: str, between: str) -> str:
    inner = _LISTED.fullmatch(cell)
    parts = (inner[1] if inner else cell).split(between)
    if inner:
        parts = [part.strip().strip("'\"") for part in parts]
    return ",".join(plain_label(part) for part in parts)


def _notes(
    marks: dict[str, int], names: Sequence[str], counts: Counter[str], rows: int, *, told: bool
) -> Iterator[str]:
    if marks:
        shown = [f"{brief(mark, 20) if mark else 'an empty cell'} in {n:,}"
                 for mark, n in list(marks.items())[:_TOLD]]  # fmt: skip
        more = f" and {len(marks) - _TOLD} other marks" if len(marks) > _TOLD else ""
        yield (
            f"{sum(marks.values()):,} of {rows:,} rows have no label and are left out "
            f"({', '.join(shown)}{more})."
        )
    if told and "-1" in names and counts["-1"]:
        yield "Label -1 counts as a class; if it means that there is no label, say so."
    yield from _alike(names)


def _alike(names: Sequence[str]) -> Iterator[str]:
    """Names that differ in case or in the form of their characters only."""
    groups: dict[str, list[str]] = {}
    for name in names:
        groups.setdefault(normalize("NFKC", name).casefold(), []).append(name)
    for same in [each for each in groups.values() if len(each) > 1][:_TOLD]:
        yield (
            f"Labels {' and '.join(brief(name, 40) for name in same[:_TOLD])} differ in how they "
            "are written only: each counts as a class of its own."
        )
