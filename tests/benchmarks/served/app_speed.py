"""How fast the app answers a visitor, without a browser: what the server has to do."""

import asyncio
import hashlib
import tempfile
from pathlib import Path
from typing import Any

from mtlviz.bench.result import Table, rows_of
from mtlviz.bench.rounds import Told
from tests.benchmarks.served.app_server import Server, served
from tests.benchmarks.served.live_run import RECORDED, live_run
from tests.benchmarks.served.measured import Measured
from tests.benchmarks.served.visiting import visiting
from tests.benchmarks.served.visitor import Visitor

_CHANGES = 5
"""Changes of a control in each round."""
_TOY = "&".join([*(f"t{task}.points=200" for task in (1, 2, 3)), "seeds=16"])


def app_costs(rounds: int, threads: int, told: Told) -> Table:
    """Milliseconds of the app's answers; every round has a fresh home and a fresh server."""
    found = Measured()
    for number in range(rounds):
        with (
            tempfile.TemporaryDirectory() as place,
            live_run(Path(place)) as run,
            served(Path(place), threads) as server,
        ):
            found.wall["cold start, until the server answers"].append(server.cold_start)
            asyncio.run(_round(found, server, run))
        told((number + 1) / rounds)
    return Table(
        title="The app, without a browser",
        unit="ms",
        reading="Each round starts a server on a fresh home that holds one live run. The first "
        "visitor of a page waits for its libraries too. A page is there when its script has run, "
        "a change when its picture has come; what a browser then draws is not in it. Processor is "
        "the server's own time until the script has run.",
        rows=rows_of(found.wall, factor=1e3, processor=found.processor),
        missing=found.sentences(),
    )


async def _round(found: Measured, server: Server, run: int) -> None:
    """All that is measured on one server."""
    # The first answer of all tells which pages there are.
    pages = await _opened(found, server, "Start, first visitor", "", run)
    for address, title in pages.items():
        if address:
            await _opened(found, server, f"{title}, first visitor", address, run)
    for address, title in pages.items():
        await _opened(found, server, f"{title}, later visitor", address, run)
    await _toy(found, server)
    await _run(found, server, run)


async def _opened(
    found: Measured, server: Server, name: str, address: str, run: int
) -> dict[str, str]:
    """Open a page and leave it; the title of every page by its address."""
    async with visiting(server.port, address, _query(address, run)) as visitor:
        await found.take(name, server, visitor.open)
    _note(found, name, visitor)
    return visitor.pages


def _query(address: str, run: int) -> str:
    return {"run": f"run={run}", "toy_lab": _TOY}.get(address, "")


async def _toy(found: Measured, server: Server) -> None:
    """Move a slider of the Toy lab: every change trains all arms and repetitions anew."""
    name, film = "Toy lab, from a slider to the new film", NewPicture("film")
    values = [10.0 * (change + 1) for change in range(_CHANGES)]
    async with visiting(server.port, "toy_lab", _TOY) as visitor:
        await visitor.open()
        for value in values:
            change = ("Task 2: rotation", value)
            await found.take(name, server, lambda c=change: visitor.change(*c, film.fits))
    _note(found, name, visitor)


async def _run(found: Measured, server: Server, run: int) -> None:
    """Look at other updates of the live run."""
    name = "Run, from the step cursor to another update, live"
    updates = [(37 * change + 11) % RECORDED for change in range(_CHANGES)]
    async with visiting(server.port, "run", _query("run", run)) as visitor:
        await visitor.open()
        for update in updates:
            await found.take(name, server, lambda u=update: visitor.look(u))
    _note(found, name, visitor)


def _note(found: Measured, name: str, visitor: Visitor) -> None:
    found.errors.update(f"{name}: {error}" for error in visitor.errors)


class NewPicture:
    """Tells a message of a component that is not as any before.

    Args:
        component: The end of the component's name.
    """

    def __init__(self, component: str) -> None:
        self.component, self.seen = component, set[str]()

    def fits(self, raw: bytes, message: Any) -> bool:
        """Whether this message shows the component as it was not seen before."""
        element = message.delta.new_element
        if not element.bidi_component.component_name.endswith(self.component):
            return False
        mark = hashlib.sha256(raw).hexdigest()
        new = mark not in self.seen
        self.seen.add(mark)
        return new
