"""A little room on the disk, kept for a run's last word: that it ended because the disk is full."""

from pathlib import Path

from mtlviz.runs.failures import in_words

_BYTES = 2**17


def keep(home: Path) -> None:
    """Take the room, unless it is taken already.

    Raises:
        StoreError: If there is not even that much.
    """
    place = _place(home)
    with in_words(home):
        if not place.exists() or place.stat().st_size < _BYTES:
            place.write_bytes(bytes(_BYTES))


def release(home: Path) -> bool:
    """Give the room back, and tell whether there was any."""
    place = _place(home)
    there = place.exists()
    place.unlink(missing_ok=True)
    return there


def _place(home: Path) -> Path:
    return home / "reserve"
