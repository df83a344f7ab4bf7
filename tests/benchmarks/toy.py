"""How fast the toy is, as a table: `python -m tests.benchmarks.toy` from the top of the checkout.

Run it with nothing else running. Nothing is asserted: times belong to a machine.
"""

import json
import os
import statistics
import time
from collections.abc import Callable, Sequence

import torch

from mtlviz.toy.axes import axis_values
from mtlviz.toy.config import ToyConfig
from mtlviz.toy.continual.stories import STORIES
from mtlviz.toy.continual.summary import summarise
from mtlviz.toy.film import film
from mtlviz.toy.layout import all_arms, arms_of
from mtlviz.toy.map import transfer_map
from mtlviz.toy.presets import PRESETS
from mtlviz.toy.program import train
from mtlviz.toy.regression import RegressionConfig, regression_curves
from tests.toy.test_toy_program import train_modules

FRIENDLY = PRESETS["clouds"].config
LECTURE = FRIENDLY.with_values({f"t{task}.points": 200 for task in (1, 2, 3)})


def milliseconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return 1e3 * (time.perf_counter() - start)


def median(work: Callable[[], object], rounds: int = 9) -> float:
    work()
    return statistics.median(milliseconds(work) for _ in range(rounds))


def modules(config: ToyConfig, arms: Sequence[tuple[int, ...]]) -> Callable[[], None]:
    """The same arms and repetitions as loops of nn.Module, autograd and torch.optim.SGD."""

    def work() -> None:
        for arm in arms:
            for seed in range(config.seeds):
                train_modules(config, arm, seed, dtype=torch.float32)

    return work


def ratio(rounds: int = 3) -> tuple[float, float]:
    """Medians of the loop and of the batched program over the same work, interleaved."""
    config = LECTURE.with_values({"seeds": 4})
    arms = arms_of(0, 3)
    loop, batched = [], []
    for _ in range(rounds):
        loop.append(milliseconds(modules(config, arms)) * LECTURE.seeds / config.seeds)
        batched.append(milliseconds(lambda: train(LECTURE, arms)))
    return statistics.median(loop), statistics.median(batched)


def map_seconds(arm: tuple[int, ...]) -> tuple[float, float]:
    """Seconds to the first part and to the whole of a 20 × 20 map of 8 repetitions."""
    config = FRIENDLY.with_values({"seeds": 8})
    row = ("t3.angle", axis_values(config, "t3.angle", 20))
    column = ("t3.direction", axis_values(config, "t3.direction", 20))
    start = time.perf_counter()
    parts = [time.perf_counter() - start for _ in transfer_map(config, row, column, arm, 0)]
    return parts[0], parts[-1]


def continual_lines() -> list[str]:
    """The Continual lab's stories, all methods: milliseconds of the processor, and by the clock."""
    lines = []
    for name, story in STORIES.items():
        used, began = time.process_time(), time.perf_counter()
        for _ in range(3):
            summarise(story.config)
        clock, used = time.perf_counter() - began, time.process_time() - used
        told = f"continual lab, {name} (of the processor {1e3 * used / 3:.0f})"
        lines.append(f"{told:<58} {1e3 * clock / 3:>10.0f}")
    return lines


def main() -> None:
    print(f"{os.cpu_count()} cores, {torch.get_num_threads()} torch threads")
    print(f"{'arms × repetitions × points × steps':<58} {'median ms':>10}")
    for combiner in ("sum", "pcgrad", "mgda", "cagrad", "nash"):
        config = LECTURE.with_values({"combiner": combiner})
        for arms in (arms_of(0, 3), all_arms(3)):
            name = f"{combiner}: {len(arms)} × {config.seeds} × 200 × {config.steps}"
            print(f"{name:<58} {median(lambda c=config, a=arms: train(c, a)):>10.0f}")
    for width in (4, 16):
        config = LECTURE.with_values({"activation": "relu", "capacity": width})
        time_ = median(lambda c=config: train(c, arms_of(0, 3)), rounds=3)
        print(f"{f'sum, ReLU of {width}: 4 × 16 × 200 × {config.steps}':<58} {time_:>10.0f}")
    result = train(LECTURE)
    size = len(json.dumps(film(result))) / 1e3
    print(f"{f'film, {size:.0f} kB':<58} {median(lambda: film(result)):>10.1f}")
    loop, batched = ratio()
    print(f"{'loop of modules, 4 × 16 × 200 × 150 (from 4 repetitions)':<58} {loop:>10.0f}")
    print(
        f"{f'batched program, same work: {loop / batched:.0f} times faster':<58} {batched:>10.0f}"
    )
    for arm in ((0, 2), (0, 1, 2)):
        first, whole = map_seconds(arm)
        name = f"map 20 × 20 × 8, arm of {len(arm)} (first part {first:.2f} s)"
        print(f"{name:<58} {1e3 * whole:>10.0f}")
    print("\n".join(continual_lines()))
    work = median(lambda: regression_curves(RegressionConfig()), rounds=1)
    print(f"{'regression, 30 repetitions × 3 sources × 6 sizes':<58} {work:>10.0f}")


if __name__ == "__main__":
    main()
