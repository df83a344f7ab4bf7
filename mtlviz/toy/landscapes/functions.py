"""LANDSCAPES: two losses on a plane, small enough to draw every step of every method."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from mtlviz.errors import ConfigError
from mtlviz.toy.landscapes.formulas import (
    CLAMP,
    Array,
    Evaluation,
    bowl_front,
    meeting_line,
    surgery_valleys,
    two_valleys,
)

Point = tuple[float, float]


@dataclass(frozen=True)
class Landscape:
    """Two losses on a plane, with the settings under which they were published.

    Attributes:
        name: Key in LANDSCAPES.
        title: Name to show.
        story: One sentence on what to look for.
        source: Where it was published.
        formula: The unscaled losses and slopes at N places.
        scales: What each loss is multiplied by before training.
        box: Least and greatest value shown, first axis and then second.
        starts: Published starting points.
        steps: Published number of steps.
        floors: Numbers below the scaled losses, subtracted by methods that take logarithms (FAMO).
        optima: Best points of task 1, of task 2 and of the mean of the scaled losses.
        front: Draws the Pareto set: number of points to coordinates of shape (points, 2).
    """

    name: str
    title: str
    story: str
    source: str
    formula: Callable[[Array, Array], Evaluation]
    scales: tuple[float, float]
    box: tuple[Point, Point]
    starts: tuple[Point, ...]
    steps: int
    floors: tuple[float, float]
    optima: dict[str, Point]
    front: Callable[[int], Array]

    def evaluate(self, first: Array, second: Array) -> Evaluation:
        """Scaled losses and slopes at N places, given by their two coordinates of shape (N,)."""
        values = self.formula(first, second)
        if self.scales == (1.0, 1.0):
            return values
        scale = np.array(self.scales)[:, None]
        return Evaluation(*(scale * part for part in values))

    def losses(self, points: Array) -> Array:
        """Both scaled losses at points of shape (..., 2), shape (..., 2).

        Raises:
            ConfigError: If the points do not have two coordinates.
        """
        return self._flat(points).losses.T.reshape(np.shape(points))

    def gradients(self, points: Array) -> Array:
        """Gradient of each scaled loss, row by row, at points of shape (..., 2), (..., 2, 2).

        Raises:
            ConfigError: If the points do not have two coordinates.
        """
        values = self._flat(points)
        gradients = np.stack([values.along_first, values.along_second], axis=-1)
        return gradients.swapaxes(0, 1).reshape(*np.shape(points), 2)

    def pareto_set(self, points: int = 201) -> Array:
        """Where no step helps one task without hurting the other, shape (points, 2).

        Computed, not the straight segment that papers draw. Scaling a loss does not move it.

        Raises:
            ConfigError: If fewer than 2 points are asked for.
        """
        if points < 2:
            raise ConfigError(f"The Pareto set needs at least 2 points, got {points}.")
        return self.front(points)

    def _flat(self, points: Array) -> Evaluation:
        points = np.asarray(points, dtype=np.float64)
        if points.shape[-1:] != (2,):
            raise ConfigError(f"Points need two coordinates, got an array of {points.shape}.")
        return self.evaluate(*points.reshape(-1, 2).T)


_BOX = ((-11.0, 11.0), (-11.0, 11.0))
# Minima to five places, found by Nelder-Mead to 1e-9.
_TASK_OPTIMA = {"task 1": (7.0, -8.43446), "task 2": (-7.0, -8.43446)}
# From θ₂ = ½ log(2/clamp − 1) on both losses lie on their floor around θ₁ = −2.
_MEETING = (-2.0, float(np.log(2 / CLAMP - 1) / 2))

LANDSCAPES: dict[str, Landscape] = {
    landscape.name: landscape
    for landscape in (
        Landscape(
            "cagrad",
            "Two valleys (CAGrad)",
            "Plain training gets stuck in a valley from two of the three published starts.",
            "Liu et al., NeurIPS 2021 (CAGrad), Figure 3 and toy.py",
            two_valleys,
            (1.0, 1.0),
            _BOX,
            ((-8.5, 7.5), (-8.5, -5.0), (9.0, 9.0)),
            100_000,
            (-21.0, -21.0),
            {**_TASK_OPTIMA, "mean": (0.0, -8.35511)},
            bowl_front,
        ),
        Landscape(
            "nash",
            "Two valleys, task 1 ten times smaller (Nash-MTL, FAMO)",
            "The larger loss wins the plain mean: most runs end near the best point of task 2.",
            "Navon et al., ICML 2022 (Nash-MTL), and Liu et al., NeurIPS 2023 (FAMO), code",
            two_valleys,
            (0.1, 1.0),
            _BOX,
            ((-8.5, 7.5), (0.0, 0.0), (9.0, 9.0), (-7.5, -0.5), (9.0, -1.0)),
            35_000,
            (-2.1, -21.0),
            {**_TASK_OPTIMA, "mean": (-63 / 11, -8.4094)},
            bowl_front,
        ),
        Landscape(
            "pcgrad",
            "Meeting valleys (PCGrad)",
            "Plain training stalls on the wall of one valley; PCGrad walks on to where both meet.",
            "Yu et al., NeurIPS 2020 (PCGrad), Appendix D",
            surgery_valleys,
            (1.0, 1.0),
            ((-6.0, 4.0), (-4.0, 8.0)),
            ((0.5, -3.0),),
            500_000,
            (20 * float(np.log(CLAMP)) - 1, 25 * float(np.log(CLAMP)) - 1),
            {"task 1": _MEETING, "task 2": _MEETING, "mean": _MEETING},
            meeting_line,
        ),
    )
}
