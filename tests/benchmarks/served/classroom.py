"""A class of thirty on one server, as tables."""

import asyncio
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from mtlviz.bench.result import Row, Table, rows_of
from mtlviz.bench.rounds import Told
from mtlviz.classroom.room import Room
from tests.benchmarks.served.app_server import served
from tests.benchmarks.served.lesson import Class, Lesson, lesson
from tests.benchmarks.served.live_run import A_SECOND, RECORDED, live_run
from tests.benchmarks.served.seat import WITHIN, Deed, Seat
from tests.benchmarks.served.visitor import Visitor

_UNTOLD = ("The processor time and memory of another process can be read on Linux only.",)
_VOTED, _COPY = "alignment", ("toy_lab", "lesson=capacity&lesson_step=1")
"""The lesson that the class votes in, and what students play with in their own copies."""
_OPTION = "All three together"


async def _look(seat: Seat, visitor: Visitor) -> float:
    return await visitor.look(int(seat.drawn.integers(RECORDED)))


async def _vote(seat: Seat, visitor: Visitor) -> float:
    return await seat.phone.ask("vote", {"choice": int(seat.drawn.integers(3))})


async def _step(seat: Seat, visitor: Visitor) -> float:
    return await visitor.press("Back" if "lesson_step=2" in visitor.query else "Next")


async def _to_the_deed(seat: Seat, visitor: Visitor) -> None:
    if "lesson_step=2" not in visitor.query:
        await visitor.press("Next")
    await visitor.press("Nothing")  # The guess, after which there is a picture to change.


async def _control(seat: Seat, visitor: Visitor) -> float:
    wide = "capacity=3" in visitor.query
    return await visitor.press("Capacity r", 1 if wide else 3)


RUN = (Deed("another update of a run looked at", _look),)
IN_CLASS = (
    Deed("an answer given to the class", _vote),
    Deed("the next step of a lesson", _step),
    Deed("a control set in a lab in a lesson", _control, _to_the_deed),
)


def class_costs(class_: Class, threads: int, told: Told) -> Iterator[Table]:
    """Answers, processor time and memory of one server that a class uses at once."""
    with (
        tempfile.TemporaryDirectory() as place,
        live_run(Path(place)) as run,
        served(Path(place), threads) as server,
    ):
        page = ("run", f"run={run}")
        found = asyncio.run(lesson(server, page, RUN, class_, lambda share: told(0.05 + share / 4)))
    yield from _tables(
        class_, found, f"All have the page of one live run open ({A_SECOND} updates a second)."
    )
    told(0.3)
    with tempfile.TemporaryDirectory() as place, served(Path(place), threads, "class") as server:
        room = Room(Path(place))
        room.lead(_VOTED, 1, "first")
        vote, *copies = IN_CLASS
        deeds = (replace(vote, before=_joined(room.code)), *copies)
        found = asyncio.run(
            lesson(server, _COPY, deeds, class_, lambda share: told(0.35 + share * 0.6))
        )
        room.close()
    yield from _tables(
        class_, found, "All have a seat in a class and a lesson open in their own copy of the app."
    )
    told(1.0)


def _joined(code: str) -> object:
    async def join(seat: Seat, visitor: Visitor) -> None:
        await seat.phone.ask("join", {"code": code})

    return join


def _tables(class_: Class, found: Lesson, where: str) -> Iterator[Table]:
    yield _answers(class_, found, where)
    yield _work(class_, found)
    yield _memory(class_, found)


def _answers(class_: Class, found: Lesson, where: str) -> Table:
    times, count = found.times, sum(found.times.errors.values())
    rate = found.received / 1024 / class_.students / max(found.seconds, 1e-9)
    return Table(
        title=f"A class of {class_.students} on one server: time to the answer, {count} errors",
        unit="ms",
        reading=f"{where} They do each thing once within {WITHIN:.0f} s for {class_.seconds:.0f} "
        "s, at moments drawn for each, and then all at the same moments. Processor is the "
        "server's own time for one of them, less what it uses while nobody does anything. "
        f"Meanwhile {found.looks:,} looks of live parts and {found.questions:,} questions for "
        f"newer data; each student received {rate:.0f} KiB a second. The students speak the "
        "browser's protocol from one process on the same machine; what a browser then draws is "
        "not in it.",
        rows=rows_of(times.wall, factor=1e3, processor=times.processor),
        missing=(*times.sentences(), *(() if times.processor else _UNTOLD)),
    )


def _work(class_: Class, found: Lesson) -> Table:
    return Table(
        title=f"A class of {class_.students} on one server: the server's processor time",
        unit="cores",
        reading="Seconds of processor time in a second; 1 keeps one core busy.",
        rows=tuple(Row(name, cores, cores, cores) for name, cores in found.cores.items()),
        missing=() if found.cores else _UNTOLD,
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
