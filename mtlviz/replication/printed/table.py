"""A printed table or figure of a source, number by number, and what became of each."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Outcome = Literal["reproduced", "refuted", "consistent", "not comparable", "not run",
                  "setting", "no number"]  # fmt: skip
OUTCOMES: Mapping[Outcome, str] = {
    "reproduced": "ours agrees in what the number is printed for",
    "refuted": "ours, or counting, contradicts it",
    "consistent": "the printed numbers agree with each other",
    "not comparable": "ours was made in another setting, said beside it",
    "not run": "a gap: nothing of ours stands beside it, and why",
    "setting": "what was set and not found, so there is nothing to reproduce",
    "no number": "a drawing, or words without a number",
}


@dataclass(frozen=True)
class Cell:
    """One printed number.

    Attributes:
        row: Its row.
        column: Its column; empty where the row has one number.
        printed: As it is printed.
        verdict: What became of it.
        result: Name of the data file whose number stands beside it; empty for none.
        value: Name of that number in the file.
        note: What is known of it, or why nothing can stand beside it.
        flag: What is wrong with the printed number, in a few words; empty if nothing is known.
    """

    row: str
    column: str
    printed: str
    verdict: Outcome
    result: str = ""
    value: str = ""
    note: str = ""
    flag: str = ""


@dataclass(frozen=True)
class PrintedTable:
    """A table or figure, or numbers from the text.

    Attributes:
        name: What the source calls it.
        title: What it shows.
        cells: Its numbers.
        flags: What is wrong with it as a whole, or cannot be compared.
        experiment: Name of the experiment that one can start again; empty for none.
        example: Name of the example whose runs one can open; empty for none.
    """

    name: str
    title: str
    cells: tuple[Cell, ...]
    flags: tuple[str, ...] = ()
    experiment: str = ""
    example: str = ""


@dataclass(frozen=True)
class PrintedSource:
    """One of the sources.

    Attributes:
        title: Whose it is, and what it is called.
        where: Where it was published.
        tables: Its tables and figures, in their order.
    """

    title: str
    where: str
    tables: tuple[PrintedTable, ...]


def set_to(row: str, printed: str, note: str, flag: str = "") -> Cell:
    """A number that was set: nothing to reproduce."""
    return Cell(row, "", printed, "setting", note=note, flag=flag)


def picture(name: str, title: str, note: str = "") -> PrintedTable:
    """A drawing without numbers."""
    return PrintedTable(name, title, (Cell("drawing", "", "–", "no number", note=note),))
