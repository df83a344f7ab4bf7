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
from mtlviz.engine.models.model import MultiTaskModel
from mtlviz.engine.ranks import ALONE, Ranks
from mtlviz.engine.span_answers import QuestionAnswers, SpanAnswer, Spans, question_answers


@dataclass(frozen=True)
class Answers:
    """One task's answers, in the order of the split.

    Attributes:
        answers: As metrics compare them with the truth: in the form of labels, or words for spans.
        probabilities: Of each class or label, (N, C); None where the kind has none.
        loss: Mean loss over the examples that have a label.
        best: The best answers to each question with their scores; None where answers are no text.
    """

    answers: NDArray | list[str]
    probabilities: NDArray[np.float64] | None
    loss: float
    best: list[tuple[SpanAnswer, ...]] | None = None


@torch.no_grad()
def answered(  # noqa: PLR0913 (what is asked of which model, and where it computes)
    model: MultiTaskModel,
    task: int,
    split: TaskBatches,
    device: torch.device,
    precision: Precision = "float32",
    *,
    ranks: Ranks = ALONE,
) -> Answers:
    """Answer a split, shortest examples first.

    Args:
        model: The model, which must not be in training mode.
        task: Number of the task.
        split: What is asked.
        device: Where the model lives.
        precision: Number format of the forward pass.
        ranks: The processes that part the batches; each has all answers in the end.
    """
    # Nothing is read before the last batch: a GPU would stand still after each of them.
    logits: list[Tensor] = []
    losses: list[Tensor] = []
    scored = split.scored()
    order = scored.in_length_order()
    known = [scored.known(chosen) for chosen in order]
    for place in range(ranks.rank, len(order), ranks.size):
        batch = scored.collate(order[place]).to(device, non_blocking=True)
        with autocast(device, precision):
            logits.append(model(task, batch).float())
        if known[place]:
            loss = model.loss(task, logits[-1], batch.labels).double() * known[place]
        else:
            loss = torch.zeros((), dtype=torch.float64, device=device)
        losses.append(loss)
    logits, losses = ranks.collected(logits), ranks.collected(losses)
    mean = float(sum(losses)) / sum(known) if any(known) else np.nan
    if split.windows is not None:
        best = _of_questions(split, logits, order)
        return Answers([each.given for each in best], None, mean, [each.best for each in best])
    places, found = np.argsort(np.concatenate(order)), torch.cat(logits)
    probabilities = KINDS[split.task.kind].probabilities(found.cpu().numpy()[places])
    return Answers(model.predict(task, found)[places], probabilities, mean)


def _of_questions(
    split: TaskBatches, logits: list[Tensor], order: list[NDArray[np.int64]]
) -> list[QuestionAnswers]:
    """Each question's answers over all of its windows."""
    or_none = KINDS[split.task.kind].or_none
    found = Spans.joined([Spans.of(each.cpu().numpy(), or_none) for each in logits], order)
    examples = split.task.splits[split.split]
    return question_answers(split.windows, examples, found, split.none_threshold)
