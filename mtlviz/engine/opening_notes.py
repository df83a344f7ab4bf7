"""What a person should know of a run before its first update: its data and its schedule."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np

from mtlviz.engine.choices import nothing_later, nothing_shared, sharing_of
from mtlviz.engine.models.words import WordTokenizer
from mtlviz.engine.phases import phases_of
from mtlviz.engine.records import Note
from mtlviz.engine.schedulers import SCHEDULERS
from mtlviz.engine.tasks import Task
from mtlviz.engine.tasks.leakage import leaks
from mtlviz.engine.text_words import split_words
from mtlviz.engine.unused_parameters import unused_parameters

if TYPE_CHECKING:
    from mtlviz.engine.models.tokens import Tokenizer
    from mtlviz.engine.training import Training

_MANY_UNKNOWN = 0.2
"""Share of unknown words from which they are told; of usual texts in English it is below."""


def opening_notes(training: Training, tokenizer: Tokenizer) -> Iterator[Note]:
    """Leaks, rows left out, unknown words, several processes, and what trains or does nothing."""
    config = training.config
    # Who freezes the whole encoder has asked for heads alone.
    asked = len(config.data.tasks) > 1 and not config.capacity.frozen
    several = asked and sharing_of(config).shares
    if several and (said := nothing_shared(config)):
        yield Note(0, "isolation", said)
    if several and (said := unused_parameters(training)):
        yield Note(0, "unused_parameters", said)
    if said := nothing_later(config):
        yield Note(0, "continual", said)
    if config.processes > 1:
        yield Note(0, "processes", _of_processes(training))
    yield from _of_leaks(training.tasks)
    for task in training.tasks:
        for text in task.notes:
            yield Note(0, "data", f"{task.name}: {text}")
        if isinstance(tokenizer, WordTokenizer):
            yield from _of_words(task, tokenizer)


def _of_processes(training: Training) -> str:
    return (
        f"{training.config.processes} processes train this run together. Its numbers are those of "
        "one process up to rounding, but for dropout, which each draws by itself; going on from a "
        "checkpoint is exact with as many processes alone."
    )


def _of_leaks(tasks: Sequence[Task]) -> Iterator[Note]:
    """One note for each development split that a training split gives away in part."""
    for leak in leaks(tasks):
        if leak.count and leak.split == "dev":
            yield Note(
                0,
                "leakage",
                f"{leak.count:,} of {leak.examples:,} development examples of "
                f"{leak.evaluation_task!r} ({leak.share:.1%}) also stand in the training split of "
                f"{leak.train_task!r}.",
            )


def _of_words(task: Task, tokenizer: WordTokenizer) -> Iterator[Note]:
    """A note where the vocabulary lacks many of the words that a task is scored on."""
    dev, known = task.splits["dev"], set(tokenizer.words)
    counts = Counter(
        word for text in (*dev.first, *(dev.second or ())) for word in split_words(text)
    )
    unknown = sum(count for word, count in counts.items() if word not in known)
    share = unknown / max(1, counts.total())
    if share >= _MANY_UNKNOWN:
        yield Note(
            0,
            "unknown_words",
            f"{share:.0%} of the words in the development examples of {task.name!r} stand less "
            "than twice in the training texts: the model takes all of them for one unknown word.",
        )


def cut_short(training: Training) -> str | None:
    """One sentence where an epoch ends before a task's examples have all been seen.

    Nothing of phases, which are there to give tasks their share.
    """
    name, data = training.config.optimisation.scheduler, training.config.data
    if len(phases_of(training.config)) > 1:
        return None
    whole = f"{name}_fill_up"
    turns = training.schedule.due[training.schedule.epoch == 0].sum(axis=0)
    batches = np.array([len(feed) for feed in training.streams])
    taken = turns * training.config.optimisation.accumulate
    if whole not in SCHEDULERS or (taken >= batches).all():
        return None
    task = int((taken / batches).argmin())
    settings = data.tasks[task]
    every = settings.examples_per_epoch or len(training.tasks[task].splits["train"])
    seen = min(every, int(taken[task]) * data.batch_size)
    return (
        f"An epoch of the {name} scheduler ends with the smallest task: {seen:,} of {every:,} "
        f"examples of {settings.name!r} are seen; {whole} sees all."
    )
