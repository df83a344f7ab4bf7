"""The time a run is likely to take, from its work and the speed of this machine."""

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from mtlviz.engine.config import RunConfig
from mtlviz.engine.estimate.work import Work
from mtlviz.engine.models.encoders import ENCODERS

# Seconds that Python and torch need around the arithmetic of an update, and of a pass.
_UPDATE = 1.5e-3
_PASS = 1.5e-3
# Seconds before the first update: importing torch, and transformers.
_BEGIN, _BEGIN_PRETRAINED = 4.0, 8.0
_SIDE, _LENGTH, _LOOKING = 512, 1 << 22, 0.15


@dataclass(frozen=True)
class Speed:
    """What this machine does in a second, right now.

    Attributes:
        operations: Floating-point operations of a matrix product.
        bytes: Bytes moved through memory.
    """

    operations: float
    bytes: float


def measured_speed() -> Speed:
    """Measure this machine with two bare array operations, in about a third of a second.

    Medians, not the best of many: what else the machine does now slows a run down as well.
    """
    matrix = np.ones((_SIDE, _SIDE), dtype=np.float32)
    numbers = np.ones(_LENGTH, dtype=np.float32)
    product = np.empty_like(matrix)
    multiply = _seconds_each(lambda: np.matmul(matrix, matrix, out=product))
    add = _seconds_each(lambda: np.add(numbers, 1.0, out=numbers))
    return Speed(2 * _SIDE**3 / multiply, 2 * numbers.nbytes / add)


def seconds(config: RunConfig, work: Work, layers: int, speed: Speed) -> float:
    """How long a run is likely to take on a CPU with nothing else to do: a rough guess.

    Args:
        config: The run's settings.
        work: What it computes.
        layers: Layers of its encoder.
        speed: Of this machine.
    """
    encoder = ENCODERS[config.capacity.encoder].method
    a_pass = _PASS + (0 if config.capacity.frozen else layers * encoder.layer_seconds)
    around = work.updates * _UPDATE + float(work.passes.sum()) * a_pass
    arithmetic = (work.training + work.scoring) / (encoder.efficiency * speed.operations)
    return preparation(config) + around + arithmetic + work.traffic / speed.bytes


def preparation(config: RunConfig) -> float:
    """About how long a run needs before its first update: importing torch, reading data."""
    encoder = ENCODERS[config.capacity.encoder].method
    return _BEGIN if encoder.uses_word_vectors else _BEGIN_PRETRAINED


def _seconds_each(action: Callable[[], object]) -> float:
    """Median time of an action, repeated for a while; the first time does not count."""
    action()
    end, times = time.perf_counter() + _LOOKING, []
    while time.perf_counter() < end or not times:
        began = time.perf_counter()
        action()
        times.append(time.perf_counter() - began)
    return statistics.median(times)
