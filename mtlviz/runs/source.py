"""Where a worker's records come from: a training run of the engine, or a stand-in in a test."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from mtlviz.engine.config import RunConfig
from mtlviz.engine.records import Record
from mtlviz.runs.followers import joined

if TYPE_CHECKING:
    from mtlviz.engine.tasks import Task


class Source(Protocol):
    """A run in progress that can be saved between any two records.

    Attributes:
        planned: Updates planned.
        metrics: Name of each task's main metric.
        fingerprints: Of each task's training and development examples.
        seconds: Training time so far.
        probe_seconds: Time of it that probes took.
    """

    @property
    def planned(self) -> int: ...  # noqa: D102
    @property
    def metrics(self) -> tuple[str, ...]: ...  # noqa: D102
    @property
    def fingerprints(self) -> tuple[str, ...]: ...  # noqa: D102
    @property
    def seconds(self) -> float: ...  # noqa: D102
    @property
    def probe_seconds(self) -> float: ...  # noqa: D102

    def records(self) -> Iterator[Record]:
        """The records still to come."""

    def save(self, path: Path) -> None:
        """Write a checkpoint from which the next record would follow."""

    def close(self) -> None:
        """Let go of whatever trains beside this process; a second time does nothing."""


Opening = Callable[[RunConfig, Path | None], Source]


@dataclass(frozen=True)
class Trained:
    """A training run of the engine as a source."""

    training: Any

    @property
    def planned(self) -> int:
        """Updates planned."""
        return self.training.total

    @property
    def metrics(self) -> tuple[str, ...]:
        """Name of each task's main metric."""
        return tuple(task.metric for task in self.training.tasks)

    @property
    def fingerprints(self) -> tuple[str, ...]:
        """Fingerprint of each task's training and development examples."""
        from mtlviz.engine.tasks.digest import digest

        return tuple(digest([task]) for task in self.training.tasks)

    @property
    def seconds(self) -> float:
        """Training time so far, that before the checkpoint included."""
        return self.training.progress.seconds

    @property
    def probe_seconds(self) -> float:
        """Time of it that probes took."""
        return self.training.progress.probe_seconds

    def records(self) -> Iterator[Record]:
        """Train."""
        from mtlviz.engine import train

        try:
            yield from train.records(self.training)
        finally:
            self.close()

    def save(self, path: Path) -> None:
        """Write a checkpoint."""
        from mtlviz.engine import resuming

        resuming.save(self.training, path)

    def close(self) -> None:
        """Let the other processes of the run go."""
        self.training.ranks.leave()


def training(
    config: RunConfig, checkpoint: Path | None, tasks: Sequence[Task] | None = None
) -> Trained:
    """Load, build and seed a training run, or go on from a checkpoint, with all its processes.

    Args:
        config: The run's settings.
        checkpoint: Where to go on from.
        tasks: Its tasks where they are loaded already.
    """
    # PyTorch is imported only here, after the run has been claimed: that must be quick.
    from mtlviz.engine import train

    ranks = joined(config, checkpoint)
    try:
        return Trained(train.start(config, tasks=tasks, resume=checkpoint, ranks=ranks))
    except BaseException:
        ranks.leave()
        raise
