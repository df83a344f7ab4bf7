"""The control of alignment: as many parameters per task, but after the shared module."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mtlviz.engine.models.sharing.method import Beside, SharingMethod, Variant

if TYPE_CHECKING:
    from torch import Generator, Tensor

    from mtlviz.engine.models.encoders.encoder import Encoder


class Control(SharingMethod):
    """Give each task as many extra parameters as alignment would, but where they align nothing.

    If alignment helps and this does not, it is not the extra parameters that help. An encoded
    text h of task i becomes h + h U_i V_i, linear as alignment is, with U_i (r, m) and V_i (m, r)
    for encoder outputs of width r. The inner width m is the whole number, at least 1, for which
    2 r m comes closest to the d² parameters of an alignment of word vectors of width d. V_i
    starts at zero, so that at the start this is hard sharing exactly.

    Args:
        variant: As for alignment: 'fixed' keeps the shared encoder as it is, 'joint' trains it.

    Reference:
        None: a control added by this program to the test of Algorithm 1 of Wu, Zhang, Ré.
    """

    own = ("down", "up")

    @property
    def beside(self) -> Beside:
        """Each task changes its texts' vectors after the encoder."""
        return Beside(("a small map of its texts",))

    def __init__(self, *, variant: Variant = "joint") -> None:
        self.trains_encoder = variant == "joint"

    def extra(self, inputs: int, outputs: int) -> int:
        """U_i and V_i."""
        return 2 * outputs * _inner(inputs, outputs)

    def parts(self, encoder: Encoder, tasks: int, generator: Generator) -> dict[str, Any]:
        """The two factors of each task's map."""
        import torch
        from torch import nn

        from mtlviz.engine.models.initial import linear

        outputs = encoder.output_width
        inner = _inner(encoder.embedding_width, outputs)
        down = (
            linear(outputs, inner, generator).weight.detach().T.contiguous() for _ in range(tasks)
        )
        up = (torch.zeros(inner, outputs) for _ in range(tasks))
        return {"down": nn.ParameterList(down), "up": nn.ParameterList(up)}

    def leave(self, module: Any, task: int, encoded: Tensor) -> Tensor:
        """The task's map."""
        return encoded + encoded @ module.down[task] @ module.up[task]


def _inner(inputs: int, outputs: int) -> int:
    """The inner width m."""
    return max(1, round(inputs**2 / (2 * outputs)))
