"""The side of a helper process: it works on requests and tells how far it is. See `helper`."""

import json
import os
import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, TextIO

from mtlviz.errors import MtlvizError

Message = dict[str, Any]
Tell = Callable[[float, str], None]
_NICENESS = 10
_UNEXPECTED = "The computation failed for a reason that is no setting; its log says more."


def serve(
    work: Callable[[Message, Tell], None], prepare: Callable[[Tell], None] | None = None
) -> None:
    """Work on the requests of the standard input until it is closed.

    Args:
        work: Works on one request, telling how far it is.
        prepare: What can be done before the first request, telling how far it is.
    """
    with suppress(OSError, AttributeError):  # Pages come first; not every system can say so.
        os.nice(_NICENESS)
    channel = _channel()
    if prepare is not None:
        prepare(channel.tell)
    for line in sys.stdin:
        channel.answer(json.loads(line), work)


@dataclass(frozen=True)
class Channel:
    """Where a helper's messages go.

    Attributes:
        stream: Read by the app, line by line.
    """

    stream: TextIO

    def tell(self, progress: float, stage: str) -> None:
        """Say how far the work is."""
        self._write({"progress": progress, "stage": stage})

    def answer(self, request: Message, work: Callable[[Message, Tell], None]) -> None:
        """Work on one request, and say how it ended."""
        try:
            work(request, self.tell)
        except MtlvizError as error:
            self._write({"error": str(error)})
        except Exception:  # noqa: BLE001  whatever it was, the page must hear of it
            sys.excepthook(*sys.exc_info())
            self._write({"error": _UNEXPECTED})
        else:
            self._write({"done": True})

    def _write(self, message: Message) -> None:
        self.stream.write(json.dumps(message) + "\n")
        self.stream.flush()


def _channel() -> Channel:
    """Keep the standard output for messages; what libraries print goes to the log."""
    stream = sys.stdout
    sys.stdout = sys.stderr
    return Channel(stream)
