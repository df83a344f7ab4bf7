"""What 10,000 runs on a cluster ask of the machine that keeps the store; the runs are stand-ins.

python -m tests.benchmarks.cluster                # one sink, and storing such a sweep: a minute
python -m tests.benchmarks.cluster drive 10000    # so many through driver and sink, no Ray: minutes
python -m tests.benchmarks.cluster ray 500        # so many runs through a real Ray: minutes
"""

import os
import sys
import tempfile
import time
from pathlib import Path
from types import SimpleNamespace

from mtlviz.runs.cluster import ray_driver, ray_launcher
from mtlviz.runs.cluster.order import order_of
from mtlviz.runs.cluster.sink import Sink
from mtlviz.runs.process import this_process
from mtlviz.runs.store import Store
from mtlviz.runs.summary import QUEUE
from mtlviz.runs.sweep.plan import SweepPlan
from mtlviz.runs.sweep.runs import begin_sweep
from mtlviz.runs.sweep.state import sweep_runs, sweep_state
from mtlviz.runs.sweep.stored import stored_sweep
from tests.runs import ray_server, stand_in
from tests.runs.ray_cluster import driver_of, end_drivers
from tests.runs.stored_sweeps import Idle

UPDATES = 20
STEPS = [stand_in.step(0, update) for update in range(UPDATES)]
ACTIVE, BEATS, EACH = 200, 10, 20
"""Runs at work at once, beats of each, and records a beat: a run of twenty updates a second."""


def spent(action):
    """Processor seconds that an action takes, and what it returns."""
    began = time.process_time()
    found = action()
    return time.process_time() - began, found


def memory(process="self", what="VmHWM"):
    """The most memory that a process has had, in MiB."""
    lines = Path(f"/proc/{process}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(what)) / 1024


def processor(process):
    """Processor seconds of a process so far."""
    entries = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(entries[11]) + int(entries[12])) / os.sysconf("SC_CLK_TCK")


def sink_alone(home):
    """What the sink takes for beats of many runs at once, and for a run's beginning and end."""
    store, sink = Store(home), Sink(str(home), this_process())
    settings = stand_in.config(EACH * BEATS)
    records = [stand_in.step(0, update) for update in range(EACH * BEATS)]
    runs = [store.create_run(settings, launcher="bench") for _ in range(ACTIVE)]

    def say(what, *given):
        for run in runs:
            assert sink.ask(what, run, f"{run}", *given)[0] is None

    begun, _ = spent(lambda: say("begin"))
    planned, _ = spent(lambda: say("plan", EACH * BEATS, ("accuracy",) * 2, ("a", "b"), "data"))
    beats = 0.0
    for beat in range(BEATS):
        part = records[beat * EACH : (beat + 1) * EACH]
        beats += spent(lambda: say("append", beat * EACH, part, (0, b"")))[0]  # noqa: B023
    ended, _ = spent(lambda: say("finish", "finished", None, None, (0, b"")))
    calls, around = ACTIVE * BEATS, 1e3 * (begun + planned + ended) / ACTIVE
    yield f"sink: {1e3 * beats / calls:.2f} ms of the processor for a beat of {EACH} records"
    yield f"sink: {calls * EACH / beats:,.0f} records, {calls / beats:,.0f} beats a second of it"
    yield f"sink: {around:.2f} ms for beginning, planning and ending a run"
    store.close()
    size = (home / "runs.sqlite").stat().st_size / (calls * EACH)
    yield f"store: {size:.0f} bytes a record of two tasks"
    yield f"sink and this program: {memory():.0f} MiB at most"


def sweep_of(store, count, launcher):
    """A sweep of so many runs, stored."""
    rates = tuple(1e-4 * (1 + number) for number in range(count))
    plan = SweepPlan(name="many", base=stand_in.config(UPDATES), seeds=1,
                     over={"optimisation.learning_rate": rates})  # fmt: skip
    return begin_sweep(store, plan, launcher).id


def watching(store, number):
    """What who watches the sweep takes for one look."""
    seconds, _ = spent(lambda: _state(store, number))
    return f"one look at how far it is: {seconds:.2f} s of the processor"


def _state(store, number):
    sweep = stored_sweep(store, number)
    return sweep_state(sweep, sweep_runs(store, sweep))


def storing(home, count=10_000):
    """What it takes to store the runs of a sweep."""
    store, launcher = Store(home), Idle()
    launcher.name = "bench"
    seconds, number = spent(lambda: sweep_of(store, count, launcher))
    yield f"storing {count:,} runs: {seconds:.1f} s of the processor"
    yield watching(store, number)
    query, given = f"{QUEUE} LIMIT 200", (launcher.name,)
    with store.connections.reading() as connection:
        looked, _ = spent(lambda: connection.execute(query, given).fetchall())
    yield f"driver, looking who is next among them: {1e3 * looked:.0f} ms"
    orders, _ = spent(lambda: [order_of(store, run, "token") for run in range(1, 201)])
    yield f"driver, the order for a run: {1e3 * orders / 200:.1f} ms"
    yield f"this program: {memory():.0f} MiB at most"


class Task:
    """A task that is done at once, or an actor."""

    def __init__(self, made, *given):
        self.found = made(*given)
        if isinstance(self.found, Sink):
            self.ask = Remote(self.found.ask)


class Remote:
    """What Ray would run elsewhere."""

    def __init__(self, made):
        self._made = made

    def options(self, **given):
        return self

    def remote(self, *given):
        return Task(self._made, *given)


def no_ray(slots=200):
    """What the driver uses of Ray, in this very process: every task is done when it is given."""
    wrong = {name: type(name, (Exception,), {}) for name in ("RayTaskError", "RayError")}
    strategies = SimpleNamespace(NodeAffinitySchedulingStrategy=lambda *given, **how: None)
    sys.modules["ray.util.scheduling_strategies"] = strategies
    sys.modules["ray"] = SimpleNamespace(
        exceptions=SimpleNamespace(**wrong), remote=Remote,
        wait=lambda tasks, num_returns, timeout: (tasks, []), get=lambda task: task.found,
        cluster_resources=lambda: {"CPU": slots},
        get_runtime_context=lambda: SimpleNamespace(get_node_id=str),
    )  # fmt: skip


def shortest(sink, order, tables, *given):
    """All that a worker says of a run of twenty updates, and nothing of what it does."""
    said = (0, b"")
    words = [("begin",), ("plan", UPDATES, ("accuracy",) * 2, ("a", "b"), "data"),
             ("append", 0, STEPS, said), ("finish", "finished", None, None, said)]  # fmt: skip
    for what, *rest in words:
        wrong, told = sink.found.ask(what, order.run, order.token, *rest)
        assert wrong is None, told
    return "finished"


def driven(home, count):
    """So many runs through driver and sink, in one process: time and memory of both."""
    no_ray()
    ray_driver._far, ray_launcher.check_installed = shortest, lambda: None
    store, place = Store(home), ray_launcher.RayPlace()
    stored_often(store, count, place.name)
    driver = ray_driver.Driver(store, place)
    before = memory(what="VmRSS")
    seconds, _ = spent(lambda: [None for _ in iter(driver.step, False)])
    done = len(store.runs(("finished",)))
    yield f"{done:,} of {count:,} runs finished, {UPDATES} records each"
    yield f"driver and sink together: {1e3 * seconds / count:.1f} ms of the processor a run"
    yield f"driver and sink together: {before:.0f} MiB before, {memory():.0f} MiB at most"


def stored_often(store, count, launcher):
    """A run as often as that."""
    run = store.create_run(stand_in.config(UPDATES), launcher=launcher)
    with store.connections.writing() as connection:
        columns = [row[1] for row in connection.execute("PRAGMA table_info(runs)")]
        names = ", ".join(name for name in columns if name not in ("id", "place"))
        connection.executemany(
            f"INSERT INTO runs (place, {names}) SELECT ?, {names} FROM runs WHERE id = ?",
            [(place, run) for place in range(2, count + 1)],
        )
    for number in range(1, count + 1):
        store.folder(number).mkdir(parents=True, exist_ok=True)


def through_ray(home, count):
    """So many stand-in runs through a real Ray: time and memory of sink and driver."""
    ray_launcher.DRIVER = ray_server.COMMAND
    store = Store(home)
    launcher = ray_launcher.RayLauncher(store, ray_launcher.RayPlace().name)
    number = sweep_of(store, count, launcher)
    began, seen = time.time(), {}
    while _state(store, number).going:
        launcher.poll()
        seen |= _watched(driver_of(store).pid)
        time.sleep(2)
    first = min(run.started for run in store.runs())
    last = max(run.finished for run in store.runs())
    state = _state(store, number)
    yield f"the first of them begins after {first - began:.0f} s"
    yield f"{state.finished:,} of {count:,} runs finished in {last - first:.0f} s on the clock"
    with store.connections.reading() as connection:
        (records,) = connection.execute("SELECT count(*) FROM records").fetchone()
    yield f"{records:,} records, {(home / 'runs.sqlite').stat().st_size / 2**20:.0f} MiB of store"
    for name, (seconds, most) in seen.items():
        each, rate = 1e3 * seconds / count, records / seconds
        yield f"{name}: {seconds:.0f} processor seconds, {each:.1f} ms a run, {rate:,.0f} records/s"
        yield f"{name}: {most:.0f} MiB at most"
    yield watching(store, number)
    end_drivers()


def _watched(driver):
    """Processor time and memory so far of the driver and the sink."""
    found = {"driver": driver}
    for place in Path("/proc").iterdir():
        if place.name.isdecimal():
            try:
                if (place / "cmdline").read_bytes().startswith(b"ray::Sink"):
                    found["sink"] = place.name
            except OSError:
                continue
    try:
        return {name: (processor(each), memory(each)) for name, each in found.items()}
    except OSError:
        return {}


def main():
    with tempfile.TemporaryDirectory() as folder:
        modes = {"ray": through_ray, "drive": driven}
        if mode := modes.get("".join(sys.argv[1:2])):
            print(*mode(Path(folder) / "home", int((*sys.argv[2:], 10_000)[0])), sep="\n")
            return
        for number, part in enumerate((sink_alone, storing)):
            print(*part(Path(folder) / str(number)), sep="\n")


if __name__ == "__main__":
    main()
