"""What walks on a landscape of the conflict lab: settings, and the walk they ask for."""

from typing import Self

from pydantic import model_validator

from mtlviz.settings import Settings, Text, exact, setting
from mtlviz.toy.arrows import ROWS, Vector, check_names
from mtlviz.toy.landscapes.functions import LANDSCAPES
from mtlviz.toy.landscapes.methods import METHODS, Method
from mtlviz.toy.landscapes.optimisers import OPTIMISERS
from mtlviz.toy.landscapes.trajectories import Walk

MOST_STARTS = 8
MOST_STEPS = 500_000


def _write_starts(starts: tuple[Vector, ...]) -> str:
    return "; ".join(f"{exact(x)} {exact(y)}" for x, y in starts)


def _read_starts(text: str) -> tuple[tuple[float, ...], ...]:
    return tuple(tuple(map(float, pair.split())) for pair in text.split(";") if pair.strip())


class WalkConfig(Settings):
    """Who walks where, and how.

    Attributes:
        landscape: Key in LANDSCAPES.
        walkers: Methods that walk on it.
        starts: Where they start; none means the published starts.
        optimiser: Key in OPTIMISERS.
        steps: Updates of each walk.
        rate: Learning rate of each walk.
    """

    landscape: str = setting(
        "cagrad", "Landscape",
        "Two losses over a plane, from the papers. A new one brings its own starts and number of "
        "steps.", choices={name: each.title for name, each in LANDSCAPES.items()},
    )  # fmt: skip
    walkers: tuple[str, ...] = setting(
        ("mean", "pcgrad", "mgda", "cagrad"), "Who walks", "Combiners, FAMO, or one loss alone."
    )
    starts: tuple[Vector, ...] = setting(
        (), "Starts",
        "Two numbers per start, starts separated by semicolons. Leave it empty for the published "
        "ones, or click a picture.", max_length=MOST_STARTS, text=ROWS,
        typed=Text(_write_starts, _read_starts, "must be pairs of numbers separated by semicolons"),
    )  # fmt: skip
    optimiser: str = setting(
        "adam", "Optimiser", "What turns an update into a step. The papers use Adam.",
        choices={name: name for name in OPTIMISERS},
    )  # fmt: skip
    steps: int = setting(
        100_000, "Steps", "Updates of every run. A hundred thousand take some seconds.", low=10,
        high=MOST_STEPS, step=1000, parameter="walk",
    )  # fmt: skip
    rate: float = setting(
        1e-3, "Learning rate", "The optimiser's step size.", high=1, step=1e-3, gt=0
    )

    @property
    def walk_starts(self) -> tuple[Vector, ...]:
        """The chosen starts, or the published ones where none is chosen."""
        return self.starts or LANDSCAPES[self.landscape].starts

    def walk(self, frames: int) -> Walk:
        """The walk that keeps this many places of each path.

        Raises:
            ConfigError: If no method is chosen.
        """
        methods = tuple(map(Method, self.walkers))
        return Walk(self.landscape, methods, self.walk_starts, self.steps, self.optimiser,
                    self.rate, frames)  # fmt: skip

    @model_validator(mode="after")
    def _names_are_known(self) -> Self:
        check_names("method", self.walkers, METHODS)
        check_names("landscape", (self.landscape,), tuple(LANDSCAPES))
        check_names("optimiser", (self.optimiser,), tuple(OPTIMISERS))
        return self
