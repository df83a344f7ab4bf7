"""Covariance alignment: a matrix per task between the embedding layer and the shared module."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mtlviz.engine.models.sharing.method import Beside, SharingMethod, Variant

if TYPE_CHECKING:
    from torch import Generator, Tensor

    from mtlviz.engine.models.encoders.encoder import Encoder


class Aligned(SharingMethod):
    """Turn each task's word vectors by a matrix of its own before they enter the shared encoder.

    Every token vector x of task i becomes x R_i, with R_i of shape (d, d) for vectors of width d.
    R_i = I + D_i, and D_i starts at zero: at the start this is hard sharing exactly, and weight
    decay pulls towards hard sharing, not towards zero. Matrices train at the step size of heads.

    The algorithm takes a shared module B, keeps it fixed and trains R_i and heads. It does not say
    where B comes from; start, optimiser and the joint variant are choices of this program.

    Args:
        variant: 'fixed' keeps the shared encoder as it is and trains matrices and heads, as the
            algorithm is written. It is meant for a pretrained encoder: behind an encoder that was
            never trained the tasks share nothing that was learned, so nothing can transfer.
            'joint' trains everything.

    Reference:
        Wu, Zhang, Ré, ICLR 2020, Algorithm 1 and Figure 4.
    """

    own = ("changes",)

    @property
    def beside(self) -> Beside:
        """Each task turns its word vectors before the encoder."""
        return Beside(("a turn of its word vectors",))

    def __init__(self, *, variant: Variant = "joint") -> None:
        self.trains_encoder = variant == "joint"

    def extra(self, inputs: int, outputs: int) -> int:
        """D_i."""
        return inputs**2

    def parts(self, encoder: Encoder, tasks: int, generator: Generator) -> dict[str, Any]:
        """D_i of each task: R_i less the identity."""
        import torch
        from torch import nn

        width = encoder.embedding_width
        return {"changes": nn.ParameterList(torch.zeros(width, width) for _ in range(tasks))}

    def enter(self, module: Any, task: int, embedded: Tensor) -> Tensor:
        """The task's matrix."""
        return embedded + embedded @ module.changes[task]
