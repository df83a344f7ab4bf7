"""Trackio: its own database in a folder."""

from __future__ import annotations

import io
import os
from collections.abc import Mapping, Sequence
from contextlib import redirect_stdout
from pathlib import Path
from typing import ClassVar

from mtlviz.trackers.tracker import Picture, Row, TrackedRun, Tracker, library


class Trackio(Tracker):
    """Logs numbers, settings and pictures as a run of the project `mtlviz` on this machine."""

    help: ClassVar[str] = "a run of the project mtlviz in Trackio's database in a folder"

    def __init__(self, run: TrackedRun, place: str) -> None:
        self._last = 0
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
            self._last = row.update

    def draw(self, pictures: Mapping[str, Picture]) -> None:
        """Take pictures by name, in plotly's form; as pages, which load plotly from its network."""
        from plotly.graph_objects import Figure

        if not hasattr(self._library, "Html"):  # Before trackio 0.34: numbers alone.
            return
        pages = {f"pictures/{name}": self._library.Html(Figure(each))
                 for name, each in pictures.items()}  # fmt: skip
        self._library.log(pages, step=self._last)

    def close(self, status: str) -> None:
        """End with the run's status."""
        with redirect_stdout(io.StringIO()):
            self._library.finish()
