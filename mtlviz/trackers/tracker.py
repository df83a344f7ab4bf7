"""What a tool must take: numbers of a run at its updates, pictures at its end."""

from __future__ import annotations

import importlib
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from mtlviz.errors import ConfigError

Picture = dict[str, Any]


@dataclass(frozen=True)
class TrackedRun:
    """What a tool is told of a run before its first number.

    Attributes:
        number: Its number in the store.
        name: Its name.
        group: Shared by the runs that differ from it in their seed alone.
        created: When it was created, in seconds since 1970.
        settings: Every setting by its dotted place.
    """

    number: int
    name: str
    group: str
    created: float
    settings: Mapping[str, Any]

    @property
    def title(self) -> str:
        """Its name with its number, as two runs may share a name."""
        return f"{self.number} {self.name}".strip()


@dataclass(frozen=True)
class Row:
    """Numbers at one moment of a run; what was not measured is not among them.

    Attributes:
        update: Updates done, or the number of the update.
        seconds: Seconds of training until then.
        values: Numbers by name, such as `loss/mood`.
    """

    update: int
    seconds: float
    values: Mapping[str, float]


class Tracker(ABC):
    """A tool that keeps runs, opened for one run.

    Attributes:
        help: What it is, for a person who chooses.
        place: What `--out` means to it.

    Args:
        run: The run.
        place: Where to write: a folder, or what `place` says.

    Raises:
        ConfigError: Its library is not installed, or it does not take the place.
    """

    help: ClassVar[str]
    place: ClassVar[str] = "a folder"

    @abstractmethod
    def __init__(self, run: TrackedRun, place: str) -> None: ...

    @abstractmethod
    def write(self, rows: Sequence[Row]) -> None:
        """Take numbers; their updates never decrease."""

    @abstractmethod
    def draw(self, pictures: Mapping[str, Picture]) -> None:
        """Take pictures by name, in plotly's form; numbers that it can draw come by `write`."""

    @abstractmethod
    def close(self, status: str) -> None:
        """End with the run's status; nothing is held back any more."""


def library(name: str, extra: str) -> Any:
    """A tool's own library.

    Raises:
        ConfigError: It is not installed.
    """
    try:
        return importlib.import_module(name)
    except ImportError as error:
        raise ConfigError(
            f'{name} is not installed; `pip install "mtlviz[{extra}]"` brings it.'
        ) from error
