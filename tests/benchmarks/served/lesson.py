"""A class on one server: all watch a live run, look at other updates of it, and leave."""

import asyncio
import time
from collections.abc import Awaitable, Sequence
from dataclasses import dataclass, field

import numpy as np

from mtlviz.bench.rounds import Told
from tests.benchmarks.served.app_server import Server
from tests.benchmarks.served.measured import Measured
from tests.benchmarks.served.seat import CHANGED, TOGETHER, Seat
from tests.benchmarks.served.visiting import visiting

KEPT = 120.0
"""Seconds that Streamlit keeps a session whose visitor has gone (its MemorySessionStorage)."""
_LONGER = 5.0
_SETTLED = 2.0
_BETWEEN = 4.0
"""Seconds from one moment at which all change something to the next, drawn up to twice as long."""
_WATCHED = 4.0
"""Seconds that the class watches at least: its live parts look again every two."""


@dataclass(frozen=True)
class Class:
    """Who comes, and for how long.

    Attributes:
        students: How many.
        seconds: How long they look at other updates, each in their own time; before that they
            watch for a third of it, after it all do so at the same moments for as long.
    """

    students: int = 30
    seconds: float = 60.0


@dataclass
class Lesson:
    """What was found.

    Attributes:
        times: Answers and errors.
        memory: MiB of the server at each stage; empty where the system does not tell.
        watching: Processors' seconds a second while nobody changes anything; None if not told.
        changing: The same while all look at other updates, each in their own time.
        together: The same while all do so at the same moments.
        looks: How often parts of pages looked again by themselves meanwhile.
        questions: How often newer curves were asked for meanwhile.
        received: Bytes that the students received meanwhile.
        cost: Seconds of processor that one change costs, beyond what watching costs; None if not
            told.
    """

    times: Measured = field(default_factory=Measured)
    memory: dict[str, float] = field(default_factory=dict)
    watching: float | None = None
    changing: float | None = None
    together: float | None = None
    looks: int = 0
    questions: int = 0
    received: int = 0
    cost: float | None = None

    def weigh(self, stage: str, server: Server) -> None:
        """Note the server's memory."""
        if (now := server.memory()) is not None:
            self.memory[stage] = now


async def lesson(server: Server, run: int, class_: Class, told: Told) -> Lesson:
    """Hold a lesson.

    Args:
        server: The app.
        run: Number of a run that is being recorded.
        class_: Who comes.
        told: Is given the share of the time that has gone.
    """
    found = Lesson()
    found.weigh("nobody has come yet", server)
    await _one_visitor(server, run)
    found.weigh("one visitor has come and gone", server)
    seats = [
        Seat(server.port, run, found.times, np.random.default_rng((17, number)))
        for number in range(class_.students)
    ]
    async with asyncio.TaskGroup() as group:
        for seat in seats:
            group.create_task(seat.attend())
        await _attended(server, class_.seconds, found, seats)
    told(0.5)
    found.weigh("right after all have left", server)
    wait = KEPT + _LONGER
    await asyncio.sleep(wait)
    # Streamlit looks for sessions to forget when a visitor leaves.
    await _one_visitor(server, run)
    found.weigh(f"{wait:.0f} s later, when one more has come and gone", server)
    told(1.0)
    return found


async def _attended(server: Server, seconds: float, found: Lesson, seats: Sequence[Seat]) -> None:
    """Let all watch, then change in their own time, then together; note what the server uses."""
    await asyncio.gather(*(seat.there.wait() for seat in seats))
    await asyncio.sleep(_SETTLED)
    found.watching = await _cores(server, asyncio.sleep(max(_WATCHED, seconds / 3)))
    before = _counted(seats)
    each = asyncio.gather(*(seat.wander(seconds) for seat in seats))
    found.changing = await _cores(server, each)
    for name, count in _counted(seats).items():
        setattr(found, name, count - before[name])
    if found.changing is not None and found.times.wall[CHANGED]:
        extra = (found.changing - found.watching) * seconds
        found.cost = extra / len(found.times.wall[CHANGED])
    found.together = await _cores(server, _at_once(seats, seconds))
    found.weigh("while all look at other updates", server)
    for seat in seats:
        seat.over.set()


async def _at_once(seats: Sequence[Seat], seconds: float) -> None:
    """All press at the same moment, again and again, as a class does that is asked to."""
    drawn, end = np.random.default_rng(18), time.monotonic() + seconds
    while time.monotonic() < end:
        await asyncio.gather(*(seat.look(TOGETHER) for seat in seats))
        await asyncio.sleep(drawn.uniform(0, 2 * _BETWEEN))


def _counted(seats: Sequence[Seat]) -> dict[str, int]:
    """What all have counted so far."""
    names = ("looks", "questions", "received")
    return {name: sum(getattr(seat, name) for seat in seats) for name in names}


async def _cores(server: Server, meanwhile: Awaitable[object]) -> float | None:
    """Processors' seconds that the server uses in a second, until something is over."""
    used, began = server.processor(), time.perf_counter()
    await meanwhile
    spent = time.perf_counter() - began
    return None if used is None else (server.processor() - used) / spent


async def _one_visitor(server: Server, run: int) -> None:
    async with visiting(server.port, "run", f"run={run}") as visitor:
        await visitor.open()
    await asyncio.sleep(_SETTLED)
