"""The app as `mtlviz` serves it, in a process of its own, with what it uses up."""

import http.client
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from mtlviz.errors import MtlvizError

_PATIENCE = 120.0
"""Seconds that a server may take to answer; a busy machine imports slowly."""
_CPUCLOCK_SCHED = 2


@dataclass(frozen=True)
class Server:
    """A running app.

    Attributes:
        port: Where it listens, on this machine only.
        pid: Its process.
        cold_start: Seconds from starting the process until it answered.
    """

    port: int
    pid: int
    cold_start: float

    def processor(self) -> float | None:
        """Seconds of processor time used so far; None where the system does not tell."""
        if not Path(f"/proc/{self.pid}").exists():
            return None
        # The number of another process's clock: clock_getcpuclockid(3).
        return time.clock_gettime(~self.pid << 3 | _CPUCLOCK_SCHED)

    def memory(self) -> float | None:
        """MiB that are resident now; None where the system does not tell."""
        try:
            pages = int(Path(f"/proc/{self.pid}/statm").read_text().split()[1])
        except OSError:
            return None
        return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


@contextmanager
def served(home: Path, threads: int, command: str = "app") -> Iterator[Server]:
    """Serve the app from a home folder until the block ends.

    Args:
        home: Where its runs are kept; its log is written there too.
        threads: Threads that numerical libraries may take.
        command: "app", or "class" for a class's server.

    Raises:
        MtlvizError: If it ends at once or does not answer.
    """
    port, log = _free_port(), home / "server.log"
    flags = {
        "app": ["--no-browser", f"--server.port={port}", "--server.address=127.0.0.1"],
        "class": [f"--port={port}", "--address=127.0.0.1"],
    }
    environment = {**os.environ, "MTLVIZ_HOME": str(home), "OMP_NUM_THREADS": str(threads)}
    began = time.perf_counter()
    with log.open("w", encoding="utf-8") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "mtlviz.cli", command, *flags[command]],
            stdout=output,
            stderr=output,
            env=environment,
        )
    try:
        _wait_until_it_answers(port, process, log)
        yield Server(port, process.pid, time.perf_counter() - began)
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait_until_it_answers(port: int, process: subprocess.Popen, log: Path) -> None:
    deadline = time.monotonic() + _PATIENCE
    while time.monotonic() < deadline:
        if process.poll() is not None:
            said = log.read_text(encoding="utf-8", errors="replace").strip().splitlines()
            raise MtlvizError(f"The app ended at once: {said[-1] if said else 'it said nothing'}")
        if _answers(port):
            return
        time.sleep(0.02)
    raise MtlvizError(f"The app did not answer in {_PATIENCE:.0f} s.")


def _answers(port: int) -> bool:
    # Unlike urllib, this asks no proxy that the environment names.
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
    try:
        connection.request("GET", "/_stcore/health")
        return connection.getresponse().status == http.HTTPStatus.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
