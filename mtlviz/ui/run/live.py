"""What the browser asks for while a run goes on: its curves as they are now, made once for all."""

import gzip
import json
import time
from typing import Any

from mtlviz.errors import ConfigError
from mtlviz.limits import brief, whole_number
from mtlviz.runs.summary import RunSummary
from mtlviz.ui import cache
from mtlviz.ui.run import cursor, looking
from mtlviz.ui.run.axes import NAMES
from mtlviz.ui.run.said import said
from mtlviz.ui.shelf import Shelf
from mtlviz.ui.state.run import SMOOTHING

_ANSWERS = Shelf(64)


def news(run_id: int, across: str, span: str, since: str) -> bytes | None:
    """What there is to see of a run now, as gzipped JSON; None if nothing is newer.

    The JSON has what is `told` by name (see `said.said`), `figures` by name, `bar` (see
    `cursor.places`), the `token` of all that, and the time it was looked `at`.

    Args:
        run_id: Number of the run.
        across: What lies across: "update", "epoch" or "time".
        span: Reach of the running averages, in updates.
        since: Token of what is known already.

    Raises:
        ConfigError: If one of these is not allowed.
        NoRun: If there is no such run.
        StoreError: If the store cannot be used.
    """
    low, high = SMOOTHING
    if across not in NAMES:
        raise ConfigError(f"`across` must be one of {', '.join(NAMES)}, got {brief(across)}.")
    reach = whole_number(span, "`span`", low, high)
    cache.tick()
    run = cache.store().run(run_id)
    token = looking.token(run)
    if token == since:
        return None
    name = (str(cache.store().home), run.id, run.created, across, reach)
    return _ANSWERS.get(name, token, lambda: _packed(run, across, reach))


def _packed(run: RunSummary, across: str, span: int) -> bytes:
    at = time.time()
    seen = looking.look(run, span, across, cursor.group(run))
    told = {
        "at": at,
        "token": looking.token(run),
        "told": {"said": said(run, seen)},
        "figures": seen.figures if run.updates else {},
        "bar": cursor.places(run, seen.axis),
    }
    return packed(told)


def packed(told: dict[str, Any]) -> bytes:
    """An answer as a browser unpacks it."""
    return gzip.compress(json.dumps(told, separators=(",", ":")).encode(), compresslevel=5)
