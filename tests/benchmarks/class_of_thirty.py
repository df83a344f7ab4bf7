"""A class of thirty on one server: `python -m tests.benchmarks.class_of_thirty [COUNT] [SECONDS]`.

Every student watches the page of one live run and looks at another update every two seconds. They
speak Streamlit's own protocol, as a browser does, so that thirty browsers need not be drawn. Prints
the time from a change to its pictures, errors, the processor time of the server, and its memory
before, during and after. Nothing is asserted. The machine's load decides how far wall time and
processor time are apart, so it is printed too.
"""

import asyncio
import os
import random
import statistics
import sys
import tempfile
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState
from websockets.asyncio.client import ClientConnection, connect

from mtlviz.runs.claims import claim
from mtlviz.runs.store import Store
from mtlviz.ui.launch import launcher_script
from tests.benchmarks import runs
from tests.benchmarks.live import A_SECOND, PLANNED, recording
from tests.e2e.conftest import start

STUDENTS, SECONDS = 30, 60.0
RECORDED = 1000
"""Updates that the run has before the class comes; these are the ones looked at."""
PAUSE = 2.0
PATIENCE = 60.0
_MEGABYTE = 2**20


@dataclass
class Student:
    """One session: what a browser would know of its page.

    Attributes:
        connection: The open connection.
        page: Identifier of the page, as the server names it.
        number: Identifier of the field that chooses an update.
        part: Identifier of the part of the page that the field runs again.
        timers: The parts that look again by themselves.
        awaited: What the answer to the last change must contain, and who waits for it.
        errors: What went wrong.
        ticks: How often a part has looked again.
        received: Bytes received.
    """

    connection: ClientConnection
    page: str = ""
    number: str = ""
    part: str = ""
    timers: dict[str, asyncio.Task] = field(default_factory=dict)
    awaited: tuple[bytes, asyncio.Future] | None = None
    errors: list[str] = field(default_factory=list)
    ticks: int = 0
    received: int = 0

    async def ask(self, part: str = "", update: int | None = None, tick: bool = False) -> None:
        """Ask for a run of the script, or of a part of it."""
        message = BackMsg()
        state = message.rerun_script
        state.query_string, state.page_name, state.fragment_id = (
            "run=1",
            "" if self.page else "run",
            part,
        )
        state.is_auto_rerun, state.page_script_hash = tick, self.page
        if update is not None:
            state.widget_states.widgets.append(WidgetState(id=self.number, int_value=update))
        await self.connection.send(message.SerializeToString())

    async def look_again(self, part: str, interval: float) -> None:
        """What a browser does for a part that renews itself."""
        while True:
            await asyncio.sleep(interval)
            self.ticks += 1
            await self.ask(part, tick=True)

    async def listen(self) -> None:
        """Take what the server sends until the connection is closed."""
        async for raw in self.connection:
            self.received += len(raw)
            if self.awaited and self.awaited[0] in raw:
                self.awaited[1].set_result(time.perf_counter())
                self.awaited = None
            self.take(ForwardMsg.FromString(raw))

    def take(self, message: ForwardMsg) -> None:
        """Follow one message."""
        kind = message.WhichOneof("type")
        if kind == "navigation":
            self.page = message.navigation.page_script_hash
        elif kind == "delta":
            self.element(message)
        elif kind == "auto_rerun":
            part = message.auto_rerun.fragment_id
            self.stop(part)
            wait = self.look_again(part, message.auto_rerun.interval)
            self.timers[part] = asyncio.create_task(wait)

    def element(self, message: ForwardMsg) -> None:
        """Find the field, and note what the page calls an error."""
        element = message.delta.new_element
        kind = element.WhichOneof("type")
        if kind == "number_input" and element.number_input.label == "Update":
            self.number, self.part = element.number_input.id, message.delta.fragment_id
        elif kind == "exception":
            self.errors.append(element.exception.message)
        elif kind == "alert" and element.alert.format == element.alert.ERROR:
            self.errors.append(element.alert.body)

    def stop(self, part: str) -> None:
        """Stop a part that looks again by itself."""
        if part in self.timers:
            self.timers.pop(part).cancel()

    async def change(self, update: int) -> float:
        """Look at an update; milliseconds until its picture is here."""
        answer = asyncio.get_running_loop().create_future()
        self.awaited = (f"gradients at update {update}.".encode(), answer)
        began = time.perf_counter()
        await self.ask(self.part, update)
        return 1000 * (await asyncio.wait_for(answer, PATIENCE) - began)


async def attend(address: str, seconds: float, began: asyncio.Event) -> tuple[list[float], Student]:
    """One student from opening the page to leaving it: the times of all answers."""
    times: list[float] = []
    stream = address.replace("http", "ws", 1) + "/_stcore/stream"
    async with connect(stream, subprotocols=["streamlit"], max_size=None) as connection:
        student = Student(connection)
        listening = asyncio.create_task(student.listen())
        await student.ask()
        await began.wait()
        await asyncio.sleep(random.random() * PAUSE)
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            try:
                times.append(await student.change(random.randrange(RECORDED)))
            except TimeoutError:
                student.errors.append(f"no answer in {PATIENCE:.0f} s")
            await asyncio.sleep(PAUSE)
        for part in list(student.timers):
            student.stop(part)
    with suppress(asyncio.CancelledError):
        await listening
    return times, student


def memory(pid: int) -> float:
    """Resident memory of a process, in MiB."""
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / _MEGABYTE


def processor(pid: int) -> float:
    """Seconds of processor time that a process has used."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def report(name: str, value: str) -> None:
    """Print one line of the table."""
    print(f"{name:<60} {value:>20}", flush=True)


async def lesson(address: str, pid: int, students: int, seconds: float) -> None:
    """All come, watch without touching anything, then change and change; then they leave."""
    before = memory(pid)
    began = asyncio.Event()
    class_ = [asyncio.create_task(attend(address, seconds, began)) for _ in range(students)]
    await asyncio.sleep(15)
    used, clock = processor(pid), time.perf_counter()
    await asyncio.sleep(seconds / 3)
    watching = (processor(pid) - used) / (time.perf_counter() - clock)
    report("server while nobody changes anything, share of a core", f"{watching:.2f}")
    used, clock = processor(pid), time.perf_counter()
    began.set()
    await asyncio.sleep(seconds)
    both, during = (processor(pid) - used) / (time.perf_counter() - clock), memory(pid)
    found = await asyncio.gather(*class_)
    tell(found, watching, both, seconds)
    await asyncio.sleep(20)
    report("memory before, during, after, MiB", f"{before:.0f}, {during:.0f}, {memory(pid):.0f}")


def tell(
    found: list[tuple[list[float], Student]], watching: float, both: float, seconds: float
) -> None:
    """Print what was measured."""
    times = sorted(time for each, _ in found for time in each)
    students = [student for _, student in found]
    errors = [error for student in students for error in student.errors]
    report("server while all change, share of a core", f"{both:.2f}")
    ticks = sum(student.ticks for student in students)
    report("changes, looks of live parts", f"{len(times)}, {ticks}")
    cost = 1000 * (both - watching) * seconds / max(1, len(times))
    report("server's processor time for a change, ms", f"{cost:.1f}")
    if times:
        middle, late = statistics.median(times), times[int(0.95 * len(times))]
        report("change to picture, ms: median, p95, most",
               f"{middle:.0f}, {late:.0f}, {times[-1]:.0f}")  # fmt: skip
    kilobytes = sum(student.received for student in students) / 1024 / max(1, ticks + len(times))
    report("received for each look or change, KiB", f"{kilobytes:.0f}")
    report("errors", str(len(errors)))
    for error in sorted(set(errors)):
        print(f"  {error}")


def main(students: int, seconds: float) -> None:
    """Serve a home with one live run to a class."""
    with tempfile.TemporaryDirectory() as place:
        home = Path(place)
        os.environ["MTLVIZ_HOME"] = place
        store = Store(home)
        held = claim(store, store.create_run(runs.settings()))
        held.plan(PLANNED, ["accuracy"] * runs.K)
        drawn = np.random.default_rng(0)
        held.append([runs.step(update, drawn, PLANNED) for update in range(RECORDED)])
        held.append([runs.evaluation(RECORDED)])
        server, address = start(launcher_script(), home / "log.txt", "")
        report("students, load of the machine", f"{students}, {os.getloadavg()[0]:.1f}")
        try:
            with recording(held, A_SECOND):
                asyncio.run(lesson(address, server.pid, students, seconds))
        finally:
            server.terminate()
            server.wait(10)
        report("load of the machine at the end", f"{os.getloadavg()[0]:.1f}")


if __name__ == "__main__":
    given = sys.argv[1:]
    main(int(given[0]) if given else STUDENTS, float(given[1]) if len(given) > 1 else SECONDS)
