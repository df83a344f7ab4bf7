"""Peak memory of one way of stepping, in a process of its own."""

import json
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path

from mtlviz.bench.shape import Shape

_STEPS = 3


def peak_mb(way: str, shape: Shape, threads: int) -> float | None:
    """MB that updates add at most to model and data; None where the system does not tell.

    The optimiser's two moments are among them, for every way alike.
    """
    if shape.device == "cpu" and not Path("/proc/self/clear_refs").exists():
        return None
    request = json.dumps({"way": way, "shape": asdict(shape), "threads": threads})
    command = [sys.executable, "-m", "mtlviz.bench.memory", request]
    return float(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def _measured(way: str, shape: Shape) -> float:
    from mtlviz.bench.random_run import training_of
    from mtlviz.bench.stepping import all_ways

    training, step = training_of(shape), all_ways()[0][way]
    before = _begin(shape.device)
    for _ in range(_STEPS):
        step(training)
    return _most(shape.device) - before


def _begin(device: str) -> float:
    """Forget earlier peaks; MB in use."""
    import torch

    if device != "cpu":
        torch.cuda.synchronize()
        torch.cuda.reset_peak_memory_stats()
        return torch.cuda.memory_allocated() / 1e6
    # Linux sets VmHWM back to VmRSS when asked to.
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")
    return _resident("VmRSS")


def _most(device: str) -> float:
    import torch

    return torch.cuda.max_memory_allocated() / 1e6 if device != "cpu" else _resident("VmHWM")


def _resident(entry: str) -> float:
    """MB of this process: VmRSS now, VmHWM at most."""
    status = Path("/proc/self/status").read_text(encoding="utf-8").split(f"{entry}:")[1]
    return float(status.split()[0]) / 1e3


def _main() -> None:
    import torch

    request = json.loads(sys.argv[1])
    torch.set_num_threads(request["threads"])
    sys.stdout.write(f"{_measured(request['way'], Shape(**request['shape']))}\n")


if __name__ == "__main__":
    _main()
