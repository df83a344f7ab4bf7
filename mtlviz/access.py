"""Which files a process may read, and how much of them.

A shell reads what its user can read. The app reads for strangers (whoever opens a link), so it is
restricted when it starts: to the data folder, own tasks, and folders that its owner named. The
processes it starts inherit that through their environment, a run through the store.
"""

import gzip
import io
import json
import os
import stat
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, BinaryIO

from platformdirs import user_data_path

from mtlviz.errors import ConfigError, DataError, MissingError

DATA_FOLDER = "MTLVIZ_DATA"
HOME_FOLDER = "MTLVIZ_HOME"
ALLOWED = "MTLVIZ_ALLOW"
"""Further folders of data sets and checkpoints, separated as in PATH."""
OWN_TASKS = "tasks"
"""Name of the folder of uploaded tasks, below the home folder."""
ELSEWHERE = "$ELSEWHERE"
"""Stands for a folder that visitors know nothing of."""
_INHERITED = "MTLVIZ_ACCESS"
_OWNERS_LARGEST, _VISITORS_LARGEST = 2**30, 2**28
# Opening a pipe or a device must not wait; a link must not be put in the file's place meanwhile.
_FLAGS = sum(getattr(os, name, 0) for name in ("O_NONBLOCK", "O_NOFOLLOW", "O_BINARY", "O_CLOEXEC"))


@dataclass(frozen=True)
class Access:
    """What may be read.

    Attributes:
        folders: Folders by the name under which settings refer to what is in them.
        everywhere: Whether what lies elsewhere may be read as well.
        largest: Bytes that a file may have, packed and unpacked.
    """

    folders: Mapping[str, Path] = field(default_factory=dict)
    everywhere: bool = True
    largest: int = _OWNERS_LARGEST

    def find(self, path: str, what: str = "file or folder") -> Path:
        """The file or folder a path means.

        It begins with the name of a folder (`$MTLVIZ_HOME/tasks/...`), is absolute, or is meant
        from the data folder or else from here.

        Args:
            path: The path.
            what: What it should be, in the words of the error.

        Raises:
            DataError: If there is none, or it may not be read; which of both is not told.
        """
        for place in self._places(path):
            # Names too long for the system and loops of links are no files either.
            with suppress(OSError, RuntimeError, ValueError):
                if self.allows(place) and place.exists():
                    return place
        raise MissingError(f"There is no {what} {shown(path)}{self._hint()}.")

    def allows(self, place: Path) -> bool:
        """Whether a place lies where may be read, wherever links lead; hidden files never do."""
        if self.everywhere:
            return True
        with suppress(OSError, RuntimeError, ValueError):
            found = place.resolve()
            roots = (folder.resolve() for folder in self.folders.values())
            inside = (found.relative_to(root) for root in roots if found.is_relative_to(root))
            return any(not any(map(_is_hidden, place.parts)) for place in inside)
        return False

    def is_file(self, path: str) -> bool:
        """Whether a path means a file that may be read."""
        try:
            return self.find(path).is_file()
        except DataError:
            return False

    def local_folder(self, name: str) -> Path | None:
        """The folder that the name of a checkpoint means, or None: it may be a name of the hub.

        Raises:
            DataError: If something in the folder is no regular file, or may not be read.
        """
        try:
            place = self.find(name)
            files = list(place.iterdir()) if place.is_dir() else None
        except DataError:
            return None
        except OSError as error:
            raise DataError(f"The folder {shown(name)} cannot be read.") from error
        # Git and the hub leave hidden files, which no library reads.
        for file in (each for each in files or () if not _is_hidden(each.name)):
            if not self.allows(file) or not (file.is_file() or file.is_dir()):
                raise DataError(f"{place.name}/{file.name} is no regular file that may be read.")
        return None if files is None else place

    def open(self, file: Path, largest: int | None = None) -> BinaryIO:
        """A regular file to read from, unpacked if its name ends in .gz.

        Args:
            file: The file.
            largest: Bytes that may be read from it, if not as many as usual; more are a DataError.

        Raises:
            DataError: If it may not be read, is no regular file, or is too large.
            OSError: If the system refuses it.
        """
        target = file.resolve()
        if not self.allows(target):
            raise MissingError(f"There is no file {shown(str(file))}{self._hint()}.")
        opened = os.fdopen(os.open(target, os.O_RDONLY | _FLAGS), "rb")
        state = os.fstat(opened.fileno())
        limited = self if largest is None else replace(self, largest=largest)
        try:
            if not stat.S_ISREG(state.st_mode):
                raise DataError(f"{file.name} is no regular file.")
            limited.check_size(file.name, state.st_size)
        except DataError:
            opened.close()
            raise
        stream = gzip.GzipFile(fileobj=opened) if file.suffix.lower() == ".gz" else opened
        return io.BufferedReader(_Limited(stream, opened, file.name, limited))

    def read(self, file: Path) -> bytes:
        """The whole content of a regular file; see `open`."""
        with self.open(file) as opened:
            return opened.read()

    def check_size(self, name: str, size: int) -> None:
        """Check how much a file holds, such as its columns once unpacked.

        Raises:
            DataError: If that is more than may be read.
        """
        if size > self.largest:
            raise DataError(
                f"{name} is too large: it holds more than {self.largest // 2**20:,} MB, unpacked. "
                "Give a part of it."
            )

    def portable(self, path: str) -> str:
        """A path as settings for others say it: below a folder's name, and without the server's.

        What lies elsewhere keeps its path where everything may be read; else its name is left,
        below `ELSEWHERE`, where nothing is found: another file of this name must not be read.
        """
        if not Path(path).is_absolute():
            return path
        place = Path(os.path.normpath(path))
        for name, folder in self.folders.items():
            root = Path(os.path.normpath(folder.absolute()))
            if place.is_relative_to(root):
                inside = place.relative_to(root).as_posix()
                from_data = name == f"${DATA_FOLDER}" and inside != "."
                return inside if from_data else f"{name}/{inside}".removesuffix("/.")
        return path if self.everywhere else f"{ELSEWHERE}/{place.name}"

    def to_text(self) -> str:
        """As one line, for an environment or a store."""
        folders = {name: str(folder) for name, folder in self.folders.items()}
        values = {"folders": folders, "everywhere": self.everywhere, "largest": self.largest}
        return json.dumps(values)

    @classmethod
    def from_text(cls, text: str) -> "Access":
        """What `to_text` wrote."""
        values = json.loads(text)
        folders = {name: Path(folder) for name, folder in values["folders"].items()}
        return cls(folders, bool(values["everywhere"]), int(values["largest"]))

    def _places(self, path: str) -> Iterator[Path]:
        for name, folder in self.folders.items():
            if path == name or path.startswith(f"{name}/"):
                yield folder / path[len(name) + 1 :]
        data = self.folders.get(f"${DATA_FOLDER}")
        if path and data is not None:
            yield data / path
        if path:
            # As it is where ~ names nobody; a stranger learns nothing of users.
            yield Path(os.path.expanduser(path) if self.everywhere else path)  # noqa: PTH111

    def _hint(self) -> str:
        if self.everywhere:
            return (
                " where its path says; a relative path is meant from the folder that "
                f"{DATA_FOLDER} names, or from the current folder"
            )
        return (
            " that this app may read: it reads its data folder, own tasks, and folders that it was "
            "started with (--allow FOLDER)"
        )


class _Limited(io.RawIOBase):
    """A stream that ends in a sentence rather than in a full memory."""

    def __init__(self, stream: Any, opened: BinaryIO, name: str, access: Access) -> None:
        super().__init__()
        self._stream, self._opened, self._name, self._access = stream, opened, name, access
        self._given = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        try:
            found = self._stream.read(len(buffer))
        except (zlib.error, EOFError) as error:
            raise gzip.BadGzipFile("damaged") from error
        self._given += len(found)
        self._access.check_size(self._name, self._given)
        buffer[: len(found)] = found
        return len(found)

    def close(self) -> None:
        self._opened.close()
        super().close()


def owners_access() -> Access:
    """Everything, as a shell may read; paths may begin with the name of a folder."""
    return Access(_folders(os.environ.get(ALLOWED, "")))


def visitors_access(allowed: str = "") -> Access:
    """What the app may read for whoever opens it.

    Args:
        allowed: Further folders, separated as in PATH.

    Raises:
        ConfigError: If one of them is no folder, or two have the same name.
    """
    for place in _split(allowed):
        if not place.is_dir():
            raise ConfigError(f"--allow and {ALLOWED} name folders, but {str(place)!r} is none.")
    names = [place.name for place in _split(allowed)]
    for name in names:
        if names.count(name) > 1:
            raise ConfigError(f"Two allowed folders are called {name!r}: rename one of them.")
    return Access(_folders(allowed), everywhere=False, largest=_VISITORS_LARGEST)


def current() -> Access:
    """What this process may read now."""
    found = _here.get() or _process.get("access")
    if found is not None:
        return found
    inherited = os.environ.get(_INHERITED)
    return Access.from_text(inherited) if inherited else owners_access()


def visible_to_others() -> Access:
    """What may be read now, less what lies outside the folders that have a name."""
    return replace(current(), everywhere=False)


def choose(access: Access) -> None:
    """Decide, once and for all, what this process and those that it starts may read."""
    _process["access"] = access
    os.environ[_INHERITED] = access.to_text()


@contextmanager
def chosen(access: Access) -> Iterator[None]:
    """Read so for a while, in this thread alone."""
    token = _here.set(access)
    try:
        yield
    finally:
        _here.reset(token)


_process: dict[str, Access] = {}
_here: ContextVar[Access | None] = ContextVar("access", default=None)


def home_place(given: str | Path | None = None) -> Path:
    """Where the home folder is: the one given, else MTLVIZ_HOME, else this user's data folder.

    Raises:
        ConfigError: If it begins with the name of an unknown user.
    """
    place = Path(given or os.environ.get(HOME_FOLDER) or user_data_path("mtlviz", appauthor=False))
    try:
        return place.expanduser().absolute()
    except RuntimeError as error:
        raise ConfigError(
            f"The home folder {str(place)!r} is of a user who is not known."
        ) from error


def _folders(allowed: str) -> dict[str, Path]:
    found = {f"${HOME_FOLDER}/{OWN_TASKS}": home_place() / OWN_TASKS}
    if data := os.environ.get(DATA_FOLDER):
        found[f"${DATA_FOLDER}"] = Path(data).absolute()
    return found | {f"${ALLOWED}/{place.name}": place for place in _split(allowed)}


def _split(allowed: str) -> list[Path]:
    return [Path(each).absolute() for each in allowed.split(os.pathsep) if each]


def _is_hidden(name: str) -> bool:
    return name.startswith(".")


def shown(path: str) -> str:
    """A path as messages quote it: of an absolute one the last name, for a page may show it."""
    name = Path(path).name if Path(path).is_absolute() or path.startswith("~") else path
    return repr(name if len(name) <= 60 else f"{name[:59]}…")
