"""Customized gate control: experts for all tasks beside experts for each; stacked it is PLE."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from pydantic import Field

from mtlviz.engine.models.encoders.method import linear_size
from mtlviz.engine.models.sharing.method import Beside, SharingMethod

if TYPE_CHECKING:
    from torch import Generator, Tensor

    from mtlviz.engine.models.encoders.encoder import Encoder

ExpertCount = Annotated[int, Field(ge=1, le=64)]
Levels = Annotated[int, Field(ge=1, le=2)]


class Cgc(SharingMethod):
    """Share an encoder and some experts above it; each task adds experts that no other trains.

    Task k's vector becomes the sum of its own and the shared experts, weighed by the task's gate
    softmax(W_k h); W_k starts at zero, so that all count alike. With two levels (PLE) the experts
    of the upper level read what the gates of the lower one give: a task's own experts its own
    gate's output, the shared ones that of a shared gate, which weighs the experts of all tasks.
    Through that gate every task trains the own experts of the lower level: only those of the
    upper level stay private. Experts are linear layers with ReLU; they train at the heads' rate.

    h becomes Σ_e softmax(W_k h)_e E_e(h), over the task's own and the shared experts.

    Args:
        shared: Experts of each level that all tasks share.
        private: Experts of each level for each task.
        levels: Levels of experts: 1 is CGC, 2 are PLE.

    Reference:
        Tang et al., RecSys 2020, sections 4.1 (CGC) and 4.2 (PLE).
        https://doi.org/10.1145/3383313.3412236
    """

    title = "CGC"
    own = ("private", "gates")
    in_common = ("shared", "lower", "between")

    @property
    def beside(self) -> Beside:
        """Each task has experts and gates of its own beside those of all tasks."""
        return Beside(("experts of its own", "gates"), ("experts of all tasks",))

    def __init__(
        self, *, shared: ExpertCount = 2, private: ExpertCount = 2, levels: Levels = 1
    ) -> None:
        self.shared, self.private, self.levels = shared, private, levels

    def extra(self, inputs: int, outputs: int) -> int:
        """The task's experts of the last level, and its gate at each level."""
        gates = self.levels * (self.shared + self.private) * outputs
        return self.private * linear_size(outputs, outputs) + gates

    def together(self, outputs: int, tasks: int) -> int:
        """Shared experts; below the last level all tasks' experts, and the shared gates."""
        lower = (self.levels - 1) * tasks * self.private
        gates = (self.levels - 1) * (self.shared + tasks * self.private) * outputs
        return (self.levels * self.shared + lower) * linear_size(outputs, outputs) + gates

    def parts(self, encoder: Encoder, tasks: int, generator: Generator) -> dict[str, Any]:
        """Experts and gates of every level."""
        import torch
        from torch import nn

        from mtlviz.engine.models.sharing.experts import Experts

        width = encoder.output_width

        def experts(count: int) -> Experts:
            return Experts(count, width, generator)

        def gates(levels: int, count: int) -> nn.ParameterList:
            return nn.ParameterList(torch.zeros(count, width) for _ in range(levels))

        below, reached = self.levels - 1, self.shared + self.private
        return {
            "shared": nn.ModuleList(experts(self.shared) for _ in range(self.levels)),
            "lower": nn.ModuleList(
                nn.ModuleList(experts(self.private) for _ in range(tasks)) for _ in range(below)
            ),
            "between": gates(below, self.shared + tasks * self.private),
            "private": nn.ModuleList(experts(self.private) for _ in range(tasks)),
            "gates": nn.ModuleList(gates(self.levels, reached) for _ in range(tasks)),
        }

    def leave(self, module: Any, task: int, encoded: Tensor) -> Tensor:
        """Level by level, then the task's gate over its own and the shared experts."""
        from mtlviz.engine.models.sharing.experts import weighed

        own = common = encoded
        gates = module.gates[task]
        for level, lower in enumerate(module.lower):
            answers, shared = [each(encoded) for each in lower], module.shared[level](encoded)
            own = weighed(gates[level], own, [answers[task], shared])
            common = weighed(module.between[level], common, [*answers, shared])
        last = [module.private[task](own), module.shared[-1](common)]
        return weighed(gates[-1], own, last)
