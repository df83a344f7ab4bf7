"""Answers of the app that a visitor waits for."""

import asyncio
from collections.abc import Callable
from typing import Any

from mtlviz.errors import MtlvizError
from tests.benchmarks.served import messages

PATIENCE = 60.0
"""Seconds that a visitor waits for an answer."""
Fits = Callable[[bytes, Any], bool]
"""Whether a message, raw and read, is the one that is waited for."""


async def answer(coming: asyncio.Future) -> float:
    """When the awaited message came.

    Raises:
        MtlvizError: If it does not come in time, or the server hangs up.
    """
    try:
        return await asyncio.wait_for(coming, PATIENCE)
    except TimeoutError as error:
        raise MtlvizError(f"The app gave no answer in {PATIENCE:.0f} s.") from error
    except asyncio.CancelledError as error:
        if not coming.cancelled():
            raise
        raise MtlvizError("The app closed the connection.") from error


def script_ended(raw: bytes, message: Any) -> bool:
    """Whether the script, or a part of the page, has run to its end."""
    done = (messages.SUCCESS, messages.PART_SUCCESS)
    return message.HasField("script_finished") and message.script_finished in done
