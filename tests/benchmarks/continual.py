"""How long the sweep of four built-in tasks takes as a whole, by the clock and of the processor.

    python -m tests.benchmarks.continual

Its runs are processes of their own, whose parents end before them: Linux gives them to this one.
"""

import ctypes
import os
import resource
import subprocess
import sys
import tempfile
import time

_ADOPT_ORPHANS = 36  # PR_SET_CHILD_SUBREAPER of prctl(2).
_LINGER = 30.0  # Seconds in which the last processes of a sweep end.


def sweep_seconds() -> str:
    """The sweep of six ways and three seeds, from the command to its last line."""
    ctypes.CDLL(None).prctl(_ADOPT_ORPHANS, 1, 0, 0, 0)
    with tempfile.TemporaryDirectory() as home:
        command = [sys.executable, "-m", "mtlviz.cli", "sweep", "continual-four", "--home", home]
        began = time.perf_counter()
        subprocess.run(command, check=True)
        seconds, load = time.perf_counter() - began, os.getloadavg()[0]
        while _still_running() and time.perf_counter() - began < seconds + _LINGER:
            time.sleep(0.2)
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return (
        f"{seconds:.0f} s by the clock at a load of {load:.1f}, "
        f"{used.ru_utime + used.ru_stime:.0f} s of the processor in all its processes"
    )


def _still_running() -> bool:
    """Whether a process of the sweep is left; those that have ended are counted."""
    try:
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    except ChildProcessError:
        return False
    return True


if __name__ == "__main__":
    print(sweep_seconds())
