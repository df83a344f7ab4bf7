"""An encoder for each task, all alike at the start, some of whose layers may be common to all."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from copy import deepcopy
from typing import Any

import torch
from torch import Tensor, nn

from mtlviz.engine.models.encoders.encoder import Encoder
from mtlviz.engine.models.sharing.sharing import OwnEncoders


def alike(encoder: Encoder, count: int) -> list[Encoder]:
    """So many encoders that start from the same weights."""
    return [encoder, *(deepcopy(encoder) for _ in range(count - 1))]


class TiedEncoders(OwnEncoders):
    """An encoder for each task; the parameters of some layers belong to all of them.

    Args:
        encoders: One for each task; the first lends the shared layers.
        shared: Numbers of the shared layers; 0 is the embedding layer.
    """

    def __init__(self, encoders: Sequence[Encoder], shared: Collection[int]) -> None:
        super().__init__(encoders)
        first, *others = encoders
        names = [name for name, _ in first.named_parameters()]
        self._tied = [name for name in names if first.layer_of(name) in shared]
        for other in others:
            for name in self._tied:
                _put(other, name, first.get_parameter(name))
        self.register_state_dict_post_hook(_drop_copies)
        self.register_load_state_dict_pre_hook(_add_copies)

    def shared_parameters(self) -> list[nn.Parameter]:
        """Those of the shared layers."""
        return [self.encoders[0].get_parameter(name) for name in self._tied]

    def task_parameters(self, task: int) -> list[nn.Parameter]:
        """Those of the task's own layers."""
        tied = set(self._tied)
        named = self.encoders[task].named_parameters()
        return [parameter for name, parameter in named if name not in tied]

    def copies(self) -> list[tuple[str, str]]:
        """Names of shared parameters in later encoders, and in the first."""
        later = range(1, len(self.encoders))
        return [
            (f"encoders.{k}.{name}", f"encoders.0.{name}") for k in later for name in self._tied
        ]


class PulledEncoders(OwnEncoders):
    """An encoder for each task; after every update all are drawn together a little.

    Args:
        encoders: One for each task.
        pull: How strongly.
    """

    def __init__(self, encoders: Sequence[Encoder], pull: float) -> None:
        super().__init__(encoders)
        self.pull = pull

    @torch.no_grad()
    def after_update(self, rate: float) -> None:
        """Move every weight towards the mean of its copies: θ_k ← θ_k − η λ (θ_k − θ̄)."""
        share = min(1.0, rate * self.pull)
        if not share:
            return
        for copies in zip(*(encoder.parameters() for encoder in self.encoders), strict=True):
            if copies[0].requires_grad:
                mean = torch.stack([copy.detach() for copy in copies]).mean(0)
                for copy in copies:
                    copy.lerp_(mean, share)


def _put(encoder: Encoder, name: str, parameter: nn.Parameter) -> None:
    """Let an encoder use this parameter in the place of its own of that name."""
    place, _, leaf = name.rpartition(".")
    setattr(encoder.get_submodule(place), leaf, parameter)


def _drop_copies(module: TiedEncoders, state: dict[str, Tensor], prefix: str, *_: Any) -> None:
    """What is shared is stored once."""
    for copy, _first in module.copies():
        state.pop(prefix + copy, None)


def _add_copies(module: TiedEncoders, state: dict[str, Tensor], prefix: str, *_: Any) -> None:
    """Undo `_drop_copies`."""
    for copy, first in module.copies():
        if prefix + first in state:
            state[prefix + copy] = state[prefix + first]
