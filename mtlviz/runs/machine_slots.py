"""How many runs at once, and what share of the machine each gets."""

from __future__ import annotations

import os
from collections.abc import Collection, MutableMapping
from pathlib import Path
from typing import TYPE_CHECKING

from mtlviz.errors import ConfigError
from mtlviz.limits import whole_number

if TYPE_CHECKING:
    from mtlviz.engine.config import RunConfig

_LIMIT = "MTLVIZ_RUNS"
_VISIBLE = "CUDA_VISIBLE_DEVICES"
# Of PyTorch and NumPy, and of the tokenisers of checkpoints, which are not OpenMP's.
_THREADS = ("OMP_NUM_THREADS", "RAYON_NUM_THREADS")
_WAITING = "OMP_WAIT_POLICY"
LAUNCHED = "TORCHELASTIC_RUN_ID"
"""Is set where `torchrun` has started a process."""


def run_limit() -> int:
    """How many runs may be active at once: MTLVIZ_RUNS, else one a GPU, else one per two cores.

    Raises:
        ConfigError: If MTLVIZ_RUNS is not a whole number from 1 up.
    """
    given = os.environ.get(_LIMIT)
    if given is None:
        return len(gpus()) or max(1, cores() // 2)
    return whole_number(given, _LIMIT, low=1)


def small_run_limit() -> int:
    """How many runs of one thread may be active at once: one a core, unless MTLVIZ_RUNS says so.

    Averaged word vectors are no faster with a second thread, which costs a third more of the
    processor.
    """
    return run_limit() if _LIMIT in os.environ or gpus() else max(run_limit(), cores())


def gpus() -> list[str]:
    """The names by which CUDA programs choose among this machine's NVIDIA GPUs.

    Asked of the driver, not of PyTorch: the app's process does without it.
    """
    visible = os.environ.get(_VISIBLE)
    if visible is not None:
        return [name.strip() for name in visible.split(",") if name.strip() not in ("", "-1")]
    return [str(number) for number, _ in enumerate(Path("/proc/driver/nvidia/gpus").glob("*"))]


def cores() -> int:
    """Processor cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def wait_calmly(values: MutableMapping[str, str]) -> None:
    """Let CPU threads that wait for each other sleep, unless the environment says otherwise.

    By default they spin. Where other programs want the cores as well, that makes small models many
    times slower (20 times, measured on two busy cores), while sleeping costs next to nothing. It
    must be said before PyTorch is imported, and changes no number.
    """
    values.setdefault(_WAITING, "PASSIVE")


def set_threads(threads: int) -> None:
    """Give this process so many CPU threads; it must be said before PyTorch is imported."""
    for name in _THREADS:
        os.environ[name] = str(threads)
    wait_calmly(os.environ)


def free_slot(taken: Collection[tuple[int | None, int]], wanted: int, limit: int) -> int | None:
    """The first of so many neighbouring places for a run; None where there is no room.

    Neighbours have GPUs of their own, as far as there are as many; without GPUs a place is but a
    number.

    Args:
        taken: Of each active run its first place, if it has one, and how many it takes.
        wanted: How many places: one for each of the run's processes.
        limit: How many there are in all.
    """
    placed = {first + more for first, count in taken if first is not None for more in range(count)}
    last = limit - wanted if gpus() else max(placed, default=-1) + 1
    free = (each for each in range(last + 1) if placed.isdisjoint(range(each, each + wanted)))
    return next(free, None)


def check_devices(config: RunConfig) -> None:
    """Check that this machine has room for a run's processes.

    Raises:
        ConfigError: If it has not.
    """
    count = config.processes
    if count == 1:
        return
    if config.device == "cuda" or (config.device == "auto" and gpus()):
        if count > len(gpus()):
            raise ConfigError(
                f"{count} processes need a GPU each, and this machine offers {len(gpus())}."
            )
    elif count > cores():
        raise ConfigError(
            f"{count} processes need a processor core each, and this machine offers {cores()}."
        )


def environment(slot: int, limit: int, count: int = 1) -> dict[str, str]:
    """The environment of the worker in this slot: its GPUs and its share of the cores.

    Args:
        slot: Which of the places for active runs it has, from 0.
        limit: How many there are.
        count: How many it has, this one and those after it: one for each of its processes.
    """
    found, values = gpus(), dict(os.environ)
    # Who has all places has all GPUs: its processes may be more than the places.
    if len(found) > 1 and count < limit:
        chosen = (found[place % len(found)] for place in range(slot, slot + count))
        values[_VISIBLE] = ",".join(dict.fromkeys(chosen))
    for name in _THREADS:
        values.setdefault(name, str(max(1, cores() // limit) * count))
    wait_calmly(values)
    values.pop(LAUNCHED, None)  # What torchrun has started is this process.
    return found_by_children(values)


def found_by_children(values: dict[str, str]) -> dict[str, str]:
    """An environment in which Python finds this package."""
    # A checkout that is not installed must be found by the worker as well.
    package = str(Path(__file__).parents[2])
    paths = [package, *filter(None, values.get("PYTHONPATH", "").split(os.pathsep))]
    values["PYTHONPATH"] = os.pathsep.join(dict.fromkeys(paths))
    return values
