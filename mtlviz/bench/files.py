"""What was measured, as files."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from mtlviz.bench.machine import sentence
from mtlviz.bench.report import json_of, markdown_of
from mtlviz.bench.result import Table
from mtlviz.errors import ConfigError
from mtlviz.figures.bench import bars, page

KINDS = ("json", "page", "markdown")


def write(
    paths: Mapping[str, Path | None], about: dict[str, object], tables: Sequence[Table]
) -> Iterator[Path]:
    """Write the files that were asked for; gives each once it is written.

    Args:
        paths: Where each kind is wanted; None where it is not.
        about: The machine.
        tables: What was found on it.

    Raises:
        ConfigError: If a file cannot be written.
    """
    makers = {"json": json_of, "page": page_of, "markdown": markdown_of}
    for kind, path in paths.items():
        if path is not None:
            try:
                path.write_text(makers[kind](about, tables), encoding="utf-8")
            except OSError as error:
                raise ConfigError(f"Cannot write {path}: {error.strerror}.") from error
            yield path


def page_of(about: dict[str, object], tables: Sequence[Table]) -> str:
    """A page of charts that needs no network to be read."""
    return page(sentence(about), [(_figure(table), _below(table)) for table in tables])


def _figure(table: Table) -> dict | None:
    if not table.rows:
        return None
    found = [(row.name, row.median, row.low, row.high) for row in table.rows]
    return bars(table.title, table.unit, found, [row.processor for row in table.rows])


def _below(table: Table) -> list[str]:
    """What is said below a chart: how to read it, what the rows note, and what is missing."""
    notes = [f"{row.name}: {row.note}." for row in table.rows if row.note]
    lines = any(row.low < row.high for row in table.rows)
    spread = "Lines reach from the lowest to the highest." if lines else ""
    dots = any(row.processor is not None for row in table.rows)
    processor = "Diamonds are processor time." if dots else ""
    reading = " ".join(filter(None, (table.reading, spread, processor)))
    # A chart has its title in it; a table without rows would have none.
    title = [] if table.rows else [table.title]
    return list(filter(None, (*title, reading, *notes, *table.missing)))
