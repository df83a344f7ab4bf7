"""What one update costs: every way of stepping, over the number of tasks, and texts to batches."""

from dataclasses import replace
from functools import partial

import numpy as np

from mtlviz.bench.memory import peak_mb
from mtlviz.bench.random_run import training_of
from mtlviz.bench.result import Row, Table, rows_of
from mtlviz.bench.rounds import Told, interleaved
from mtlviz.bench.shape import Shape
from mtlviz.bench.stepping import PLAIN, all_ways, with_combiner
from mtlviz.engine.batches import TaskBatches
from mtlviz.engine.models.build import build_tokenizer

# Dense bfloat16 peaks without sparsity, from the makers' data sheets, in TFLOP/s.
_PEAK_TFLOPS = {
    "H100 PCIe": 756.0,
    "H100 NVL": 835.5,
    "H200 NVL": 835.5,
    "H100": 989.4,
    "H200": 989.4,
    "A100": 312.0,
}
BASE = "sum, one backward"


def step_costs(shape: Shape, rounds: int, told: Told) -> Table:
    """Milliseconds of one update by every way, against one backward pass of the summed losses."""
    training = training_of(shape)
    ways, missing = all_ways()
    cases = {name: partial(step, training) for name, step in ways.items()}
    seconds = interleaved(cases, rounds, device=shape.device, told=told)
    return Table(
        title=f"One update of {shape.tasks} tasks: {shape.name}",
        unit="ms",
        reading="The same model and optimiser take all ways in turn within every round; each task "
        f"has a batch of its own. Ratios are against “{BASE}”. Rows with a combiner's name are the "
        "training loop's own updates, Gram matrix recorded.",
        rows=rows_of(seconds, BASE, factor=1e3, notes={BASE: _throughput(shape, seconds[BASE])}),
        missing=tuple(missing),
    )


def step_memory(shape: Shape, threads: int, told: Told) -> Table:
    """MB that updates add at most, each way in a process of its own."""
    names = (BASE, PLAIN, "pcgrad", "PCGrad, losses in one tensor", "PCGrad, optimiser wrapper",
             "PCGrad, torchjd")  # fmt: skip
    known = [name for name in names if name in all_ways()[0]]
    peaks = {}
    for number, name in enumerate(known):
        peaks[name] = peak_mb(name, shape, threads)
        told((number + 1) / len(known))
    measured = {name: peak for name, peak in peaks.items() if peak is not None}
    base = measured.get(BASE)
    return Table(
        title=f"Peak memory of one update of {shape.tasks} tasks: {shape.name}",
        unit="MB",
        reading="Added at most to model and data, the optimiser's two moments among it; each way "
        f"in a process of its own. Ratios are against “{BASE}”.",
        rows=tuple(_memory_row(name, peak, base) for name, peak in measured.items()),
        missing=() if measured else ("Peak memory can be read on Linux and on CUDA only.",),
    )


def tasks_costs(shape: Shape, counts: tuple[int, ...], rounds: int, told: Told) -> Table:
    """Milliseconds per task of one PCGrad update, over the number of tasks."""
    step = with_combiner("pcgrad")
    cases = {
        _tasks(count): partial(step, training_of(replace(shape, tasks=count))) for count in counts
    }
    seconds = interleaved(cases, rounds, device=shape.device, told=told)
    each = {_tasks(count): [spent / count for spent in seconds[_tasks(count)]] for count in counts}
    return Table(
        title=f"PCGrad per task over the number of tasks: {shape.name}",
        unit="ms per task",
        reading=f"Ratios are against {counts[0]} tasks in the same round: 1 means that twice the "
        "tasks cost twice the time.",
        rows=rows_of(each, _tasks(counts[0]), factor=1e3),
    )


def _tasks(count: int) -> str:
    return f"{count} tasks"


def _memory_row(name: str, peak: float, base: float | None) -> Row:
    ratio = peak / base if base else None
    return Row(name, peak, peak, peak, ratio, ratio, ratio)


def _throughput(shape: Shape, seconds: list[float]) -> str:
    """Arithmetic done per second, and its share of the GPU's peak where that is known."""
    tokens = shape.tasks * shape.batch * shape.length
    # Forward and backward are three products of two operations per weight and token; attention
    # adds its two products over all pairs of tokens. Word vectors are looked up, not multiplied,
    # and heads are left out. https://arxiv.org/abs/2204.02311, appendix B.
    weights = 12 * shape.layers * shape.width**2
    per_token = 6 * weights + 12 * shape.layers * shape.width * shape.length
    teraflops = tokens * per_token / sorted(seconds)[len(seconds) // 2] / 1e12
    said = f"{teraflops:.3g} TFLOP/s"
    peak = _peak(shape)
    return said if peak is None else f"{said}, {teraflops / peak:.0%} of the peak (MFU)"


def _peak(shape: Shape) -> float | None:
    if shape.device == "cpu" or shape.precision == "float32":
        return None
    import torch

    return peak_of(torch.cuda.get_device_name())


def peak_of(name: str) -> float | None:
    """Peak of a GPU in TFLOP/s, by the name that torch gives; None if it is not known."""
    if "MIG" in name:
        # A slice of a GPU has a part of its peak.
        return None
    return next((peak for known, peak in _PEAK_TFLOPS.items() if known in name), None)


def pipeline_costs(shape: Shape, rounds: int, told: Told) -> Table:
    """Milliseconds of tokenising a split and of padding one epoch of it into batches."""
    training = training_of(shape)
    batches = training.streams[0].batches
    texts = batches.task.splits["train"]
    tokenizer = build_tokenizer(training.config, training.tasks)
    drawn = np.random.default_rng(0)

    def one_epoch(found: TaskBatches) -> None:
        for indices in found.epoch(drawn):
            found.collate(indices)

    encode = partial(tokenizer.encode, texts.first, None, shape.length)
    seconds = interleaved(
        {"tokenise": encode, "shuffle, bucket and pad": partial(one_epoch, batches)},
        rounds,
        told=told,
    )
    tokens = len(texts) * shape.length
    speeds = {
        name: f"{tokens / sorted(found)[rounds // 2]:,.0f} tokens/s"
        for name, found in seconds.items()
    }
    return Table(
        title=f"Texts to batches: {len(texts):,} texts of {shape.length} words",
        unit="ms",
        reading="A run tokenises once, before its first update; it pads in every update.",
        rows=rows_of(seconds, factor=1e3, notes=speeds),
    )
