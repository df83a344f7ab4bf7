"""What the browser asks for while a run goes on: its curves as they are now, made once for all."""

import gzip
import json
import time
from typing import Any

from mtlviz.errors import ConfigError
from mtlviz.runs.summary import RunSummary
from mtlviz.ui import cache
from mtlviz.ui.run import cursor, looking
from mtlviz.ui.run.axes import NAMES
from mtlviz.ui.run.said import said
from mtlviz.ui.shelf import Shelf
from mtlviz.ui.state.run import SMOOTHING

_ANSWERS = Shelf(64)
_NO_RUN = 2**63  # More than a store can look up.


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
        StoreError: If there is no such run.
    """
    low, high = SMOOTHING
    if across not in NAMES:
        raise ConfigError(f"`across` must be one of {', '.join(NAMES)}, got {across!r}.")
    if not (span.isascii() and span.isdecimal() and low <= int(span) <= high):
        raise ConfigError(f"`span` must be a whole number from {low} to {high}, got {span!r}.")
    if run_id >= _NO_RUN:
        raise ConfigError(f"There is no run {run_id}.")
    cache.tick()
    run = cache.store().run(run_id)
    token = looking.token(run)
    if token == since:
        return None
    name = (str(cache.store().home), run.id, run.created, across, span)
    return _ANSWERS.get(name, token, lambda: _packed(run, across, int(span)))


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
