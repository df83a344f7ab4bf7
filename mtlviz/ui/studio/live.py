"""What the browser asks for while the list of runs is on screen: where each of them stands."""

import hashlib
import time
from collections.abc import Sequence
from typing import Any

from mtlviz.runs.summary import RunSummary
from mtlviz.ui import cache
from mtlviz.ui.component.fed import Feed
from mtlviz.ui.core.words import escaped
from mtlviz.ui.run import looking, verdict
from mtlviz.ui.run.live import packed
from mtlviz.ui.shelf import Shelf

EVERYTHING = "all"
"""Under this name stands what changes where runs come, go, begin or end."""
_ANSWERS = Shelf(8)


def news(since: str) -> bytes | None:
    """Where the runs stand, as gzipped JSON; None if nothing is newer.

    The JSON has what is `told` by number of the run, and `EVERYTHING`; see `run.live.news`.

    Args:
        since: Token of what is known already.

    Raises:
        StoreError: If the store cannot be used.
    """
    cache.tick()
    runs = cache.store().runs()
    token = _token(runs)
    if token == since:
        return None
    return _ANSWERS.get(str(cache.store().home), token, lambda: _packed(runs, token))


def feed(runs: Sequence[RunSummary]) -> Feed:
    """Where a page that lists these runs finds what is newer."""
    return Feed("mtlviz/live/runs?", _token(runs))


def row(run: RunSummary) -> dict[str, Any]:
    """What the list says of a run, for the component `told`."""
    return {
        "lines": [
            f"{verdict.MARKS[run.status]} **{run.id}** {escaped(run.name)}",
            f"{verdict.status(run)} · {verdict.ago(run.created)}",
        ],
        "notes": [],
        "progress": verdict.progress(run) if run.active else None,
        "stage": "",
    }


def everything(runs: Sequence[RunSummary]) -> dict[str, Any]:
    """Nothing in words; its stage is another one where runs come, go, begin or end."""
    standing = "".join(f"{run.id} {run.status} {run.stop_requested};" for run in runs)
    stage = hashlib.sha256(standing.encode()).hexdigest()[:16]
    return {"lines": [], "notes": [], "progress": None, "stage": stage}


def _packed(runs: Sequence[RunSummary], token: str) -> bytes:
    told = {str(run.id): row(run) for run in runs if looking.waiting(run)}
    told[EVERYTHING] = everything(runs)
    return packed({"at": time.time(), "token": token, "told": told})


def _token(runs: Sequence[RunSummary]) -> str:
    standing = ";".join(f"{run.id}-{looking.token(run)}" for run in runs)
    return hashlib.sha256(standing.encode()).hexdigest()[:16]
