"""Interleaved rounds: every case once in each, so that a busy machine is busy for all of them."""

import time
from collections.abc import Callable, Mapping

import torch

Told = Callable[[float], None]
"""Is given the share of the work that is done."""


def interleaved(
    cases: Mapping[str, Callable[[], object]],
    rounds: int,
    *,
    device: str = "cpu",
    told: Told = lambda share: None,
) -> dict[str, list[float]]:
    """Seconds of every case in every round, after one round that is thrown away.

    Args:
        cases: What to time.
        rounds: How often.
        device: "cuda" waits for the GPU before and after each case.
        told: Is given the share that is done.
    """
    seconds: dict[str, list[float]] = {name: [] for name in cases}
    for number in range(rounds + 1):
        for place, (name, work) in enumerate(cases.items()):
            spent = timed(work, device)
            if number:
                seconds[name].append(spent)
            told((number * len(cases) + place + 1) / ((rounds + 1) * len(cases)))
    return seconds


def timed(work: Callable[[], object], device: str = "cpu") -> float:
    """Seconds that a piece of work takes, the GPU's part included."""
    _wait(device)
    started = time.perf_counter()
    work()
    _wait(device)
    return time.perf_counter() - started


def _wait(device: str) -> None:
    if device != "cpu":
        torch.cuda.synchronize()
