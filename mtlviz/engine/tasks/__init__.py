"""Tasks: what is asked of which text. To add a source, write one file and one line here."""

import numpy as np

from mtlviz.engine.config import DataConfig, HeadConfig, TaskConfig
from mtlviz.engine.tasks.cs224n import cs224n
from mtlviz.engine.tasks.folder import folder
from mtlviz.engine.tasks.hub import hub
from mtlviz.engine.tasks.loading import Source, load_all, read_task, sampled
from mtlviz.engine.tasks.squad import squad
from mtlviz.engine.tasks.synthetic import synthetic
from mtlviz.engine.tasks.table import table
from mtlviz.engine.tasks.task import Task
from mtlviz.methods import Registry

TASKS: Registry[Source] = Registry("source", {
    "synthetic": synthetic,
    "folder": folder,
    "cs224n": cs224n,
    "squad": squad,
    "hub": hub,
    "table": table,
})  # fmt: skip


def load_task(config: TaskConfig, generator: np.random.Generator) -> Task:
    """One task, sampled and checked.

    Args:
        config: Where its examples come from, and how many of them.
        generator: Draws the examples and the label noise.

    Raises:
        ConfigError: A setting is wrong.
        DataError: A file or the task made of it is wrong.
        OfflineError: A data set of the hub cannot be fetched.
    """
    return sampled(read_task(TASKS, config), config, generator)


def load_tasks(config: DataConfig, generator: np.random.Generator) -> tuple[Task, ...]:
    """All tasks of a run, in order.

    A task's sample depends on the generator's seed and on its own name and settings, not on the
    other tasks, so that training alone and together see the same examples. The exception is
    `drop_leaked`, which removes what the evaluation splits of these tasks, and of those in
    `leak_from`, contain.

    Args:
        config: The tasks, and whether leaked training examples are dropped.
        generator: Draws the examples and the label noise.

    Raises:
        ConfigError: A setting is wrong.
        DataError: A file or a task made of it is wrong.
        OfflineError: A data set of the hub cannot be fetched.
    """
    return load_all(TASKS, config, generator)


def default_tasks() -> tuple[TaskConfig, ...]:
    """The four built-in tasks the app opens with.

    "letters" has few examples and asks what "reviews" asks in many, largely of the same words: it
    gains from sharing. "similarity" calls the praising and the blaming word for one trait the same,
    which the first two must tell apart: it pulls the other way.
    """
    alone = HeadConfig(pair="separate", fusion="cosine_embedding")
    common: dict[str, object] = {"vocabulary_overlap": 0.75}
    return (
        TaskConfig(name="reviews", options={**common, "vocabulary_pool": 0}),
        TaskConfig(name="letters", options={**common, "vocabulary_pool": 1, "size": 40}),
        TaskConfig(name="topics", options={**common, "vocabulary_pool": 2, "asks": "topic"}),
        TaskConfig(
            name="similarity",
            options={**common, "vocabulary_pool": 0, "asks": "similarity"},
            head=alone,
        ),
    )
