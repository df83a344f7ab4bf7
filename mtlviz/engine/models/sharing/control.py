"""The control of alignment: as many parameters per task, but after the shared module."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from mtlviz.engine.models.initial import linear
from mtlviz.engine.models.sharing.aligned import Variant, apply_variant
from mtlviz.engine.models.sharing.hard import Hard
from mtlviz.engine.models.sharing.sharing import MakeEncoder
from mtlviz.engine.models.tokens import Tokens


class Control(Hard):
    """Give each task as many extra parameters as alignment would, but where they align nothing.

    If alignment helps and this does not, it is not the extra parameters that help. An encoded
    text h of task i becomes h + h U_i V_i, linear as alignment is, with U_i (r, m) and V_i (m, r)
    for encoder outputs of width r. The inner width m is the whole number, at least 1, for which
    2 r m comes closest to the d² parameters of an alignment of word vectors of width d. V_i
    starts at zero, so that at the start this is hard sharing exactly.

    Args:
        make_encoder: Makes the shared encoder.
        tasks: Number of tasks.
        generator: Source of the U_i.
        variant: As for alignment: 'fixed' keeps the shared encoder as it is, 'joint' trains it.

    Reference:
        None: a control added by this program to the test of Algorithm 1 of Wu, Zhang, Ré.
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
        outputs = self.output_width
        inner = max(1, round(self.encoder.embedding_width**2 / (2 * outputs)))
        self.down = nn.ParameterList(
            linear(outputs, inner, generator).weight.detach().T.contiguous() for _ in range(tasks)
        )
        self.up = nn.ParameterList(torch.zeros(inner, outputs) for _ in range(tasks))

    def encode(self, task: int, inputs: Tensor, tokens: Tokens) -> Tensor:
        """The shared encoder, then the task's map."""
        encoded = self.encoder.encode(inputs, tokens)
        return encoded + encoded @ self.down[task] @ self.up[task]

    def task_parameters(self, task: int) -> list[nn.Parameter]:
        """The two factors of the task's map."""
        return [self.down[task], self.up[task]]
