"""Files as bytes, text and JSON: read within limits, refused in one sentence."""

from itertools import islice
from pathlib import Path
from typing import Any

from mtlviz.access import current
from mtlviz.errors import ConfigError, DataError
from mtlviz.limits import parse_json

# Every set of GLUE fits; a longer table would fill the memory of a laptop with text.
MAX_ROWS = 1_000_000
LONGEST_FILE = 2**27
"""Characters of a file that are held in memory; SQuAD has 30 million."""


def located(path: str) -> Path:
    """The file or folder a path means: absolute, or else below $MTLVIZ_DATA, or else below here.

    Raises:
        DataError: There is none, or this process may not read it.
    """
    return current().find(path)


def read_bytes(file: Path, lines: int | None = None) -> bytes:
    """The content of a file, unpacked if its name ends in .gz.

    Args:
        file: The file.
        lines: Read the first so many lines; all if None.

    Raises:
        DataError: It cannot or may not be read, or is too large.
    """
    try:
        if lines is None:
            return current().read(file)
        with current().open(file) as opened:
            return b"".join(islice(opened, lines))
    except (OSError, EOFError) as error:
        # The full text of an OSError names the path on this machine.
        reason = getattr(error, "strerror", None) or "damaged or incomplete"
        raise DataError(f"{file.name} cannot be read: {reason}.") from error


def read_text(file: Path) -> str:
    """The whole text of a file in UTF-8, unpacked if its name ends in .gz.

    Raises:
        DataError: It cannot or may not be read, is too large, or is not UTF-8.
    """
    try:
        return read_bytes(file).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise DataError(
            f"{file.name} is not in UTF-8 (byte {error.start}): save it as UTF-8."
        ) from error


def read_json(file: Path) -> Any:
    """The content of a JSON file.

    Raises:
        DataError: It cannot be read, or is no JSON within the limits of `limits.parse_json`.
    """
    try:
        return parse_json(read_text(file), file.name, LONGEST_FILE)
    except ConfigError as error:
        raise DataError(str(error)) from error
