"""PARTS: what can be measured, by name."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from mtlviz.bench.result import Table
from mtlviz.bench.shape import Shape

_COUNTS = (2, 3, 8, 16, 32)
Told = Callable[[float], None]


@dataclass(frozen=True)
class Order:
    """How to measure.

    Attributes:
        shape: Sizes of the encoder and its batches, device and number format.
        rounds: Interleaved rounds.
        threads: CPU threads.
        checkpoint: Pretrained encoder of the course report's runs; empty for a random one.
        quick: Whether these runs are the presets for CPUs.
        students: Size of the class.
        seconds: How long the class looks at other updates.
    """

    shape: Shape
    rounds: int = 5
    threads: int = 1
    checkpoint: str = ""
    quick: bool = True
    students: int = 30
    seconds: float = 60.0


@dataclass(frozen=True)
class Part:
    """Something that can be measured.

    Attributes:
        text: What it measures, for the help.
        measure: Gives its tables.
        named_only: Whether it is left out unless it is named.
    """

    text: str
    measure: Callable[[Order, Told], Iterator[Table]]
    named_only: bool = False


# Each imports what it needs when it is measured, so that help is instant.
def _steps(order: Order, told: Told) -> Iterator[Table]:
    from mtlviz.bench.steps import step_costs

    yield step_costs(order.shape, order.rounds, told)


def _memory(order: Order, told: Told) -> Iterator[Table]:
    from mtlviz.bench.steps import step_memory

    yield step_memory(order.shape, order.threads, told)


def _tasks(order: Order, told: Told) -> Iterator[Table]:
    from mtlviz.bench.steps import tasks_costs

    yield tasks_costs(replace(order.shape, batch=8), _COUNTS, order.rounds, told)


def _toy(order: Order, told: Told) -> Iterator[Table]:
    from mtlviz.bench.toy_speed import toy_costs

    yield toy_costs(order.rounds, told)


def _data(order: Order, told: Told) -> Iterator[Table]:
    from mtlviz.bench.pipeline import pipeline_costs

    yield pipeline_costs(order.shape, order.rounds, told)


def _course(order: Order, told: Told) -> Iterator[Table]:
    from mtlviz.bench.course import course_costs

    yield course_costs(order.shape, order.checkpoint, order.quick, told)


def _app(order: Order, told: Told) -> Iterator[Table]:
    from mtlviz.bench.app_speed import app_costs

    yield app_costs(order.rounds, order.threads, told)


def _class(order: Order, told: Told) -> Iterator[Table]:
    from mtlviz.bench.classroom import class_costs
    from mtlviz.bench.lesson import Class

    yield from class_costs(Class(order.students, order.seconds), order.threads, told)


PARTS: dict[str, Part] = {
    "steps": Part("one update by every combiner, and by other libraries where installed", _steps),
    "memory": Part("peak memory of an update", _memory),
    "tasks": Part("cost per task from 2 to 32 tasks", _tasks),
    "toy": Part("the toy against a loop of modules", _toy),
    "data": Part("texts to batches", _data),
    "s1": Part(
        "the course report's comparison (classic, PCGrad, round robin) from start to end",
        _course,
        named_only=True,
    ),
    "app": Part("how fast the app answers, without a browser", _app, named_only=True),
    "class": Part("a class of thirty on one server, about four minutes", _class, named_only=True),
}


def described() -> str:
    """What each part measures, for the help."""
    return "Parts: " + "; ".join(f"{name}: {part.text}" for name, part in PARTS.items()) + "."
