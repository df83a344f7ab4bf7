"""What is known of a run's data before it trains: sizes, lengths, leaks, vocabulary."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from mtlviz.engine.config import DataConfig, HeadConfig
from mtlviz.engine.tasks import TASKS, Task, read_task
from mtlviz.engine.tasks.leakage import Leak, drop_leaked, leaks
from mtlviz.engine.tasks.loading import sampled, with_heads
from mtlviz.engine.tasks.task import Examples, Kind
from mtlviz.engine.text_words import split_words

# Lengths of so many examples tell the rest.
_LOOKED_AT = 2000


@dataclass(frozen=True)
class TaskFacts:
    """One task in numbers.

    Attributes:
        name: Its name in the run.
        kind: What is asked.
        outputs: Width of its head's last layer.
        metric: Its main score.
        origin: Where its examples come from, one sentence.
        train: Training examples, after sampling and dropping.
        dev: Development examples.
        test: Test examples; 0 if there are none.
        words: Mean number of words and punctuation marks of an example, of the first text and of
            the second (0 for single texts).
        longest: So many words do 95 % of the examples have at most, both texts together.
        dropped: Training examples left out because an evaluation split contains them.
    """

    name: str
    kind: Kind
    outputs: int
    metric: str
    origin: str
    train: int
    dev: int
    test: int
    words: tuple[float, float]
    longest: int
    dropped: int


@dataclass(frozen=True)
class DataFacts:
    """The data of a run in numbers.

    Attributes:
        tasks: One entry per task, in order.
        leaks: What each training split gives away of each evaluation split, leaks only.
        vocabulary: Words that occur at least twice in the training texts.
        progress: 1; facts come in one part.
    """

    tasks: tuple[TaskFacts, ...]
    leaks: tuple[Leak, ...]
    vocabulary: int
    progress: float = 1.0


def counted(data: DataConfig) -> DataConfig:
    """The settings that a count depends on; the others as they are by default."""
    tasks = tuple(
        task.model_copy(
            update={"head": HeadConfig(), "label_noise": 0.0, "examples_per_epoch": None}
        )
        for task in data.tasks
    )
    spared = data.leak_from if data.drop_leaked else ()
    return DataConfig(tasks=tasks, drop_leaked=data.drop_leaked, leak_from=spared)


def data_facts(config: DataConfig) -> DataFacts:
    """Read the tasks of a run and count; no draw decides a count.

    Raises:
        MtlvizError: If a task cannot be read or is no task.
    """
    whole = tuple(read_task(TASKS, task) for task in config.tasks)
    kept = whole
    if config.drop_leaked:
        kept = drop_leaked(whole, [read_task(TASKS, task) for task in config.leak_from])
    tasks = tuple(
        sampled(task, settings, np.random.default_rng(0))
        for task, settings in zip(kept, config.tasks, strict=True)
    )
    tasks = with_heads(tasks, config.heads)
    found = tuple(leak for leak in leaks(whole) if leak.count)
    facts = tuple(map(_task_facts, tasks, whole, kept))
    return DataFacts(facts, found, _vocabulary(tasks))


def _task_facts(task: Task, whole: Task, kept: Task) -> TaskFacts:
    train = task.splits["train"]
    lengths = _lengths(train)
    return TaskFacts(
        name=task.name,
        kind=task.kind,
        outputs=task.outputs,
        metric=task.metric,
        origin=task.origin,
        train=len(train),
        dev=len(task.splits["dev"]),
        test=len(task.splits.get("test", ())),
        words=(float(lengths[0].mean()), float(lengths[1].mean())),
        longest=int(np.quantile(lengths.sum(axis=0), 0.95)),
        dropped=len(whole.splits["train"]) - len(kept.splits["train"]),
    )


def _lengths(examples: Examples) -> np.ndarray:
    """Words of the first and of the second texts, (2, n), of evenly spaced examples."""
    stride = -(-len(examples) // _LOOKED_AT)
    first = [len(split_words(text)) for text in examples.first[::stride]]
    second = [len(split_words(text)) for text in (examples.second or ())[::stride]]
    return np.array([first, second or [0] * len(first)])


def _vocabulary(tasks: Sequence[Task]) -> int:
    counts = Counter(word for text in _train_texts(tasks) for word in split_words(text))
    return sum(count > 1 for count in counts.values())


def _train_texts(tasks: Sequence[Task]) -> Iterator[str]:
    for task in tasks:
        train = task.splits["train"]
        yield from train.first
        yield from train.second or ()


def worst_leaks(found: Sequence[Leak]) -> Mapping[str, Leak]:
    """Of each task's development split, the training split that gives most of it away."""
    worst: dict[str, Leak] = {}
    for leak in found:
        held = worst.get(leak.evaluation_task)
        if leak.split == "dev" and (held is None or leak.count > held.count):
            worst[leak.evaluation_task] = leak
    return worst
