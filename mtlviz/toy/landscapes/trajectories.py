"""All methods from all starts on a landscape, walked as one batch; and where some of them end."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from mtlviz.errors import ConfigError, unknown_choice
from mtlviz.toy.landscapes.formulas import Array, Evaluation
from mtlviz.toy.landscapes.functions import LANDSCAPES, Landscape
from mtlviz.toy.landscapes.methods import Method, Rule, make_rule
from mtlviz.toy.landscapes.optimisers import OPTIMISERS
from mtlviz.toy.landscapes.pairs import Pairs
from mtlviz.toy.landscapes.paths import MOST_FRAMES, Paths, Recorder, kept_steps

Triple = tuple[float, float, float]
_REPORTS = 50


@dataclass(frozen=True)
class Walk:
    """What to walk.

    Attributes:
        landscape: Key in LANDSCAPES.
        methods: Methods, M of them.
        starts: Starting points, S of them.
        steps: Updates of each run.
        optimiser: Key in OPTIMISERS.
        rate: Learning rate of the points.
        frames: Most places kept of each path.

    Raises:
        ConfigError: If a value is unknown or not allowed.
    """

    landscape: str
    methods: tuple[Method, ...]
    starts: tuple[tuple[float, float], ...]
    steps: int
    optimiser: str = "adam"
    rate: float = 1e-3
    frames: int = MOST_FRAMES

    def __post_init__(self) -> None:
        if self.landscape not in LANDSCAPES:
            raise unknown_choice("landscape", self.landscape, LANDSCAPES)
        if self.optimiser not in OPTIMISERS:
            raise unknown_choice("optimiser", self.optimiser, OPTIMISERS)
        if not self.methods:
            raise ConfigError("A walk needs at least one method, got none.")
        starts = np.array(self.starts, dtype=np.float64)
        if starts.ndim != 2 or starts.shape[1] != 2 or not np.isfinite(starts).all():
            raise ConfigError(f"Starts must be pairs of finite numbers, got {self.starts}.")
        if self.steps < 1:
            raise ConfigError(f"`steps` must be at least 1, got {self.steps}.")
        if not 0 < self.rate < np.inf:
            raise ConfigError(f"`rate` must be a finite number above 0, got {self.rate}.")
        if not 2 <= self.frames <= MOST_FRAMES:
            raise ConfigError(f"`frames` must lie between 2 and {MOST_FRAMES}, got {self.frames}.")


@dataclass(frozen=True)
class Progress:
    """How far the walk is.

    Attributes:
        done: Updates done.
        total: Updates asked for.
        paths: Every path so far.
    """

    done: int
    total: int
    paths: Paths


def walk(plan: Walk, generator: np.random.Generator) -> Iterator[Progress]:
    """Walk all methods from all starts; reports about 50 times, the last time with whole paths.

    To cancel, ask for no further report. A run whose numbers stop being finite stays among the
    others as not-a-number; `Paths.notes` says so in words.

    Args:
        plan: What to walk.
        generator: Source of a combiner's randomness; on two tasks none changes its update.

    Raises:
        ConfigError: If a method or one of its options is unknown or not allowed.
    """
    batch = _Batch(plan, generator)
    kept = kept_steps(plan.steps, plan.frames)
    recorder = Recorder(plan, kept)
    marks, every = set(kept.tolist()), max(1, plan.steps // _REPORTS)
    for step in range(plan.steps + 1):
        # Entered anew for each stretch, so that no setting leaks to the caller between reports.
        with np.errstate(all="ignore"):
            values, pairs, weights = batch.look()
            if step in marks:
                recorder.record(batch.points, values, pairs, weights)
            if step < plan.steps:
                batch.move(values, weights)
        if step == plan.steps or (step and step % every == 0):
            yield Progress(step, plan.steps, recorder.paths())


class _Batch:
    """N = M · S runs, those of one method beside each other."""

    def __init__(self, plan: Walk, generator: np.random.Generator) -> None:
        self._landscape: Landscape = LANDSCAPES[plan.landscape]
        count = len(plan.starts)
        self._rules: list[tuple[slice, Rule]] = [
            (
                slice(index * count, (index + 1) * count),
                make_rule(method, self._landscape, count, generator),
            )
            for index, method in enumerate(plan.methods)
        ]
        self.points = np.tile(np.array(plan.starts, dtype=np.float64).T, len(plan.methods))
        self._optimiser = OPTIMISERS[plan.optimiser](self.points, plan.rate)
        self._weights = np.empty_like(self.points)
        self._update = np.empty_like(self.points)

    def look(self) -> tuple[Evaluation, Pairs, Array]:
        """Losses and gradients where the runs stand, and each method's weights there (2, N)."""
        values = self._landscape.evaluate(self.points[0], self.points[1])
        pairs = _pairs(values)
        for columns, rule in self._rules:
            self._weights[:, columns] = rule(pairs.part(columns), values.losses[:, columns])
        return values, pairs, self._weights

    def move(self, values: Evaluation, weights: Array) -> None:
        """One update of every run."""
        np.add(*(weights * values.along_first), out=self._update[0])
        np.add(*(weights * values.along_second), out=self._update[1])
        self._optimiser.step(self._update)


def _pairs(values: Evaluation) -> Pairs:
    (x1, x2), (y1, y2) = values.along_first, values.along_second
    squared = values.along_first * values.along_first + values.along_second * values.along_second
    return Pairs(squared, np.sqrt(squared), x1 * x2 + y1 * y2, x1 * y2 - y1 * x2)


def last(plan: Walk, generator: np.random.Generator) -> Paths:
    """The whole paths, without reports on the way."""
    for progress in walk(plan, generator):
        paths = progress.paths
    return paths


@dataclass(frozen=True)
class Told:
    """Coordinate x₁ at the end of 100,000 steps of Adam (1e-3) from the three published starts.

    Attributes:
        here: With the method's exact formula.
        moved: Least and greatest over nine starts within 1e-9 of the published one.
        added: With 1e-8 added to the denominators, or None where it was not tried.
    """

    here: Triple
    moved: tuple[tuple[float, float], tuple[float, float], tuple[float, float]]
    added: Triple | None


# Measured; slow tests hold the numbers.
TOLD: dict[str, Told] = {
    "pcgrad": Told(
        (-2.58, -6.43, 2.28), ((-4.04, -2.09), (-6.43, -6.43), (2.09, 4.0)), (0.0, 0.0, 0.0)
    ),
    "mgda": Told(
        (-3.32, -6.99, 3.33), ((-3.32, -3.32), (-6.99, -6.99), (3.33, 3.33)), (-5.81, -7.0, -3.62)
    ),
    "nash": Told(
        (-2.9, -6.26, 2.9), ((-2.9, -2.9), (-6.26, -6.26), (2.9, 2.9)), (-2.91, -6.45, 2.93)
    ),
    "imtl_g": Told((-2.39, -6.65, 2.25), ((-2.41, -2.29), (-6.69, -6.65), (2.14, 2.25)), None),
    "cagrad": Told((0.0, 0.0, 0.0), ((0.0, 0.0), (0.0, 0.0), (0.0, 0.0)), None),
}
