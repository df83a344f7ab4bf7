"""What stands in the cells of the Replication page."""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from string import ascii_lowercase

from mtlviz.replication.experiment import Value
from mtlviz.replication.printed import OUTCOMES, Cell, PrintedSource
from mtlviz.replication.result_file import Result
from mtlviz.ui.core.words import counted, listed, plural

_SHARES = ("accuracy", "F1", "span_f1")
_SAID = {"width": "wide", "ratio": "times", "accuracy, per cent": "per cent",
         "lowest label": "as the lowest"}  # fmt: skip
"""How units are said behind a number, where not by their name."""
_THREE_DIGITS = ("accuracy", "pearson", "average", "F1", "mean of the printed")


def ours(cell: Cell, results: dict[str, Result]) -> str:
    """Our number beside a printed one; a dash where there is none."""
    if not cell.result:
        return "–"
    found = results[cell.result].values[cell.value]
    return number(_per_cent(found) if _in_per_cent(cell, found) else found)


def _in_per_cent(cell: Cell, value: Value) -> bool:
    """Whether a share of ours stands beside a printed number in per cent."""
    printed = re.fullmatch(r"\d+\.\d+", cell.printed)
    return value.unit in _SHARES and printed is not None and float(cell.printed) > 1


def _per_cent(value: Value) -> Value:
    hundred = {name: None if (each := getattr(value, name)) is None else 100 * each
               for name in ("mean", "low", "high", "error")}  # fmt: skip
    return replace(value, **hundred, unit="per cent")


def printed(cell: Cell) -> str | tuple[str, ...]:
    """A number as it is printed, and under it what is wrong with it."""
    return (cell.printed, f" ⚑ {cell.flag}") if cell.flag else cell.printed


def number(value: Value) -> str:
    """A value with its interval or error, its unit, and how many seeds it is made of."""
    digits = 3 if value.unit in _THREE_DIGITS else 2 if "change" in value.unit else 1
    sign = "+" if "points" in value.unit or "change" in value.unit else ""
    whole = value.mean == int(value.mean) and value.low is None and value.error is None
    found = f"{int(value.mean):,}" if whole else f"{value.mean:{sign}.{digits}f}"
    if value.low is not None and value.high is not None:
        found += f" ({value.low:{sign}.{digits}f} to {value.high:{sign}.{digits}f})"
    elif value.error is not None:
        found += f" ± {value.error:.{digits}f}"
    unit = _SAID.get(value.unit, value.unit)
    unit = "" if value.unit in _THREE_DIGITS or not unit else f" {unit}"
    seeds = f", {counted(value.seeds, 'seed')}" if value.seeds else ""
    return f"{found}{unit}{seeds}".replace("-", "−")


def footnotes(cells: Iterable[Cell]) -> dict[str, str]:
    """What stands in place of notes that several numbers of a table have, by note."""
    counts = Counter(cell.note for cell in cells if cell.note)
    several = [note for note, count in counts.items() if count > 1]
    return {note: f"see {letter}" for note, letter in zip(several, ascii_lowercase, strict=False)}


def told(sources: Iterable[PrintedSource]) -> str:
    """How many printed numbers there are, and what became of them."""
    cells = [cell for source in sources for table in source.tables for cell in table.cells]
    counts = Counter(cell.verdict for cell in cells)
    numbers = len(cells) - counts["no number"]
    words = {name: name for name in OUTCOMES if name != "no number"}
    words["setting"] = plural(counts["setting"], "setting")
    found = [f"**{counts[name]}** {word}" for name, word in words.items() if counts[name]]
    return f"{counted(numbers, 'printed number')}: {listed(found)}."


def meanings() -> str:
    """What each verdict means."""
    return " ".join(f"*{verdict}*: {meaning}." for verdict, meaning in OUTCOMES.items())


def made(result: Result) -> str:
    """When, where and how a result was made."""
    versions = ", ".join(f"{name} {number}" for name, number in result.versions.items())
    took = "" if result.seconds is None else f"; the command took {result.seconds:.0f} s"
    return f"Made on {result.made}{took}; {result.machine}; {versions}."
