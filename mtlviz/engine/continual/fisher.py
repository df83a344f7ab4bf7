"""The Fisher information of a run's shared parameters, one number each, by single examples."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor

from mtlviz.engine.kinds import KINDS
from mtlviz.engine.purposes import FISHER, generator

if TYPE_CHECKING:
    from mtlviz.engine.batches import Batch
    from mtlviz.engine.training import Training


def fisher(training: Training, task: int, examples: int) -> list[Tensor]:
    """The diagonal of a task's Fisher information, without dropout.

    Of classes it is the expectation over the model's own answers, Σ_c p_c (∂ log p_c / ∂θ)², of
    scores that of a normal distribution of variance one, (∂f / ∂θ)²; of other answers the labels
    stand in (the "empirical" Fisher). Each is the mean over single examples, not the square of a
    batch's mean gradient.

    Args:
        training: The run; its shared parameters are those of the phase under way.
        task: Number of the task.
        examples: Training examples to take it from, at most.

    Returns:
        One tensor for each shared parameter; none where nothing that trains is shared.

    Reference:
        Kirkpatrick et al., PNAS 2017; on the ways to take it: Kunstner et al., NeurIPS 2019,
        https://arxiv.org/abs/1905.12558.
    """
    shared = training.shared
    if not shared:
        return []
    total, count = [torch.zeros_like(parameter) for parameter in shared], 0
    for batch in single_examples(training, task, examples, FISHER):
        count += 1
        for weight, value in _likelihoods(training, task, batch):
            slopes = torch.autograd.grad(value, shared, retain_graph=True, allow_unused=True)
            for entry, slope in zip(total, slopes, strict=True):
                if slope is not None:
                    entry.addcmul_(slope, slope, value=weight)
    return [entry / count for entry in total]


def single_examples(training: Training, task: int, count: int, purpose: int) -> Iterator[Batch]:
    """Some training examples of a task, each by itself; meanwhile the model is without dropout."""
    batches = training.streams[task].batches
    order = generator(training.config.seed, purpose, task).permutation(len(batches))[:count]
    was_training = training.model.training
    training.model.eval()
    for example in order:
        yield batches.collate(np.array([example])).to(training.device)
    training.model.train(was_training)


def _likelihoods(training: Training, task: int, batch: object) -> list[tuple[float, Tensor]]:
    """What is differentiated and squared, with the weight of each square."""
    model, kind = training.model, KINDS[training.tasks[task].kind]
    logits = model(task, batch).float()
    if kind.target == "class":
        logs = logits[0].log_softmax(-1)
        shares = logs.detach().exp().tolist()
        return [(share, logs[c]) for c, share in enumerate(shares) if share > 0]
    if kind.ranged:
        return [(1.0, logits.sum())]
    return [(1.0, model.loss(task, logits, batch.labels))]
