"""The conflict lab's settings: task gradients as arrows, methods over them, a landscape."""

import math
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from mtlviz.engine.combiners import COMBINERS, make_combiner
from mtlviz.errors import ConfigError, unknown_choice
from mtlviz.toy.landscapes.functions import LANDSCAPES
from mtlviz.toy.landscapes.methods import METHODS
from mtlviz.toy.landscapes.optimisers import OPTIMISERS

Vector = tuple[float, float]

REACH = 3.0
"""Greatest coordinate of an arrow."""
MOST_ARROWS = 5
MOST_STARTS = 8
MOST_STEPS = 500_000

OVERLAYS = tuple(name for name in COMBINERS if not make_combiner(name).remembers)
"""Combiners that a single step decides; those that learn from earlier steps add no arrow."""


class ArrowsConfig(BaseModel):
    """Everything that decides what the conflict lab shows.

    Attributes:
        arrows: One gradient per task on the plane, shape (K, 2).
        gram: A Gram matrix from elsewhere, shape (K, K), which then replaces the arrows; or None.
        methods: Combiners whose update is drawn.
        match: Whether updates are drawn as long as the plain sum.
        order: The order in which PCGrad's tasks visit the others, counted from 0.
        landscape: Key in LANDSCAPES.
        walkers: Methods that walk on it.
        starts: Where they start; none means the published starts.
        optimiser: Key in OPTIMISERS.
        steps: Updates of each walk.
        rate: Learning rate of each walk.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    arrows: tuple[Vector, ...] = Field(
        ((2.2, 0.4), (-0.9, 0.7)), min_length=2, max_length=MOST_ARROWS
    )
    gram: tuple[tuple[float, ...], ...] | None = None
    methods: tuple[str, ...] = ("sum", "pcgrad", "mgda", "cagrad")
    match: bool = False
    order: tuple[int, ...] = (0, 1)
    landscape: str = "cagrad"
    walkers: tuple[str, ...] = ("mean", "pcgrad", "mgda", "cagrad")
    starts: tuple[Vector, ...] = Field((), max_length=MOST_STARTS)
    optimiser: str = "adam"
    steps: int = Field(100_000, ge=10, le=MOST_STEPS)
    rate: float = Field(1e-3, gt=0, le=1)

    @property
    def tasks(self) -> int:
        """How many gradients there are."""
        return len(self.arrows if self.gram is None else self.gram)

    @property
    def walk_starts(self) -> tuple[Vector, ...]:
        """The chosen starts, or the published ones where none is chosen."""
        return self.starts or LANDSCAPES[self.landscape].starts

    @field_validator("arrows")
    @classmethod
    def _within_reach(cls, arrows: tuple[Vector, ...]) -> tuple[Vector, ...]:
        if any(abs(value) > REACH for arrow in arrows for value in arrow):
            raise ValueError(f"arrows must stay within ±{REACH:g}, got {arrows}")
        return arrows

    @field_validator("gram")
    @classmethod
    def _gram_is_square(
        cls, gram: tuple[tuple[float, ...], ...] | None
    ) -> tuple[tuple[float, ...], ...] | None:
        if gram is None:
            return None
        tasks = len(gram)
        if not 2 <= tasks <= MOST_ARROWS or any(len(row) != tasks for row in gram):
            raise ValueError(f"a Gram matrix must be square, 2 to {MOST_ARROWS} rows, got {gram}")
        for i in range(tasks):
            for j in range(tasks):
                _check_inner_product(gram, i, j)
        return gram

    @model_validator(mode="after")
    def _names_are_known(self) -> Self:
        for kind, names, known in (
            ("combiner", self.methods, OVERLAYS),
            ("method", self.walkers, METHODS),
            ("landscape", (self.landscape,), tuple(LANDSCAPES)),
            ("optimiser", (self.optimiser,), tuple(OPTIMISERS)),
        ):
            for name in names:
                if name not in known:
                    raise ValueError(str(unknown_choice(kind, name, known)).rstrip("."))
        if sorted(self.order) != list(range(self.tasks)):
            raise ValueError(
                f"the order must name each of {self.tasks} tasks once, "
                f"got {' '.join(str(task + 1) for task in self.order)}"
            )
        return self


def _check_inner_product(gram: tuple[tuple[float, ...], ...], i: int, j: int) -> None:
    """Symmetric, and no cosine beyond ±1."""
    bound = math.sqrt(max(gram[i][i], 0) * max(gram[j][j], 0))
    slack = 1e-6 * max(bound, 1e-300)
    if gram[i][i] < 0 or abs(gram[i][j] - gram[j][i]) > slack or abs(gram[i][j]) > bound + slack:
        raise ValueError(
            f"these are no inner products: entry ({i + 1}, {j + 1}) is {gram[i][j]:g}, "
            f"({j + 1}, {i + 1}) is {gram[j][i]:g}, at most ±{bound:g} is possible"
        )


def changed(config: ArrowsConfig, **values: object) -> ArrowsConfig:
    """The settings with some values changed, checked.

    With another number of tasks PCGrad's order starts again from 1, 2, ...

    Raises:
        ConfigError: One sentence about the first value that is not allowed.
    """
    given: dict[str, Any] = {name: getattr(config, name) for name in ArrowsConfig.model_fields}
    given |= values
    tasks = len(given["arrows"] if given["gram"] is None else given["gram"])
    if "order" not in values and len(given["order"]) != tasks:
        given["order"] = tuple(range(tasks))
    try:
        return ArrowsConfig.model_validate(given)
    except ValidationError as error:
        raise ConfigError(_sentence(error)) from None


def _sentence(error: ValidationError) -> str:
    first = error.errors()[0]
    where = ".".join(str(part) for part in first["loc"])
    message = first["msg"].removeprefix("Value error, ")
    given = "" if first["type"] == "value_error" else f", got {first['input']!r:.60}"
    return f"{f'`{where}`: ' if where else ''}{message}{given}."
