"""A class of thirty on one server, as tables."""

import asyncio
import tempfile
from collections.abc import Iterator
from pathlib import Path

from mtlviz.bench.result import Row, Table, rows_of
from mtlviz.bench.rounds import Told
from tests.benchmarks.served.app_server import served
from tests.benchmarks.served.lesson import Class, Lesson, lesson
from tests.benchmarks.served.live_run import A_SECOND, live_run
from tests.benchmarks.served.seat import CHANGED, PAUSE, TOGETHER

_UNTOLD = ("The processor time and memory of another process can be read on Linux only.",)


def class_costs(class_: Class, threads: int, told: Told) -> Iterator[Table]:
    """Answers, processor time and memory of one server that a class uses at once."""
    with (
        tempfile.TemporaryDirectory() as place,
        live_run(Path(place)) as run,
        served(Path(place), threads) as server,
    ):
        found = asyncio.run(lesson(server, run, class_, told))
    yield _answers(class_, found)
    yield _work(class_, found)
    yield _cost(class_, found)
    yield _memory(class_, found)


def _answers(class_: Class, found: Lesson) -> Table:
    times, count = found.times, sum(found.times.errors.values())
    changes = len(times.wall.get(CHANGED, ()))
    note = (
        f"{changes:,} changes, {found.looks:,} looks of live parts, {found.questions:,} questions "
        f"for newer curves; each student received {_rate(class_, found):.0f} KiB a second"
    )
    return Table(
        title=f"A class of {class_.students} on one server: time to the answer, {count} errors",
        unit="ms",
        reading=f"All have the page of one live run open ({A_SECOND} updates a second) and look "
        f"at other updates: for {class_.seconds:.0f} s each at moments drawn for each, every "
        f"{PAUSE:.0f} s on the mean, and then as long all at the same moments. The students speak "
        "the browser's protocol from one process on the same machine; what a browser then draws "
        "is not in it.",
        rows=rows_of(
            times.wall,
            factor=1e3,
            notes={CHANGED: note, TOGETHER: f"{len(times.wall.get(TOGETHER, ())):,} changes"},
        ),
        missing=times.sentences(),
    )


def _rate(class_: Class, found: Lesson) -> float:
    """KiB that reach one student in a second."""
    return found.received / 1024 / class_.students / class_.seconds


def _work(class_: Class, found: Lesson) -> Table:
    parts = {
        "while nobody changes anything": found.watching,
        "while each looks at other updates in their own time": found.changing,
        "while all do so at the same moments": found.together,
    }
    return Table(
        title=f"A class of {class_.students} on one server: the server's processor time",
        unit="cores",
        reading="Seconds of processor time in a second; 1 keeps one core busy.",
        rows=tuple(
            Row(name, cores, cores, cores) for name, cores in parts.items() if cores is not None
        ),
        missing=_UNTOLD if found.watching is None else (),
    )


def _cost(class_: Class, found: Lesson) -> Table:
    cost = None if found.cost is None else 1e3 * found.cost
    return Table(
        title=f"A class of {class_.students} on one server: processor time of one change",
        unit="ms",
        reading="What all use while each looks at other updates in their own time, less what they "
        "use while nobody does, for each change: the difference of two measurements.",
        rows=() if cost is None else (Row("another update looked at", cost, cost, cost),),
        missing=_UNTOLD if cost is None else (),
    )


def _memory(class_: Class, found: Lesson) -> Table:
    return Table(
        title=f"A class of {class_.students} on one server: the server's memory",
        unit="MiB",
        reading="Resident memory. Streamlit keeps a session for two minutes after its visitor has "
        "gone, and looks for old ones when the next visitor goes.",
        rows=tuple(Row(name, mib, mib, mib) for name, mib in found.memory.items()),
        missing=() if found.memory else _UNTOLD,
    )
