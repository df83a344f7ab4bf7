"""What stands in the cells of the Replication page."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from string import ascii_lowercase

from mtlviz.engine.config import RunConfig
from mtlviz.replication.experiment import Value
from mtlviz.replication.printed import NOTHING, OUTCOMES, Cell, Outcome, PrintedSource
from mtlviz.replication.replication import ENCODER, PACKAGED
from mtlviz.replication.result_file import Result
from mtlviz.runs.flat_settings import shown
from mtlviz.ui.core.words import counted, listed, plural

_SHARES = {"accuracy": "per cent", "F1": "per cent F1", "span_f1": "per cent F1"}
"""How metrics are said where they stand in per cent, beside a printed number in per cent."""
_SAID = {"width": "wide", "ratio": "times", "accuracy, per cent": "per cent", "span_f1": "F1",
         "lowest label": "as the lowest"}  # fmt: skip
"""How units are said behind a number, where not by their name."""
_BARE = ("accuracy", "pearson", "average", "mean of the printed")
"""Units that stand in the column's title."""
_THREE_DIGITS = (*_BARE, "F1", "span_f1", "cosine", "similarity")
_LIST = 12
"""Most values of a list that stand in one row."""
_SHORT, _HEAD = 80, 48
"""Longest note that stands in each of several cells, and longest beginning of one that does."""


def ours(cell: Cell, results: dict[str, Result]) -> str:
    """Our number beside a printed one; a dash where there is none."""
    if not cell.result:
        return "–"
    found = results[cell.result].values[cell.value]
    return number(_per_cent(found) if _in_per_cent(cell, found) else found)


def _in_per_cent(cell: Cell, value: Value) -> bool:
    """Whether a share of ours stands beside printed numbers in per cent."""
    printed = re.fullmatch(r"\d+\.\d+", cell.printed)
    beside = cell.printed == NOTHING or (printed is not None and float(cell.printed) > 1)
    return value.unit in _SHARES and beside


def _per_cent(value: Value) -> Value:
    hundred = {name: None if (each := getattr(value, name)) is None else 100 * each
               for name in ("mean", "low", "high", "error")}  # fmt: skip
    return replace(value, **hundred, unit=_SHARES[value.unit])


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
    unit = "" if value.unit in _BARE or not unit else f" {unit}"
    seeds = f", {counted(value.seeds, 'seed')}" if value.seeds else ""
    return f"{found}{unit}{seeds}".replace("-", "−")


@dataclass(frozen=True)
class Footnote:
    """A long note that several rows of a table have.

    Attributes:
        short: What stands in the rows.
        below: What stands below the table.
    """

    short: str
    below: str


def footnotes(cells: Iterable[Cell]) -> dict[str, Footnote]:
    """Notes too long for each of several rows: those keep how it begins, and a letter.

    A note that begins with few words and a colon is given by these words.
    """
    counts = Counter(cell.note for cell in cells if cell.note)
    several = [note for note, count in counts.items() if count > 1 and len(note) > _SHORT]
    return {
        note: _footnote(note, letter)
        for note, letter in zip(several, ascii_lowercase, strict=False)
    }


def _footnote(note: str, letter: str) -> Footnote:
    head, colon, rest = note.partition(": ")
    if colon and len(head) <= _HEAD:
        return Footnote(f"{head} ({letter})", f"{letter}: {rest}")
    return Footnote(f"see {letter}", f"{letter}: {note}")


def told(sources: Iterable[PrintedSource]) -> str:
    """How many numbers are printed and claims made, and what became of them."""
    cells = [cell for source in sources for table in source.tables for cell in table.cells]
    numbers = [cell.verdict for cell in cells if cell.is_number]
    claims = [cell.verdict for cell in cells if cell.is_claim]
    said = f"{counted(len(numbers), 'printed number')}: {_verdicts(numbers)}"
    if claims:
        said += f"; and {counted(len(claims), 'claim')} in words: {_verdicts(claims)}"
    return f"{said}."


def _verdicts(found: Iterable[Outcome]) -> str:
    counts = Counter(found)
    words = {name: plural(counts[name], name) if name == "setting" else name for name in OUTCOMES}
    return listed([f"**{counts[name]}** {word}" for name, word in words.items() if counts[name]])


def meanings() -> str:
    """What each verdict means."""
    return " ".join(f"*{verdict}*: {meaning}." for verdict, meaning in OUTCOMES.items())


def made(result: Result) -> str:
    """When, where and how a result was made."""
    versions = ", ".join(f"{name} {number}" for name, number in result.versions.items())
    took = "" if result.seconds is None else f"; the command took {result.seconds:.0f} s"
    return f"Made on {result.made}{took}; {result.machine}; {versions}."


def rows_of(name: str, cells: Sequence[Cell]) -> str:
    """Which of a table's rows have numbers of a result: `Classic, Round robin`."""
    named = dict.fromkeys(cell.row for cell in cells if cell.result == name)
    if all(cell.result in ("", name) for cell in cells):
        return "every row with a number of ours"
    return listed(list(named))


def first_run(result: Result) -> RunConfig | None:
    """The run whose settings a result keeps; None where it is not made of such runs."""
    values = result.settings.get("run", result.settings)
    if not isinstance(values, Mapping) or "optimisation" not in values:
        return None
    config = RunConfig.from_values(dict(values))
    # Of the packaged encoder's folder the last name alone is kept, which says nothing.
    if config.capacity.checkpoint != PACKAGED:
        return config
    return config.changed(capacity=config.capacity.changed(checkpoint=ENCODER))


def plain_settings(values: Mapping[str, object], within: str = "") -> list[tuple[str, str]]:
    """Settings of another form as rows: names, and values as a person reads them."""
    rows: list[tuple[str, str]] = []
    for name, value in values.items():
        title = f"{within}{name}".replace("_", " ")
        if isinstance(value, Mapping):
            rows += plain_settings(value, f"{title}: ")
        elif isinstance(value, list) and (len(value) > _LIST or dict in map(type, value)):
            each_alone = {f"{title} {place}": each for place, each in enumerate(value, 1)}
            rows += plain_settings(each_alone)
        else:
            rows.append((title, shown(value)))
    return rows
