"""Uploaded tables on their way to machines that do not have this home folder."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterator
from pathlib import Path

from mtlviz.access import HOME_FOLDER, OWN_TASKS

_OWN = f"${HOME_FOLDER}/{OWN_TASKS}/"
Stamp = tuple[tuple[str, int, int], ...]


def uploaded(config: str) -> list[str]:
    """Names of the folders of uploaded tables that a run reads, given its settings as JSON."""
    data = json.loads(config)["data"]
    paths = [task.get("path", "") for task in (*data["tasks"], *data.get("leak_from", ()))]
    found = (path.removeprefix(_OWN).split("/")[0] for path in paths if path.startswith(_OWN))
    # A path may name the folder above: nothing but tables travels.
    return list(dict.fromkeys(name for name in found if name not in ("", ".", "..")))


def stamp(folder: Path) -> Stamp:
    """Names, sizes and times of the files in a folder: what changes with any of them."""
    return tuple(
        (file.name, file.stat().st_size, file.stat().st_mtime_ns) for file in _files(folder)
    )


def packed(folder: Path) -> bytes:
    """The files of a folder as one piece."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for file in _files(folder):
            archive.write(file, file.name)
    return made.getvalue()


def unpack(piece: bytes, folder: Path) -> None:
    """Put the files of `packed` into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(io.BytesIO(piece)) as archive:
        archive.extractall(folder)


def _files(folder: Path) -> Iterator[Path]:
    return (each for each in sorted(folder.iterdir()) if each.is_file())
