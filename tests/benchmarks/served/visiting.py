"""The connection over which a visitor without a browser meets the app."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from mtlviz.errors import MtlvizError
from tests.benchmarks.served.awaited import PATIENCE
from tests.benchmarks.served.visitor import Visitor


@asynccontextmanager
async def visiting(port: int, address: str = "", query: str = "") -> AsyncIterator[Visitor]:
    """A visitor of a page, who leaves when the block ends.

    Args:
        port: Where the app listens on this machine.
        address: The page's part of the address; empty for the first page.
        query: What follows it.

    Raises:
        MtlvizError: If websockets is too old, or the app hangs up.
    """
    try:
        from websockets.asyncio.client import connect
        from websockets.exceptions import ConnectionClosed
    except ImportError as error:
        raise MtlvizError(
            "Visiting the app needs websockets 13 or later: pip install -U websockets."
        ) from error
    stream = f"ws://127.0.0.1:{port}/_stcore/stream"
    try:
        # A socket of our own: proxies that the environment names are not for this machine.
        bare = socket.create_connection(("127.0.0.1", port), PATIENCE)
        async with connect(
            stream, sock=bare, subprotocols=["streamlit"], max_size=None, open_timeout=PATIENCE
        ) as connection:
            visitor = Visitor(connection, port, address, query)
            listening = asyncio.create_task(visitor.listen())
            try:
                yield visitor
            finally:
                visitor.leave()
                listening.cancel()
                with suppress(asyncio.CancelledError, ConnectionClosed):
                    await listening
    except (ConnectionClosed, OSError) as error:
        raise MtlvizError("The app closed or refused the connection.") from error
