"""A process beside the app that computes what is too heavy for it, one request at a time.

Requests and messages are JSON objects, one a line: {"stage", "progress"} while it works, then
{"done": true} or {"error": one sentence}. `serve` is the process's own side.
"""

import atexit
import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO

from mtlviz.errors import MtlvizError
from mtlviz.runs.machine_slots import environment, run_limit

Tell = Callable[[float, str], None]
_NICENESS = 10
_UNEXPECTED = "The computation failed for a reason that is no setting; its log says more."
_IDLE_SECONDS = 30 * 60
"""A process that lasts ends by itself when nobody has asked it for so long."""
Message = dict[str, Any]


@dataclass(frozen=True)
class Progress:
    """How far a computation is.

    Attributes:
        progress: Share that is done, 0 to 1.
        stage: What is being done, in words.
    """

    progress: float
    stage: str


class Helper:
    """One such process.

    Args:
        module: What `python -m` runs; it calls `serve`.
        log: File for what it has to complain about.
        arguments: Passed to it.
    """

    def __init__(self, module: str, log: Path, arguments: Sequence[str] = ()) -> None:
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("ab") as errors:
            self._process = subprocess.Popen(
                [sys.executable, "-m", module, *arguments],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                env=environment(0, run_limit()),
                text=True,
                encoding="utf-8",
                start_new_session=True,
            )
        # One that is at work would go on for nobody when the app ends.
        atexit.register(self._process.kill)
        self._turn = threading.Lock()

    @property
    def pid(self) -> int:
        """Its number as a process."""
        return self._process.pid

    @property
    def alive(self) -> bool:
        """Whether it still waits for requests or works on one."""
        return self._process.poll() is None

    def ask(self, request: Message) -> Iterator[Progress]:
        """Have a request worked on, and tell how far it is.

        Leaving the iterator before its end ends the process.

        Raises:
            MtlvizError: If it cannot be done, or the process ends before it is.
        """
        with self._turn:
            finished = False
            try:
                self._send(request)
                for message in self._messages():
                    if "error" in message:
                        finished = True
                        raise MtlvizError(str(message["error"]))
                    if message.get("done"):
                        finished = True
                        return
                    yield Progress(float(message["progress"]), str(message["stage"]))
                raise MtlvizError("The process that computed this has ended; please try again.")
            finally:
                if not finished:
                    self.close()

    def close(self) -> None:
        """End the process, whatever it does."""
        atexit.unregister(self._process.kill)
        self._process.kill()
        self._process.wait()
        for stream in (self._process.stdin, self._process.stdout):
            if stream is not None:
                with suppress(OSError):
                    stream.close()

    def _send(self, request: Message) -> None:
        gone = MtlvizError("The process that computes this has ended; please try again.")
        if not self.alive:
            raise gone
        try:
            self._input.write(json.dumps(request) + "\n")
            self._input.flush()
        except OSError as error:
            raise gone from error

    @property
    def _input(self) -> TextIO:
        stream = self._process.stdin
        if stream is None:
            raise ValueError("A helper is always started with a pipe.")
        return stream

    def _messages(self) -> Iterator[Message]:
        for line in self._process.stdout or ():
            yield json.loads(line)


_lasting: dict[tuple[str, Path, str], Helper] = {}
_lasting_lock = threading.Lock()


def lasting_helper(module: str, home: Path, name: str = "") -> Helper:
    """The process of this name that lasts, started if it is not there; all who ask take turns.

    Args:
        module: What `python -m` runs.
        home: The home folder, given to it.
        name: Tells several of one module apart.
    """
    with _lasting_lock:
        found = _lasting.get((module, home, name))
        if found is None or not found.alive:
            found = Helper(module, home / "cache" / "log.txt", [str(home)])
            _lasting[module, home, name] = found
        return found


def serve(
    work: Callable[[Message, Tell], None],
    prepare: Callable[[Tell], None] | None = None,
    idle: float = _IDLE_SECONDS,
) -> None:
    """Work on the requests of the standard input until it is closed, or nobody asks any more.

    Args:
        work: Works on one request, telling how far it is.
        prepare: What can be done before the first request, telling how far it is.
        idle: Seconds without a request after which the process ends.
    """
    with suppress(OSError, AttributeError):  # Pages come first; not every system can say so.
        os.nice(_NICENESS)
    channel = _channel()
    if prepare is not None:
        prepare(channel.tell)
    while line := _next_line(idle):
        channel.answer(json.loads(line), work)


def _next_line(idle: float) -> str:
    """The next request; empty where no more can come."""
    # Not every system can wait for a pipe with a time limit.
    clock = threading.Timer(idle, os._exit, (0,))
    clock.daemon = True
    clock.start()
    line = sys.stdin.readline()
    clock.cancel()
    return line


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
