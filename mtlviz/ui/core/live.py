"""What browsers ask for while runs go on: made once for all, without any page's script."""

import gzip
import hashlib
import json
import time
from collections.abc import Mapping, Sequence
from typing import Any

from mtlviz.errors import ConfigError
from mtlviz.limits import brief, whole_number
from mtlviz.runs.summary import RunSummary
from mtlviz.ui.component.feed import Feed
from mtlviz.ui.core import families, run_records, run_view, run_words
from mtlviz.ui.core.memo import Memo
from mtlviz.ui.core.run_choice import ACROSS, MOST_SMOOTHING
from mtlviz.ui.core.words import escaped

EVERYTHING = "all"
"""Under this name stands what changes where runs come, go, begin or end."""
_RUNS, _LISTS = Memo(64), Memo(8)


def news_of_run(run_id: int, across: str, span: str, since: str) -> bytes | None:
    """What there is to see of a run now, as gzipped JSON; None if nothing is newer.

    The JSON has what is `told` by name (see `run_words.said`), `figures` by name, `bar` (see
    `run_view.bar_places`), the `token` of all that, and the time it was looked `at`.

    Args:
        run_id: Number of the run.
        across: What lies across, a key of `ACROSS`.
        span: Reach of the running averages, in updates.
        since: Token of what is known already.

    Raises:
        ConfigError: If one of these is not allowed.
        NoRun: If there is no such run.
        StoreError: If the store cannot be used.
    """
    if across not in ACROSS:
        raise ConfigError(f"`across` must be one of {', '.join(ACROSS)}, got {brief(across)}.")
    reach = whole_number(span, "`span`", 0, MOST_SMOOTHING)
    run_records.tick()
    run = run_records.store().run(run_id)
    token = run_view.token(run)
    if token == since:
        return None
    key = (*run_records.name_of(run), across, reach)
    return _RUNS.once(key, token, lambda: _run(run, across, reach))


def news_of_runs(since: str, covered: bool = False) -> bytes | None:
    """Where the runs stand, as gzipped JSON; None if nothing is newer.

    The JSON has what is `told` by number of the run, and `EVERYTHING`; see `news_of_run`.

    Args:
        since: Token of what is known already.
        covered: Whether what families show waits for a guess, and is left out.

    Raises:
        StoreError: If the store cannot be used.
    """
    run_records.tick()
    runs = run_records.store().runs()
    token = _token(runs)
    if token == since:
        return None
    name = (str(run_records.store().home), covered)
    return _LISTS.once(name, token, lambda: _list(runs, token, covered))


def feed(runs: Sequence[RunSummary], covered: bool = False) -> Feed:
    """Where a page that lists these runs finds what is newer; `covered`, without what they show."""
    return Feed(f"mtlviz/live/runs?{'covered=1' * covered}", _token(runs))


def row(run: RunSummary) -> dict[str, Any]:
    """What the list says of a run, for the component `live_text`."""
    return {
        "lines": [
            f"{run_words.MARKS[run.status]} **{run.id} {escaped(run.name)}**",
            f"{run_words.status(run)} · {run_words.ago(run.created)}",
        ],
        "notes": [],
        "progress": run_words.progress(run) if run.active else None,
        "stage": "",
    }


def family_name(runs: Sequence[RunSummary], covered: bool = False) -> str:
    """Under which name the list says where a family stands; see `families.told`."""
    return f"family-{runs[0].id}{'-covered' * covered}"


def everything(runs: Sequence[RunSummary]) -> dict[str, Any]:
    """Nothing in words; its stage is another one where runs come, go, begin or end."""
    standing = "".join(f"{run.id} {run.status} {run.stop_requested};" for run in runs)
    stage = hashlib.sha256(standing.encode()).hexdigest()[:16]
    return {"lines": [], "notes": [], "progress": None, "stage": stage}


def _run(run: RunSummary, across: str, span: int) -> bytes:
    at = time.time()
    view = run_view.look(run, span, across, run_view.cursor_of(run))
    said = run_words.said(run, view)
    return packed_answer(
        {
            "at": at,
            "token": run_view.token(run),
            "told": {
                "said": said,
                "standing": run_words.standing(said),
                "findings": run_words.findings(said),
            },
            "figures": view.figures if run.updates else {},
            "bar": run_view.bar_places(run, view.axis),
        }
    )


def _list(runs: Sequence[RunSummary], token: str, covered: bool) -> bytes:
    told = {str(run.id): row(run) for run in runs if run_view.waiting(run)}
    told |= {
        family_name(each, covered): families.told(each, covered)
        for each in families.under_way(runs)
    }
    told[EVERYTHING] = everything(runs)
    return packed_answer({"at": time.time(), "token": token, "told": told})


def _token(runs: Sequence[RunSummary]) -> str:
    standing = ";".join(f"{run.id}-{run_view.token(run)}" for run in runs)
    return hashlib.sha256(standing.encode()).hexdigest()[:16]


def packed_answer(told: Mapping[str, Any]) -> bytes:
    """An answer as a browser unpacks it."""
    return gzip.compress(json.dumps(told, separators=(",", ":")).encode(), compresslevel=5)
