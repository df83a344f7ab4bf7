"""From settings to checked tasks: read, drop leaked examples, sample, add label noise."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from mtlviz.engine.config import DataConfig, TaskConfig
from mtlviz.engine.kinds import KINDS
from mtlviz.engine.tasks.label_space import check_one_head, in_one_space, of_classes
from mtlviz.engine.tasks.leakage import drop_leaked
from mtlviz.engine.tasks.splitting import take
from mtlviz.engine.tasks.task import Examples, SplitName, Task
from mtlviz.errors import ConfigError, DataError, unknown_choice
from mtlviz.methods import Registry

Source = Callable[..., Task]


def read_task(sources: Registry[Source], config: TaskConfig) -> Task:
    """All examples of a task as its source gives them, checked.

    Raises:
        ConfigError: Unknown source or option, or a value of the wrong kind.
        DataError: The examples do not make a task.
    """
    task = sources[config.source](config.name, config.path, **config.options)
    task = of_classes(task, config.classes)
    check_task(task)
    return task


def sampled(task: Task, config: TaskConfig, generator: np.random.Generator) -> Task:
    """The task with as many examples, and as much label noise, as the settings say.

    Each of the three draws has its own generator, so that changing one number changes no other
    draw; a smaller sample is part of a larger one of the same seed.

    Raises:
        ConfigError: More examples are asked for than there are, or noise for spans.
        DataError: The sample does not make a task.
    """
    for_train, for_dev, for_noise = (
        np.random.default_rng(seed) for seed in generator.integers(2**63, size=3)
    )
    splits = dict(task.splits)
    splits["train"] = _sample(task, "train", config.train_examples, for_train)
    splits["dev"] = _sample(task, "dev", config.dev_examples, for_dev)
    if config.label_noise:
        splits["train"] = _with_noise(task, splits["train"], config.label_noise, for_noise)
    chosen = replace(task, splits=splits)
    check_task(chosen)
    return chosen


def load_all(
    sources: Mapping[str, Source], config: DataConfig, generator: np.random.Generator
) -> tuple[Task, ...]:
    """Every task of the settings; what one task draws does not depend on the others."""
    tasks = tuple(read_task(sources, task) for task in config.tasks)
    if config.drop_leaked:
        tasks = drop_leaked(tasks, [read_task(sources, task) for task in config.leak_from])
    root = int(generator.integers(2**63))
    found = tuple(
        sampled(task, settings, np.random.default_rng([root, crc32(task.name.encode())]))
        for task, settings in zip(tasks, config.tasks, strict=True)
    )
    return with_heads(found, config.heads)


def with_heads(tasks: tuple[Task, ...], heads: str) -> tuple[Task, ...]:
    """The tasks as the heads see them: one that grows has the classes of all.

    Raises:
        ConfigError: They cannot be answered by one head, but should be.
    """
    if heads == "growing":
        return in_one_space(tasks)
    if heads == "one":
        check_one_head(tasks)
    return tasks


def check_task(task: Task) -> None:
    """Check that a task can be trained and scored.

    Raises:
        ConfigError: The metric does not fit the kind of task.
        DataError: A split is missing, empty or uneven, a label is outside its range, or the
            training split has one class.
    """
    kind = KINDS[task.kind]
    if task.metric not in kind.metrics:
        raise unknown_choice(f"metric of a {task.kind} task", task.metric, kind.metrics)
    for name in ("train", "dev"):
        if not len(task.splits.get(name, ())):
            raise DataError(f"Task {task.name!r} has no examples in its {name} split.")
    for name, examples in task.splits.items():
        _check_examples(task, name, examples)
    kind.check_training(task)


def _check_examples(task: Task, name: SplitName, examples: Examples) -> None:
    counts = {len(part) for part in (examples.ids, examples.first, examples.labels)}
    if examples.second is not None:
        counts.add(len(examples.second))
    if len(counts) > 1:
        raise DataError(f"Task {task.name!r}, {name}: texts and labels differ in number.")
    labels = examples.labels
    if not np.isfinite(labels).all():
        raise DataError(f"Task {task.name!r}, {name}: a score is not a finite number.")
    KINDS[task.kind].check(task, name, labels)


def _sample(
    task: Task, split: SplitName, count: int | None, generator: np.random.Generator
) -> Examples:
    examples = task.splits[split]
    if count is None:
        return examples
    if count > len(examples):
        raise ConfigError(
            f"Task {task.name!r} was asked for {count:,} {split} examples "
            f"but has {len(examples):,}."
        )
    return take(examples, np.sort(generator.permutation(len(examples))[:count]))


def _with_noise(
    task: Task, examples: Examples, share: float, generator: np.random.Generator
) -> Examples:
    """The share of labels, rounded, replaced by random ones, which may be the right ones."""
    labels: NDArray = examples.labels.copy()
    chosen = generator.permutation(len(labels))[: round(share * len(labels))]
    labels[chosen] = KINDS[task.kind].noise(task, labels, len(chosen), generator)
    return replace(examples, labels=labels)
