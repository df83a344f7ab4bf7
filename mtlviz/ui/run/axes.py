"""What lies across under the curves of a run: its updates, its epochs or its time."""

import numpy as np
from numpy.typing import NDArray

from mtlviz.engine.config import RunConfig
from mtlviz.figures.axis import BY_UPDATE, Axis
from mtlviz.runs.history import History
from mtlviz.runs.summary import RunSummary

NAMES = {"update": "Update", "epoch": "Epoch", "time": "Time"}
_UNITS = ((7200.0, 3600.0, "hours"), (120.0, 60.0, "minutes"), (0.0, 1.0, "seconds"))


def axis_of(name: str, run: RunSummary, config: RunConfig, seen: History) -> Axis:
    """The axis of this name.

    Args:
        name: "update", "epoch" or "time".
        run: The run.
        config: Its settings.
        seen: All that is recorded of it.
    """
    if name == "update" or not len(seen.update):
        return BY_UPDATE
    ends = np.concatenate([seen.update, seen.update[-1:] + 1]).astype(np.float64)
    if name == "time":
        clock = seen.clock
        scale, unit = next((scale, unit) for least, scale, unit in _UNITS if clock[-1] >= least)
        return Axis(unit, ends, clock / scale)
    planned = (run.planned or 0) / config.optimisation.epochs
    return Axis("epoch", ends, epochs(seen.epoch, planned))


def epochs(epoch: NDArray[np.int64], planned: float) -> NDArray[np.float64]:
    """How many epochs are done before each update, and after the last, (T + 1,).

    Args:
        epoch: Epoch of each update, counted from 0, rising, (T,).
        planned: Updates of an epoch by plan; tells how far the last, unfinished one is.
    """
    first = np.searchsorted(epoch, epoch, side="left")
    size = (np.searchsorted(epoch, epoch, side="right") - first).astype(np.float64)
    last = epoch == epoch[-1]
    size[last] = np.maximum(size[last], planned)
    within = np.arange(len(epoch)) - first
    done = epoch + within / size
    return np.concatenate([done, [epoch[-1] + (within[-1] + 1) / size[-1]]])
