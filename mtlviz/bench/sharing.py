"""What each way of sharing costs: time and memory of an update, against training everything."""

from dataclasses import replace
from functools import partial

from mtlviz.bench.memory import peak_mb
from mtlviz.bench.random_run import training_of
from mtlviz.bench.result import Row, Table, rows_of
from mtlviz.bench.rounds import Told, interleaved
from mtlviz.bench.shape import Shape
from mtlviz.bench.stepping import PLAIN, with_combiner
from mtlviz.engine.models.sharing import SHARING
from mtlviz.engine.training import Training

BASE = "hard"
"""Training everything, and all of it shared."""


def sharing_times(shape: Shape, rounds: int, told: Told) -> Table:
    """Milliseconds of one update under every way of sharing, against hard sharing."""
    step = with_combiner("sum", gram_every=0)
    runs = {name: training_of(replace(shape, sharing=name)) for name in _names()}
    cases = {name: partial(step, run) for name, run in runs.items()}
    seconds = interleaved(cases, rounds, device=shape.device, told=told)
    notes = {name: _trained(run) for name, run in runs.items()}
    return Table(
        title=f"One update of {shape.tasks} tasks by way of sharing: {shape.name}",
        unit="ms",
        reading="All ways take turns within every round, each with a model of its own; the sum of "
        f"the losses, nothing recorded. Ratios are against “{BASE}”, which trains everything.",
        rows=rows_of(seconds, BASE, factor=1e3, notes=notes),
    )


def sharing_memory(shape: Shape, threads: int, told: Told) -> Table:
    """MB that updates add at most, each way of sharing in a process of its own."""
    names, peaks = _names(), {}
    for number, name in enumerate(names):
        peaks[name] = peak_mb(PLAIN, replace(shape, sharing=name), threads)
        told((number + 1) / len(names))
    base = peaks[BASE]
    known = {name: peak for name, peak in peaks.items() if peak is not None}
    return Table(
        title=f"Peak memory of one update by way of sharing: {shape.name}",
        unit="MB",
        reading="Added at most to model and data, the optimiser's two moments among it; each way "
        f"in a process of its own. Ratios are against “{BASE}”.",
        rows=tuple(_row(name, peak, peak / base if base else None) for name, peak in known.items()),
        missing=() if known else ("Peak memory can be read on Linux and on CUDA only.",),
    )


def _names() -> list[str]:
    """Hard sharing first, then all others."""
    return [BASE, *(name for name in SHARING if name != BASE)]


def _row(name: str, peak: float, ratio: float | None) -> Row:
    return Row(name, peak, peak, peak, ratio, ratio, ratio)


def _trained(training: Training) -> str:
    """Trained numbers without heads: shared ones, and those of one task."""
    own = sum(p.numel() for p in training.model.sharing.task_parameters(0) if p.requires_grad)
    shared = sum(p.numel() for p in training.shared)
    return f"trains {shared:,} shared, {own:,} a task"
