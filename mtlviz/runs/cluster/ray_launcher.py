"""The launcher that gives runs to a Ray cluster, through a process of its own, the driver.

The process that calls it (the app, the shell) neither imports nor starts Ray: that replaces how it
ends, and takes 200 MB and seconds. The driver works on all runs that wait for its name, and leaves;
as with the queue, all that is known stands in the store, so it does not matter who dies.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping
from importlib.util import find_spec

from pydantic import field_validator

from mtlviz.engine.strict_settings import StrictSettings
from mtlviz.errors import ConfigError, brief
from mtlviz.limits import json_or_text
from mtlviz.runs import queue
from mtlviz.runs.cluster.drivers import see_to_driver, waits
from mtlviz.runs.launcher import LocalQueue
from mtlviz.runs.store import Store
from mtlviz.settings import setting

KIND = "ray"
LOCAL = "local"
DRIVER = (sys.executable, "-m", "mtlviz.runs.cluster.ray_driver")
_ADDRESS = re.compile(r"local|auto|[\w.\-\[\]:]{1,200}:\d{1,5}")


class RayPlace(StrictSettings):
    """Which cluster, and which share of it a run gets."""

    address: str = setting(
        LOCAL, help="local for a Ray of this machine that lasts while it is needed, auto for the "
        "one that runs on it, or HOST:PORT of a cluster that this machine belongs to.",
    )  # fmt: skip
    cpus: float = setting(1.0, low=0.01, high=1024, help="Processor cores of a run.")
    gpus: float = setting(0.0, low=0, high=1024, help="GPUs of a run, or the part of one.")

    @property
    def name(self) -> str:
        """As the store keeps it; `of` reads it."""
        return f"{KIND} {self.address} {self.cpus:g} {self.gpus:g}"

    @classmethod
    def of(cls, name: str) -> RayPlace:
        """The place of a name.

        Raises:
            ConfigError: It is none.
        """
        kind, *values = name.split()
        if kind != KIND or len(values) > len(cls.model_fields):
            raise ConfigError(f"There is no launcher {brief(name)}.")
        return cls.read(dict(zip(cls.model_fields, values, strict=False)))

    @classmethod
    def read(cls, texts: Mapping[str, str]) -> RayPlace:
        """The place that these texts say.

        Raises:
            ConfigError: One of them is wrong.
        """
        return cls.checked({
            field: text if field == "address" else json_or_text(text)
            for field, text in texts.items()
        })  # fmt: skip

    @field_validator("address")
    @classmethod
    def _belongs(cls, address: str) -> str:
        if not _ADDRESS.fullmatch(address):
            raise ValueError(
                "must be local, auto, or HOST:PORT of a cluster to which this machine belongs, as "
                "the store of runs lies here"
            )
        return address


def check_installed() -> None:
    """Check that Ray can be used here.

    Raises:
        ConfigError: It is not installed.
    """
    if find_spec("ray") is None:
        raise ConfigError('Runs on a cluster need Ray: pip install "mtlviz[ray]".')


class RayLauncher(LocalQueue):
    """Runs wait in the store until the driver gives them to Ray.

    Args:
        store: The store.
        name: As `RayPlace.name` writes it.

    Raises:
        ConfigError: Ray is not installed, or the name is none.
    """

    def __init__(self, store: Store, name: str) -> None:
        super().__init__(store)
        check_installed()
        self.name = RayPlace.of(name).name

    def poll(self) -> None:
        """Notice what has died, and see to it that a driver is there while runs wait."""
        queue.tick(self.store)
        if waits(self.store, self.name):
            see_to_driver(self.store, self.name, DRIVER)
