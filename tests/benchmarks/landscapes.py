"""Time the landscape walks: `python -m tests.benchmarks.landscapes`.

Eight methods from the five published starts, 35,000 Adam steps each, as one batch; then each method
alone from the same starts over a tenth of the steps, to see which one costs what.
"""

import time

import numpy as np

from mtlviz.toy.landscapes.functions import LANDSCAPES
from mtlviz.toy.landscapes.methods import Method
from mtlviz.toy.landscapes.trajectories import Walk, last

CLASSIC = ("mean", "pcgrad", "mgda", "cagrad", "imtl_g", "nash", "aligned", "famo")
"""The eight methods whose paths tell the published story."""

STEPS = 35_000
NASH_STARTS = ((-8.5, 7.5), (0.0, 0.0), (9.0, 9.0), (-7.5, -0.5), (9.0, -1.0))


def seconds(landscape: str, names: tuple[str, ...], steps: int) -> float:
    plan = Walk(landscape, tuple(Method(name) for name in names), NASH_STARTS, steps)
    start = time.perf_counter()
    last(plan, np.random.default_rng(0))
    return time.perf_counter() - start


def main() -> None:
    for landscape in LANDSCAPES:
        took = seconds(landscape, CLASSIC, STEPS)
        print(f"{landscape}: 8 methods x 5 starts x {STEPS:,} steps: {took:.1f} s", flush=True)
    for name in CLASSIC:
        each = 1e6 * seconds(next(iter(LANDSCAPES)), (name,), STEPS // 10) / (STEPS // 10)
        print(f"  {name:<10} {each:6.0f} us a step of 5 runs", flush=True)


if __name__ == "__main__":
    main()
