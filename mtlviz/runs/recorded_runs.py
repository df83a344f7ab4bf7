"""Runs handed to others: packed into one file, and opened from one as recorded runs.

A recorded run has all that a run of this machine has but weights and log, so every page shows it
as its own; it cannot be trained. The same pack opened twice is there once.
"""

import hashlib
import json
import platform
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from mtlviz import __version__
from mtlviz.access import current, visible_to_others
from mtlviz.counts import counted
from mtlviz.errors import DataError
from mtlviz.limits import printable
from mtlviz.runs import rows
from mtlviz.runs.failures import StoreError
from mtlviz.runs.pack_file import LARGEST_PACKED, packed, unpacked
from mtlviz.runs.packed_records import is_plain
from mtlviz.runs.packed_run import PackedRun, entry_of, grouped, run_of
from mtlviz.runs.results import result_json
from mtlviz.runs.store import NEXT_PLACE, Store
from mtlviz.runs.summary import Recorded

_FORMAT, _VERSION = "mtlviz runs", 1
MOST_RUNS = 400
_LONGEST_TITLE, _LONGEST_ABOUT = 120, 2000


@dataclass(frozen=True)
class Opened:
    """A pack that was opened.

    Attributes:
        title: What it is called.
        about: What its maker says of it, and how it was made.
        runs: Numbers of its runs in this store, in the order of the pack.
        study: Number of the study of ways of sharing that they are; None for none.
    """

    title: str
    about: str
    runs: tuple[int, ...]
    study: int | None = None


def pack_runs(
    store: Store,
    runs: Sequence[int],
    title: str = "",
    about: str = "",
    encoder: str | None = None,
) -> bytes:
    """The bytes of a pack of these runs.

    Args:
        store: The store.
        runs: Numbers of finished or stopped runs.
        title: What the pack is called; after the first run if empty.
        about: A few sentences on it.
        encoder: What others call the pretrained encoder, if it is a folder of this machine.

    Raises:
        StoreError: If one is not there or has not ended, they are too many or too large, or what
            is said of them is too long.
    """
    chosen = list(dict.fromkeys(runs))
    if not 1 <= len(chosen) <= MOST_RUNS:
        raise StoreError(f"A pack holds 1 to {MOST_RUNS} runs, not {len(chosen)}.")
    if not (is_plain(title, _LONGEST_TITLE) and is_plain(about, _LONGEST_ABOUT)):
        raise StoreError(
            f"A pack's title and words are plain text of at most {_LONGEST_TITLE} and "
            f"{_LONGEST_ABOUT:,} characters."
        )
    entries, arrays = [], {}
    for place, run in enumerate(chosen):
        entry, own = entry_of(store, run, encoder)
        entries.append(entry)
        arrays |= {f"{place}/{name}": array for name, array in own.items()}
    named = (title or f"{store.run(chosen[0]).name}, {counted(len(chosen), 'run')}")[
        :_LONGEST_TITLE
    ]
    text = {"format": _FORMAT, "version": _VERSION, "title": named, "about": about, **_here()}
    content = packed({**text, "runs": entries}, arrays)
    if len(content) > LARGEST_PACKED:
        raise StoreError(
            f"These runs make {len(content) // 2**20} MB; a pack has at most "
            f"{LARGEST_PACKED // 2**20}. Pack fewer of them."
        )
    return content


def _here() -> dict[str, str]:
    """When and by what a pack is made."""
    machine = f"{platform.system()} {platform.machine()}"
    return {"made": time.strftime("%Y-%m-%d"), "machine": machine, "mtlviz": __version__}


def open_file(store: Store, file: str | Path) -> Opened:
    """Open the pack in a file.

    Raises:
        DataError: If it cannot be read, or holds no pack.
    """
    place = Path(file)
    try:
        with current().open(place, LARGEST_PACKED) as opened:
            content = opened.read()
    except OSError as error:
        raise DataError(f"Cannot read {place.name}: {error.strerror or error}.") from error
    try:
        return open_pack(store, content)
    except DataError as error:
        raise DataError(f"{printable(place.name)}: {error}") from error


def fingerprint(content: bytes) -> str:
    """What tells a pack from every other one."""
    return hashlib.sha256(content).hexdigest()[:16]


def open_pack(store: Store, content: bytes) -> Opened:
    """Make the runs of a pack runs of this store, those that are not there already.

    All of it is checked before anything is stored.

    Raises:
        DataError: If it is no pack, or anything in it is not as it must be; nothing is stored then.
    """
    digest = fingerprint(content)
    known = _known(store, digest)
    text, arrays = unpacked(content)
    entries = _entries(text)
    missing = [place for place in range(len(entries)) if place not in known]
    of_run = grouped(arrays)
    runs = {place: run_of(entries[place], of_run.get(str(place), {})) for place in missing}
    for place, run in runs.items():
        mark = Recorded(str(text["title"]), str(text["made"]), digest, place)
        known[place] = _stored(store, run, mark)
    numbers = tuple(known[place] for place in range(len(entries)))
    return Opened(str(text["title"]), str(text["about"]), numbers)


def _entries(text: dict[str, Any]) -> list[Any]:
    """The runs of a pack, after its own words are checked."""
    known = (text.get("format"), text.get("version")) == (_FORMAT, _VERSION)
    if not known or type(text["version"]) is not int:
        raise DataError(
            f"The pack has another format than {_FORMAT} version {_VERSION}; update mtlviz, or "
            "have it packed again."
        )
    longest = {"title": _LONGEST_TITLE, "about": _LONGEST_ABOUT, "made": 40}
    if not all(is_plain(text.get(name), length) for name, length in longest.items()):
        raise DataError("The pack's title and words are not plain text.")
    entries = text.get("runs")
    if not isinstance(entries, list) or not 1 <= len(entries) <= MOST_RUNS:
        raise DataError(f"A pack holds 1 to {MOST_RUNS} runs.")
    return entries


def _known(store: Store, digest: str) -> dict[int, int]:
    """Numbers of the runs of a pack that are here, by their place in it."""
    found = (run for run in store.runs() if run.recorded is not None)
    return {run.recorded.place: run.id for run in found if run.recorded.pack == digest}


def _stored(store: Store, run: PackedRun, mark: Recorded) -> int:
    """Store a run as a whole or not at all; its number."""
    about = dict(run.about)
    texts = {name: json.dumps(about.pop(name)) if about[name] else about.pop(name)
             for name in ("metrics", "fingerprints")}  # fmt: skip
    values = {
        **about,
        **texts,
        "name": run.config.name,
        "config": run.config.to_json(),
        # A stranger's settings name files that a stranger may read, whoever opens them.
        "access": visible_to_others().to_text(),
        "result": None if run.result is None else result_json(run.result),
        "recorded": json.dumps(asdict(mark), ensure_ascii=False),
    }
    names = ", ".join(values)
    marks = ", ".join("?" for _ in values)
    with store.connections.writing() as connection:
        number = connection.execute(
            f"INSERT INTO runs ({names}, place) VALUES ({marks}, {NEXT_PLACE})",
            tuple(values.values()),
        ).lastrowid
        folder = store.folder(number)
        folder.mkdir(parents=True, exist_ok=True)
        rows.append(connection, number, 0, run.records, folder)
    return number
