"""The folder of a run trained in the terminal: settings, records, checkpoint, result."""

from __future__ import annotations

import json
import platform
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from mtlviz import __version__
from mtlviz.cli.report import Outcome
from mtlviz.engine.config import RunConfig
from mtlviz.engine.records import Record, to_json
from mtlviz.errors import ConfigError

if TYPE_CHECKING:
    from mtlviz.engine.training import Training


class RunFolder:
    """A folder with `config.json`, `records.jsonl`, `checkpoint.safetensors` and `result.json`."""

    def __init__(self, place: Path) -> None:
        self.place = place
        self.checkpoint = place / "checkpoint.safetensors"
        self.records = place / "records.jsonl"

    @classmethod
    def made(cls, place: str, config: RunConfig) -> RunFolder:
        """A folder for a new run.

        Raises:
            ConfigError: If it holds a run already or cannot be written.
        """
        folder = cls(Path(place))
        if (folder.place / "config.json").exists():
            raise ConfigError(f"{place} holds a run already; use --resume or another folder.")
        try:
            folder.place.mkdir(parents=True, exist_ok=True)
            (folder.place / "config.json").write_text(config.to_json(), encoding="utf-8")
            folder.records.write_text("", encoding="utf-8")
        except OSError as error:
            raise ConfigError(f"Cannot write the folder {place}: {error.strerror}.") from error
        return folder

    @classmethod
    def resumed(cls, place: str) -> RunFolder:
        """The folder of a run that goes on.

        Raises:
            ConfigError: If it holds no run.
        """
        folder = cls(Path(place))
        if not folder.checkpoint.is_file():
            raise ConfigError(f"{place} holds no checkpoint to go on from.")
        return folder

    def add(self, record: Record) -> None:
        """Append a record."""
        with self.records.open("a", encoding="utf-8") as file:
            file.write(json.dumps(to_json(record), allow_nan=False) + "\n")

    def cut_records(self, kept: int) -> None:
        """Drop records written after the checkpoint: the run will write them again."""
        if not kept:
            self.records.write_text("", encoding="utf-8")
            return
        lines = self.records.read_text(encoding="utf-8").splitlines(keepends=True)
        if len(lines) > kept:
            self.records.write_text("".join(lines[:kept]), encoding="utf-8")

    def save(self, training: Training) -> None:
        """Write a checkpoint."""
        from mtlviz.engine.resuming import save

        save(training, self.checkpoint)

    def write_result(
        self, outcome: Outcome, alone: Mapping[str, tuple[float, float]], seconds: float
    ) -> None:
        """Write the scores with the versions that made them."""
        import torch

        result = {
            **asdict(outcome),
            "single_task": dict(alone),
            "seconds": seconds,
            "versions": {
                "mtlviz": __version__,
                "torch": torch.__version__,
                "numpy": np.__version__,
                "python": platform.python_version(),
            },
        }
        text = json.dumps(_without_nan(result), indent=2, allow_nan=False)
        (self.place / "result.json").write_text(text, encoding="utf-8")


def _without_nan(value: object) -> object:
    """The same with null for NaN, as JSON has none."""
    if isinstance(value, dict):
        return {key: _without_nan(entry) for key, entry in value.items()}
    if isinstance(value, list | tuple):
        return [_without_nan(entry) for entry in value]
    return None if isinstance(value, float) and value != value else value
