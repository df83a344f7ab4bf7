"""Evaluation examples that also stand in a training split: finding, counting, dropping them."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from mtlviz.engine.tasks.matching import Key, keys
from mtlviz.engine.tasks.splitting import take
from mtlviz.engine.tasks.task import Examples, SplitName, Task
from mtlviz.errors import DataError

EVALUATION: tuple[SplitName, ...] = ("dev", "test")
# Task, evaluation split, its examples, and the key of each.
_Evaluated = tuple[str, SplitName, Examples, list[Key]]


@dataclass(frozen=True)
class Leak:
    """What one task's training split gives away of one evaluation split.

    Attributes:
        train_task: Name of the task whose training split is searched.
        evaluation_task: Name of the task that is scored.
        split: Which of its evaluation splits.
        examples: Number of examples in that split.
        positions: Those of them whose text occurs in the training split, in order.
        texts: Their texts, in the same order; the two of a pair joined by " | ".
    """

    train_task: str
    evaluation_task: str
    split: SplitName
    examples: int
    positions: tuple[int, ...]
    texts: tuple[str, ...]

    @property
    def count(self) -> int:
        """Evaluation examples that the training split gives away."""
        return len(self.positions)

    @property
    def share(self) -> float:
        """The same as a share of the evaluation split, 0 to 1."""
        return self.count / self.examples


@dataclass(frozen=True)
class LeakPart:
    """How far a search for leaks is.

    Attributes:
        progress: Share of the work that is done, 0 to 1.
        doing: What comes next, in a few words; empty at the end.
        leaks: What was found; empty before the end.
    """

    progress: float
    doing: str
    leaks: tuple[Leak, ...] = ()


# Looking a text up is so much quicker than reading it and making its key.
_LOOKING_UP = 0.1


def leaks(tasks: Sequence[Task]) -> tuple[Leak, ...]:
    """How much of every evaluation split occurs in every training split, a task's own included.

    Texts are compared without case, blanks and punctuation; a pair matches a pair in either order,
    a single sentence a single sentence. Labels are not compared. One entry per training task,
    evaluation task and evaluation split, in the order of the tasks.
    """
    trained = {task.name: set(keys(task.splits["train"])) for task in tasks}
    return tuple(_found(trained, [entry for task in tasks for entry in _evaluated(task)]))


def search_leaks(
    names: Sequence[str], sizes: Sequence[int], read: Callable[[str], Task]
) -> Iterator[LeakPart]:
    """Find what `leaks` finds, in parts, so that others may work between two of them.

    Args:
        names: What to call each task; they replace the tasks' own names in what is found.
        sizes: Examples of each task, which tell how long it will take.
        read: Reads the task of a name.

    Raises:
        MtlvizError: A task cannot be read.
    """
    trained: dict[str, set[Key]] = {}
    evaluated: list[_Evaluated] = []
    whole, done = max(1, sum(sizes)), 0
    for name, size in zip(names, sizes, strict=True):
        yield LeakPart((1 - _LOOKING_UP) * done / whole, f"reading {name}")
        task = replace(read(name), name=name)
        trained[name] = set(keys(task.splits["train"]))
        yield LeakPart((1 - _LOOKING_UP) * (done + size / 2) / whole, f"reading {name}")
        evaluated += _evaluated(task)
        done += size
    found: list[Leak] = []
    for number, name in enumerate(names):
        share = number / len(names)
        yield LeakPart(1 - _LOOKING_UP * (1 - share), f"searching the train split of {name}")
        found += _found({name: trained[name]}, evaluated)
    yield LeakPart(1.0, "", tuple(found))


def drop_leaked(tasks: Sequence[Task], others: Sequence[Task] = ()) -> tuple[Task, ...]:
    """Remove from every training split the examples that any task's evaluation splits contain.

    Evaluation splits stay as they are, so scores with and without leaked examples are scores on
    the same examples.

    Args:
        tasks: The tasks.
        others: Further tasks, whose evaluation splits are spared as well.

    Raises:
        DataError: A training split would be left empty.
    """
    spared = _evaluations([*tasks, *others])
    forbidden = {key for _, _, examples in spared for key in keys(examples)}
    kept = []
    for task in tasks:
        train = task.splits["train"]
        positions = [index for index, key in enumerate(keys(train)) if key not in forbidden]
        if not positions:
            raise DataError(
                f"Task {task.name!r} has no training example left: each of its {len(train)} also "
                "occurs in an evaluation split of the chosen tasks."
            )
        kept.append(replace(task, splits={**task.splits, "train": take(train, positions)}))
    return tuple(kept)


def _evaluated(task: Task) -> list[_Evaluated]:
    return [
        (task.name, name, examples, keys(examples)) for _, name, examples in _evaluations([task])
    ]


def _found(trained: Mapping[str, set[Key]], evaluated: Sequence[_Evaluated]) -> Iterator[Leak]:
    for train_task, known in trained.items():
        for evaluation_task, split, examples, wanted in evaluated:
            positions = tuple(index for index, key in enumerate(wanted) if key in known)
            texts = tuple(_shown(examples, position) for position in positions)
            yield Leak(train_task, evaluation_task, split, len(examples), positions, texts)


def _evaluations(tasks: Sequence[Task]) -> Iterator[tuple[Task, SplitName, Examples]]:
    for task in tasks:
        for name in EVALUATION:
            if name in task.splits:
                yield task, name, task.splits[name]


def _shown(examples: Examples, position: int) -> str:
    second = () if examples.second is None else (examples.second[position],)
    return " | ".join((examples.first[position], *second))
