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
from mtlviz.ui.core.toy_words import panel_verdict, verdicts

FILE = Path(__file__).with_name("film.json")
PRESET = "clouds"
_PANELS = 3  # Alone, with task 2, with task 3: the story needs no more.


@cache
def stored() -> dict[str, Any]:
    """The kept film: `payload` for the player, its `verdicts`, and `sentences` with them.

    `start` is the payload with the first frame alone.
    """
    return json.loads(FILE.read_text(encoding="utf-8"))


def opening() -> dict[str, Any]:
    """The film before anybody guessed: its first frame and nothing that comes after it."""
    return stored()["start"]


def computed() -> dict[str, Any]:
    """The same, trained now."""
    config = PRESETS[PRESET].config
    summary = summarise(train(config))
    start = summarise(train(config, kept=(0,)), shown=summary.film["seed"])
    return {
        "payload": _payload(summary),
        "start": _payload(start),
        "verdicts": [panel_verdict(summary, arm) for arm in summary.arms[:_PANELS]],
        "sentences": verdicts(summary)[: _PANELS - 1],
    }


def _payload(summary: Summary) -> dict[str, Any]:
    return {**summary.film, "panels": summary.film["panels"][:_PANELS]}


if __name__ == "__main__":
    FILE.write_text(json.dumps(computed()) + "\n", encoding="utf-8")
