"""Where the runs of a study are worked on: one small protocol, and the queue of this machine."""

import os
from collections.abc import Collection
from typing import Protocol

from mtlviz.errors import ConfigError, brief
from mtlviz.runs import queue
from mtlviz.runs.failures import StoreError
from mtlviz.runs.store import Store

OFFERED = "MTLVIZ_LAUNCHER"
"""Names the launcher that the app offers beside the queue: its owner decides, no visitor."""


class Launcher(Protocol):
    """Lets stored runs be worked on; what becomes of them stands in the store.

    Attributes:
        name: Stored with each run that waits for it, so that no other starts it, and enough for
            `launcher_of` to make it again; None for the queue of this machine.
    """

    name: str | None

    def submit(self, runs: Collection[int], *, anew: bool = False) -> int:
        """Let runs be worked on: new ones, and those that ended early.

        Args:
            runs: Their numbers.
            anew: Whether those that ended early begin anew, or go on from their checkpoints.

        Returns:
            How many of them had ended early.
        """

    def poll(self) -> None:
        """Bring the store up to date with the world, and start what there is room for."""

    def stop(self, runs: Collection[int]) -> None:
        """Ask runs to save a checkpoint and end; those that wait leave."""


class LocalQueue:
    """The queue of this machine: a process a run, so many at once as there is room for.

    Args:
        store: The store, whose new runs wait in the queue already.
    """

    name: str | None = None

    def __init__(self, store: Store) -> None:
        self.store = store

    def submit(self, runs: Collection[int], *, anew: bool = False) -> int:
        """Put runs that ended early back into the queue; new ones are in it."""
        again = queue.retry if anew else queue.resume
        wanted = set(runs)
        ended = [
            run.id for run in reversed(self.store.runs()) if run.id in wanted and run.resumable
        ]
        for run in ended:
            again(self.store, run, self.name)
        self.poll()
        return len(ended)

    def poll(self) -> None:
        """Start what there is room for, and notice what has died."""
        queue.tick(self.store)

    def stop(self, runs: Collection[int]) -> None:
        """Take waiting runs out of the queue and ask the others to stop."""
        wanted = set(runs)
        for run in self.store.runs(("queued", "starting", "running")):
            if run.id in wanted and not run.stop_requested:
                try:
                    queue.stop(self.store, run.id)
                except StoreError:
                    continue  # It has just ended by itself.


def offered() -> str | None:
    """Name of the launcher that the app offers beside the queue of this machine, if any."""
    return os.environ.get(OFFERED, "").strip() or None


def launcher_of(store: Store, name: str | None) -> Launcher:
    """The launcher of this name.

    Args:
        store: The store.
        name: As `Launcher.name` has it: its first word says of which kind the launcher is.

    Raises:
        ConfigError: If there is none of this kind, or what it needs is not installed.
    """
    if name is None:
        return LocalQueue(store)
    if name.split()[0] == "ray":
        from mtlviz.runs.cluster.ray_launcher import RayLauncher

        return RayLauncher(store, name)
    if name.split()[0] == "slurm":
        from mtlviz.runs.cluster.slurm_launcher import SlurmLauncher

        return SlurmLauncher(store, name)
    raise ConfigError(f"There is no launcher {brief(name)}.")
