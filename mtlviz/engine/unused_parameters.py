"""Shared parameters that a task's loss does not depend on, such as a pooler for answers in a text.

Their gradient is zero, so in a cosine they count as neither agreement nor conflict: they lengthen
the other task's gradient alone and pull the cosine towards zero.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import torch

from mtlviz.engine.kinds import KINDS

if TYPE_CHECKING:
    from mtlviz.engine.training import Training


def unused_parameters(training: Training) -> str:
    """One sentence on the shared numbers that not every task trains; empty where all do.

    Asked only where heads read different things of the encoder. No stream moves on, and dropout
    goes back to where it was, so that the run is what it is without.
    """
    kinds = {KINDS[task.kind].reads_tokens for task in training.tasks}
    if len(kinds) < 2 or not training.shared:
        return ""
    total = sum(parameter.numel() for parameter in training.shared)
    missed = {
        task.name: count
        for number, task in enumerate(training.tasks)
        if (count := _unused(training, number))
    }
    if not missed:
        return ""
    each = ", ".join(f"{count / total:.1%} for {name!r}" for name, count in missed.items())
    return (
        f"Some shared parameters get no gradient from a task ({each} of the {total:,} shared "
        "numbers): its head does not read them. In a cosine over all of them these are no "
        "agreement and no conflict; they only pull it towards zero. The cosines by layers show "
        "them apart."
    )


def _unused(training: Training, number: int) -> int:
    """Shared numbers that a task's loss does not depend on, found with one development example."""
    batch = training.dev[number].collate(np.arange(1)).to(training.device)
    state = training.dropout.state()
    training.model.train()
    with training.dropout.active():
        loss = training.model.loss(number, training.model(number, batch), batch.labels)
        found = torch.autograd.grad(loss, training.shared, allow_unused=True)
    training.dropout.restore(state)
    pairs = zip(training.shared, found, strict=True)
    return sum(parameter.numel() for parameter, gradient in pairs if gradient is None)
