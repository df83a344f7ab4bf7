"""Covariance alignment: a matrix per task between the embedding layer and the shared module."""

from __future__ import annotations

from typing import Literal

import torch
from torch import Tensor, nn

from mtlviz.engine.models.sharing.hard import Hard
from mtlviz.engine.models.sharing.sharing import MakeEncoder
from mtlviz.engine.models.tokens import Tokens

Variant = Literal["fixed", "joint"]


class Aligned(Hard):
    """Turn each task's word vectors by a matrix of its own before they enter the shared encoder.

    Every token vector x of task i becomes x R_i, with R_i of shape (d, d) for vectors of width d.
    R_i = I + D_i, and D_i starts at zero: at the start this is hard sharing exactly, and weight
    decay pulls towards hard sharing, not towards zero. Matrices train at the step size of heads.

    The algorithm takes a shared module B, keeps it fixed and trains R_i and heads. It does not say
    where B comes from; start, optimiser and the joint variant are choices of this program.

    Args:
        make_encoder: Makes the shared encoder.
        tasks: Number of tasks.
        generator: Unused: nothing here starts at random.
        variant: 'fixed' keeps the shared encoder as it is and trains matrices and heads, as the
            algorithm is written. It is meant for a pretrained encoder: behind an encoder that was
            never trained the tasks share nothing that was learned, so nothing can transfer.
            'joint' trains everything.

    Reference:
        Wu, Zhang, Ré, ICLR 2020, Algorithm 1 and Figure 4.
    """

    def __init__(
        self,
        make_encoder: MakeEncoder,
        tasks: int,
        generator: torch.Generator,
        *,
        variant: Variant = "joint",
    ) -> None:
        super().__init__(make_encoder, tasks, generator)
        apply_variant(self, variant)
        width = self.encoder.embedding_width
        self.changes = nn.ParameterList(torch.zeros(width, width) for _ in range(tasks))

    def embed(self, task: int, tokens: Tokens) -> tuple[Tensor, Tensor]:
        """The shared embedding layer, then the task's matrix."""
        embedded = self.encoder.embed(tokens)
        return embedded, embedded + embedded @ self.changes[task]

    def task_parameters(self, task: int) -> list[nn.Parameter]:
        """The task's matrix, less the identity."""
        return [self.changes[task]]


def apply_variant(sharing: Hard, variant: Variant) -> None:
    """Freeze the shared encoder for 'fixed', leave it to train for 'joint'."""
    if variant == "fixed":
        sharing.encoder.freeze()
