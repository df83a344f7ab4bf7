"""How many runs at once, and what share of the machine each gets."""

import os
from collections.abc import MutableMapping
from pathlib import Path

from mtlviz.limits import whole_number

_LIMIT = "MTLVIZ_RUNS"
_VISIBLE = "CUDA_VISIBLE_DEVICES"
# Of PyTorch and NumPy, and of the tokenisers of checkpoints, which are not OpenMP's.
_THREADS = ("OMP_NUM_THREADS", "RAYON_NUM_THREADS")
_WAITING = "OMP_WAIT_POLICY"


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


def environment(slot: int, limit: int) -> dict[str, str]:
    """The environment of the worker in this slot: its GPU and its share of the cores.

    Args:
        slot: Which of the places for active runs it has, from 0.
        limit: How many there are.
    """
    found, values = gpus(), dict(os.environ)
    if len(found) > 1:
        values[_VISIBLE] = found[slot % len(found)]
    for name in _THREADS:
        values.setdefault(name, str(max(1, cores() // limit)))
    wait_calmly(values)
    # A checkout that is not installed must be found by the worker as well.
    package = str(Path(__file__).parents[2])
    paths = [package, *filter(None, values.get("PYTHONPATH", "").split(os.pathsep))]
    values["PYTHONPATH"] = os.pathsep.join(dict.fromkeys(paths))
    return values
