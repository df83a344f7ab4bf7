"""How fast sweeps are listed and shown with 1,000 finished runs, and what watching one costs.

python -m tests.benchmarks.sweep            # list and page, synthetic runs: half a minute
python -m tests.benchmarks.sweep overhead   # what beginning and watching six runs costs: minutes
"""

import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from mtlviz.runs.store import Store
from tests.runs.stored_sweeps import finished_sweep

OVER = {
    "optimisation.learning_rate": (1e-4, 3e-4, 1e-3, 3e-3, 1e-2),
    "data.batch_size": (8, 16, 32, 64, 128),
    "data.tasks.*.head.dropout": (0.1, 0.3, 0.5, 0.7),
    "optimisation.combiner": ("sum", "pcgrad"),
}
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
    """Processor seconds of beginning and watching six runs, beside those of the runs in a loop.

    The runs themselves are the same work either way, in processes of their own.
    """
    from mtlviz.cli import main as mtlviz

    rates, seeds, length = ("0.003", "0.01", "0.03"), ("0", "1"), ("--epochs", "15")
    before = _processor(resource.RUSAGE_SELF)
    over = f"optimisation.learning_rate={','.join(rates)}"
    mtlviz(["sweep", "--over", over, "--seeds", "2", *length, "--home", str(home / "sweep")])
    own = _processor(resource.RUSAGE_SELF) - before
    before = _processor(resource.RUSAGE_CHILDREN)
    for seed in seeds:
        for rate in rates:
            flags = ["--learning-rate", rate, "--seed", seed, *length, "--home", str(home / "loop")]
            command = [sys.executable, "-m", "mtlviz.cli", "train", *flags]
            subprocess.run(command, check=True, capture_output=True)
    runs = _processor(resource.RUSAGE_CHILDREN) - before
    return f"processor time: {own:.1f} s to begin and watch, {runs:.1f} s of runs: {own / runs:.1%}"


def _processor(whose):
    used = resource.getrusage(whose)
    return used.ru_utime + used.ru_stime


def main(arguments):
    """Measure what is asked for."""
    with tempfile.TemporaryDirectory() as home:
        measure = overhead if arguments == ["overhead"] else shown
        sys.stdout.write(measure(Path(home)) + "\n")


if __name__ == "__main__":
    main(sys.argv[1:])
