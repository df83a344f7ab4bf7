"""Gradients of three fixed sentences while a run trains: the worked example of a course report."""

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
import torch
from torch import nn

from mtlviz.engine.batches import Batch, TaskBatches
from mtlviz.engine.config import RunConfig
from mtlviz.engine.gradients import gram_matrix, task_gradient
from mtlviz.engine.kinds import KINDS
from mtlviz.engine.models.model import MultiTaskModel
from mtlviz.engine.models.tokens import Tokenizer
from mtlviz.engine.probes import Directions, plane
from mtlviz.engine.probing_sentences import SENTENCES, SOURCE, ProbeSentence, required_tasks
from mtlviz.engine.records import Plane, WorkedExampleRecord
from mtlviz.engine.tasks.task import Examples, Task


@dataclass(frozen=True)
class WorkedExample:
    """One fixed sentence or pair for each of three tasks of a run.

    Attributes:
        tasks: Numbers of the tasks, in the order of the sentences.
        batches: For each of them its one example.
    """

    tasks: tuple[int, ...]
    batches: tuple[Batch, ...]

    @staticmethod
    def of(
        tasks: Sequence[Task], config: RunConfig, tokenizer: Tokenizer, device: torch.device
    ) -> "WorkedExample":
        """The report's sentences, tokenised for this run.

        Raises:
            ConfigError: If the run lacks one of the three kinds of tasks.
        """
        numbers = required_tasks(tasks)
        batches = tuple(
            _one_example(sentence, tasks[number], number, config, tokenizer).to(device)
            for sentence, number in zip(SENTENCES, numbers, strict=True)
        )
        return WorkedExample(numbers, batches)

    def measured(
        self,
        model: MultiTaskModel,
        shared: Sequence[nn.Parameter],
        planes: Mapping[str, Directions],
        update: int,
        learning_rate: float,
    ) -> WorkedExampleRecord:
        """Losses, answers and gradients of the sentences as the model is now.

        Without dropout and in full precision, so that nothing random is drawn and the run goes on
        as if nobody had looked.

        Args:
            model: The model.
            shared: Shared parameters.
            planes: Planes of fixed directions that the gradients are seen in.
            update: Updates done before.
            learning_rate: Step size of the coming update.
        """
        started = time.perf_counter()
        losses, answers, rows = [], [], []
        with _at_rest(model):
            for task, batch in zip(self.tasks, self.batches, strict=True):
                logits = model(task, batch)
                loss = model.loss(task, logits, batch.labels)
                answers.append(float(model.predict(task, logits)[0]))
                losses.append(float(loss.detach()))
                rows.append(task_gradient(loss, shared, [])[0])
        gram = gram_matrix(rows).astype(np.float64)
        return WorkedExampleRecord(
            update=update,
            tasks=np.array(self.tasks, dtype=np.int64),
            losses=np.array(losses),
            answers=np.array(answers),
            gram=gram,
            planes=_planes(planes, rows, np.sqrt(np.diagonal(gram))),
            learning_rate=learning_rate,
            seconds=time.perf_counter() - started,
        )


@contextmanager
def _at_rest(model: nn.Module) -> Iterator[None]:
    """Without dropout; cuDNN's recurrent layers have no backward pass in that state."""
    was_training = model.training
    model.eval()
    try:
        with torch.backends.cudnn.flags(enabled=False):
            yield
    finally:
        model.train(was_training)


def _planes(planes: Mapping[str, Directions], rows: list, lengths: np.ndarray) -> dict[str, Plane]:
    """The gradients in the planes of fixed directions."""
    return {
        name: plane(
            torch.stack([directions.project(row) for row in rows]).double().cpu().numpy(), lengths
        )
        for name, directions in planes.items()
    }


def _one_example(
    sentence: ProbeSentence, task: Task, number: int, config: RunConfig, tokenizer: Tokenizer
) -> Batch:
    """The sentence as a batch of its task."""
    label = np.array([sentence.label])
    second = None if sentence.second is None else (sentence.second,)
    labels = label.astype(KINDS[task.kind].label_type)
    alone = Examples((SOURCE,), (sentence.first,), second, labels)
    asked = Task(
        task.name, task.kind, task.label_names, task.metric, {"train": alone}, SOURCE,
        task.score_range,
    )  # fmt: skip
    head = config.data.tasks[number].head
    batches = TaskBatches(asked, "train", tokenizer, head, 1, config.data.max_length)
    return batches.collate(np.array([0]))
