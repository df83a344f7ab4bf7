"""The sink: what workers elsewhere have to say comes here, and is written into the one store.

They never open the store. What they ask is answered by name, and may be asked again where an answer
was lost on the way: nothing is then written twice.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from mtlviz.engine.records import Record
from mtlviz.errors import MtlvizError
from mtlviz.runs.checkpoints import forget_half_written, forget_older, latest
from mtlviz.runs.failures import LostRun, StoreError, in_words
from mtlviz.runs.lease import Lease, lease
from mtlviz.runs.process import Identity
from mtlviz.runs.queue import LOG
from mtlviz.runs.results import RunResult
from mtlviz.runs.store import Store
from mtlviz.runs.summary import Status

Said = tuple[int, bytes]
"""What a run's log has new, and where in the log that belongs."""
Answer = tuple[Literal["lost", "refused"] | None, Any]
"""What went wrong, if anything did, and what was asked for, or the sentence on it."""


@dataclass(frozen=True)
class Begun:
    """What a worker must know of its run.

    Attributes:
        records: How many of its records are stored.
        said: How long its log is already.
        checkpoint: Name and bytes of the checkpoint from which it goes on.
    """

    records: int
    said: int
    checkpoint: tuple[str, int] | None


class Sink:
    """Writes into the store what workers say, one word after the other.

    Args:
        home: The home folder.
        holder: The process with whose end all runs here end.
    """

    def __init__(self, home: str, holder: Identity) -> None:
        self.store, self.holder = Store(home), holder
        self._read: dict[str, tuple[str, ...]] = {}

    def ask(self, what: str, run: int, token: str, *given: Any) -> Answer:
        """Do what a worker asks for.

        Args:
            what: Name of one of the methods below.
            run: Number of the run.
            token: Known to its worker alone.
            given: What the method needs.
        """
        try:
            return None, getattr(self, what)(Lease(self.store, run, token), *given)
        except LostRun as error:
            return "lost", str(error)
        except MtlvizError as error:
            return "refused", str(error)

    def begin(self, held: Lease) -> Begun:
        """Take a run for its worker.

        Raises:
            LostRun: It does not wait any more.
        """
        try:
            lease(self.store, held.run, self.holder, held.token)
        except StoreError as error:
            raise LostRun(str(error)) from error
        forget_half_written(held.folder)
        log = held.folder / LOG
        records = held.length()
        checkpoint = latest(held.folder, records)[1]
        return Begun(
            records=records,
            said=log.stat().st_size if log.exists() else 0,
            checkpoint=checkpoint and (checkpoint.name, checkpoint.stat().st_size),
        )

    def append(self, held: Lease, first: int, records: Sequence[Record], said: Said) -> bool:
        """Store records, the first of them at this place; whether the run is to stop."""
        self._say(held, said)
        stored = held.length()
        # Without records it is a sign of life, which may have been on its way during a cut.
        if records and first > stored:
            raise StoreError(f"Records {stored} to {first - 1} of run {held.run} never came.")
        return held.append(records[stored - first :])

    def cut(self, held: Lease, length: int) -> None:
        """Drop all records but the first."""
        held.cut(length)

    def plan(
        self,
        held: Lease,
        updates: int,
        metrics: Sequence[str],
        fingerprints: Sequence[str] | None,
        data: str,
    ) -> None:
        """Tell what is known once the run is set up.

        Args:
            held: The run.
            updates: How many updates it will have.
            metrics: Each task's main metric.
            fingerprints: Of each task's training and development examples.
            data: What its examples follow from: runs with the same text should read the same.

        Raises:
            StoreError: Its machine holds other examples than one before it.
        """
        mark = hashlib.sha256(data.encode()).hexdigest()
        read = None if fingerprints is None else tuple(fingerprints)
        if read is not None and self._read.setdefault(mark, read) != read:
            raise StoreError(
                "The machine that worked on it read other examples than another machine of the "
                "cluster did under the same settings: give all of them the same data."
            )
        held.plan(updates, metrics, fingerprints)

    def so_far(self, held: Lease) -> tuple[int, list[Record]]:
        """Updates recorded, and the evaluations and notes."""
        return held.so_far()

    def part(self, held: Lease, name: str, start: int, size: int) -> bytes:
        """So many bytes of a checkpoint."""
        with in_words(self.store.home), self._checkpoint(held, name).open("rb") as file:
            file.seek(start)
            return file.read(size)

    def keep(self, held: Lease, name: str, start: int, part: bytes) -> None:
        """Write bytes of a checkpoint that is on its way."""
        self._check(held)
        partial = self._partial(held, name)
        with in_words(self.store.home), partial.open("r+b" if partial.exists() else "wb") as file:
            file.seek(start)
            file.write(part)

    def saved(self, held: Lease, name: str, size: int) -> None:
        """A checkpoint has come whole.

        Raises:
            StoreError: It has not.
        """
        self._check(held)
        partial, place = self._partial(held, name), self._checkpoint(held, name)
        held.sync()
        with in_words(self.store.home):
            if partial.exists():
                partial.replace(place)
            if not place.exists() or place.stat().st_size != size:
                raise StoreError("The checkpoint did not come whole.")
        held.saved(place)

    def set_aside(self, held: Lease, name: str) -> str:
        """Put a damaged checkpoint out of the way, and say from where the run can go on."""
        self._check(held)
        return held.set_aside(self._checkpoint(held, name))

    def finish(
        self, held: Lease, status: Status, error: str | None, result: RunResult | None, said: Said
    ) -> None:
        """Write down how the run ended; one that nobody asked to stop waits again."""
        asked = held.append(())
        self._say(held, said)
        if status == "stopped" and not asked:  # Its machine is being taken away.
            give_back(self.store, held.run, held.token)
            return
        if status == "finished":
            forget_older(held.folder, keep=1)
        held.finish(status, error, result)

    def _check(self, held: Lease) -> None:
        held.append(())

    def _say(self, held: Lease, said: Said) -> None:
        place, text = said
        if text:
            log = held.folder / LOG
            with in_words(self.store.home), log.open("r+b" if log.exists() else "wb") as file:
                file.seek(place)
                file.write(text)

    def _checkpoint(self, held: Lease, name: str) -> Path:
        return held.folder / Path(name).name

    def _partial(self, held: Lease, name: str) -> Path:
        return held.folder / f".{Path(name).name}.{held.token}.partial"


def give_back(store: Store, run: int, token: str) -> bool:
    """Let a run wait again that its worker has left; whether it was still that worker's.

    One that has been asked to stop has thereby stopped.
    """
    with store.connections.writing() as connection:
        return bool(
            connection.execute(
                "UPDATE runs SET claim = NULL, finished = CASE stop_requested WHEN 1 THEN "
                "heartbeat END, status = CASE stop_requested WHEN 1 THEN 'stopped' ELSE 'queued' "
                "END, stop_requested = 0 WHERE id = ? AND claim = ? AND status = 'running'",
                (run, token),
            ).rowcount
        )
