"""Presets of the conflict lab: a few arrows that each show one thing."""

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from mtlviz.toy.arrows import ArrowsConfig, Vector


@dataclass(frozen=True)
class ArrowPreset:
    """Settings with a story: what to look at, what to try."""

    title: str
    story: str
    config: ArrowsConfig


def _at(*degrees: float) -> tuple[Vector, ...]:
    """Arrows of length 1 in these directions."""
    return tuple(
        (round(float(np.cos(angle)), 6), round(float(np.sin(angle)), 6))
        for angle in np.radians(degrees)
    )


ARROW_PRESETS: Mapping[str, ArrowPreset] = {
    "conflict": ArrowPreset(
        "Two at an obtuse angle",
        "The two gradients form an obtuse angle: what is good for one task is bad for the other. "
        "Drag a tip until the shaded cone, where every task gains, takes in the plain sum.",
        ArrowsConfig(),
    ),
    "sharp": ArrowPreset(
        "Two at a sharp angle",
        "The angle is sharp, so there is nothing to repair: PCGrad is the plain sum. "
        "Which methods change the update all the same?",
        ArrowsConfig(arrows=((2.0, 0.4), (1.2, 1.4))),
    ),
    "four_to_one": ArrowPreset(
        "One four times as long",
        "Task 1's gradient is four times as long and outvotes task 2 in the sum. "
        "Which method gives task 2 most, and what does that cost task 1?",
        ArrowsConfig(
            arrows=((2.4, 0.0), (-0.36, 0.48)), methods=("sum", "pcgrad", "mgda", "imtl_g", "nash")
        ),
    ),
    "three": ArrowPreset(
        "Three at 0, 160 and 200 degrees",
        "Three equally long gradients. PCGrad's update depends on who is visited first: change "
        "the order, and it jumps. Scroll down for all six orders at once.",
        ArrowsConfig(arrows=_at(0, 160, 200), methods=("sum", "pcgrad", "upgrad"), order=(1, 2, 0)),
    ),
    "report": ArrowPreset(
        "SST, PARA and STS: what one report prints",
        "One example of each task (1 SST, 2 PARA, 3 STS) early in training, from Iyer's CS224N "
        "report, section 6.2. Printed are one cosine, 0.7 between PARA and STS, and that SST's is "
        "negative with both; no lengths, no other angle, and the report's figure shows two of "
        "millions of parameters. So all lengths are 1 here, and where SST points is **our** "
        "choice. Drag arrow 1 while both its cosines stay negative: which sentences stay true?",
        ArrowsConfig(
            arrows=_at(210, 100, 100 - math.degrees(math.acos(0.7))),
            methods=("sum", "pcgrad", "mgda"),
            order=(0, 1, 2),
        ),
    ),
    "opposite": ArrowPreset(
        "Opposite gradients",
        "Nothing helps both tasks: PCGrad's update is zero and training stops, though neither "
        "task is done. Theorem 1 of the paper allows for just this.",
        ArrowsConfig(arrows=((1.6, 0.0), (-1.0, 0.0)), methods=("sum", "pcgrad", "mgda")),
    ),
    "crowd": ArrowPreset(
        "Five tasks",
        "With many tasks pairs conflict even where all agree on the whole. Look at the column of "
        "predicted changes: who is left behind by which method?",
        ArrowsConfig(
            arrows=((2.0, 0.5), (1.4, 1.6), (0.2, 1.5), (-1.0, 1.2), (1.2, -0.9)),
            methods=("sum", "pcgrad", "upgrad", "cagrad"),
            order=(0, 1, 2, 3, 4),
        ),
    ),
}

RENAMED: Mapping[str, str] = {"agreeing": "sharp", "dominates": "four_to_one", "orders": "three"}
"""Presets by the names that older links have, which told what they show."""
