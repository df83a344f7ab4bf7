"""The launcher that gives runs to Slurm, a job each, through a process of its own, the driver.

Jobs and the home folder must see the same files, as a cluster's machines commonly do. The jobs
write nothing of the store: they ask the driver, by files in the home folder.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated, Literal

from pydantic import StringConstraints

from mtlviz.engine.strict_settings import StrictSettings
from mtlviz.errors import ConfigError, brief
from mtlviz.limits import json_or_text
from mtlviz.runs import queue
from mtlviz.runs.cluster.drivers import lock_name, see_to_driver, waits
from mtlviz.runs.launcher import LocalQueue
from mtlviz.runs.store import Store
from mtlviz.settings import setting

KIND = "slurm"
DRIVER = (sys.executable, "-m", "mtlviz.runs.cluster.slurm_driver")
Word = Annotated[str, StringConstraints(pattern=r"^[\w.,\-]{0,100}$")]


class SlurmPlace(StrictSettings):
    """Which part of a cluster, and how much of it a run gets."""

    partition: Word = setting("", help="Partition of the cluster; its default if empty.")
    minutes: int = setting(
        60, low=1, high=100_000, help="Time of a job. One that runs out of it goes on in another."
    )
    gpus: int = setting(0, low=0, high=64, help="GPUs of a run.")
    cpus: int = setting(1, low=1, high=1024, help="Processor cores of a run.")
    memory: int = setting(0, low=0, high=100_000, help="GB of a run; the default if 0.")
    account: Word = setting("", help="Account that is charged; the user's own if empty.")
    at_once: int = setting(100, low=1, high=10_000, help="Jobs with Slurm at once, at most.")
    cluster: Literal["slurm", "local"] = setting(
        "slurm", help="local to try it as processes of this machine."
    )

    @property
    def name(self) -> str:
        """As the store keeps it: `slurm partition=long minutes=600`; `of` reads it."""
        own = ((field, getattr(self, field)) for field in type(self).model_fields)
        usual = type(self)()
        return " ".join(
            [KIND, *(f"{field}={value}" for field, value in own if value != getattr(usual, field))]
        )

    @classmethod
    def of(cls, name: str) -> SlurmPlace:
        """The place of a name.

        Raises:
            ConfigError: It is none.
        """
        kind, *pairs = name.split()
        if kind != KIND or any("=" not in pair for pair in pairs):
            raise ConfigError(f"There is no launcher {brief(name)}.")
        return cls.read(dict(pair.split("=", 1) for pair in pairs))

    @classmethod
    def read(cls, texts: Mapping[str, str]) -> SlurmPlace:
        """The place that these texts say.

        Raises:
            ConfigError: One of them is wrong.
        """
        words = ("partition", "account", "cluster")
        return cls.checked({
            field: text if field in words else json_or_text(text) for field, text in texts.items()
        })  # fmt: skip


def check_installed() -> None:
    """Check that jobs can be given to Slurm from here.

    Raises:
        ConfigError: What that needs is not installed.
    """
    if find_spec("submitit") is None:
        raise ConfigError('Runs as jobs of Slurm need submitit: pip install "mtlviz[slurm]".')


class SlurmLauncher(LocalQueue):
    """Runs wait in the store until the driver gives them to Slurm.

    Args:
        store: The store.
        name: As `SlurmPlace.name` writes it.

    Raises:
        ConfigError: What it needs is not installed, or the name is none.
    """

    def __init__(self, store: Store, name: str) -> None:
        super().__init__(store)
        check_installed()
        self.name = SlurmPlace.of(name).name

    def poll(self) -> None:
        """See to it that a driver is there while runs wait or jobs are out; notice what died."""
        if waits(self.store, self.name) or any(jobs_folder(self.store, self.name).glob("*/job")):
            see_to_driver(self.store, self.name, DRIVER)
        queue.tick(self.store)


def jobs_folder(store: Store, name: str) -> Path:
    """Where the jobs of a launcher have a folder each."""
    return store.home / f"{lock_name(name)}-jobs"
