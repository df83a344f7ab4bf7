"""How fast sweeps are listed and shown with 1,000 finished runs, and what watching one costs.

python -m tests.benchmarks.sweep            # list and page, synthetic runs: half a minute
python -m tests.benchmarks.sweep overhead   # processor time against the same runs in a loop
"""

import ctypes
import os
import resource
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path

from mtlviz.runs.store import Store
from tests.runs.stored_sweeps import finished_sweep

OVER = {
    "optimisation.learning_rate": (1e-4, 3e-4, 1e-3, 3e-3, 1e-2),
    "data.batch_size": (8, 16, 32, 64, 128),
    "data.tasks.*.head.dropout": (0.1, 0.3, 0.5, 0.7),
    "optimisation.combiner": ("sum", "pcgrad"),
}
_ADOPT_ORPHANS = 36  # PR_SET_CHILD_SUBREAPER of Linux.
_SEEDS = 5  # 200 settings: 1,000 runs.


def seconds(action):
    """Seconds on the clock and of the processor that it takes, in words, and what it returns."""
    began, worked = time.perf_counter(), time.process_time()
    found = action()
    spent = time.perf_counter() - began, time.process_time() - worked
    return f"{spent[0]:.2f} s ({spent[1]:.2f} s of the processor)", found


def shown(home):
    """List in the shell, and the page as it opens and as it is touched again."""
    os.environ["MTLVIZ_HOME"] = str(home)
    store = Store(home)
    finished_sweep(store, OVER, seeds=_SEEDS)
    store.close()
    command = [sys.executable, "-m", "mtlviz.cli", "sweep", "list"]
    listed = seconds(lambda: subprocess.run(command, check=True, capture_output=True))[0]
    from tests.ui.harness import opened

    opened("data")  # The app itself is there; the page is not.
    cold, app = seconds(lambda: opened("sweep"))
    warm = [seconds(app.run)[0] for _ in range(3)]
    return f"mtlviz sweep list: {listed}\nSweep page, cold: {cold}\nwarm: {', '.join(warm)}"


def overhead(home):
    """Processor seconds of six runs as a sweep, and one by one in this shell."""
    place = "optimisation.learning_rate"
    flags = ["--epochs", "15", "--home", str(home / "sweep")]
    mtlviz = [sys.executable, "-m", "mtlviz.cli"]
    sweep = [*mtlviz, "sweep", "--over", f"{place}=0.003,0.01,0.03", "--seeds", "2", *flags]
    swept = _processor([sweep], home / "sweep")
    flags[-1] = str(home / "loop")
    loop = [
        [*mtlviz, "train", "--learning-rate", rate, "--seed", seed, *flags]
        for seed in "01"
        for rate in ("0.003", "0.01", "0.03")
    ]
    alone = _processor(loop, home / "loop")
    return f"processor time: sweep {swept:.1f} s, loop {alone:.1f} s, {swept / alone - 1:+.1%}"


def _processor(commands, home):
    """Processor seconds of commands and all that they begin."""
    # A run that another run has started is no child of ours, unless orphans are given to us.
    ctypes.CDLL(None).prctl(_ADOPT_ORPHANS, 1, 0, 0, 0)
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    for command in commands:
        subprocess.run(command, check=True, capture_output=True)
    with suppress(ChildProcessError):
        while True:
            os.waitpid(-1, 0)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert all(run.status == "finished" for run in Store(home).runs())
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main(arguments):
    """Measure what is asked for."""
    with tempfile.TemporaryDirectory() as home:
        measure = overhead if arguments == ["overhead"] else shown
        sys.stdout.write(measure(Path(home)) + "\n")


if __name__ == "__main__":
    main(sys.argv[1:])
