"""Weights & Biases: a folder to be sent later, or its server at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import ClassVar

from mtlviz.trackers.tracker import Picture, Row, TrackedRun, Tracker, library

_ONLINE = "online"


class WeightsAndBiases(Tracker):
    """Logs numbers, settings and pictures as a run of the project `mtlviz`; seeds are a group."""

    help: ClassVar[str] = "a run of the project mtlviz; `wandb sync` sends it later"
    place: ClassVar[str] = "a folder, where nothing is sent; `online` sends to your W&B account"

    def __init__(self, run: TrackedRun, place: str) -> None:
        self._library = library("wandb", "wandb")
        online = place == _ONLINE
        if not online:
            Path(place).mkdir(parents=True, exist_ok=True)
        self._run = self._library.init(
            project="mtlviz",
            name=run.title,
            group=run.group,
            config=dict(run.settings),
            dir=None if online else place,
            mode="online" if online else "offline",
            settings=self._library.Settings(silent=True, x_disable_stats=True),
        )
        self._run.define_metric("*", step_metric="update")

    def write(self, rows: Sequence[Row]) -> None:
        """Take numbers; their updates never decrease."""
        for row in rows:
            self._run.log({**row.values, "update": row.update, "seconds": row.seconds})

    def draw(self, pictures: Mapping[str, Picture]) -> None:
        """Take pictures by name, in plotly's form."""
        from plotly.graph_objects import Figure

        self._run.log({f"pictures/{name}": Figure(each) for name, each in pictures.items()})

    def close(self, status: str) -> None:
        """End with the run's status."""
        self._run.finish(exit_code=0 if status in ("finished", "stopped") else 1)
