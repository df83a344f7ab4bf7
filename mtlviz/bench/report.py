"""Tables of a benchmark as text, and as a file."""

import json
from collections.abc import Sequence

from mtlviz.bench.machine import sentence
from mtlviz.bench.result import Row, Table


def text_of(table: Table) -> str:
    """One table for a terminal."""
    width = max([len(row.name) for row in table.rows], default=0)
    lines = [table.title, table.reading]
    lines += [_line(row, width, table.unit) for row in table.rows]
    return "\n".join([*lines, *table.missing])


def json_of(about: dict[str, object], tables: Sequence[Table]) -> str:
    """The machine and all tables as a JSON text."""
    content = {"kind": "benchmark", "machine": about, "tables": [t.as_json() for t in tables]}
    return json.dumps(content, indent=1, ensure_ascii=False)


def markdown_of(about: dict[str, object], tables: Sequence[Table]) -> str:
    """The machine and all tables as Markdown, for a page of results."""
    parts = [f"Measured {sentence(about)}."]
    for table in tables:
        head = f"**{table.title}.** {table.reading}"
        rows = [
            f"| {row.name} | {_number(row.median)} ({_number(row.low)} to {_number(row.high)}) "
            f"| {_ratio(row)} | {row.note} |"
            for row in table.rows
        ]
        columns = f"| | median, {table.unit} | ratio | |\n| --- | --- | --- | --- |"
        parts += [head, "\n".join([columns, *rows]), *table.missing]
    return "\n\n".join(parts)


def _line(row: Row, width: int, unit: str) -> str:
    values = f"{_number(row.median):>9} {unit}"
    spread = f"({_number(row.low)} to {_number(row.high)})"
    return f"  {row.name:<{width}} {values} {spread:<20} {_ratio(row):<22} {row.note}".rstrip()


def _ratio(row: Row) -> str:
    if row.ratio is None:
        return ""
    if row.ratio_low == row.ratio_high:
        return f"{row.ratio:.3g} ×"
    return f"{row.ratio:.3g} × ({row.ratio_low:.3g} to {row.ratio_high:.3g})"


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 1000 else f"{value:.3g}"
