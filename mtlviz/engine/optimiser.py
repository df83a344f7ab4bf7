"""The optimiser of a run, its learning-rate schedule, and the loss scale of float16."""

import math
from collections.abc import Sequence

import torch

from mtlviz.engine.config import OptimisationConfig
from mtlviz.engine.models.sharing.sharing import Paced

# Devices on which torch has AdamW as one fused kernel: fewer launches, and faster on CPUs too.
_FUSED = {"cpu", "cuda"}


def make_optimiser(
    config: OptimisationConfig,
    encoders: Sequence[torch.nn.Parameter],
    heads: Sequence[torch.nn.Parameter],
    paced: Sequence[Paced] = (),
) -> torch.optim.AdamW:
    """AdamW with a group for the parameters of encoders and one for heads and what is beside them.

    Each may be parted further, by parameters whose step size is theirs. A group may be empty, but
    not all.

    Args:
        config: Step sizes and weight decay.
        encoders: Parameters of encoders.
        heads: All others.
        paced: Those of either whose step size is a multiple of the learning rate.
    """
    rate = config.learning_rate
    own = {id(p): rate * each.factor for each in paced for p in each.parameters}
    groups = [
        {"params": chosen, "peak": peak, "lr": peak}
        for parameters, usual in (
            (encoders, rate),
            (heads, config.head_learning_rate or rate),
        )
        for peak in dict.fromkeys([usual, *own.values()])
        if (chosen := [each for each in parameters if own.get(id(each), usual) == peak])
    ]
    fused = groups[0]["params"][0].device.type in _FUSED
    return torch.optim.AdamW(groups, weight_decay=config.weight_decay, fused=fused)


def learning_rate_factor(update: int, total: int, warmup: float, decay: str) -> float:
    """Share of the peak learning rate that an update uses.

    It rises linearly over the first `warmup` share of the updates, then stays (constant), falls in
    a straight line (linear), or follows half a cosine. The first update is never at zero, and the
    last one only just above.

    Args:
        update: Number of the update, from 0.
        total: Planned number of updates.
        warmup: Share of updates in which the rate rises.
        decay: "constant", "linear" or "cosine".
    """
    # At least one update is left for the peak.
    rising = min(round(total * warmup), total - 1)
    if update < rising:
        return (update + 1) / (rising + 1)
    done = min((update - rising) / max(total - rising, 1), 1.0)
    shapes = {"constant": 1.0, "linear": 1 - done, "cosine": (1 + math.cos(math.pi * done)) / 2}
    return shapes[decay]


def set_learning_rate(optimiser: torch.optim.Optimizer, factor: float) -> float:
    """Bring every group to this share of its peak rate.

    Returns:
        The rate of the encoder's parameters; of the heads where none of them trains.
    """
    for group in optimiser.param_groups:
        group["lr"] = group["peak"] * factor
    return optimiser.param_groups[0]["lr"]


class LossScale:
    """Keeps float16 gradients from vanishing: losses are multiplied, gradients divided again.

    It doubles after `patience` good updates and halves when a gradient overflows, in which case the
    update is left out. With other formats the scale is 1 and never moves.

    Reference:
        Micikevicius et al., ICLR 2018, section 3.2. https://arxiv.org/abs/1710.03740
    """

    def __init__(self, precision: str, *, patience: int = 2000) -> None:
        self.moves = precision == "float16"
        self.value = 2.0**16 if self.moves else 1.0
        self.patience = patience
        self.good = 0

    def keeps(self, finite: bool) -> bool:
        """Note whether an update's gradients were finite; whether the update may be made.

        With a scale that does not move, a gradient that is not finite is not the scale's fault and
        the caller decides.
        """
        if not self.moves:
            return True
        if not finite:
            self.value, self.good = max(self.value / 2, 1.0), 0
            return False
        self.good += 1
        if self.good == self.patience:
            self.value, self.good = self.value * 2, 0
        return True

    @property
    def exhausted(self) -> bool:
        """Whether even the smallest scale overflows, so that the scale cannot help."""
        return self.moves and self.value <= 1.0

    def state(self) -> dict[str, float]:
        """What an exact resumption needs."""
        return {"value": self.value, "good": self.good}

    def restore(self, state: dict[str, float]) -> None:
        """Continue from a stored state."""
        self.value, self.good = float(state["value"]), int(state["good"])
