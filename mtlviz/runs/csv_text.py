"""CSV that spreadsheets show as it is: no cell of it is taken for a formula."""

import csv
import io
from collections.abc import Iterable, Sequence

# What spreadsheets compute, its full-width forms included, and what they drop before it.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def as_csv(table: Iterable[Sequence[object]]) -> str:
    """A table as CSV; a text that a spreadsheet would take for a formula gets an apostrophe.

    Reference:
        OWASP, CSV Injection. https://owasp.org/www-community/attacks/CSV_Injection
    """
    file = io.StringIO(newline="")
    csv.writer(file).writerows([_safe(cell) for cell in row] for row in table)
    return file.getvalue()


def _safe(cell: object) -> object:
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(_FORMULA) else cell
