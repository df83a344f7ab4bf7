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


def feeds_in(delta: Any) -> Iterator[Feed]:
    """The place that a component is told of."""
    data = delta.new_element.bidi_component.json
    # Most components have none, and their data is large.
    if '"feed"' in data and (found := json.loads(data).get("feed")):
        yield Feed(found["address"], found["token"])


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
