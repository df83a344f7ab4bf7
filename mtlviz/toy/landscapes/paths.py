"""What is kept of every run on a landscape: at most 400 places, with what happened there."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from mtlviz.toy.landscapes.formulas import Array, Evaluation
from mtlviz.toy.landscapes.functions import LANDSCAPES, Landscape
from mtlviz.toy.landscapes.methods import Method
from mtlviz.toy.landscapes.pairs import Pairs

if TYPE_CHECKING:
    from mtlviz.toy.landscapes.trajectories import Walk

MOST_FRAMES = 400


@dataclass(frozen=True)
class Paths:
    """M methods from S starts at T kept steps. Not-a-number means: no finite number was left.

    Attributes:
        landscape: Key in LANDSCAPES.
        methods: The methods, M.
        starts: Where they started, shape (S, 2).
        steps: Updates done before each frame, shape (T,).
        points: Where they stood, shape (M, S, T, 2).
        losses: Scaled losses there, shape (M, S, T, 2).
        gradients: Gradient of each scaled loss there, row by row, shape (M, S, T, 2, 2).
        weights: Weights the method gives the gradients there, shape (M, S, T, 2).
        cosines: Cosine of the two gradients; not-a-number where one is zero, shape (M, S, T).
    """

    landscape: str
    methods: tuple[Method, ...]
    starts: Array
    steps: NDArray[np.int64]
    points: Array
    losses: Array
    gradients: Array
    weights: Array
    cosines: Array

    @property
    def updates(self) -> Array:
        """What the optimiser is given there: weights times gradients, shape (M, S, T, 2)."""
        return np.einsum("msti,mstid->mstd", self.weights, self.gradients)

    def notes(self) -> list[str]:
        """One sentence for every run that left the finite numbers or ended outside the picture."""
        landscape = LANDSCAPES[self.landscape]
        found = []
        for index, method in enumerate(self.methods):
            for start, points in zip(self.starts, self.points[index], strict=True):
                note = _note(landscape, self.steps, points)
                if note:
                    found.append(f"{method.name} from ({start[0]:g}, {start[1]:g}) {note}")
        return found


def _note(landscape: Landscape, steps: NDArray[np.int64], points: Array) -> str | None:
    """What went wrong on one path of shape (T, 2), or None."""
    lost = ~np.isfinite(points).all(axis=-1)
    if lost.any():
        step = int(steps[lost.argmax()])
        return f"diverged: by step {step:,} its coordinates were no finite numbers any more."
    low, high = np.array(landscape.box).T
    outside = ((points < low) | (points > high)).any(axis=-1)
    if not outside[-1]:
        return None
    left = int(steps[len(steps) - outside[::-1].argmin()]) if not outside.all() else 0
    x, y = points[-1]
    return (
        f"left the picture for good by step {left:,} and stands at ({x:.4g}, {y:.4g}) "
        f"after {int(steps[-1]):,} steps."
    )


def kept_steps(steps: int, frames: int) -> NDArray[np.int64]:
    """Which steps to keep: half evenly spaced, half closer together early on, shape (≤ frames,).

    Always with the first (0) and the last (`steps`).
    """
    even = np.linspace(0, steps, max(2, frames // 2))
    early = np.geomspace(1, steps, frames - len(even)) if frames > 2 else even
    return np.unique(np.rint(np.concatenate([even, early])).astype(np.int64))


class Recorder:
    """Keeps frames as they come; what was handed out is never changed later.

    Args:
        plan: What is walked.
        steps: The steps that will be recorded, in turn.
    """

    def __init__(self, plan: "Walk", steps: NDArray[np.int64]) -> None:
        self._plan, self._steps, self._filled = plan, steps, 0
        count = len(plan.methods) * len(plan.starts)
        # Coordinates, losses, slopes along x and y, weights: two rows each. Then the cosine.
        self._frames = np.empty((len(steps), 11, count))

    def record(self, points: Array, values: Evaluation, pairs: Pairs, weights: Array) -> None:
        """Keep one frame of N runs; `points` and `weights` have shape (2, N)."""
        lengths = pairs.lengths[0] * pairs.lengths[1]
        cosine = np.where(lengths > 0, pairs.inner / lengths, np.nan)
        frame = self._frames[self._filled]
        np.concatenate([points, *values, weights, cosine[None]], out=frame)
        self._filled += 1

    def paths(self) -> Paths:
        """The paths up to now."""
        plan = self._plan
        shape = (self._filled, 11, len(plan.methods), len(plan.starts))
        frames = self._frames[: self._filled].reshape(shape).transpose(2, 3, 0, 1)
        return Paths(
            landscape=plan.landscape,
            methods=plan.methods,
            starts=np.array(plan.starts, dtype=np.float64),
            steps=self._steps[: self._filled],
            points=frames[..., 0:2],
            losses=frames[..., 2:4],
            gradients=np.stack([frames[..., 4:6], frames[..., 6:8]], axis=-1),
            weights=frames[..., 8:10],
            cosines=frames[..., 10],
        )
