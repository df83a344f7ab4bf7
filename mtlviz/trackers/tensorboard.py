"""TensorBoard: a folder with one file of events, written without its library."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar

from mtlviz.runs.export_folder import empty_folder
from mtlviz.trackers.drawing import cells_drawn
from mtlviz.trackers.event_file import EventFile
from mtlviz.trackers.tracker import Picture, Row, TrackedRun, Tracker


class TensorBoard(Tracker):
    """Writes what `tensorboard --logdir FOLDER` shows; W&B, Aim and ClearML read it as well."""

    help: ClassVar[str] = "a file of events for `tensorboard --logdir FOLDER`; needs nothing"

    def __init__(self, run: TrackedRun, place: str) -> None:
        self._began, self._last = run.created, Row(0, 0.0, {})
        with empty_folder(place) as folder:
            name = f"events.out.tfevents.{int(run.created)}.mtlviz.{run.number}"
            self._file = EventFile(folder / name, run.created)
        lines = (f"| {_cell(key)} | {_cell(value)} |" for key, value in run.settings.items())
        table = ["| setting | value |", "| --- | --- |", *lines]
        self._file.text("settings", "\n".join(table), run.created)
        self._file.flush()

    def write(self, rows: Sequence[Row]) -> None:
        """Take numbers; their updates never decrease."""
        for row in rows:
            self._file.scalars(row.values, row.update, self._began + row.seconds)
            self._last = row
        self._file.flush()

    def draw(self, pictures: Mapping[str, Picture]) -> None:
        """Take pictures of cells, as images; curves are drawn by TensorBoard from the numbers."""
        moment = self._began + self._last.seconds
        for name, picture in pictures.items():
            if (drawn := cells_drawn(picture)) is not None:
                size = drawn.width, drawn.height
                self._file.image(f"pictures/{name}", drawn.png, size, self._last.update, moment)
        self._file.flush()

    def close(self, status: str) -> None:
        """End with the run's status."""
        self._file.close()


def _cell(value: object) -> str:
    return " ".join(str(value).split()).replace("|", "\\|")
