"""Multi-gate mixture of experts above a shared encoder."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from pydantic import Field

from mtlviz.engine.models.encoders.method import linear_size
from mtlviz.engine.models.sharing.method import SharingMethod

if TYPE_CHECKING:
    from torch import Generator, Tensor

    from mtlviz.engine.models.encoders.encoder import Encoder

ExpertCount = Annotated[int, Field(ge=1, le=64)]


class Mmoe(SharingMethod):
    """Share an encoder and experts above it; each task weighs the experts by a gate of its own.

    An encoded text h becomes Σ_e g_k(h)_e E_e(h). An expert is a linear layer with ReLU, as wide
    as h; the gate is g_k = softmax(W_k h). W_k starts at zero: at first all experts count alike
    for every task, and what tasks do not share grows as the gates part. Experts train at the step
    size of heads.

    Args:
        experts: Number of experts, shared by all tasks.

    Reference:
        Ma et al., KDD 2018, equations 5 to 7. https://doi.org/10.1145/3219819.3220007
    """

    title = "MMoE"
    own = ("gates",)
    in_common = ("experts",)

    def __init__(self, *, experts: ExpertCount = 8) -> None:
        self.experts = experts

    def extra(self, inputs: int, outputs: int) -> int:
        """The gate."""
        return self.experts * outputs

    def together(self, outputs: int, tasks: int) -> int:
        """The experts."""
        return self.experts * linear_size(outputs, outputs)

    def parts(self, encoder: Encoder, tasks: int, generator: Generator) -> dict[str, Any]:
        """Experts, and a gate for each task."""
        import torch
        from torch import nn

        from mtlviz.engine.models.sharing.experts import Experts

        width = encoder.output_width
        gates = (torch.zeros(self.experts, width) for _ in range(tasks))
        return {
            "experts": Experts(self.experts, width, generator), "gates": nn.ParameterList(gates)
        }  # fmt: skip

    def leave(self, module: Any, task: int, encoded: Tensor) -> Tensor:
        """The experts as the task's gate weighs them."""
        from mtlviz.engine.models.sharing.experts import weighed

        return weighed(module.gates[task], encoded, [module.experts(encoded)])
