"""Trackio: its own database in a folder."""

from __future__ import annotations

import io
import os
from collections.abc import Sequence
from contextlib import redirect_stdout
from pathlib import Path
from typing import ClassVar

from mtlviz.trackers.tracker import Row, TrackedRun, Tracker, library


class Trackio(Tracker):
    """Logs numbers and settings as a run of the project `mtlviz`, on this machine alone."""

    help: ClassVar[str] = "a run of the project mtlviz in Trackio's database in a folder"
    draws: ClassVar[bool] = False

    def __init__(self, run: TrackedRun, place: str) -> None:
        # Read when the library is imported.
        os.environ["TRACKIO_DIR"] = str(Path(place).resolve())
        self._library = library("trackio", "trackio")
        self._library.init(
            project="mtlviz",
            name=run.title,
            group=run.group,
            config=dict(run.settings),
            embed=False,
        )

    def write(self, rows: Sequence[Row]) -> None:
        """Take numbers; their updates never decrease."""
        for row in rows:
            self._library.log({**row.values, "seconds": row.seconds}, step=row.update)

    def close(self, status: str) -> None:
        """End with the run's status."""
        with redirect_stdout(io.StringIO()):
            self._library.finish()
