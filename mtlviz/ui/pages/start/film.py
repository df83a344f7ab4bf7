"""The film that opens the app, kept as a file so that it shows before anything trains.

`python -m mtlviz.ui.pages.start.film` renews the file; a test holds it to what the toy computes.
"""

import json
from functools import cache
from pathlib import Path
from typing import Any

from mtlviz.toy.presets import PRESETS
from mtlviz.toy.program import train
from mtlviz.toy.summary import Summary, summarise
from mtlviz.ui.core.toy_words import verdicts

FILE = Path(__file__).with_name("film.json")
PRESET = "friendly"
_PANELS = 3  # Alone, with task 2, with task 3: the story needs no more.


@cache
def stored() -> dict[str, Any]:
    """The kept film: `payload` for the player and `sentences` with the verdicts."""
    return json.loads(FILE.read_text(encoding="utf-8"))


def computed() -> dict[str, Any]:
    """The same, trained now."""
    return _content(summarise(train(PRESETS[PRESET].config)))


def _content(summary: Summary) -> dict[str, Any]:
    payload = {**summary.film, "panels": summary.film["panels"][:_PANELS]}
    return {"payload": payload, "sentences": verdicts(summary)[: _PANELS - 1]}


if __name__ == "__main__":
    FILE.write_text(json.dumps(computed()) + "\n", encoding="utf-8")
