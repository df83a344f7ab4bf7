"""A study: a named set of runs, each with its part in a comparison, found again later.

Each study is one small JSON file in the home folder, so that it needs no table of its own and any
process can list them. Runs are named by number; one that was deleted is simply no longer there.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mtlviz.errors import ConfigError
from mtlviz.limits import parse_json
from mtlviz.runs import queue
from mtlviz.runs.failures import in_words
from mtlviz.runs.launcher import LocalQueue
from mtlviz.runs.store import Store
from mtlviz.runs.visitor_limits import current_limits

if TYPE_CHECKING:
    from mtlviz.engine.config import RunConfig

FOLDER = "studies"
_LONGEST = 2**27
"""Characters of a study that are read: ten thousand settings with many seeds are some megabytes."""
Role = tuple[str | int, ...]
"""What a run is in its study: which way it trains, at which width if it matters, which seed."""


@dataclass(frozen=True)
class StoredStudy:
    """A stored study.

    Attributes:
        id: Its number, never given twice while the file stands.
        kind: "capacity", "affinity", "sweep" …
        name: Its name.
        created: When it was begun, in seconds since 1970.
        runs: Number of the run of each role.
        plan: What it was made of, where that is needed to go on with it.
    """

    id: int
    kind: str
    name: str
    created: float
    runs: Mapping[Role, int]
    plan: Mapping[str, Any] = field(default_factory=dict)


def begin_study(
    store: Store,
    kind: str,
    name: str,
    configs: Iterable[tuple[Role, RunConfig]],
    owner: str | None = None,
) -> StoredStudy:
    """Put the runs of a study into the queue and remember what each is for.

    Runs that are equal but for their names are trained once, and not at all where one of them is
    finished.

    Raises:
        ConfigError: If the visitor has too many runs waiting, or studies going on.
        StoreError: If the home folder cannot be used.
    """
    from mtlviz.runs.signature import signature

    plan = {role: (signature(config), config) for role, config in configs}
    known = existing_runs(store, [config for _, config in plan.values()])
    new = {mark: config for mark, config in plan.values() if mark not in known}
    check_room(store, len(new), owner)
    known |= {mark: store.create_run(config, owner=owner) for mark, config in new.items()}
    study = new_study(store, kind, name, {role: known[mark] for role, (mark, _) in plan.items()})
    queue.tick(store)
    return study


def check_room(store: Store, runs: int, owner: str | None) -> None:
    """Check that a visitor may have one study more, with so many new runs.

    Raises:
        ConfigError: If the visitor has too many runs waiting, or studies going on.
    """
    queue.check_room(store, runs, owner)
    if owner is not None:
        current_limits().check("studies", _going_on(store, owner))


def _going_on(store: Store, owner: str) -> int:
    """Studies with runs of this visitor that wait or train."""
    pending = queue.pending_of(store, owner)
    every = (_read(path) for path in _folder(store).glob("*.json"))
    return sum(bool(pending & set(study.runs.values())) for study in every if study is not None)


def existing_runs(store: Store, configs: Sequence[RunConfig]) -> dict[str, int]:
    """The finished runs that answer for these, by signature; the newest of equal ones.

    A run that reads files answers for no other: they may have changed since.

    Args:
        store: The store.
        configs: Settings of the runs that are wanted.
    """
    from mtlviz.runs.signature import signature

    wanted = {signature(each) for each in configs if not _reads_files(each)}
    known = repeatable_runs(store) if wanted else {}
    return {mark: known[mark] for mark in wanted & set(known)}


def repeatable_runs(store: Store) -> dict[str, int]:
    """Every finished run that reads no files, by signature; the newest of equal ones."""
    from mtlviz.runs.signature import signature

    found: dict[str, int] = {}
    own = (run for run in store.runs(("finished",)) if run.recorded is None)
    for run in own:
        with suppress(ConfigError):  # Of a newer version.
            config = store.config(run.id)
            if not _reads_files(config):
                found.setdefault(signature(config), run.id)
    return found


def _reads_files(config: RunConfig) -> bool:
    tasks = (*config.data.tasks, *config.data.leak_from)
    pretrained = config.capacity.encoder == "checkpoint"
    own = config.capacity.vectors != "random"
    return pretrained or own or any(task.source != "synthetic" for task in tasks)


def studies(store: Store, kind: str) -> list[StoredStudy]:
    """The studies of a kind, newest first; files that cannot be read are passed over."""
    with in_words(store.home):
        found = [_read(path) for path in _folder(store).glob("*.json")]
    return sorted((each for each in found if each is not None and each.kind == kind),
                  key=lambda each: -each.id)  # fmt: skip


def stop_study(store: Store, study: StoredStudy) -> None:
    """Take the waiting runs of a study out of the queue and ask the others to stop."""
    LocalQueue(store).stop(study.runs.values())


def continue_study(store: Store, study: StoredStudy) -> int:
    """Put the runs that were stopped or broken off back into the queue; how many they are."""
    return LocalQueue(store).submit(study.runs.values())


def forget_study(store: Store, study: StoredStudy) -> None:
    """Take a study off the list; its runs, if there are any, stay.

    Raises:
        StoreError: If the home folder cannot be written.
    """
    with in_words(store.home):
        for ending in ("json", "steered"):
            (_folder(store) / f"{study.id}.{ending}").unlink(missing_ok=True)


def _folder(store: Store) -> Path:
    return store.home / FOLDER


def stored_study(store: Store, number: int) -> StoredStudy | None:
    """The study of this number; None if there is none, or it cannot be read."""
    return _read(_folder(store) / f"{number}.json")


def new_study(
    store: Store,
    kind: str,
    name: str,
    runs: Mapping[Role, int],
    plan: Mapping[str, Any] | None = None,
) -> StoredStudy:
    """Store a study.

    Raises:
        StoreError: If the home folder cannot be written.
    """
    with in_words(store.home):
        folder = _folder(store)
        folder.mkdir(exist_ok=True)
        number = max((int(path.stem) for path in folder.glob("*.json") if path.stem.isdecimal()),
                     default=0)  # fmt: skip
        while True:
            number += 1
            study = StoredStudy(number, kind, name, time.time(), dict(runs), plan or {})
            try:
                # Made only if it is not there: two processes may begin a study at once.
                with (folder / f"{number}.json").open("x", encoding="utf-8") as file:
                    file.write(_text(study))
            except FileExistsError:
                continue
            return study


def write_study(store: Store, study: StoredStudy) -> None:
    """Replace what is stored of a study, whole or not at all.

    Raises:
        StoreError: If the home folder cannot be written.
    """
    with in_words(store.home):
        fresh = _folder(store) / f".{study.id}.partial"
        fresh.write_text(_text(study), encoding="utf-8")
        fresh.replace(_folder(store) / f"{study.id}.json")


def _text(study: StoredStudy) -> str:
    values = vars(study) | {"runs": [[*role, run] for role, run in study.runs.items()]}
    return json.dumps(values, ensure_ascii=False)


def _read(path: Path) -> StoredStudy | None:
    try:
        values = parse_json(path.read_text(encoding="utf-8"), longest=_LONGEST)
        runs = {(str(way), *map(int, place)): int(run) for way, *place, run in values.pop("runs")}
        return StoredStudy(**values, runs=runs)
    except (OSError, ValueError, TypeError, AttributeError, KeyError, ConfigError):
        return None
