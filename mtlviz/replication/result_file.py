"""Results as data files: what was found, when, where, by which command and versions."""

import json
import platform
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from functools import cache
from importlib import metadata
from pathlib import Path

from mtlviz.errors import DataError
from mtlviz.limits import parse_json
from mtlviz.replication.experiment import Experiment, Found, Size, Table, Value
from mtlviz.runs.machine_slots import cores

FOLDER = Path(__file__).with_name("results")
_PACKAGES = ("torch", "transformers", "numpy", "scipy")


@dataclass(frozen=True)
class Result:
    """One data file.

    Attributes:
        name: Its name, that of the experiment, with `-quick` after it where it was quick.
        title: What it asks.
        source: Whose experiment it repeats; empty for our own.
        command: What makes it again.
        made: The day it was made.
        machine: Where.
        versions: Of the libraries.
        values: Its numbers by name.
        tables: Its tables.
        notes: What must be known.
        settings: What was set.
        seconds: How long it took; None where nobody measured.
    """

    name: str
    title: str
    source: str
    command: str
    made: str
    machine: str
    versions: Mapping[str, str]
    values: Mapping[str, Value] = field(default_factory=dict)
    tables: Sequence[Table] = ()
    notes: Sequence[str] = ()
    settings: Mapping[str, object] = field(default_factory=dict)
    seconds: float | None = None


def made_now(name: str, asked: Experiment, found: Found, size: Size, seconds: float) -> Result:
    """The result of what was just found here."""
    flag = "" if size == "full" else f" --{size}"
    return Result(
        name=name if size == "full" else f"{name}-{size}",
        title=asked.title,
        source=asked.source,
        command=f"mtlviz replicate {name}{flag}",
        made=time.strftime("%Y-%m-%d"),
        machine=f"{platform.system()} {platform.machine()}, {cores()} cores",
        versions={"python": platform.python_version(), **_versions()},
        values=dict(found.values),
        tables=tuple(found.tables),
        notes=tuple(found.notes),
        settings=dict(found.settings),
        seconds=round(seconds, 1),
    )


def _versions() -> dict[str, str]:
    return {name: metadata.version(name) for name in _PACKAGES}


def to_text(result: Result) -> str:
    """A result as the text of its file."""
    return json.dumps(asdict(result), ensure_ascii=False, indent=1) + "\n"


def from_text(text: str) -> Result:
    """The result that `to_text` wrote.

    Raises:
        DataError: If it is none.
    """
    try:
        values = parse_json(text, "The result")
        values["values"] = {name: Value(**each) for name, each in values["values"].items()}
        values["tables"] = tuple(Table(**each) for each in values["tables"])
        return Result(**values)
    except (TypeError, KeyError, AttributeError) as error:
        raise DataError("A file of results cannot be read.") from error


def found_text(found: Found) -> str:
    """What a script found, as the text of a file."""
    return json.dumps(asdict(found), ensure_ascii=False)


def found_of(text: str) -> Found:
    """What `found_text` wrote."""
    values = json.loads(text)
    values["values"] = {name: Value(**each) for name, each in values["values"].items()}
    values["tables"] = tuple(Table(**each) for each in values["tables"])
    return Found(**values)


@cache
def results() -> dict[str, Result]:
    """All results that come with mtlviz, by name."""
    files = sorted(FOLDER.glob("*.json"))
    return {file.stem: from_text(file.read_text(encoding="utf-8")) for file in files}
