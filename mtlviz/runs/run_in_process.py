"""Going on with a stored run in this very process, such as a shell's, rather than in the queue."""

import time

from mtlviz.runs.failures import StoreError
from mtlviz.runs.process import this_process
from mtlviz.runs.store import Store
from mtlviz.runs.summary import RESUMABLE


def resume_in_process(store: Store, run: int) -> None:
    """Take a run that has ended without finishing for this process; `work` on it next.

    It passes the queue by, so that no other process can begin with it first.

    Raises:
        StoreError: If there is no such run, or it cannot go on.
    """
    marks = ", ".join("?" for _ in RESUMABLE)
    me = this_process()
    with store.connections.writing() as connection:
        taken = connection.execute(
            "UPDATE runs SET status = 'starting', heartbeat = ?, machine = ?, pid = ?, "
            "process_start = ?, slot = NULL, error = NULL, finished = NULL, stop_requested = 0 "
            f"WHERE id = ? AND status IN ({marks})",
            (time.time(), me.machine, me.pid, me.start, run, *RESUMABLE),
        ).rowcount
    if not taken:
        raise StoreError(
            f"Run {run} is {store.run(run).status}; only a run that was stopped, interrupted or "
            "failed can go on."
        )
