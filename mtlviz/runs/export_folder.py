"""The folder that an export is written into: empty, and nothing half-written is taken for whole."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from mtlviz.runs.failures import StoreError


@contextmanager
def empty_folder(place: str | Path) -> Iterator[Path]:
    """A folder to write into, made if it is not there.

    Raises:
        StoreError: It is not empty, or cannot be written.
    """
    folder = Path(place)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if any(folder.iterdir()):
            raise StoreError(f"The folder {folder} is not empty; choose another one.")
        yield folder
    except OSError as error:
        raise StoreError(f"Cannot export to {folder}: {error.strerror or error}.") from error
