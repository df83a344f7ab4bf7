"""The worker's pen: writes records and signs of life once a second, beside the training."""

import logging
import threading

from mtlviz.engine.records import Record
from mtlviz.runs.failures import LostRun
from mtlviz.runs.lease import Lease
from mtlviz.runs.stopping import Stopping

BEAT_SECONDS = 1.0
_log = logging.getLogger(__name__)


class Recorder:
    """Keeps records for at most one beat, then stores them in one transaction.

    A killed process loses no more than that. All writing is done by one thread at a time; whatever
    goes wrong there is raised in the training thread at its next record.

    Attributes:
        stopping: Told when the store says that the run is to stop.
    """

    def __init__(
        self, lease: Lease, stopping: Stopping, beat_seconds: float = BEAT_SECONDS
    ) -> None:
        self.stopping = stopping
        self._lease, self._beat_seconds = lease, beat_seconds
        self._waiting: list[Record] = []
        self._failure: Exception | None = None
        self._adding, self._writing = threading.Lock(), threading.Lock()
        self._closed = threading.Event()
        self._thread = threading.Thread(target=self._beat, name="recorder", daemon=True)
        self._thread.start()

    def add(self, record: Record) -> None:
        """Take a record to be stored within a beat.

        Raises:
            StoreError: If earlier records could not be stored. They are kept, and stored by a later
                `flush` if that is possible.
        """
        with self._adding:
            self._waiting.append(record)
        if self._failure is not None:
            raise self._failure

    def flush(self) -> None:
        """Store what is waiting, now; without records this is a sign of life.

        Raises:
            StoreError: If it cannot be stored.
        """
        with self._writing:
            with self._adding:
                records, self._waiting = self._waiting, []
            try:
                if self._lease.append(records):
                    self.stopping.ask()
            except BaseException:
                with self._adding:
                    self._waiting = records + self._waiting
                raise

    def close(self) -> None:
        """End the beats. What is waiting is not stored; `flush` first."""
        self._closed.set()
        self._thread.join()

    def _beat(self) -> None:
        while not self._closed.wait(self._beat_seconds):
            try:
                self.flush()
                self._failure = None
            except LostRun as error:
                self._failure = error
                return
            except Exception as error:  # noqa: BLE001  raised again in the training thread
                self._failure = error
                _log.warning("Records could not be stored: %s", error)
