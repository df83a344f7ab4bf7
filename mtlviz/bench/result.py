"""What a benchmark found: tables of rows with medians, spreads and ratios."""

import math
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace

_FEWEST_FOR_P95 = 20


@dataclass(frozen=True)
class Row:
    """One thing that was timed.

    Attributes:
        name: What it is, for a person.
        median: Middle of the rounds, in the table's unit.
        low: Smallest of the rounds.
        high: Largest of the rounds.
        ratio: Median over rounds of this row's value through the base's value of the same round;
            None without a base.
        ratio_low: Smallest of these.
        ratio_high: Largest of these.
        p95: Value that 95 % of the measurements do not exceed; None if there are too few.
        processor: Median time of processors spent on it, in the table's unit; None if not taken.
        note: What must be known to read the row; often empty.
    """

    name: str
    median: float
    low: float
    high: float
    ratio: float | None = None
    ratio_low: float | None = None
    ratio_high: float | None = None
    p95: float | None = None
    processor: float | None = None
    note: str = ""


@dataclass(frozen=True)
class Table:
    """Rows that were measured together.

    Attributes:
        title: What was measured.
        unit: Unit of the medians, such as "ms".
        reading: One sentence: what was held equal, and what the ratio is against.
        rows: What was found.
        missing: Sentences on what could not be measured here, and why.
    """

    title: str
    unit: str
    reading: str
    rows: tuple[Row, ...]
    missing: tuple[str, ...] = field(default=())

    def as_json(self) -> dict[str, object]:
        """Plain values for a file."""
        return asdict(self)


def rows_of(
    rounds: Mapping[str, Sequence[float]],
    base: str | None = None,
    *,
    factor: float = 1.0,
    processor: Mapping[str, Sequence[float]] | None = None,
    notes: Mapping[str, str] | None = None,
) -> tuple[Row, ...]:
    """Summarise interleaved rounds.

    Args:
        rounds: Value of each case in each round; equally many for all if there is a base.
        base: The case that ratios are against; none if None.
        factor: From the rounds' unit to the table's.
        processor: Time of processors spent on a case, in the rounds' unit.
        notes: What must be known about a case.
    """
    processor, notes = processor or {}, notes or {}
    rows = []
    for name, values in rounds.items():
        row = _row(name, values, rounds[base] if base else None, factor)
        spent = processor.get(name)
        middle = statistics.median(spent) * factor if spent else None
        rows.append(replace(row, processor=middle, note=notes.get(name, "")))
    return tuple(rows)


def _row(name: str, values: Sequence[float], base: Sequence[float] | None, factor: float) -> Row:
    scaled = sorted(value * factor for value in values)
    row = Row(name, statistics.median(scaled), scaled[0], scaled[-1], p95=_late(scaled))
    if base is None:
        return row
    ratios = sorted(one / other for one, other in zip(values, base, strict=True))
    return replace(row, ratio=statistics.median(ratios), ratio_low=ratios[0], ratio_high=ratios[-1])


def _late(ordered: Sequence[float]) -> float | None:
    """The smallest value that at least 95 % do not exceed; None below twenty values."""
    if len(ordered) < _FEWEST_FOR_P95:
        return None
    return ordered[math.ceil(0.95 * len(ordered)) - 1]
