"""What was measured and where: tables as text, and as files."""

import datetime
import json
import os
import platform
from collections.abc import Iterator, Mapping, Sequence
from importlib import metadata
from pathlib import Path

from mtlviz.bench.result import Row, Table
from mtlviz.errors import ConfigError
from mtlviz.figures.bench import bars, page

_PACKAGES = ("mtlviz", "torch", "transformers", "torchjd", "numpy", "scipy", "streamlit", "plotly")
KINDS = ("json", "page", "markdown")


def text_of(table: Table) -> str:
    """One table for a terminal."""
    width = max([len(row.name) for row in table.rows], default=0)
    lines = list(filter(None, (table.title, table.reading)))
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
        parts.append(f"**{table.title}.** {table.reading}".rstrip())
        if table.rows:
            parts.append(_markdown_rows(table))
        parts += table.missing
    return "\n\n".join(parts)


def _markdown_rows(table: Table) -> str:
    """The rows, without columns in which nothing stands."""
    columns = {
        "": [row.name for row in table.rows],
        f"median, {table.unit}": [f"{_number(r.median)} {_spread(r)}".rstrip() for r in table.rows],
        "p95": [_optional(row.p95) for row in table.rows],
        "processor": [_optional(row.processor) for row in table.rows],
        "ratio": [_ratio(row) for row in table.rows],
        "note": [row.note for row in table.rows],
    }
    filled = {head: cells for head, cells in columns.items() if any(cells)}
    lines = [list(filled), ["---"] * len(filled), *zip(*filled.values(), strict=True)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _line(row: Row, width: int, unit: str) -> str:
    values = f"{_number(row.median):>9} {unit}"
    measured = f"  {row.name:<{width}} {values} {_spread(row):<20} {_ratio(row):<22}"
    notes = (
        "" if row.p95 is None else f"p95 {_number(row.p95)} {unit}",
        "" if row.processor is None else f"processor {_number(row.processor)} {unit}",
        row.note,
    )
    return f"{measured} {'; '.join(filter(None, notes))}".rstrip()


def _spread(row: Row) -> str:
    """From the lowest to the highest; nothing where there was one value."""
    return "" if row.low == row.high else f"({_number(row.low)} to {_number(row.high)})"


def _ratio(row: Row) -> str:
    if row.ratio is None:
        return ""
    if row.ratio_low == row.ratio_high:
        return f"{row.ratio:.3g} ×"
    return f"{row.ratio:.3g} × ({row.ratio_low:.3g} to {row.ratio_high:.3g})"


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 1000 else f"{value:.3g}"


def _optional(value: float | None) -> str:
    return "" if value is None else _number(value)


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


def machine(*, threads: int, rounds: int) -> dict[str, object]:
    """Date, processor, load, GPU, versions, and how was measured, as plain values."""
    return {
        "date": datetime.datetime.now(datetime.UTC).strftime("%Y-%m-%d %H:%M UTC"),
        "processor": _processor(),
        "cores": len(os.sched_getaffinity(0))
        if hasattr(os, "sched_getaffinity")
        else os.cpu_count(),
        "load": round(os.getloadavg()[0], 1) if hasattr(os, "getloadavg") else None,
        "gpu": gpu(),
        "python": platform.python_version(),
        "versions": {name: found for name in _PACKAGES if (found := _version(name))},
        "threads": threads,
        "rounds": rounds,
    }


def sentence(about: dict[str, object]) -> str:
    """The machine in one line."""
    versions = ", ".join(f"{name} {version}" for name, version in about["versions"].items())
    where = about["gpu"] or "no CUDA device"
    load = "" if about["load"] is None else f", load {about['load']} before"
    return (
        f"{about['date']}: {about['cores']} cores ({about['processor']}){load}; {where}; "
        f"Python {about['python']}, {versions}; {about['threads']} thread(s), "
        f"{about['rounds']} rounds"
    )


def gpu() -> str | None:
    """Name of the first CUDA device, or None."""
    import torch

    return torch.cuda.get_device_name() if torch.cuda.is_available() else None


def _version(package: str) -> str | None:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()
