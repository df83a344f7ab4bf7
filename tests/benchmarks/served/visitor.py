"""A visitor without a browser: opens a page of the app and changes its controls."""

import asyncio
import time
from dataclasses import dataclass, field
from typing import Any

from mtlviz.errors import MtlvizError
from tests.benchmarks.served import messages
from tests.benchmarks.served.awaited import PATIENCE, Fits, answer, script_ended
from tests.benchmarks.served.control import Control, controls_in, errors_in
from tests.benchmarks.served.feeds import CursorPart, CursorParts, News, feeds_in


@dataclass
class Visitor:
    """One session: what a browser would know of its page.

    Attributes:
        connection: The open connection.
        port: Where the app listens on this machine.
        address: The page's part of the address.
        query: What follows it.
        page: Identifier of the page, as the server names it.
        pages: Title of every page by its part of the address.
        controls: Fields, sliders and buttons by their label.
        timers: The parts that look again by themselves.
        news: The places that are asked for newer data.
        cursor: What of the page belongs to one update of a run.
        errors: What the page said went wrong.
        looks: How often a part has looked again.
        received: Bytes received, without the news.
    """

    connection: Any
    port: int = 0
    address: str = ""
    query: str = ""
    page: str = ""
    pages: dict[str, str] = field(default_factory=dict)
    controls: dict[str, Control] = field(default_factory=dict)
    timers: dict[str, asyncio.Task] = field(default_factory=dict)
    news: News = field(default_factory=News)
    cursor: CursorParts = field(default_factory=CursorParts)
    errors: list[str] = field(default_factory=list)
    looks: int = 0
    received: int = 0
    _waiting: list[tuple[Fits, asyncio.Future]] = field(default_factory=list)

    async def open(self) -> float:
        """Ask for the page; the time at which its script had run, on time.perf_counter's clock.

        Raises:
            MtlvizError: If no answer comes.
        """
        finished = self.expect(script_ended)
        await self._ask()
        return await answer(finished)

    async def change(self, label: str, value: float, fits: Fits) -> float:
        """Set a control and wait until the script has run; the time at which the answer came.

        Raises:
            MtlvizError: If the page has no such control or no answer comes.
        """
        control = self._named(label)
        coming = self.expect(fits)
        # Asked for now: the end may follow the answer before anybody who waits for it goes on.
        over = self.expect(lambda raw, message: coming.done() and script_ended(raw, message))
        await self._ask(control, value)
        came = await answer(coming)
        await answer(over)
        return came

    async def press(self, label: str, value: float = 0.0) -> float:
        """Press a button or set a control; the time at which the script had run.

        Raises:
            MtlvizError: If the page has no such control or no answer comes.
        """
        control, finished = self._named(label), self.expect(script_ended)
        await self._ask(control, value)
        return await answer(finished)

    def _named(self, label: str) -> Control:
        name = next((name for name in self.controls if name.startswith(label)), None)
        if name is None:
            raise MtlvizError(f"The page {self.address!r} has no control {label!r}.")
        return self.controls[name]

    async def look(self, update: int) -> float:
        """Move the step cursor; the time at which what belongs to that update had come.

        Raises:
            MtlvizError: If the page has no step cursor, or no answer comes.
        """
        if not self.cursor.names:
            raise MtlvizError(f"The page {self.address!r} has no step cursor.")
        try:
            await asyncio.wait_for(self.cursor.ask(update, self.port), PATIENCE)
        except (TimeoutError, OSError) as error:
            raise MtlvizError(f"The app told nothing of update {update}: {error}") from error
        return time.perf_counter()

    def expect(self, fits: Fits) -> asyncio.Future:
        """The time at which the next message that fits comes."""
        coming = asyncio.get_running_loop().create_future()
        self._waiting.append((fits, coming))
        return coming

    async def _ask(
        self, control: Control | None = None, value: float = 0.0, *, part: str = ""
    ) -> None:
        """Ask for a run of the script, or of a part of the page."""
        message = messages.sent()
        state = message.rerun_script
        state.query_string, state.page_script_hash = self.query, self.page
        # Once the server has named the page, its name in the address is not asked for again.
        state.page_name = "" if self.page else self.address
        state.fragment_id, state.is_auto_rerun = part, bool(part)
        if control is not None:
            control.set(state, value)
        await self.connection.send(message.SerializeToString())

    async def listen(self) -> None:
        """Take what the server sends until the connection is closed."""
        try:
            async for raw in self.connection:
                self.received += len(raw)
                self.take(raw, messages.received(raw))
        finally:
            for _, coming in self._waiting:
                coming.cancel()

    def leave(self) -> None:
        """Look at nothing any more."""
        self._stop_timers()
        self.news.stop()
        self.cursor.stop()

    def take(self, raw: bytes, message: Any) -> None:
        """Follow one message."""
        if message.HasField("new_session") and not message.metadata.run.fragment_ids:
            # A run of the whole script sets up its timers anew.
            self._stop_timers()
        elif message.HasField("navigation"):
            self.page = message.navigation.page_script_hash
            self.pages = {p.url_pathname: p.page_name for p in message.navigation.app_pages}
        elif message.HasField("page_info_changed"):
            self.query = message.page_info_changed.query_string
        elif message.HasField("delta"):
            self.controls.update(controls_in(message.delta))
            self.errors.extend(errors_in(message.delta))
            self._follow(message.delta)
        elif message.HasField("auto_rerun"):
            self._renew(message.auto_rerun.fragment_id, message.auto_rerun.interval)
        for entry in [entry for entry in self._waiting if entry[0](raw, message)]:
            self._waiting.remove(entry)
            if not entry[1].done():
                entry[1].set_result(time.perf_counter())

    def _follow(self, delta: Any) -> None:
        """Follow the places that a component is told of."""
        for feed in feeds_in(delta):
            if isinstance(feed, CursorPart):
                self.cursor.follow(feed)
            else:
                self.news.follow(feed, self.port, self.errors)

    def _stop_timers(self) -> None:
        while self.timers:
            self.timers.popitem()[1].cancel()

    def _renew(self, part: str, interval: float) -> None:
        """Look at a part again and again, as a browser does when told to."""
        if part in self.timers:
            self.timers.pop(part).cancel()
        self.timers[part] = asyncio.create_task(self._look_again(part, interval))

    async def _look_again(self, part: str, interval: float) -> None:
        while True:
            await asyncio.sleep(interval)
            self.looks += 1
            await self._ask(part=part)
