"""MLflow: a database in a folder, or a tracking server."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar

from mtlviz.trackers.tracker import Picture, Row, TrackedRun, Tracker, library

_AT_ONCE = 1000
"""Numbers that MLflow takes in one call."""
_LONGEST = 6000
"""Characters of a parameter."""
_STRANGE = re.compile(r"[^\w\-. :/]")
_STATUS = {"finished": "FINISHED", "stopped": "KILLED"}


class Mlflow(Tracker):
    """Logs numbers, settings and pictures as a run of the experiment `mtlviz`."""

    help: ClassVar[str] = "a run of the experiment mtlviz"
    place: ClassVar[str] = "a folder for MLflow's database, or the address of a tracking server"

    def __init__(self, run: TrackedRun, place: str) -> None:
        mlflow = library("mlflow", "mlflow")
        self._client = mlflow.MlflowClient(tracking_uri=_address(place))
        self._entities = mlflow.entities
        self._began = run.created
        self._run = self._started(run, place)
        parameters = [
            self._entities.Param(_plain(key), str(value)[:_LONGEST])
            for key, value in run.settings.items()
        ]
        for part in _parts(parameters, 100):
            self._client.log_batch(self._run, params=part)

    def _started(self, run: TrackedRun, place: str) -> str:
        experiment = self._client.get_experiment_by_name("mtlviz")
        kept = None if "://" in place else (Path(place).resolve() / "artifacts").as_uri()
        number = (
            self._client.create_experiment("mtlviz", artifact_location=kept)
            if experiment is None
            else experiment.experiment_id
        )
        tags = {"group": run.group, "mlflow.runName": run.title}
        made = self._client.create_run(number, start_time=int(1e3 * run.created), tags=tags)
        return made.info.run_id

    def write(self, rows: Sequence[Row]) -> None:
        """Take numbers; their updates never decrease."""
        found = [
            self._entities.Metric(
                _plain(name), value, int(1e3 * (self._began + row.seconds)), row.update
            )
            for row in rows
            for name, value in row.values.items()
        ]
        for part in _parts(found, _AT_ONCE):
            self._client.log_batch(self._run, metrics=part)

    def draw(self, pictures: Mapping[str, Picture]) -> None:
        """Take pictures by name, in plotly's form."""
        from plotly.graph_objects import Figure

        for name, picture in pictures.items():
            self._client.log_figure(self._run, Figure(picture), f"{name}.html")

    def close(self, status: str) -> None:
        """End with the run's status."""
        self._client.set_terminated(self._run, _STATUS.get(status, "FAILED"))


def _address(place: str) -> str:
    """A server's address as it is; a folder as the database in it, which MLflow asks for."""
    if "://" in place:
        return place
    folder = Path(place)
    folder.mkdir(parents=True, exist_ok=True)
    return f"sqlite:///{folder.resolve() / 'mlflow.db'}"


def _plain(name: str) -> str:
    """A name as MLflow takes it: other characters by their code, so that no two names meet."""
    return _STRANGE.sub(lambda found: f"_{ord(found[0]):x}_", name)


def _parts(values: Sequence[Any], size: int) -> Iterator[list[Any]]:
    for first in range(0, len(values), size):
        yield list(values[first : first + size])
