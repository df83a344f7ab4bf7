"""One student of a class: opens a page, watches, does what the class does, leaves."""

import asyncio
import json
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import numpy as np

from mtlviz.errors import MtlvizError
from tests.benchmarks.served.awaited import PATIENCE
from tests.benchmarks.served.measured import Measured
from tests.benchmarks.served.visiting import visiting
from tests.benchmarks.served.visitor import Visitor

WITHIN = 10.0
"""Seconds within which each student does something once, at a moment drawn for each."""
OPENED = "the page opened, all at once"


class Seat:
    """A student's place.

    Args:
        port: Where the app listens.
        found: What is measured goes here.
        drawn: Decides when and what the student does.
        page: The page's part of the address, and what follows it.
    """

    def __init__(
        self, port: int, found: Measured, drawn: np.random.Generator, page: tuple[str, str]
    ) -> None:
        self.port, self.found, self.drawn, self.page = port, found, drawn, page
        self.there, self.over = asyncio.Event(), asyncio.Event()
        self.visitor: Visitor | None = None
        self.phone = Phone(port)

    @property
    def looks(self) -> int:
        """How often parts of the page have looked again by themselves."""
        return self.visitor.looks if self.visitor else 0

    @property
    def questions(self) -> int:
        """How often newer data was asked for."""
        return self.visitor.news.questions if self.visitor else 0

    @property
    def received(self) -> int:
        """Bytes received."""
        if self.visitor is None:
            return 0
        return self.visitor.received + self.visitor.news.received + self.visitor.cursor.received

    async def attend(self) -> None:
        """Open the page, stay until the lesson is over, and leave."""
        try:
            began = time.perf_counter()
            async with visiting(self.port, *self.page) as visitor:
                self.found.wall[OPENED].append(await visitor.open() - began)
                self.visitor = visitor
                self.there.set()
                await self.over.wait()
            self.found.errors.update(visitor.errors)
        except MtlvizError as error:
            self.found.errors[str(error)] += 1
        finally:
            self.phone.stop()
            self.there.set()

    async def act_within(self, deed: "Deed", seconds: float, name: str) -> None:
        """Do something once in each ten seconds, at moments of one's own."""
        began = time.monotonic()
        for moment in moments(self.drawn, seconds):
            await asyncio.sleep(max(0.0, began + moment - time.monotonic()))
            await self.act(deed, name)

    async def act(self, deed: "Deed", name: str) -> None:
        """Do something now, and note how long the answer took."""
        if self.visitor is None:
            return
        began = time.perf_counter()
        try:
            self.found.wall[name].append(await deed.do(self, self.visitor) - began)
        except MtlvizError as error:
            self.found.errors[str(error)] += 1


@dataclass(frozen=True)
class Deed:
    """What every student of a class does.

    Attributes:
        name: What it is, for a person.
        do: Does it; the time at which the answer had come, on time.perf_counter's clock.
        before: What comes before the first, not measured.
    """

    name: str
    do: Callable[[Seat, Visitor], Awaitable[float]]
    before: Callable[[Seat, Visitor], Awaitable[object]] | None = None

    @property
    def spread(self) -> str:
        """Its name where each does it at moments of their own."""
        return f"{self.name}, each within {WITHIN:.0f} s"

    @property
    def together(self) -> str:
        """Its name where all do it at once."""
        return f"{self.name}, all at the same moment"


class Phone:
    """What the class's own page asks over one open connection.

    Args:
        port: Where the app listens.
    """

    def __init__(self, port: int) -> None:
        self._port, self._cookie = port, ""
        self._open: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def ask(self, name: str, given: dict) -> float:
        """Post something to the class; the time at which the answer had come.

        Raises:
            MtlvizError: If the app does not answer, or refuses.
        """
        body = json.dumps(given).encode()
        head = (
            f"POST /mtlviz/class/{name} HTTP/1.1\r\nHost: 127.0.0.1:{self._port}\r\n"
            f"Cookie: {self._cookie}\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        try:
            status = await asyncio.wait_for(self._asked(head.encode() + body), PATIENCE)
        except (TimeoutError, OSError, asyncio.IncompleteReadError) as error:
            raise MtlvizError(f"The class gave no answer: {error}") from error
        came = time.perf_counter()
        if not status.endswith("200 OK"):
            raise MtlvizError(f"The class answered {status}.")
        return came

    async def _asked(self, sent: bytes) -> str:
        if self._open is None or self._open[0].at_eof():  # The server closes one that is idle.
            self.stop()
            self._open = await asyncio.open_connection("127.0.0.1", self._port)
        reader, writer = self._open
        writer.write(sent)
        lines = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        fields = dict(line.split(": ", 1) for line in lines[1:] if line)
        named = {name.lower(): value for name, value in fields.items()}
        await reader.readexactly(int(named.get("content-length", 0)))
        self._cookie = named.get("set-cookie", self._cookie).partition(";")[0]
        return lines[0]

    def stop(self) -> None:
        """Ask no more."""
        if self._open is not None:
            self._open[1].close()


def moments(drawn: np.random.Generator, seconds: float) -> list[float]:
    """One moment in each ten seconds, rising; drawn before any answer, which keeps them apart."""
    count = max(1, round(seconds / WITHIN))
    return [float(WITHIN * k + drawn.uniform(0, min(WITHIN, seconds))) for k in range(count)]
