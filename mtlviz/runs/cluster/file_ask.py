"""Words between a worker and the sink, each a file of a folder that both see.

A worker asks by a file that appears whole, and waits for the answer beside it. What was not
answered stays there, so a sink that begins anew goes on with it. Files hold pickles: they are the
owner's, in a folder that nobody else may enter, and hold what the owner's own processes say.
"""

from __future__ import annotations

import itertools
import pickle
import time
import uuid
from pathlib import Path
from typing import Any

from mtlviz.runs.cluster.far_lease import Ask
from mtlviz.runs.cluster.sink import Answer

_ASK, _ANSWER = ".ask", ".answer"
_SHORTEST, _LONGEST = 0.02, 0.5


class FileAsk:
    """Asks the sink by files; any thread may.

    Args:
        folder: The folder.
        patience: Seconds to wait for an answer.
    """

    def __init__(self, folder: Path, patience: float) -> None:
        self._folder, self._patience = folder, patience
        self._mark, self._numbers = uuid.uuid4().hex, itertools.count()

    def __call__(self, what: str, run: int, token: str, *given: Any) -> Answer:
        """As `Sink.ask`; a sink that does not answer for long counts as lost."""
        place = self._folder / f"{next(self._numbers):08}-{self._mark}{_ASK}"
        _write(place, (what, run, token, *given))
        answer, pause = place.with_suffix(_ANSWER), _SHORTEST
        end = time.monotonic() + self._patience
        while (found := _read(answer)) is None:
            if time.monotonic() > end:
                place.unlink(missing_ok=True)
                return "lost", f"Nobody answered for {self._patience:.0f} seconds."
            time.sleep(pause)
            pause = min(2 * pause, _LONGEST)
        answer.unlink(missing_ok=True)
        return found


def answer_all(folder: Path, ask: Ask) -> bool:
    """Answer what is asked in a folder, by this sink; whether anything was."""
    places = sorted(folder.glob(f"*{_ASK}"))
    for place in places:
        asked = _read(place)
        if asked is not None:
            _write(place.with_suffix(_ANSWER), ask(*asked))
            place.unlink(missing_ok=True)
    return bool(places)


def _write(place: Path, word: Any) -> None:
    """Write a file that appears whole or not at all."""
    partial = place.with_name(f".{place.name}.partial")
    partial.write_bytes(pickle.dumps(word))
    partial.replace(place)


def _read(place: Path) -> Any:
    """What is in such a file; None while it is not there."""
    try:
        return pickle.loads(place.read_bytes())
    except FileNotFoundError:
        return None
