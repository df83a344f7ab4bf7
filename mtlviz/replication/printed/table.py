"""A printed table or figure of a source, number by number, and what became of each.

One standard for all verdicts: OUTCOMES says what each means. Ours can agree with a printed number,
or contradict it, only where both answer the same question: in their setting (their data, model and
size), where the text says it in general, or where it can be counted. Chance must be told apart: a
score of ours decides by its interval, and without one neither way.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Outcome = Literal["reproduced", "refuted", "consistent", "not comparable", "not run",
                  "setting", "nothing printed"]  # fmt: skip
OUTCOMES: Mapping[Outcome, str] = {
    "reproduced": "ours agrees, in their setting (their data, model and size), or where the text "
    "says it in general, or by counting the same; if chance has a part in it, by an interval",
    "refuted": "ours contradicts it in their setting, or where the text says it in general, with "
    "an interval; or counting, or the other printed numbers do",
    "consistent": "it agrees with the other printed numbers or with arithmetic; nothing was "
    "trained for it",
    "not comparable": "ours comes from other data, another model or another size, or has no "
    "interval: what we find stands beside it and decides nothing",
    "not run": "a gap: nothing of ours stands beside it, and why",
    "setting": "what was set or judged and not found, so there is nothing to reproduce",
    "nothing printed": "a drawing, or a row that the source leaves open; ours stands alone",
}
"""What each verdict means: the one place that says so."""
_NUMBER_WORDS = ("five", "six", "one to five", "two times", "twice", "two out of three")


NOTHING = "–"
"""Stands where the source prints nothing."""


@dataclass(frozen=True)
class Cell:
    """One printed number, or a claim in words.

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

    @property
    def is_number(self) -> bool:
        """Whether a number is printed, in digits or as a word for one."""
        return bool(re.search(r"\d", self.printed)) or self.printed.startswith(_NUMBER_WORDS)

    @property
    def is_claim(self) -> bool:
        """Whether words are printed and no number."""
        return self.printed != NOTHING and not self.is_number


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
    return PrintedTable(name, title, (Cell("drawing", "", NOTHING, "nothing printed", note=note),))
