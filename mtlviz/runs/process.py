"""Which process is which, and whether it still lives."""

import os
import platform
from dataclasses import dataclass
from functools import cache
from pathlib import Path

_PROC = Path("/proc")


@dataclass(frozen=True)
class Identity:
    """A process, told apart from any other that ever has the same number.

    Attributes:
        machine: This start of this machine, and the space its process numbers belong to.
        pid: Its number.
        start: When it started, in clock ticks since the machine started; None if not known.
    """

    machine: str
    pid: int
    start: int | None


def this_process() -> Identity:
    """The identity of the calling process."""
    return identity(os.getpid())


def identity(pid: int) -> Identity:
    """The identity of a process of this machine."""
    return Identity(machine(), pid, _start(pid))


@cache
def machine() -> str:
    """This start of this machine and the space of its process numbers (a container has its own)."""
    try:
        boot = (_PROC / "sys/kernel/random/boot_id").read_text().strip()
        space = (_PROC / "self/ns/pid").readlink()
    except OSError:
        return platform.node()
    return f"{boot} {space}"


def is_alive(process: Identity) -> bool | None:
    """Whether a process still runs; None where this machine cannot know.

    A process that has died but was not yet collected by its parent counts as dead.
    """
    if process.start is None or process.machine != machine():
        return None
    return _start(process.pid) == process.start


def _start(pid: int) -> int | None:
    """Start time of a live process from /proc, in clock ticks; None if there is none."""
    try:
        text = (_PROC / str(pid) / "stat").read_text()
    except OSError:
        return None
    # Counted after the name, which may contain spaces (proc(5): 3 is the state, 22 the start).
    entries = text.rpartition(")")[2].split()
    return None if entries[0] in "ZX" else int(entries[19])
