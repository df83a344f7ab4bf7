"""How a stored run's model sees the development examples of its tasks. For worker processes."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from mtlviz.engine import purposes
from mtlviz.engine.config import RunConfig
from mtlviz.engine.embedding_request import TaskTexts
from mtlviz.engine.purposes import generator
from mtlviz.engine.records import Snapshot
from mtlviz.engine.tasks import Task, load_tasks

Place = Literal["words", "inputs", "outputs"]
Rows = NDArray[np.float32]
Clouds = list[tuple[TaskTexts, Rows]]

PLACES: dict[Place, str] = {
    "outputs": "after the encoder, as the heads see them",
    "inputs": "after each task's alignment, as the shared module sees them",
    "words": "after the embedding layer",
}


def run_embeddings(config: RunConfig, checkpoint: Path, count: int, place: Place) -> Clouds:
    """Embeddings of development examples by the model a run's checkpoint holds.

    Args:
        config: Settings of the run.
        checkpoint: One of its checkpoints.
        count: Examples of each task; all where there are fewer.
        place: Where in the model they are taken.

    Returns:
        Texts and embeddings (n, d) of each task. A pair read as two texts has the mean of both.

    Raises:
        MtlvizError: The checkpoint does not fit, or the data cannot be read any more.
    """
    from mtlviz.engine.train import start

    training = start(config.model_copy(update={"device": "cpu"}), resume=checkpoint)
    chosen = probe_examples(config, training.tasks, count)
    texts = [_texts(task, rows) for task, rows in zip(training.tasks, chosen, strict=True)]
    return [
        (each, _task_embeddings(training, task, chosen[task], place))
        for task, each in enumerate(texts)
    ]


def recorded_embeddings(config: RunConfig, snapshot: Snapshot) -> Clouds:
    """Embeddings a run recorded while it trained, with the texts they belong to.

    Raises:
        MtlvizError: The run's data cannot be read any more.
    """
    tasks = load_tasks(config.data, generator(config.seed, purposes.DATA))
    chosen = probe_examples(config, tasks, config.probes.embeddings_examples)
    texts = [_texts(task, rows) for task, rows in zip(tasks, chosen, strict=True)]
    return list(zip(texts, snapshot.embeddings, strict=True))


def probe_examples(
    config: RunConfig, tasks: tuple[Task, ...], count: int
) -> list[NDArray[np.int64]]:
    """Which development examples of each task a run's probes look at, drawn as in the run."""
    drawn = generator(config.seed, purposes.PROBE_SET)
    sizes = [len(task.splits["dev"]) for task in tasks]
    return [np.sort(drawn.permutation(size)[: min(count, size)]) for size in sizes]


def _texts(task: Task, rows: NDArray[np.int64]) -> TaskTexts:
    examples = task.splits["dev"]
    first = tuple(examples.first[i] for i in rows)
    second = examples.second and tuple(examples.second[i] for i in rows)
    return TaskTexts(task.name, first, second, examples.labels[rows], task.label_names)


def _task_embeddings(training: object, task: int, rows: NDArray[np.int64], place: Place) -> Rows:
    """One task's examples at one place of the model, batch by batch."""
    import torch

    split = training.dev[task]
    # A frozen encoder's outputs are kept instead of the tokens; here the tokens are wanted.
    split.features = None
    training.model.eval()
    parts = []
    with torch.no_grad():
        for start in range(0, len(rows), split.batch_size):
            batch = split.collate(rows[start : start + split.batch_size])
            read = [tokens for tokens in (batch.first, batch.second) if tokens is not None]
            seen = [getattr(training.model.embeddings(task, tokens), place) for tokens in read]
            parts.append(torch.stack(seen).mean(0).float().numpy())
    return np.concatenate(parts)
