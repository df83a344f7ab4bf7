"""The driver: a process that gives the runs that wait for it to Ray, and leaves when none does.

    python -m mtlviz.runs.cluster.ray_driver HOME NAME

Which runs wait stands in the store. A run that loses its worker or its machine waits again and goes
on from its last checkpoint. When the driver itself dies, so do its workers, and whoever looks at
the store next finds their runs interrupted.
"""

from __future__ import annotations

import logging
import os
import socket
import sys
import time
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mtlviz import access
from mtlviz.errors import MtlvizError
from mtlviz.runs.cluster.drivers import (
    Deaths,
    be_driver,
    fail,
    give_until_none_waits,
    last_line,
    next_waiting,
)
from mtlviz.runs.cluster.far_worker import work_far
from mtlviz.runs.cluster.order import Order, order_of
from mtlviz.runs.cluster.ray_launcher import LOCAL, RayLauncher, RayPlace
from mtlviz.runs.cluster.sink import Sink, give_back
from mtlviz.runs.cluster.tables import Stamp, packed, stamp, uploaded
from mtlviz.runs.failures import NoRun, StoreError
from mtlviz.runs.machine_slots import cores
from mtlviz.runs.process import this_process
from mtlviz.runs.source import Opening, training
from mtlviz.runs.store import Store
from mtlviz.runs.sweep.steering import Overseer
from mtlviz.runs.worker import Pace

_log = logging.getLogger(__name__)
_WAIT_SECONDS, _COUNT_SECONDS = 0.5, 5.0
_LOOK_SECONDS = 5.0
_AT_ONCE = 10
"""Looking who is next takes 40 ms among ten thousand: it is done once for so many."""
_OBJECT_STORE = 80 * 2**20
_NAMED = 3
"""So many machines are named where none has a run's share."""


@dataclass(frozen=True)
class Patience:
    """How long the driver waits.

    Attributes:
        stop_seconds: For a run that was asked to stop, before its process is killed.
    """

    stop_seconds: float = 60.0


class Driver:
    """Gives waiting runs to Ray and notices what becomes of them.

    Args:
        store: The store.
        place: The cluster, and each run's share of it.
        opening: Makes the source of a run's records, on the worker.
        pace: How often a worker writes.
        patience: How long to wait.
    """

    pause_seconds = 0.0  # A step waits for Ray.
    linger_seconds = 5.0  # Ray takes seconds to start: more may come.

    def __init__(
        self,
        store: Store,
        place: RayPlace,
        *,
        opening: Opening = training,
        pace: Pace | None = None,
        patience: Patience | None = None,
    ) -> None:
        import ray

        self.ray, self.store, self.place = ray, store, place
        self._patience, self._given = patience or Patience(), (opening, pace)
        self._sink = _sink(ray, store)
        self._work = ray.remote(_far).options(
            num_cpus=place.cpus, num_gpus=place.gpus, max_retries=0, scheduling_strategy="SPREAD"
        )
        self._flying: dict[Any, tuple[int, str]] = {}
        self._deaths = Deaths(store)
        self._asked: dict[int, float] = {}
        self._forced = 0.0
        self._tables: dict[str, tuple[Stamp, Any]] = {}
        self._slots, self._counted = 0, -_COUNT_SECONDS
        self._next: list[int] = []
        self._looked = -_WAIT_SECONDS
        self.overseer = Overseer(store, RayLauncher(store, place.name))

    def step(self) -> bool:
        """Do what is to be done now; whether any run that was not stopped is with Ray."""
        self._collect()
        self._force()
        self._fill()
        return any(self._wanted(run) for run, _ in self._flying.values())

    def _wanted(self, run: int) -> bool:
        """Whether a run that Ray has is still asked for: Ray may never get to a stopped one."""
        try:
            return self.store.run(run).status != "stopped"
        except NoRun:
            return False

    def _collect(self) -> None:
        """Notice which runs have left Ray, and how."""
        if not self._flying:
            time.sleep(_WAIT_SECONDS)
            return
        flying = list(self._flying)
        self.ray.wait(flying, num_returns=1, timeout=_WAIT_SECONDS)
        for done in self.ray.wait(flying, num_returns=len(flying), timeout=0)[0]:
            run, token = self._flying.pop(done)
            try:
                _log.info("Run %s: %s", run, self.ray.get(done))
                self._deaths.forget(run)
            except self.ray.exceptions.RayTaskError as error:
                self._wrong(run, token, error)
            except self.ray.exceptions.RayError as error:
                self._died(run, token, error)

    def _wrong(self, run: int, token: str, error: Exception) -> None:
        """Code on the worker broke off, outside of the run itself."""
        cause = getattr(error, "cause", None) or error
        if isinstance(cause, self.ray.exceptions.RayError):  # It could not ask the sink.
            self._died(run, token, cause)
            return
        _log.error("Run %s: %s", run, error)
        fail(self.store, run, token, _why_not_begun(cause))

    def _died(self, run: int, token: str, error: Exception) -> None:
        """A worker or its machine is gone: let the run wait again, but not for ever."""
        _log.warning("Run %s: %s: %s", run, type(error).__name__, str(error).split("\n")[0])
        give_back(self.store, run, token)
        self._deaths.add(run, token, _why_died(self.ray, error))

    def _force(self) -> None:
        """Kill the processes of runs that do not stop though they were asked to."""
        if time.monotonic() - self._forced < _WAIT_SECONDS:
            return
        self._forced = time.monotonic()
        asked = {run.id for run in self.store.runs(("running",)) if run.stop_requested}
        now = time.monotonic()
        self._asked = {run: self._asked.get(run, now) for run in asked}
        for task, (run, _) in self._flying.items():
            if now - self._asked.get(run, now) > self._patience.stop_seconds:
                self.ray.cancel(task, force=True)

    def _fill(self) -> None:
        """Give Ray as many runs as it has room for, and as many again."""
        room = 2 * self._room() + 1 - len(self._flying)
        if room > 0 and not self._next and time.monotonic() - self._looked >= _WAIT_SECONDS:
            flying = {run for run, _ in self._flying.values()}
            self._next = next_waiting(self.store, self.place.name, _AT_ONCE * room, flying)
            self._looked = time.monotonic()
        for run in self._next[: max(0, room)]:
            self._give(run)
        self._next = self._next[max(0, room) :]

    def _give(self, run: int) -> None:
        token = uuid.uuid4().hex
        try:
            order = order_of(self.store, run, token, threads=max(1, int(self.place.cpus)))
            tables = self._pieces(order)
        except NoRun:
            return
        except MtlvizError as error:
            fail(self.store, run, token, str(error))
            return
        task = self._work.remote(self._sink, order, tables, *self._given)
        self._flying[task] = run, token

    def _pieces(self, order: Order) -> dict[str, Any]:
        """The uploaded tables of a run that are still there."""
        found = ((name, self._table(name)) for name in uploaded(order.config))
        return {name: table for name, table in found if table is not None}

    def _table(self, name: str) -> Any:
        """An uploaded table where every worker can read it; None if it is gone."""
        folder = self.store.home / access.OWN_TASKS / name
        if not folder.is_dir():
            return None
        known = self._tables.get(name)
        if known is None or known[0] != stamp(folder):
            known = self._tables[name] = stamp(folder), self.ray.put(packed(folder))
        return known[1]

    def _room(self) -> int:
        """How many runs the cluster can work on at once."""
        now = time.monotonic()
        if now - self._counted >= _COUNT_SECONDS:
            there, self._counted = self.ray.cluster_resources(), now
            shares = [there.get("CPU", 0.0) / self.place.cpus]
            if self.place.gpus:
                shares.append(there.get("GPU", 0.0) / self.place.gpus)
            self._slots = int(min(shares))
        return self._slots


def _sink(ray: Any, store: Store) -> Any:
    """The sink, on this very machine; it begins anew where it breaks off."""
    from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

    here = NodeAffinitySchedulingStrategy(ray.get_runtime_context().get_node_id(), soft=False)
    return (
        ray.remote(Sink)
        .options(num_cpus=0, max_restarts=-1, max_task_retries=-1, scheduling_strategy=here)
        .remote(str(store.home), this_process())
    )


def _far(
    sink: Any, order: Order, tables: dict[str, Any], opening: Opening, pace: Pace | None
) -> str:
    """What a worker does: one run."""
    import ray

    pieces = {name: ray.get(table) for name, table in tables.items()}

    def ask(*given: Any) -> Any:
        return ray.get(sink.ask.remote(*given))

    return work_far(ask, order, pieces, opening=opening, pace=pace)


def _why_not_begun(cause: Exception) -> str:
    if isinstance(cause, ModuleNotFoundError) or "No module named" in str(cause):
        return (
            "The machine of the cluster that was to work on it has no mtlviz, or lacks a library: "
            f'install the same there, pip install "mtlviz[ray]" ({last_line(cause)}).'
        )
    if isinstance(cause, MtlvizError):
        return str(cause)
    return "It could not be begun on its machine of the cluster; the launcher's log says more."


def _why_died(ray: Any, error: Exception) -> str:
    if isinstance(error, ray.exceptions.OutOfMemoryError):
        return "its machine ran out of memory"
    if isinstance(error, ray.exceptions.NodeDiedError):
        return "its machine was lost"
    return "its process died or was killed"


def connect(place: RayPlace) -> None:
    """Begin to be a driver of the cluster.

    Raises:
        StoreError: It cannot be reached.
    """
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    os.environ.setdefault("RAY_worker_niceness", "0")  # Of a Ray of this machine, as in the queue.
    import ray

    given: dict[str, Any] = {"address": place.address}
    if place.address == LOCAL:
        # It listens on the network, whatever address it is given: the page on clusters says so.
        given |= {"num_cpus": cores(), "include_dashboard": False, "_node_ip_address": "127.0.0.1",
                  "object_store_memory": _OBJECT_STORE}  # fmt: skip
    try:
        _look(place.address)
        ray.init(**given, log_to_driver=False, logging_level=logging.ERROR)
    except Exception as error:
        _log.exception("Ray")
        raise StoreError(
            f"The Ray cluster {place.address} could not be reached: {last_line(error)}"
        ) from error


def check_share(nodes: Iterable[Mapping[str, Any]], place: RayPlace) -> None:
    """Check that one of the cluster's machines can give a run its share.

    Args:
        nodes: The machines, as `ray.nodes` lists them.
        place: The cluster, and each run's share of it.

    Raises:
        StoreError: None can: Ray would wait for ever.
    """
    alive = [node["Resources"] for node in nodes if node["Alive"]]
    there = {(each.get("CPU", 0.0), each.get("GPU", 0.0)) for each in alive}
    if not any(cpus >= place.cpus and gpus >= place.gpus for cpus, gpus in there):
        largest = sorted(there, reverse=True)[:_NAMED]
        found = "; ".join(_share(*each) for each in largest) or "none is there"
        raise StoreError(
            f"No machine of the Ray cluster {place.address} has a run's share, "
            f"{_share(place.cpus, place.gpus)}; its largest: {found}."
        )


def _share(cpus: float, gpus: float) -> str:
    return f"{cpus:g} CPU cores and {gpus:g} GPUs"


def _look(address: str) -> None:
    """Look whether somebody listens there: Ray itself would try for minutes.

    Raises:
        OSError: Nobody does.
    """
    host, _, port = address.rpartition(":")
    if host:
        socket.create_connection((host.strip("[]"), int(port)), _LOOK_SECONDS).close()


def drive(store: Store, place: RayPlace, *, patience: Patience | None = None, **given: Any) -> None:
    """Give all waiting runs to Ray until none is left.

    Args:
        store: The store.
        place: The cluster, and each run's share of it.
        patience: How long to wait.
        given: What `Driver` takes beside these.
    """

    def begin() -> Driver:
        connect(place)
        import ray

        check_share(ray.nodes(), place)
        return Driver(store, place, patience=patience, **given)

    try:
        give_until_none_waits(store, place.name, "Ray", begin)
    finally:
        import ray

        ray.shutdown()


def main(arguments: Sequence[str] | None = None, **given: Any) -> int:
    """Be the driver of a store, unless there is one."""
    return be_driver(
        "mtlviz.runs.cluster.ray_driver", arguments,
        lambda store, name: drive(store, RayPlace.of(name), **given),
    )  # fmt: skip


if __name__ == "__main__":
    sys.exit(main())
