"""The weighting of a run, with whatever its method wants to know about the tasks' data."""

from collections.abc import Callable, Sequence

import numpy as np
import torch
from numpy.typing import NDArray

from mtlviz.engine.choices import FROM_DATA
from mtlviz.engine.config import RunConfig
from mtlviz.engine.models.model import MultiTaskModel
from mtlviz.engine.streams import Stream
from mtlviz.engine.tasks import Task
from mtlviz.engine.weightings import WEIGHTINGS, Weighting, make_weighting
from mtlviz.errors import ConfigError

LOOKED_AT = 512
"""Training examples of a task that its embedding is averaged over, at most."""


def weighting_of(
    config: RunConfig, tasks: Sequence[Task], model: MultiTaskModel, feeds: Sequence[Stream]
) -> Weighting:
    """The weighting that the settings name, new for this run.

    An option that the method needs and the settings leave out is taken from the data: the number of
    training examples, or the tasks' embeddings before training.

    Raises:
        ConfigError: If a name, an option or a value is wrong, or the data cannot give it.
    """
    name, options = config.optimisation.weighting, dict(config.optimisation.weighting_options)
    for option in (WEIGHTINGS[name].required - set(options)) & FROM_DATA:
        options[option] = _LOOKS[option](tasks, model, feeds)
    return make_weighting(name, len(tasks), **options)


Look = Callable[[Sequence[Task], MultiTaskModel, Sequence[Stream]], object]


def _sizes(tasks: Sequence[Task], model: MultiTaskModel, feeds: Sequence[Stream]) -> list[int]:
    return [len(task.splits["train"]) for task in tasks]


def _embeddings(
    tasks: Sequence[Task], model: MultiTaskModel, feeds: Sequence[Stream]
) -> NDArray[np.float64]:
    """Mean shared embedding of some of each task's training examples, drawn by seed, (K, d)."""
    return np.stack(
        [
            _features(model, feed, task, feed.some(LOOKED_AT)).mean(axis=0)
            for task, feed in enumerate(feeds)
        ]
    )


def _inputs(
    tasks: Sequence[Task], model: MultiTaskModel, feeds: Sequence[Stream]
) -> NDArray[np.float64]:
    """Shared embeddings of the training examples that all tasks have in common, (N, d)."""
    _check_same_inputs(tasks)
    return _features(model, feeds[0], 0, np.arange(len(feeds[0].batches)))


def _targets(
    tasks: Sequence[Task], model: MultiTaskModel, feeds: Sequence[Stream]
) -> NDArray[np.float64]:
    """One column of labels per task, centred, (N, K)."""
    _check_same_inputs(tasks)
    for task in tasks:
        several = task.splits["train"].labels.ndim > 1
        if len(task.label_names) > 2 or several:
            raise ConfigError(
                f"This weighting reads a label as one number, but {task.name!r} has "
                f"{len(task.label_names)} {'labels' if several else 'classes'}; it takes tasks "
                "with two classes or a score."
            )
    labels = np.stack([task.splits["train"].labels for task in tasks], axis=1).astype(np.float64)
    return labels - labels.mean(axis=0)


def _check_same_inputs(tasks: Sequence[Task]) -> None:
    """All tasks ask about the same training texts."""
    first = tasks[0].splits["train"]
    for task in tasks[1:]:
        train = task.splits["train"]
        if (train.first, train.second) != (first.first, first.second):
            raise ConfigError(
                f"This weighting is for tasks on the same inputs, but {task.name!r} has other "
                f"training texts than {tasks[0].name!r}."
            )


@torch.no_grad()
def _features(
    model: MultiTaskModel, feed: Stream, task: int, rows: NDArray[np.int64]
) -> NDArray[np.float64]:
    """Encoder outputs of training examples before training, (N, d)."""
    was_training = model.training
    model.eval()
    device = next(model.parameters()).device
    size = feed.batches.batch_size
    try:
        parts = [
            model.vectors(task, feed.batches.collate(rows[start : start + size]).to(device))
            for start in range(0, len(rows), size)
        ]
    finally:
        model.train(was_training)
    return torch.cat(parts).float().cpu().numpy().astype(np.float64)


_LOOKS: dict[str, Look] = {
    "sizes": _sizes,
    "embeddings": _embeddings,
    "inputs": _inputs,
    "targets": _targets,
}
