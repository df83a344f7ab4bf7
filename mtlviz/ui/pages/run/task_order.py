"""The order in which many tasks stand in a run's matrices: those that pull alike side by side."""

import numpy as np

from mtlviz.engine.measures.clusters import clustered
from mtlviz.runs.affinity_study import late_cosines
from mtlviz.runs.summary import RunSummary
from mtlviz.ui.core import run_records
from mtlviz.ui.core.memo import Memo

_ORDERS = Memo(64)
_ENDED = ("finished", "stopped")


def task_order(run: RunSummary, tasks: int) -> tuple[int, ...]:
    """The tasks, neighbours alike by their gradients' cosines in the second half of training.

    A run that goes on keeps the tasks' own order, so that nothing moves under a reader's eyes.
    """
    if run.status not in _ENDED:
        return tuple(range(tasks))
    return _ORDERS.once(run_records.name_of(run), run.edition, lambda: _order(run.id, tasks))


def _order(run: int, tasks: int) -> tuple[int, ...]:
    cosines = late_cosines(run_records.store(), run)
    if not len(cosines):
        return tuple(range(tasks))
    # What was never due together, or had no gradient, counts as unrelated.
    return tuple(clustered(np.nan_to_num(cosines).mean(axis=0)).order.tolist())
