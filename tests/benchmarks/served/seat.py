"""One student of a class: opens the page of a run, watches, looks at other updates, leaves."""

import asyncio
import time

import numpy as np

from mtlviz.errors import MtlvizError
from tests.benchmarks.served.app_speed import shows
from tests.benchmarks.served.live_run import RECORDED
from tests.benchmarks.served.measured import Measured
from tests.benchmarks.served.visiting import visiting
from tests.benchmarks.served.visitor import Visitor

PAUSE = 2.0
"""Seconds between an answer and the student's next change."""
OPENED, CHANGED = "the page opened, all at once", "another update looked at"


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
        self.there, self.begun = asyncio.Event(), asyncio.Event()
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
        return self.visitor.received + self.visitor.news.received if self.visitor else 0

    async def attend(self, seconds: float) -> None:
        """Open the page, watch it until the others are there, change for a while, and leave."""
        try:
            began = time.perf_counter()
            async with visiting(self.port, "run", f"run={self.run}") as self.visitor:
                self.found.wall[OPENED].append(await self.visitor.open() - began)
                self.there.set()
                await self.begun.wait()
                await self._change(seconds)
            self.found.errors.update(self.visitor.errors)
        except MtlvizError as error:
            self.found.errors[str(error)] += 1
        finally:
            self.there.set()

    async def _change(self, seconds: float) -> None:
        # Thirty people do not press a key in the same moment.
        await asyncio.sleep(self.drawn.random() * PAUSE)
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            update, began = int(self.drawn.integers(RECORDED)), time.perf_counter()
            try:
                came = await self.visitor.change("Update", update, shows(update))
                self.found.wall[CHANGED].append(came - began)
            except MtlvizError as error:
                self.found.errors[str(error)] += 1
            await asyncio.sleep(PAUSE)
