"""A trained configuration boiled down to what a page shows: the film, the curves, the transfers."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mtlviz.engine.measures.transfer import Transfer, paired_interval, transfer
from mtlviz.toy.film import film
from mtlviz.toy.layout import Arm, arms_of
from mtlviz.toy.own import resplit_ratio
from mtlviz.toy.program import ToyResult

Array = NDArray[np.float64]
MEASURES = ("accuracy", "loss", "transfer")


@dataclass(frozen=True)
class Band:
    """A mean over seeds with the ends of its 95 % interval, each of shape (F,)."""

    mean: Array
    low: Array
    high: Array


@dataclass(frozen=True)
class Summary:
    """What a page shows of one trained configuration.

    Attributes:
        film: The payload of the film, panels of the target task's arms.
        target: The task whose arms are compared, counted from 0.
        arms: The target's arms, alone first.
        steps: Step of each frame, shape (F,).
        bands: By measure and arm, the target's curve over the steps.
        transfers: By arm (of at least two tasks) and task, the signed transfer at the end; an arm
            whose training diverged has none.
        shown: By arm, what the target gains in the repetition that the film shows, in points.
    """

    film: dict[str, Any]
    target: int
    arms: tuple[Arm, ...]
    steps: NDArray[np.int64]
    bands: dict[tuple[str, Arm], Band]
    transfers: dict[tuple[Arm, int], Transfer]
    shown: dict[Arm, float]


def summarise(result: ToyResult, target: int = 0, shown: int | None = None) -> Summary:
    """Keep what a page shows of a trained configuration, for one target task.

    Args:
        result: The trained configuration.
        target: The task whose arms are compared, counted from 0.
        shown: The repetition that the film shows; the most typical one if None.
    """
    arms = arms_of(target, len(result.config.tasks))
    payload = film(result, arms, shown, target)
    return Summary(
        payload,
        target,
        arms,
        result.steps,
        {
            (measure, arm): _band(result, measure, arm, target)
            for measure in MEASURES
            for arm in arms
        },
        _transfers(result),
        {arm: float(result.gains(arm, target)[-1, payload["seed"]]) for arm in arms},
    )


def _band(result: ToyResult, measure: str, arm: Arm, target: int) -> Band:
    if measure == "transfer":
        values = result.gains(arm, target)
    else:
        values = getattr(result, measure)[:, result.arm(arm), target]
    return Band(*paired_interval(values, resplit=resplit_ratio(result.config, target)))


def _transfers(result: ToyResult) -> dict[tuple[Arm, int], Transfer]:
    found = {}
    final = result.accuracy[-1]
    resplit = [resplit_ratio(result.config, task) for task in range(len(result.config.tasks))]
    for arm in result.arms:
        for task in arm if len(arm) > 1 else ():
            together, alone = final[result.arm(arm), task], final[result.arm((task,)), task]
            if np.isfinite(together).all() and np.isfinite(alone).all():
                found[arm, task] = transfer(together, alone, resplit=resplit[task])
    return found
