"""What a benchmark found: tables of rows with medians, spreads and ratios."""

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field


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
        peak_mb: Memory that it adds at most, in MB; None if it was not measured.
        note: What must be known to read the row; often empty.
    """

    name: str
    median: float
    low: float
    high: float
    ratio: float | None = None
    ratio_low: float | None = None
    ratio_high: float | None = None
    peak_mb: float | None = None
    note: str = ""


@dataclass(frozen=True)
class Table:
    """Rows that were measured together, in interleaved rounds.

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
    peaks: Mapping[str, float] | None = None,
    notes: Mapping[str, str] | None = None,
) -> tuple[Row, ...]:
    """Summarise interleaved rounds.

    Args:
        rounds: Value of each case in each round; equally many for all.
        base: The case that ratios are against; none if None.
        factor: From the rounds' unit to the table's.
        peaks: Memory of each case, in MB.
        notes: What must be known about a case.
    """
    peaks, notes = peaks or {}, notes or {}
    return tuple(
        _row(name, values, rounds[base] if base else None, factor, peaks.get(name), notes.get(name))
        for name, values in rounds.items()
    )


def _row(
    name: str,
    values: Sequence[float],
    base: Sequence[float] | None,
    factor: float,
    peak: float | None,
    note: str | None,
) -> Row:
    scaled = sorted(value * factor for value in values)
    spread = (statistics.median(scaled), scaled[0], scaled[-1])
    if base is None:
        return Row(name, *spread, peak_mb=peak, note=note or "")
    ratios = sorted(one / other for one, other in zip(values, base, strict=True))
    return Row(
        name, *spread, statistics.median(ratios), ratios[0], ratios[-1], peak, note or ""
    )  # fmt: skip
