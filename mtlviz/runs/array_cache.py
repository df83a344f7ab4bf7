"""Arrays that took long to compute, kept on disk by a key of what they were computed from."""

import os
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from mtlviz.runs.failures import in_words

Arrays = dict[str, NDArray]


@dataclass(frozen=True)
class ArrayCache:
    """A folder of results that may be deleted at any time; the longest unused go first.

    Attributes:
        folder: Where they are kept.
        most_bytes: Room they may take.
    """

    folder: Path
    most_bytes: int = 2**30

    def get(self, key: str) -> Arrays | None:
        """What was kept under a key; None if nothing is, or if it is damaged."""
        path = self._path(key)
        try:
            with np.load(path, allow_pickle=False) as file:
                found = {name: file[name] for name in file.files}
            os.utime(path)
        except (OSError, ValueError, KeyError, EOFError, BadZipFile):
            return None
        return found

    def has(self, key: str) -> bool:
        """Whether something is kept under a key."""
        return self._path(key).is_file()

    def put(self, key: str, arrays: Mapping[str, NDArray]) -> None:
        """Keep arrays under a key; the file appears only when it is complete.

        Raises:
            StoreError: If the folder cannot be written.
        """
        path = self._path(key)
        partial = path.with_name(f".{path.name}.{os.getpid()}.partial")
        with in_words(self.folder):
            self.folder.mkdir(parents=True, exist_ok=True)
            try:
                with partial.open("wb") as file:
                    np.savez(file, **arrays)
                partial.replace(path)
            finally:
                partial.unlink(missing_ok=True)
            self._forget_oldest()

    def forget(self, key: str) -> None:
        """Keep nothing under a key any more."""
        self._path(key).unlink(missing_ok=True)

    def _path(self, key: str) -> Path:
        return self.folder / f"{key}.npz"

    def _forget_oldest(self) -> None:
        """Delete the longest unused files while all together are too large."""
        files = []
        for path in self.folder.glob("*.npz"):
            with suppress(FileNotFoundError):  # Another process may forget at the same time.
                state = path.stat()
                files.append((state.st_mtime, state.st_size, path))
        total = 0
        for _, size, path in sorted(files, reverse=True):
            total += size
            if total > self.most_bytes:
                path.unlink(missing_ok=True)
