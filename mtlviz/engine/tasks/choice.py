"""A task that can be chosen, described without its examples."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from mtlviz.engine.config import TaskConfig
from mtlviz.engine.tasks.task import Kind, SplitName

Group = Literal["built-in", "families", "data", "own", "folder"]
"""Where a task was found: in the app (single ones, and those in families), below $MTLVIZ_DATA,
uploaded, or in a folder typed in."""


@dataclass(frozen=True)
class TaskChoice:
    """A task that can be chosen, with what is known of it without reading all its examples.

    Attributes:
        group: Where it was found.
        config: What `load_task` reads it by: name, source, path and options. Use it as it is as an
            entry of `DataConfig.tasks`, or `config.model_copy(update=...)` to sample or rename it.
        kind: Kind of head.
        label_names: Class names in order; empty for scores and spans.
        metric: Its main score.
        sizes: Examples of each split as they would be loaded. Where a folder has no dev split, the
            share that is held out of train.
        words: Mean number of words between blanks of an example, both texts of a pair together,
            over the first 2,000 training examples.
        about: One sentence: where the examples come from.
        fingerprint: Changes when the task's files or options do; a key for caches.
    """

    group: Group
    config: TaskConfig
    kind: Kind
    label_names: tuple[str, ...]
    metric: str
    sizes: Mapping[SplitName, int]
    words: float
    about: str
    fingerprint: str

    @property
    def name(self) -> str:
        """The task's name."""
        return self.config.name

    @property
    def key(self) -> str:
        """A name no other task of a catalogue has, for links and widgets: "data/mr"."""
        return f"{self.group}/{self.name}"


@dataclass(frozen=True)
class Catalogue:
    """What can be chosen, and one sentence for each folder that cannot be used.

    Attributes:
        choices: Built-in tasks, data sets below $MTLVIZ_DATA, own tasks, those of a folder.
        problems: What is wrong with folders that look like tasks.
    """

    choices: tuple[TaskChoice, ...]
    problems: tuple[str, ...]
