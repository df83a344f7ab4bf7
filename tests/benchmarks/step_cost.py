"""What one optimisation step costs: the plain sum, our PCGrad, torchjd's PCGrad.

    python tests/benchmarks/step_cost.py [--small] [--device cuda] [--json FILE]

A BERT-shaped encoder, one head and one batch of its own per task. Methods take turns within every
round, each with its own copy of the model, and ratios are medians over rounds against the plain sum
of the same round. Peak memory is measured in a process of its own per method. Nothing is asserted.
"""

import argparse
import copy
import json
import platform
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from torch import nn

from mtlviz.engine import gradients
from mtlviz.engine.combiners import make_combiner


class Model(nn.Module):
    """Embeddings, a transformer, and a linear head per task on the first token."""

    def __init__(self, flags: argparse.Namespace, tasks: int) -> None:
        super().__init__()
        layer = nn.TransformerEncoderLayer(
            flags.hidden, flags.hidden // 64, 4 * flags.hidden, 0.1, "gelu", batch_first=True
        )
        self.words = nn.Embedding(flags.vocabulary, flags.hidden)
        self.positions = nn.Parameter(torch.zeros(flags.length, flags.hidden))
        self.layers = nn.TransformerEncoder(layer, flags.layers, enable_nested_tensor=False)
        self.heads = nn.ModuleList(nn.Linear(flags.hidden, 2 + k % 4) for k in range(tasks))

    def shared(self) -> list[nn.Parameter]:
        return [p for name, p in self.named_parameters() if not name.startswith("heads")]

    def features(self, ids: torch.Tensor) -> torch.Tensor:
        return self.layers(self.words(ids) + self.positions)[:, 0]

    def loss(self, task: int, features: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
        return nn.functional.cross_entropy(self.heads[task](features), labels)


Batches = list[tuple[torch.Tensor, torch.Tensor]]


def sum_at_once(model: Model, batches: Batches) -> None:
    """All forward passes, then one backward pass: the usual joint step."""
    losses = [model.loss(k, model.features(ids), y) for k, (ids, y) in enumerate(batches)]
    torch.stack(losses).sum().backward()


def sum_by_task(model: Model, batches: Batches) -> None:
    """Our plain sum: each task's graph is dropped before the next forward pass."""
    for k, (ids, y) in enumerate(batches):
        model.loss(k, model.features(ids), y).backward()


def our_pcgrad(model: Model, batches: Batches) -> None:
    """Our PCGrad, as the training loop takes it."""
    shared, rows = model.shared(), []
    for k, (ids, y) in enumerate(batches):
        own = list(model.heads[k].parameters())
        row, heads = gradients.task_gradient(model.loss(k, model.features(ids), y), shared, own)
        rows.append(row)
        gradients.assign(own, heads)
    weights = PCGRAD(gradients.gram_matrix(rows), np.random.default_rng(0)).weights
    gradients.assign(shared, gradients.combine_into(rows, weights))


def torchjd_pcgrad(model: Model, batches: Batches) -> None:
    """torchjd's PCGrad by its documented way for tasks with their own inputs."""
    from torchjd.aggregation import PCGrad
    from torchjd.autojac import jac_to_grad, mtl_backward

    features = [model.features(ids) for ids, _ in batches]
    losses = [model.loss(k, features[k], y) for k, (_, y) in enumerate(batches)]
    mtl_backward(losses, features=features, parallel_chunk_size=1)
    jac_to_grad(model.shared(), PCGrad())


PCGRAD = make_combiner("pcgrad")
METHODS: dict[str, Callable[[Model, Batches], None]] = {
    "sum, one backward": sum_at_once,
    "sum, task by task": sum_by_task,
    "PCGrad, ours": our_pcgrad,
    "PCGrad, torchjd": torchjd_pcgrad,
}


class Runner:
    """One method with its own model and optimiser."""

    def __init__(self, method: str, model: Model, flags: argparse.Namespace) -> None:
        self.gradients, self.flags = METHODS[method], flags
        self.model = copy.deepcopy(model).train()
        self.optimiser = torch.optim.AdamW(self.model.parameters(), lr=1e-4, fused=True)

    def step(self, batches: Batches) -> float:
        """Seconds of one full step."""
        self.wait()
        started = time.perf_counter()
        self.optimiser.zero_grad(set_to_none=True)
        with torch.autocast(self.flags.device, torch.bfloat16, enabled=self.flags.bfloat16):
            self.gradients(self.model, batches)
        self.optimiser.step()
        self.wait()
        return time.perf_counter() - started

    def wait(self) -> None:
        if self.flags.device != "cpu":
            torch.cuda.synchronize()


def drawn(flags: argparse.Namespace, tasks: int) -> tuple[Model, Batches]:
    """A model and a batch of its own for each task, the same in every call."""
    with torch.random.fork_rng():
        model = Model(flags, tasks).to(flags.device)
    generator = torch.Generator().manual_seed(0)
    shape = (flags.batch, flags.length)
    batches = [
        (
            torch.randint(flags.vocabulary, shape, generator=generator).to(flags.device),
            torch.randint(2, shape[:1], generator=generator).to(flags.device),
        )
        for _ in range(tasks)
    ]
    return model, batches


def timed(flags: argparse.Namespace, cases: dict[str, tuple[str, int]]) -> dict[str, list[float]]:
    """Seconds of every case in every round, after one round that is thrown away.

    Args:
        flags: Sizes.
        cases: Method and number of tasks of each case.
    """
    runners = {}
    for name, (method, tasks) in cases.items():
        model, batches = drawn(flags, tasks)
        runners[name] = Runner(method, model, flags), batches
    rounds: dict[str, list[float]] = {name: [] for name in cases}
    for number in range(flags.rounds + 1):
        for name, (runner, batches) in runners.items():
            seconds = runner.step(batches)
            if number:
                rounds[name].append(seconds)
    return rounds


def peak(flags: argparse.Namespace, method: str) -> float:
    """MB that steps of one method add at most; call it in a fresh process."""
    model, batches = drawn(flags, flags.tasks)
    runner = Runner(method, model, flags)
    if flags.device != "cpu":
        before = torch.cuda.memory_allocated()
        for _ in range(3):
            runner.step(batches)
        return (torch.cuda.max_memory_allocated() - before) / 1e6
    # Building the model left a peak of its own: Linux forgets it when asked to.
    Path("/proc/self/clear_refs").write_text("5")
    before = resident("VmRSS")
    for _ in range(3):
        runner.step(batches)
    return resident("VmHWM") - before


def resident(entry: str) -> float:
    """MB of this process's memory: VmRSS now, VmHWM at most."""
    status = Path("/proc/self/status").read_text().split(f"{entry}:")[1]
    return float(status.split()[0]) / 1e3


def peak_elsewhere(method: str) -> float:
    """The peak of one method, measured in a process of its own with the same flags."""
    command = [sys.executable, __file__, *sys.argv[1:], "--peak-of", method]
    return float(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def parsed() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--layers", type=int, default=4)
    parser.add_argument("--hidden", type=int, default=256)
    parser.add_argument("--length", type=int, default=64)
    parser.add_argument("--batch", type=int, default=32, help="examples per task")
    parser.add_argument("--vocabulary", type=int, default=30522)
    parser.add_argument("--tasks", type=int, default=3)
    parser.add_argument("--more-tasks", type=int, nargs="*", default=[3, 8, 16])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--bfloat16", action="store_true")
    parser.add_argument("--small", action="store_true", help="a quarter of the size: a minute")
    parser.add_argument("--no-memory", action="store_true")
    parser.add_argument("--json", type=Path)
    parser.add_argument("--peak-of", choices=METHODS, help=argparse.SUPPRESS)
    flags = parser.parse_args()
    if flags.small:
        flags.layers, flags.length, flags.batch, flags.vocabulary = 2, 32, 8, 8000
    return flags


def main() -> None:
    flags = parsed()
    torch.set_num_threads(flags.threads)
    if flags.peak_of:
        print(peak(flags, flags.peak_of))
        return
    place = torch.cuda.get_device_name() if flags.device != "cpu" else platform.machine()
    print(f"{place}, torch {torch.__version__}, {flags.threads} thread(s), {flags.rounds} rounds")
    rounds = timed(flags, {name: (name, flags.tasks) for name in METHODS})
    base = rounds["sum, one backward"]
    results = {"method": {}, "per task": {}}
    print(f"\n{flags.tasks} tasks{'':14} median ms   ratio (lowest to highest)   peak MB")
    for name, seconds in rounds.items():
        ratios = [one / other for one, other in zip(seconds, base, strict=True)]
        memory = float("nan") if flags.no_memory else peak_elsewhere(name)
        median = statistics.median(seconds) * 1e3
        results["method"][name] = {"ms": median, "ratios": ratios, "peak_mb": memory}
        print(
            f"{name:20} {median:10.1f}   {statistics.median(ratios):5.2f} "
            f"({min(ratios):.2f} to {max(ratios):.2f})   {memory:14.0f}"
        )
    print("\nPCGrad, ours: milliseconds per task, and against the fewest tasks in the same round")
    numbers = flags.more_tasks
    scaling = timed(flags, {f"{tasks}": ("PCGrad, ours", tasks) for tasks in numbers})
    fewest = [seconds / numbers[0] for seconds in scaling[f"{numbers[0]}"]]
    for tasks in numbers:
        each = [seconds / tasks for seconds in scaling[f"{tasks}"]]
        ratio = statistics.median(a / b for a, b in zip(each, fewest, strict=True))
        results["per task"][tasks] = {"ms": statistics.median(each) * 1e3, "ratio": ratio}
        print(f"{tasks:3} tasks {statistics.median(each) * 1e3:10.1f}   {ratio:5.2f}")
    if flags.json:
        flags.json.write_text(json.dumps({**results, "torch": torch.__version__, "on": place}))


if __name__ == "__main__":
    main()
