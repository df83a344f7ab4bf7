"""Which sweeps somebody must act for while they go on: a small file beside each.

A worker asks after every run, so this is to be known without reading a sweep.
"""

from pathlib import Path

from mtlviz.runs.failures import in_words
from mtlviz.runs.store import Store
from mtlviz.runs.stored_study import FOLDER

_END = ".steered"


def mark(store: Store, number: int, reduction: int | None) -> None:
    """Say that a sweep must be steered.

    Args:
        store: The store.
        number: Number of the sweep.
        reduction: One in so many goes on at its rungs; 0 where it has none; None where it need not
            be steered (any more).
    """
    place = _folder(store) / f"{number}{_END}"
    with in_words(store.home):
        if reduction is None:
            place.unlink(missing_ok=True)
        elif not place.exists():
            place.write_text(str(reduction), encoding="ascii")


def steered(store: Store) -> dict[int, int]:
    """Reduction of each sweep that must be steered, by number; 0 where it has no rungs."""
    found = {}
    for place in _folder(store).glob(f"*{_END}"):
        try:
            found[int(place.stem)] = int(place.read_text(encoding="ascii"))
        except (OSError, ValueError):
            continue  # It has just ended.
    return found


def _folder(store: Store) -> Path:
    return store.home / FOLDER
