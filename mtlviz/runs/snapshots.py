"""Embedding snapshots as files of a run's folder; the store keeps their names."""

import os
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np

from mtlviz.engine.records import Snapshot
from mtlviz.errors import DataError


def write(folder: Path, sequence: int, snapshot: Snapshot) -> dict[str, Any]:
    """Write the arrays of a snapshot and return what the store keeps of it.

    The file appears under its name only when it is complete.
    """
    name = f"embeddings-{sequence}.npz"
    arrays = {f"embeddings {task}": array for task, array in enumerate(snapshot.embeddings)}
    arrays |= {f"labels {task}": array for task, array in enumerate(snapshot.labels)}
    partial = folder / f".{name}.{os.getpid()}.partial"
    folder.mkdir(parents=True, exist_ok=True)
    try:
        with partial.open("wb") as file:
            np.savez(file, **arrays)
        partial.replace(folder / name)
    finally:
        partial.unlink(missing_ok=True)
    values = {"update": snapshot.update, "seconds": snapshot.seconds}
    return {**values, "file": name, "tasks": len(snapshot.embeddings)}


def read(folder: Path, values: dict[str, Any]) -> Snapshot:
    """The snapshot that `write` wrote.

    Raises:
        DataError: If its file is missing or damaged.
    """
    try:
        tasks, update, seconds = range(values["tasks"]), values["update"], values["seconds"]
        with np.load(folder / values["file"], allow_pickle=False) as file:
            embeddings = [file[f"embeddings {task}"] for task in tasks]
            labels = [file[f"labels {task}"] for task in tasks]
    except (OSError, ValueError, TypeError, KeyError, EOFError, BadZipFile) as error:
        name = values.get("file", "of a snapshot")
        raise DataError(f"The embeddings {name} of the run cannot be read.") from error
    return Snapshot(update, embeddings, labels, seconds)
