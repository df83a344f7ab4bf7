"""A lease from afar: what a worker elsewhere does with its run, said to the sink."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from mtlviz.engine.config import RunConfig
from mtlviz.engine.records import Record
from mtlviz.runs.checkpoints import set_aside
from mtlviz.runs.cluster.sink import Answer, Begun, Said
from mtlviz.runs.failures import LostRun, StoreError
from mtlviz.runs.results import RunResult
from mtlviz.runs.summary import Status

Ask = Callable[..., Answer]
"""`Sink.ask`, wherever it is."""
_PART = 2**24
"""Bytes of a checkpoint that are on their way at once."""


class FarLease:
    """The right to work on a run that is stored elsewhere; see `Hold`.

    Args:
        ask: Asks the sink.
        run: Number of the run.
        token: Known to no other worker.
        config: The run's settings.
        folder: Where this worker keeps the run's files meanwhile.

    Raises:
        LostRun: The run does not wait any more.
    """

    def __init__(self, ask: Ask, run: int, token: str, config: RunConfig, folder: Path) -> None:
        self._ask, self.run, self._token, self.folder = ask, run, token, folder
        self._config = config
        self.log = folder / "log.txt"
        self.begun: Begun = self._told("begin")
        self._length, self._said = self.begun.records, 0
        folder.mkdir(parents=True, exist_ok=True)
        if self.begun.checkpoint is not None:
            self._fetch(*self.begun.checkpoint)

    def config(self) -> RunConfig:
        """The run's settings."""
        return self._config

    def append(self, records: Sequence[Record]) -> bool:
        """Add records and give a sign of life; whether the run has been asked to stop."""
        asked = self._told("append", self._length, records, self._new())
        self._length += len(records)
        return asked

    def length(self) -> int:
        """Number of records stored."""
        return self._length

    def cut(self, length: int) -> None:
        """Drop all records but the first `length`."""
        # First what a sign of life will say, which may be on its way meanwhile.
        self._length = length
        self._told("cut", length)

    def plan(
        self, updates: int, metrics: Sequence[str], fingerprints: Sequence[str] | None = None
    ) -> None:
        """Tell what is known once the run is set up."""
        data = f"{self._config.seed} {self._config.data.model_dump_json()}"
        self._told("plan", updates, metrics, fingerprints, data)

    def so_far(self) -> tuple[int, list[Record]]:
        """Updates recorded, and the evaluations and notes."""
        return self._told("so_far")

    def sync(self) -> None:
        """The sink does this itself where a checkpoint has come."""

    def saved(self, checkpoint: Path) -> None:
        """Give a checkpoint to the sink, part by part."""
        size = checkpoint.stat().st_size
        with checkpoint.open("rb") as file:
            for start in range(0, size, _PART):
                self._told("keep", checkpoint.name, start, file.read(_PART))
        self._told("saved", checkpoint.name, size)
        checkpoint.unlink()  # It is no longer needed here.

    def set_aside(self, damaged: Path) -> str:
        """Put a damaged checkpoint out of the way, and say from where the run can go on."""
        set_aside(self.folder, damaged)
        return self._told("set_aside", damaged.name)

    def finish(
        self, status: Status, error: str | None = None, result: RunResult | None = None
    ) -> None:
        """Give the run up with its last word."""
        self._told("finish", status, error, result, self._new())

    def _fetch(self, name: str, size: int) -> None:
        with (self.folder / name).open("wb") as file:
            for start in range(0, size, _PART):
                file.write(self._told("part", name, start, _PART))

    def _new(self) -> Said:
        """What the log has new since it was last asked, and where that belongs."""
        place = self.begun.said + self._said
        if not self.log.exists():
            return place, b""
        with self.log.open("rb") as file:
            file.seek(self._said)
            text = file.read()
        self._said += len(text)
        return place, text

    def _told(self, what: str, *given: Any) -> Any:
        wrong, answer = self._ask(what, self.run, self._token, *given)
        if wrong == "lost":
            raise LostRun(answer)
        if wrong is not None:
            raise StoreError(answer)
        return answer
