"""A class on one server: all watch a page, do something in their own time, then together, leave."""

import asyncio
import time
from collections.abc import Awaitable, Sequence
from dataclasses import dataclass, field

import numpy as np

from mtlviz.bench.rounds import Told
from tests.benchmarks.served.app_server import Server
from tests.benchmarks.served.measured import Measured
from tests.benchmarks.served.seat import Deed, Seat

_SETTLED = 1.0
_PRESSES, _BETWEEN = 5, 1.0
"""How often all do something at the same moment, and seconds from one to the next."""
_WATCHED = 4.0
"""Seconds that the class watches at least: its live parts look again every two."""


@dataclass(frozen=True)
class Class:
    """Who comes, and for how long.

    Attributes:
        students: How many.
        seconds: How long each kind of change is made, once by each student in ten seconds; after
            it all make it at the same moment, five times.
    """

    students: int = 30
    seconds: float = 10.0


@dataclass
class Lesson:
    """What was found.

    Attributes:
        times: Answers, errors, and the processor that a change costs beyond what watching does.
        memory: MiB of the server at each stage; empty where the system does not tell.
        cores: Processors' seconds a second at each stage; empty where the system does not tell.
        looks: How often parts of pages looked again by themselves.
        questions: How often newer data was asked for.
        received: Bytes that the students received.
        seconds: How long all that took.
    """

    times: Measured = field(default_factory=Measured)
    memory: dict[str, float] = field(default_factory=dict)
    cores: dict[str, float] = field(default_factory=dict)
    looks: int = 0
    questions: int = 0
    received: int = 0
    seconds: float = 0.0

    def weigh(self, stage: str, server: Server) -> None:
        """Note the server's memory."""
        if (now := server.memory()) is not None:
            self.memory[stage] = now


async def lesson(
    server: Server, page: tuple[str, str], deeds: Sequence[Deed], class_: Class, told: Told
) -> Lesson:
    """Hold a lesson.

    Args:
        server: The app.
        page: What all open: the page's part of the address, and what follows it.
        deeds: What they do there, in order.
        class_: Who comes.
        told: Is given the share of the time that has gone.
    """
    found, began = Lesson(), time.monotonic()
    found.weigh("nobody has come yet", server)
    seats = [
        Seat(server.port, found.times, np.random.default_rng((17, number)), page)
        for number in range(class_.students)
    ]
    async with asyncio.TaskGroup() as group:
        for seat in seats:
            group.create_task(seat.attend())
        await asyncio.gather(*(seat.there.wait() for seat in seats))
        for number, deed in enumerate(deeds):
            told(number / len(deeds))
            await _done(server, deed, class_.seconds, found, seats)
        found.weigh("after all that", server)
        for name in ("looks", "questions", "received"):
            setattr(found, name, sum(getattr(seat, name) for seat in seats))
        for seat in seats:
            seat.over.set()
    found.seconds = time.monotonic() - began
    return found


async def _done(
    server: Server, deed: Deed, seconds: float, found: Lesson, seats: Sequence[Seat]
) -> None:
    """Let all watch, then do something in their own time, then together."""
    if deed.before is not None:
        await asyncio.gather(*(deed.before(seat, seat.visitor) for seat in seats if seat.visitor))
    await asyncio.sleep(_SETTLED)
    watching = await _cores(server, asyncio.sleep(_WATCHED))
    if watching is not None:
        found.cores[f"before: {deed.name}"] = watching[0]
    each = asyncio.gather(*(seat.act_within(deed, seconds, deed.spread) for seat in seats))
    for name, work in ((deed.spread, each), (deed.together, _at_once(deed, seats))):
        used = await _cores(server, work)
        count = len(found.times.wall.get(name, ()))
        if used is not None and watching is not None and count:
            cores, spent = used
            found.cores[name] = cores
            found.times.processor[name].append((cores - watching[0]) * spent / count)


async def _at_once(deed: Deed, seats: Sequence[Seat]) -> None:
    """All press at the same moment, again and again, as a class does that is asked to."""
    for _ in range(_PRESSES):
        await asyncio.gather(*(seat.act(deed, deed.together) for seat in seats))
        await asyncio.sleep(_BETWEEN)


async def _cores(server: Server, meanwhile: Awaitable[object]) -> tuple[float, float] | None:
    """Processors' seconds that the server uses in a second until that is over; and the seconds."""
    used, began = server.processor(), time.perf_counter()
    await meanwhile
    spent = time.perf_counter() - began
    return None if used is None else ((server.processor() - used) / spent, spent)
