"""What the store says about a run."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Literal, get_args

Status = Literal["queued", "starting", "running", "finished", "stopped", "interrupted", "failed"]
STATUSES: tuple[Status, ...] = get_args(Status)
# A process works on the run, or is about to.
ACTIVE: tuple[Status, ...] = ("starting", "running")
RESUMABLE: tuple[Status, ...] = ("stopped", "interrupted", "failed")
TRAINED_HERE = "recorded IS NULL"
"""What a run must be to go on, in the words of the store: recorded ones come without weights."""


@dataclass(frozen=True)
class Recorded:
    """Where a run came from that was trained elsewhere and only opened here.

    Attributes:
        title: What its pack is called.
        made: When the pack was made, such as 2026-11-29.
        pack: Fingerprint of the pack.
        place: Its place in the pack, from 0.
    """

    title: str
    made: str
    pack: str
    place: int


@dataclass(frozen=True)
class RunSummary:
    """One run, without its records. Times are seconds since 1970; None where it has not happened.

    Attributes:
        id: Number of the run, never given twice.
        name: Its name.
        status: "queued", "starting" (its process is being made), "running", "finished", "stopped"
            (by a person), "interrupted" (its process died) or "failed" (see `error`).
        created: When it was created.
        started: When its process first began.
        finished: When it ended, in whatever way.
        heartbeat: When its process last gave a sign of life.
        pid: Number of its process.
        edition: Changes whenever records were dropped (a resumed run drops those after its
            checkpoint): a reader that keeps records then starts over.
        stop_requested: Whether it has been asked to stop.
        updates: Updates recorded.
        planned: Updates planned; None before its process knows.
        metrics: Name of each task's main metric; None before its process knows.
        position: Place in the queue from 1; None if it does not wait.
        error: Why it failed, in one sentence.
        fingerprints: Fingerprint of each task's training and development examples; None before its
            process knows, and in runs of versions that kept none.
        recorded: Where it came from, if it was trained elsewhere: it can be read, not trained.
        family: Number of the first of the runs that were begun together; None for a run begun on
            its own.
        note: What somebody noted on it; None for nothing.
    """

    id: int
    name: str
    status: Status
    created: float
    started: float | None
    finished: float | None
    heartbeat: float | None
    pid: int | None
    edition: int
    stop_requested: bool
    updates: int
    planned: int | None
    metrics: tuple[str, ...] | None
    position: int | None
    error: str | None
    fingerprints: tuple[str, ...] | None = None
    recorded: Recorded | None = None
    family: int | None = None
    note: str | None = None

    @property
    def active(self) -> bool:
        """Whether a process works on it, or is about to."""
        return self.status in ACTIVE

    @property
    def pending(self) -> bool:
        """Whether more is to come of it without anybody's doing."""
        return self.active or self.status == "queued"

    @property
    def share(self) -> float:
        """Share of its work that is done, between 0 and 1."""
        if self.status == "finished":
            return 1.0
        return min(1.0, self.updates / self.planned) if self.planned else 0.0

    @property
    def resumable(self) -> bool:
        """Whether it can go on from its last checkpoint."""
        return self.status in RESUMABLE and self.recorded is None


_NAMES = tuple(field.name for field in fields(RunSummary) if field.name != "position")
COLUMNS = ", ".join(_NAMES)
"""What a summary is made of, but for its place in the queue."""
QUEUE = (
    "SELECT waiting.id FROM (SELECT id, owner, place, row_number() OVER (PARTITION BY owner "
    "ORDER BY place) AS turn FROM runs WHERE status = 'queued' AND launcher IS ?) AS waiting "
    "LEFT JOIN (SELECT owner, max(heartbeat) AS last FROM runs GROUP BY owner) AS served ON "
    "served.owner IS waiting.owner ORDER BY waiting.turn, coalesce(served.last, 0), waiting.place"
)
"""Waiting runs of one launcher (None for the queue of this machine) in the order in which they
begin: owners take turns, who was served last goes last, and each has its own runs in the order of
their places."""


def summary(row: tuple, places: Mapping[int, int]) -> RunSummary:
    """The summary in a row of `COLUMNS`, given the place in the queue of each run that waits."""
    values = dict(zip(_NAMES, row, strict=True))
    values["stop_requested"] = bool(values["stop_requested"])
    for name in ("metrics", "fingerprints"):
        values[name] = values[name] and tuple(json.loads(values[name]))
    values["recorded"] = values["recorded"] and Recorded(**json.loads(values["recorded"]))
    return RunSummary(**values, position=places.get(values["id"]))


def why_not_resumable(run: RunSummary) -> str:
    """Why a run cannot go on, in a sentence or two."""
    if run.recorded is not None:
        return (
            f"Run {run.id} is a recorded one: it can be read, but its weights are not here to go "
            "on with. Start it again from its settings."
        )
    return (
        f"Run {run.id} is {run.status}; only a run that was stopped, interrupted or failed can go "
        "on."
    )
