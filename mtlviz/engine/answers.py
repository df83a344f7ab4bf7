"""A model's answers to every example of a split: what is scored, and what is predicted."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from mtlviz.engine.batches import TaskBatches
from mtlviz.engine.device import Precision, autocast
from mtlviz.engine.kinds import KINDS
from mtlviz.engine.kinds.span_extraction import LONGEST_ANSWER, best_spans
from mtlviz.engine.models.model import MultiTaskModel
from mtlviz.engine.span_windows import answer_texts


@dataclass(frozen=True)
class Answers:
    """One task's answers, in the order of the split.

    Attributes:
        answers: As metrics compare them with the truth: in the form of labels, or words for spans.
        probabilities: Of each class or label, (N, C); None where the kind has none.
        loss: Mean loss over the examples that have a label.
    """

    answers: NDArray | list[str]
    probabilities: NDArray[np.float64] | None
    loss: float


@torch.no_grad()
def answered(
    model: MultiTaskModel,
    task: int,
    split: TaskBatches,
    device: torch.device,
    precision: Precision = "float32",
) -> Answers:
    """Answer a split, shortest examples first.

    Args:
        model: The model, which must not be in training mode.
        task: Number of the task.
        split: What is asked.
        device: Where the model lives.
        precision: Number format of the forward pass.
    """
    # Nothing is read before the last batch: a GPU would stand still after each of them.
    logits: list[Tensor] = []
    loss, count = torch.zeros((), dtype=torch.float64, device=device), 0
    scored = split.scored()
    order = scored.in_length_order()
    for chosen in order:
        batch = scored.collate(chosen).to(device, non_blocking=True)
        with autocast(device, precision):
            logits.append(model(task, batch).float())
        if known := scored.known(chosen):
            loss += model.loss(task, logits[-1], batch.labels).double() * known
            count += known
    places = np.argsort(np.concatenate(order))
    mean = float(loss) / count if count else np.nan
    if split.windows is not None:
        return Answers(_words(split, logits, places), None, mean)
    found = torch.cat(logits)
    probabilities = KINDS[split.task.kind].probabilities(found.cpu().numpy()[places])
    return Answers(model.predict(task, found)[places], probabilities, mean)


def _words(split: TaskBatches, logits: list[Tensor], places: NDArray[np.int64]) -> list[str]:
    """Each question's answer, from the best span of all its windows."""
    found = [best_spans(each.cpu().numpy(), LONGEST_ANSWER) for each in logits]
    scores, spans = (np.concatenate(part)[places] for part in zip(*found, strict=True))
    return answer_texts(split.windows, split.task.splits[split.split], scores, spans)
