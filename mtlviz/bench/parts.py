"""PARTS: what can be measured, by name."""

import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from importlib import import_module
from pathlib import Path
from types import ModuleType

from mtlviz.bench.result import Table
from mtlviz.bench.shape import Shape
from mtlviz.errors import ConfigError

_CHECKOUT = Path(__file__).parents[2]
"""Where mtlviz is taken from; in a checkout the app's clients stand beside it, with the tests."""
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
        seconds: How long the class does each thing, once within ten seconds.
    """

    shape: Shape
    rounds: int = 5
    threads: int = 1
    checkpoint: str = ""
    quick: bool = True
    students: int = 30
    seconds: float = 10.0


@dataclass(frozen=True)
class Part:
    """Something that can be measured.

    Attributes:
        text: What it measures, for the help.
        measure: Gives its tables.
        named_only: Whether it is left out unless it is named.
        checkout_only: Whether it asks a served app, by clients that no installed package holds.
    """

    text: str
    measure: Callable[[Order, Told], Iterator[Table]]
    named_only: bool = False
    checkout_only: bool = False


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


def _sharing(order: Order, told: Told) -> Iterator[Table]:
    from mtlviz.bench.sharing import sharing_memory, sharing_times

    yield sharing_times(order.shape, order.rounds, told)
    yield sharing_memory(order.shape, order.threads, told)


def _processes(order: Order, told: Told) -> Iterator[Table]:
    from mtlviz.bench.processes import process_costs

    yield from process_costs(order.shape, order.rounds, told)


def _toy(order: Order, told: Told) -> Iterator[Table]:
    from mtlviz.bench.toy_speed import toy_costs

    yield toy_costs(order.rounds, told)


def _data(order: Order, told: Told) -> Iterator[Table]:
    from mtlviz.bench.steps import pipeline_costs

    yield pipeline_costs(order.shape, order.rounds, told)


def _course(order: Order, told: Told) -> Iterator[Table]:
    from mtlviz.bench.course import course_costs

    yield course_costs(order.shape, order.checkpoint, order.quick, told)


def _app(order: Order, told: Told) -> Iterator[Table]:
    yield _client("app_speed").app_costs(order.rounds, order.threads, told)


def _class(order: Order, told: Told) -> Iterator[Table]:
    class_ = _client("lesson").Class(order.students, order.seconds)
    yield from _client("classroom").class_costs(class_, order.threads, told)


def _client(module: str) -> ModuleType:
    """A module of what asks a served app."""
    # A checkout's own command has this folder on its path, one started from elsewhere need not.
    if str(_CHECKOUT) not in sys.path:
        sys.path.insert(0, str(_CHECKOUT))
    return import_module(f"tests.benchmarks.served.{module}")


def check_parts(names: Iterable[str]) -> None:
    """Refuse parts that are not known, and those that cannot be measured from here.

    Raises:
        ConfigError: If there is one.
    """
    for name in names:
        if name not in PARTS:
            raise ConfigError(f"Unknown part {name!r}. Known: {', '.join(PARTS)}.")
        if PARTS[name].checkout_only and not (_CHECKOUT / "tests/benchmarks/served").is_dir():
            here = ", ".join(name for name, part in PARTS.items() if not part.checkout_only)
            raise ConfigError(
                f"Part {name!r} is measured from a checkout of the project only, by clients in its "
                f"tests/benchmarks, and mtlviz is installed without them. Parts here: {here}."
            )


PARTS: dict[str, Part] = {
    "steps": Part("one update by every combiner, and by other libraries where installed", _steps),
    "memory": Part("peak memory of an update", _memory),
    "tasks": Part("cost per task from 2 to 32 tasks", _tasks),
    "sharing": Part(
        "time and memory of an update by way of sharing, against training everything",
        _sharing,
        named_only=True,
    ),
    "processes": Part(
        "an update by two processes with a thread each, against one with two", _processes, True
    ),
    "toy": Part("the toy against a loop of modules", _toy),
    "data": Part("texts to batches", _data),
    "s1": Part(
        "the course report's comparison (classic, PCGrad, round robin) from start to end",
        _course,
        named_only=True,
    ),
    "app": Part("how fast the app answers, without a browser (from a checkout)", _app, True, True),
    "class": Part(
        "a class of thirty on one server, about two minutes (from a checkout)", _class, True, True
    ),
}


def described() -> str:
    """What each part measures, for the help."""
    return "Parts: " + "; ".join(f"{name}: {part.text}" for name, part in PARTS.items()) + "."
