"""A stored run that this shell trains: the app sees it live, and it is shown here as it goes."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from mtlviz.cli.output import RunFolder
from mtlviz.cli.progress import Progress
from mtlviz.engine.choices import without_effect
from mtlviz.engine.config import RunConfig
from mtlviz.engine.records import EvalRecord, Note, Record, StepRecord
from mtlviz.errors import MtlvizError
from mtlviz.runs.source import Trained, training
from mtlviz.runs.store import Store
from mtlviz.runs.summary import Status
from mtlviz.runs.worker import Pace, work

if TYPE_CHECKING:
    from mtlviz.engine.tasks import Task
    from mtlviz.engine.training import Training


class ShellRun:
    """One run of the store, for which this process is the worker.

    Args:
        store: The store.
        run: Its number; it waits for this process.
        new: Whether it was created just now, so that it is forgotten if it cannot be set up.
        tasks: Its tasks where they are loaded already.
        folder: Where it will be written, so that a folder that cannot be made is found out first.
    """

    def __init__(
        self,
        store: Store,
        run: int,
        *,
        new: bool,
        tasks: Sequence[Task] | None = None,
        folder: RunFolder | None = None,
    ) -> None:
        self.store, self.run, self.new = store, run, new
        self.tasks, self.folder = tasks, folder
        self.training: Training | None = None
        self._progress: Progress | None = None
        self._refused: MtlvizError | None = None

    def work(self, pace: Pace) -> Status:
        """Train until the run has finished, failed, or been stopped from here or elsewhere.

        Raises:
            MtlvizError: If it could not be set up; a new run is then not stored.
        """
        log = self.store.folder(self.run) / "log.txt"
        try:
            with _logged(log), self.store.in_directory(self.run):
                status = work(
                    self.store, self.run, opening=self._open, pace=pace, on_record=self._show
                )
        finally:
            if self._progress is not None:
                self._progress.close()
        if self._refused is not None:
            if self.new:
                self.store.delete(self.run)
                raise self._refused
            # The worker may have found a way out, which its last word names.
            raise MtlvizError(self.store.run(self.run).error) from self._refused
        return status

    def prepared(self) -> Training:
        """The run as the engine holds it, set up anew if it was not trained here.

        Raises:
            MtlvizError: If it cannot be set up.
        """
        if self.training is None:
            from mtlviz.engine.train import start

            with self.store.in_directory(self.run):
                self.training = start(self.store.config(self.run))
        return self.training

    def diverged(self) -> bool:
        """Whether the run ended because it could not go on."""
        notes = self.store.records(self.run, kinds=("note",))
        return any(note.topic == "divergence" for _, note in notes)

    def _open(self, config: RunConfig, checkpoint: Path | None) -> Trained:
        """Set the run up, and show that it begins."""
        from mtlviz.engine.opening_notes import cut_short

        try:
            # What is refused from here on must leave no process behind.
            with ExitStack() as undone:
                opened = undone.enter_context(closing(training(config, checkpoint, self.tasks)))
                self.training = opened.training
                if self.folder is not None:
                    self.folder.begin(self.store, self.run)
                undone.pop_all()
        except MtlvizError as error:
            self._refused = error
            raise
        names = [task.name for task in self.training.tasks]
        done = self.training.progress.update
        self._progress = Progress(names, self.training.total, done)
        self._progress.say(
            f"Run {self.run}, {config.name}: {self.training.total} updates"
            + (f", of which {done} are done." if done else ".")
        )
        for sentence in filter(None, (*without_effect(config), cut_short(self.training))):
            self._progress.say(sentence)
        return opened

    def _show(self, record: Record) -> None:
        """Tell a person what happened."""
        if isinstance(record, StepRecord):
            self._progress.step(record)
        elif isinstance(record, EvalRecord):
            self._progress.evaluation(record)
        elif isinstance(record, Note):
            self._progress.say(record.text)


@contextmanager
def _logged(file: Path) -> Iterator[None]:
    """Let what the worker logs go to the run's log, as it does in a process of its own."""
    handler = _Log(file, encoding="utf-8", delay=True)
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
    logger = logging.getLogger("mtlviz")
    logger.addHandler(handler)
    try:
        yield
    finally:
        logger.removeHandler(handler)
        with suppress(OSError):
            handler.close()


class _Log(logging.FileHandler):
    """A log that misses what cannot be written; what is wrong with the disk the run says itself."""

    def handleError(self, record: logging.LogRecord) -> None:
        """Say nothing, where logging would print a traceback."""
