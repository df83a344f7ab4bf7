"""One student of a class: opens the page of a run, watches, looks at other updates, leaves."""

import asyncio
import time

import numpy as np

from mtlviz.errors import MtlvizError
from tests.benchmarks.served.live_run import RECORDED
from tests.benchmarks.served.measured import Measured
from tests.benchmarks.served.visiting import visiting
from tests.benchmarks.served.visitor import Visitor

PAUSE = 5.0
"""Seconds from one change of a student to the next, on the mean."""
_MOST = 10_000  # Changes of one student in the longest lesson.
OPENED, CHANGED = "the page opened, all at once", "another update looked at, each in their own time"
TOGETHER = "another update looked at, all at the same moment"


class Seat:
    """A student's place.

    Args:
        port: Where the app listens.
        run: The run that is looked at.
        found: What is measured goes here.
        drawn: Decides when and what the student changes.
    """

    def __init__(self, port: int, run: int, found: Measured, drawn: np.random.Generator) -> None:
        self.port, self.run, self.found, self.drawn = port, run, found, drawn
        self.there, self.over = asyncio.Event(), asyncio.Event()
        self.visitor: Visitor | None = None

    @property
    def looks(self) -> int:
        """How often parts of the page have looked again by themselves."""
        return self.visitor.looks if self.visitor else 0

    @property
    def questions(self) -> int:
        """How often newer curves were asked for."""
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
            async with visiting(self.port, "run", f"run={self.run}") as visitor:
                self.found.wall[OPENED].append(await visitor.open() - began)
                self.visitor = visitor
                self.there.set()
                await self.over.wait()
            self.found.errors.update(visitor.errors)
        except MtlvizError as error:
            self.found.errors[str(error)] += 1
        finally:
            self.there.set()

    async def wander(self, seconds: float) -> None:
        """Look at other updates at moments of one's own."""
        began = time.monotonic()
        for moment in moments(self.drawn, seconds):
            await asyncio.sleep(max(0.0, began + moment - time.monotonic()))
            await self.look(CHANGED)

    async def look(self, name: str) -> None:
        """Look at another update now, and note how long that took."""
        if self.visitor is None:
            return
        update, began = int(self.drawn.integers(RECORDED)), time.perf_counter()
        try:
            came = await self.visitor.look(update)
            self.found.wall[name].append(came - began)
        except MtlvizError as error:
            self.found.errors[str(error)] += 1


def moments(drawn: np.random.Generator, seconds: float) -> list[float]:
    """Seconds from the beginning to each change of one student, rising.

    They are drawn before any answer: a slow answer delays the next change, but nobody waits for the
    same time after it, which would bring thirty students into step.
    """
    found = np.cumsum(drawn.uniform(0, min(2 * PAUSE, seconds), size=_MOST))
    return found[found <= seconds].tolist()
