"""The folder of --out: a run as files, and its scores with the versions that made them."""

from __future__ import annotations

import json
import platform
import tempfile
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from mtlviz import __version__
from mtlviz.cli.report import Outcome
from mtlviz.errors import CheckpointError, ConfigError
from mtlviz.runs.checkpoints import forget_older
from mtlviz.runs.export import export
from mtlviz.runs.store import Store

if TYPE_CHECKING:
    from mtlviz.engine.training import Training

MODEL, RESULT = "model.safetensors", "result.json"


@dataclass(frozen=True)
class RunFolder:
    """A folder that holds what `mtlviz runs export` writes, `result.json` and `model.safetensors`.

    Attributes:
        place: The folder; it is made when the run it is for has been set up.
    """

    place: Path

    def check_free(self) -> None:
        """Check that a new run may be written here.

        Raises:
            ConfigError: If there is something in it, or it is no folder.
        """
        if any((self.place / name).exists() for name in ("config.json", RESULT)):
            raise ConfigError(
                f"{self.place} holds a run already; go on with it by --resume {self.place}, or "
                "choose another folder."
            )
        if self.place.exists() and not self.place.is_dir():
            raise ConfigError(f"{self.place} is a file; choose a folder.")
        if self.place.is_dir() and any(self.place.iterdir()):
            raise ConfigError(f"The folder {self.place} is not empty; choose another one.")

    def make(self) -> None:
        """Make the folder.

        Raises:
            ConfigError: If that is not possible.
        """
        try:
            self.place.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryFile(dir=self.place):
                pass
        except OSError as error:
            raise ConfigError(f"Cannot write the folder {self.place}: {error.strerror}.") from error

    def begin(self, store: Store, run: int) -> None:
        """Make the folder and say in it whose it is, so that a killed run can go on from it.

        Raises:
            ConfigError: If that is not possible.
        """
        self.make()
        place = self.place / RESULT
        if place.exists():
            return
        text = json.dumps({"run": run, "created": store.run(run).created, "status": "running"})
        try:
            place.write_text(text + "\n", encoding="utf-8")
        except OSError as error:
            raise ConfigError(f"Cannot write {place}: {error.strerror}.") from error

    def run(self, store: Store) -> int:
        """The number of the stored run that was written here.

        Raises:
            ConfigError: If there is no such folder, no such run in it, or it is another store's.
        """
        if not self.place.is_dir():
            raise ConfigError(f"There is no folder {str(self.place)!r} to go on from.")
        try:
            written = json.loads((self.place / RESULT).read_text(encoding="utf-8"))
            run, created = written["run"], written["created"]
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise ConfigError(
                f"{self.place} holds no run of `mtlviz train`; `mtlviz runs list` shows the "
                "numbers of stored runs, which --resume takes as well."
            ) from error
        if not any((found.id, found.created) == (run, created) for found in store.runs()):
            raise ConfigError(
                f"The run written to {self.place} is not among the runs in {store.home}; name its "
                "home folder with --home."
            )
        return run

    def write(
        self, store: Store, run: int, outcome: Outcome, alone: Mapping[str, tuple[float, float]]
    ) -> None:
        """Write the run; what an earlier call has written is replaced.

        Raises:
            MtlvizError: If the folder cannot be written.
        """
        self.make()
        with tempfile.TemporaryDirectory(dir=self.place, prefix=".export-") as fresh:
            exported = export(store, run, Path(fresh) / "run")
            text = json.dumps(_result(store, run, outcome, alone), indent=2, allow_nan=False)
            (exported / RESULT).write_text(text + "\n", encoding="utf-8")
            forget_older(self.place, keep=0)
            for path in exported.iterdir():
                path.replace(self.place / path.name)


def _result(
    store: Store, run: int, outcome: Outcome, alone: Mapping[str, tuple[float, float]]
) -> object:
    """Scores, state and versions, as JSON can hold them."""
    import torch

    found = store.run(run)
    return _without_nan(
        {
            "run": run,
            "created": found.created,
            "status": found.status,
            **asdict(outcome),
            "single_task": dict(alone),
            "versions": {
                "mtlviz": __version__,
                "torch": torch.__version__,
                "numpy": np.__version__,
                "python": platform.python_version(),
            },
        }
    )


def _without_nan(value: object) -> object:
    """The same with null for NaN, as JSON has none."""
    if isinstance(value, dict):
        return {key: _without_nan(entry) for key, entry in value.items()}
    if isinstance(value, list | tuple):
        return [_without_nan(entry) for entry in value]
    return None if isinstance(value, float) and value != value else value


def write_best(training: Training, folder: Path) -> None:
    """Write the model as it was at the best mean development score, if it was ever scored.

    The training holds the best model from here on, so it cannot go on afterwards.

    Raises:
        CheckpointError: If the file cannot be written.
    """
    from safetensors import SafetensorError
    from safetensors.torch import save_file

    from mtlviz.engine.checkpoint import model_tensors

    if not training.best:
        return
    training.use_best()
    tensors = {
        name: tensor.detach().cpu().contiguous()
        for name, tensor in model_tensors(training.model).items()
    }
    try:
        save_file(tensors, folder / MODEL)
    except (OSError, SafetensorError) as error:
        raise CheckpointError(f"Cannot write {folder / MODEL}: {error}.") from error
