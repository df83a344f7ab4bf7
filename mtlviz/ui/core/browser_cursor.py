"""Where visitors have moved the step cursor of a run, as their browsers' questions tell.

Moving the cursor runs no script; the next run of a page takes over from here.
"""

import threading
from collections import OrderedDict
from dataclasses import dataclass

MOST = 2000
"""Visitors who are remembered; of more, the one who moved longest ago is forgotten."""
_LONGEST = 64  # Letters of a visitor's name.
_PLACES: OrderedDict[str, "Place"] = OrderedDict()
_LOCK = threading.Lock()


@dataclass(frozen=True)
class Place:
    """Where one visitor is.

    Attributes:
        run: Number of the run.
        update: The update looked at; None for whichever is the newest.
    """

    run: int
    update: int | None


def note(visitor: str, place: Place) -> None:
    """Remember where a visitor is; nothing for one without a name."""
    if not 0 < len(visitor) <= _LONGEST:
        return
    with _LOCK:
        _PLACES[visitor] = place
        _PLACES.move_to_end(visitor)
        while len(_PLACES) > MOST:
            _PLACES.popitem(last=False)


def take(visitor: str, run: int | None = None) -> Place | None:
    """Where a visitor has moved since this was last asked; with a run, only within it."""
    with _LOCK:
        found = _PLACES.get(visitor)
        if found is None or run not in (None, found.run):
            return None
        return _PLACES.pop(visitor)
