"""A benchmark's tables as a page of charts."""

from collections.abc import Sequence
from pathlib import Path

from mtlviz.bench.machine import sentence
from mtlviz.bench.result import Table
from mtlviz.figures.bench import bars, write_page


def write(path: Path, about: dict[str, object], tables: Sequence[Table]) -> None:
    """Write the page; it needs no network to be read."""
    figures = [
        (
            bars(
                table.title,
                table.unit,
                [(row.name, row.median, row.low, row.high) for row in table.rows],
            ),
            " ".join((table.reading, "Lines reach from the lowest to the highest round.")),
        )
        for table in tables
        if table.rows
    ]
    write_page(path, sentence(about), figures)
