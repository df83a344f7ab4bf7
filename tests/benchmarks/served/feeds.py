"""Places that a page names where a browser finds newer data by itself, without a script's run."""

import asyncio
import gzip
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

EVERY = 2.0
"""Seconds from an answer to the next question, as in the page's own feed.js."""


@dataclass(frozen=True)
class Feed:
    """Such a place.

    Attributes:
        address: Relative to the app's own address, with its query.
        token: Names what the page shows already.
    """

    address: str
    token: str


@dataclass(frozen=True)
class CursorPart:
    """A part of the page that is asked for where the step cursor moves.

    Attributes:
        address: The place, relative to the app's own address, with its query.
        name: Name of the part; empty for what only tells where the visitor is.
    """

    address: str
    name: str


def feeds_in(delta: Any) -> Iterator[Feed | CursorPart]:
    """The places that a component is told of."""
    data = delta.new_element.bidi_component.json
    # Most components have none, and their data is large.
    if '"feed"' not in data:
        return
    given = json.loads(data)
    for place in filter(None, (given.get("feed"), given.get("pictures"))):
        if "cursor" in place:
            yield CursorPart(place["address"], place["name"])
        else:
            yield Feed(place["address"], place["token"])


class CursorParts:
    """What of a page belongs to one update: asked for in one question, as feed.js does."""

    def __init__(self) -> None:
        self.names: set[str] = set()
        self.address = ""
        self.received = 0
        self._open: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    def follow(self, part: CursorPart) -> None:
        """Ask for this part too from now on."""
        if part.address != self.address:
            self.names.clear()
        self.address = part.address
        self.names |= {part.name} - {""}

    async def ask(self, update: int, port: int) -> dict[str, Any]:
        """The parts of an update, by name.

        Raises:
            OSError: If the app does not answer, or not with this update.
        """
        names = quote(",".join(sorted(self.names)), safe="")
        question = f"GET /{self.address}&update={update}&names={names}&newest=0 HTTP/1.1"
        sent = f"{question}\r\nHost: 127.0.0.1:{port}\r\n\r\n".encode()
        if (body := await self._asked(sent)) is None:
            self._open = await asyncio.open_connection("127.0.0.1", port)
            body = await self._asked(sent)
        if body is None:
            raise ConnectionResetError("The app closed the connection.")
        self.received += len(body)
        told = json.loads(gzip.decompress(body))
        if told["update"] != update or set(told["parts"]) != self.names:
            raise OSError(f"The app told of update {told['update']}, not {update}.")
        return told["parts"]

    async def _asked(self, question: bytes) -> bytes | None:
        """The answer over the open connection; None where the server has closed it meanwhile."""
        if self._open is None or self._open[0].at_eof():
            return None
        reader, writer = self._open
        writer.write(question)
        try:
            return await _answer(reader)
        except ConnectionResetError:
            self.stop()
            return None

    def stop(self) -> None:
        """Ask no more."""
        if self._open is not None:
            self._open[1].close()
            self._open = None


@dataclass
class News:
    """What a page's places have told one visitor.

    Attributes:
        questions: How often newer data was asked for.
        received: Bytes received.
    """

    questions: int = 0
    received: int = 0
    _tasks: dict[str, asyncio.Task] = field(default_factory=dict)

    def follow(self, feed: Feed, port: int, errors: list[str]) -> None:
        """Ask at a place from now on; the components of a page do so together.

        Args:
            feed: The place.
            port: Where the app listens on this machine.
            errors: What goes wrong is noted here.
        """
        if feed.address not in self._tasks:
            self._tasks[feed.address] = asyncio.create_task(self._follow(feed, port, errors))

    def stop(self) -> None:
        """Ask no more."""
        while self._tasks:
            self._tasks.popitem()[1].cancel()

    async def _follow(self, feed: Feed, port: int, errors: list[str]) -> None:
        try:
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            try:
                await self._ask(feed, port, reader, writer)
            finally:
                writer.close()
        except OSError as error:
            errors.append(str(error))

    async def _ask(
        self, feed: Feed, port: int, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        """Ask again and again."""
        token = feed.token
        while True:
            await asyncio.sleep(EVERY)
            self.questions += 1
            question = f"GET /{feed.address}&since={quote(token, safe='')} HTTP/1.1"
            writer.write(f"{question}\r\nHost: 127.0.0.1:{port}\r\n\r\n".encode())
            if body := await _answer(reader):
                self.received += len(body)
                token = json.loads(gzip.decompress(body))["token"]


async def _answer(reader: asyncio.StreamReader) -> bytes:
    """What is newer; nothing if nothing is."""
    try:
        lines = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    except asyncio.IncompleteReadError as error:
        raise ConnectionResetError("The app closed the connection.") from error
    status = int(lines[0].split()[1])
    fields = dict(line.lower().split(": ", 1) for line in lines[1:] if line)
    body = await reader.readexactly(int(fields.get("content-length", 0)))
    if status not in (HTTPStatus.OK, HTTPStatus.NO_CONTENT):
        raise OSError(f"The app answered {status}: {body.decode(errors='replace')}")
    return body
