"""The conflict lab's settings: task gradients as arrows, methods over them."""

import math
from collections.abc import Sequence
from typing import Any, Self

from pydantic import field_validator, model_validator

from mtlviz.engine.combiners import COMBINERS, make_combiner
from mtlviz.errors import unknown_choice
from mtlviz.settings import Settings, Text, setting
from mtlviz.value_text import exact

Vector = tuple[float, float]
Rows = tuple[tuple[float, ...], ...]

REACH = 3.0
"""Greatest coordinate of an arrow."""
MOST_ARROWS = 5

OVERLAYS = tuple(name for name in COMBINERS if not make_combiner(name).remembers)
"""Combiners that a single step decides; those that learn from earlier steps add no arrow."""


def _write_rows(rows: Rows | None) -> str:
    return "_".join(":".join(map(exact, row)) for row in rows or ())


def _read_rows(text: str) -> Rows | None:
    return tuple(tuple(map(float, row.split(":"))) for row in text.split("_") if row) or None


ROWS = Text(_write_rows, lambda text: _read_rows(text) or (), "must be numbers such as 2:0.5_-1:1")
"""Rows of numbers in a link: `2:0.5_-1:1`."""


def _read_order(text: str) -> tuple[int, ...]:
    return tuple(int(digit) - 1 for digit in text if digit.isdecimal() and digit.isascii())


def _order_in_words(order: Sequence[int]) -> str:
    return " ".join(str(task + 1) for task in order)


class ArrowsConfig(Settings):
    """What the arrows of the conflict lab show.

    Attributes:
        arrows: One gradient per task on the plane, shape (K, 2).
        gram: A Gram matrix from elsewhere, shape (K, K), which then replaces the arrows; or None.
        methods: Combiners whose update is drawn.
        match: Whether updates are drawn as long as the plain sum.
        order: The order in which PCGrad's tasks visit the others, counted from 0.
    """

    arrows: tuple[Vector, ...] = setting(
        ((2.2, 0.4), (-0.9, 0.7)), text=ROWS, min_length=2, max_length=MOST_ARROWS
    )
    gram: Rows | None = setting(None, text=Text(_write_rows, _read_rows, ROWS.form))
    methods: tuple[str, ...] = setting(
        ("sum", "pcgrad", "mgda", "cagrad"), "Methods",
        "Whose update is drawn over the gradients. Methods that learn from earlier steps, such as "
        "GradVac (on a single step it is PCGrad), are left out.", parameter="show",
    )  # fmt: skip
    match: bool = setting(
        False, "All as long as the sum",
        "Methods scale their weights differently, which acts as a hidden learning rate. Switch "
        "this on to compare directions alone.",
    )  # fmt: skip
    order: tuple[int, ...] = setting(
        (0, 1), "PCGrad visits in this order",
        "PCGrad draws an order at random; here it is yours: the tasks' numbers, such as 3 1 2. "
        "Every task meets the others in this order.",
        text=Text(lambda order: "".join(str(task + 1) for task in order), _read_order),
        typed=Text(_order_in_words, _read_order),
    )  # fmt: skip

    @property
    def tasks(self) -> int:
        """How many gradients there are."""
        return len(self.arrows if self.gram is None else self.gram)

    def changed(self, **values: object) -> Self:
        """The settings with some changed; other numbers of tasks start from the order 1, 2, ...

        Raises:
            ConfigError: A value is not allowed.
        """
        given: dict[str, Any] = dict(self) | values
        tasks = len(given["arrows"] if given["gram"] is None else given["gram"])
        if "order" not in values and len(given["order"]) != tasks:
            values["order"] = tuple(range(tasks))
        return super().changed(**values)

    def query(self, base: Self | None = None) -> dict[str, str]:
        """The parameters of a link; the usual order of another number of tasks needs no mention."""
        query = super().query(base)
        start = type(self)() if base is None else base
        if self.tasks != start.tasks and self.order == tuple(range(self.tasks)):
            query.pop("order", None)
        return query

    @field_validator("arrows")
    @classmethod
    def _within_reach(cls, arrows: tuple[Vector, ...]) -> tuple[Vector, ...]:
        if any(abs(value) > REACH for arrow in arrows for value in arrow):
            raise ValueError(f"must stay within ±{REACH:g}")
        return arrows

    @field_validator("gram")
    @classmethod
    def _gram_is_square(cls, gram: Rows | None) -> Rows | None:
        if gram is None:
            return None
        tasks = len(gram)
        if not 2 <= tasks <= MOST_ARROWS or any(len(row) != tasks for row in gram):
            raise ValueError(f"must be square, with 2 to {MOST_ARROWS} rows")
        for i in range(tasks):
            for j in range(tasks):
                _check_inner_product(gram, i, j)
        return gram

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        check_names("combiner", self.methods, OVERLAYS)
        if sorted(self.order) != list(range(self.tasks)):
            raise ValueError(
                f"the order must name each of {self.tasks} tasks once, "
                f"got {_order_in_words(self.order)}"
            )
        return self


def check_names(kind: str, names: Sequence[str], known: Sequence[str]) -> None:
    """Check that names are known, inside a validator.

    Raises:
        ValueError: About the first that is not.
    """
    for name in names:
        if name not in known:
            raise ValueError(str(unknown_choice(kind, name, known)).rstrip("."))


def _check_inner_product(gram: Rows, i: int, j: int) -> None:
    """Symmetric, and no cosine beyond ±1."""
    bound = math.sqrt(max(gram[i][i], 0) * max(gram[j][j], 0))
    slack = 1e-6 * max(bound, 1e-300)
    if gram[i][i] < 0 or abs(gram[i][j] - gram[j][i]) > slack or abs(gram[i][j]) > bound + slack:
        raise ValueError(
            f"holds no inner products: entry ({i + 1}, {j + 1}) is {gram[i][j]:g}, "
            f"({j + 1}, {i + 1}) is {gram[j][i]:g}, at most ±{bound:g} is possible"
        )
