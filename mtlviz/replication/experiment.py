"""What an experiment is: what makes its numbers, at three sizes."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from mtlviz.engine.config import RunConfig
from mtlviz.runs.store import Store

Size = Literal["full", "quick", "tiny"]
Role = tuple[str, int]
"""Which way of training (`classic`, `PCGrad` ...), and the seed."""


@dataclass(frozen=True)
class Value:
    """One number of ours.

    Attributes:
        mean: The number, or its mean over seeds.
        low: Lower end of its 95 % interval; None where there is none.
        high: Upper end.
        seeds: Over how many seeds; 0 where chance has no part in it.
        unit: What it is: "accuracy", "points" ...
        error: Standard error over seeds, where it is known but the interval is not.
    """

    mean: float
    low: float | None = None
    high: float | None = None
    seeds: int = 0
    unit: str = ""
    error: float | None = None


@dataclass(frozen=True)
class Table:
    """A table of ours, as text.

    Attributes:
        title: What it shows.
        columns: Its heading.
        rows: Its cells.
    """

    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]


@dataclass(frozen=True)
class Found:
    """What an experiment found.

    Attributes:
        values: Numbers by name, such as `classic/sst`.
        tables: Tables for people.
        notes: What must be known to read them, a paragraph each.
        settings: What was set, as JSON can hold it.
        runs: Numbers of the runs in the store, the most telling first.
    """

    values: Mapping[str, Value]
    tables: Sequence[Table] = ()
    notes: Sequence[str] = ()
    settings: Mapping[str, object] = field(default_factory=dict)
    runs: Sequence[int] = ()


@dataclass(frozen=True)
class Experiment:
    """Something that answers a question of a paper.

    Attributes:
        title: What it asks, in one sentence.
        source: Whose experiment it repeats; empty for our own.
        runs: Makes the runs of a size, given the pretrained encoder, by way and seed; None where no
            run is stored.
        read: Reads what its runs say, given their store and the way of each by number; None
            where their scores are all.
        compute: Computes it without runs; None where runs make it.
        script: Its name in `tests/benchmarks/papers_sized.py`, which makes it from a checkout;
            empty for none.
        pretrained: Whether it needs a pretrained encoder.
        data: Folders of data sets it reads, below MTLVIZ_DATA.
        notes: What must be known to read what it finds.
        alone: Whether each task alone is trained beside its runs; not where some of these are it.
        opened: Why numbers of its recorded runs, where they open, are not those beside it.
    """

    title: str
    source: str
    runs: Callable[[Size, str], Mapping[Role, RunConfig]] | None = None
    read: Callable[[Store, Mapping[int, str]], Found] | None = None
    compute: Callable[[Size], Found] | None = None
    script: str = ""
    pretrained: bool = False
    data: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    alone: bool = True
    opened: str = ""
