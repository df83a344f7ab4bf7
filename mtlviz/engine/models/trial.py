"""A few tokens that a pretrained model reads when it is loaded: what it can do, it shows there."""

from __future__ import annotations

from typing import Any, NamedTuple

import torch
from torch import Tensor, nn

from mtlviz.engine.models.tokens import Tokens
from mtlviz.engine.randomness import untouched_random_state
from mtlviz.errors import CheckpointError, ConfigError

_LONG, _SHORT = 7, 4
_TOLERANCE = 1e-4
"""Of the largest number: attention without a mask rounds otherwise than with one."""
_LEAK = 0.1
"""As much may padding change: convolutions and hashes see some of it, Fourier transforms all."""


class Reading(NamedTuple):
    """Some texts, and the vectors (N, T, d) that a model gives to their tokens."""

    tokens: Tokens
    hidden: Tensor

    def differs(self, hidden: Tensor, where: Tensor) -> float:
        """How far other vectors of some tokens lie apart, as a share of the largest number."""
        apart = (hidden - self.hidden).abs().amax(2)[where].max()
        return float(apart / self.hidden[self.tokens.mask].abs().max())

    def is_matched_by(self, hidden: Tensor) -> bool:
        """Whether other vectors are the same for all real tokens, up to rounding."""
        same = hidden.shape == self.hidden.shape
        return same and self.differs(hidden, self.tokens.mask) <= _TOLERANCE


def readings(model: nn.Module, name: str, pooling: str) -> list[Reading]:
    """What a model itself makes of two texts with padding, and of one without.

    Args:
        model: As transformers loads it.
        name: What messages call its checkpoint.
        pooling: How a run makes one vector of many.

    Raises:
        CheckpointError: It cannot read texts, or sees of a text only what came before a token.
        ConfigError: It has no pooler, and the pooling asks for one.
    """
    try:
        outputs = [(tokens, _read(model, tokens)) for tokens in _texts(model)]
        long, short, other = (Reading(each, found.last_hidden_state) for each, found in outputs)
        fault = _fault(long, short, other)
    except Exception as error:
        raise _refusal(model, name, "makes no vectors of a text alone") from error
    if fault:
        raise _refusal(model, name, fault)
    if pooling == "pooler" and getattr(outputs[0][1], "pooler_output", None) is None:
        kind = type(model).__name__
        raise ConfigError(f"Checkpoint {name} is a {kind} without a pooler; pool by mean or cls.")
    return [long, short]


def _fault(long: Reading, short: Reading, other: Reading) -> str | None:
    """What of a model shows that it is no encoder of texts, if anything does."""
    read = (long, short, other)
    if any(each.hidden.shape[:2] != each.tokens.ids.shape for each in read):
        return "does not give a vector a token"
    if not all(each.hidden[each.tokens.mask].isfinite().all() for each in read):
        return "gives numbers that are not finite"
    if short.differs(other.hidden, short.tokens.ids == other.tokens.ids) <= _TOLERANCE / 10:
        return "reads from left to right, so that a token knows nothing of those after it"
    if short.differs(long.hidden[1:, :_SHORT], short.tokens.mask) > _LEAK:
        return "gives a text other vectors where padding follows it"
    return None


def _refusal(model: nn.Module, name: str, fault: str) -> CheckpointError:
    kind = type(model).__name__
    return CheckpointError(
        f"Checkpoint {name} is a {kind}, which {fault}; give an encoder of the BERT family."
    )


def _texts(model: nn.Module) -> tuple[Tokens, Tokens, Tokens]:
    """A long and a short text with padding; the short one alone; the same with another end."""
    rows = model.get_input_embeddings().weight.shape[0]
    padding = getattr(model.config, "pad_token_id", None)
    padding = padding if isinstance(padding, int) and 0 <= padding < rows else 0
    known = [number for number in range(rows) if number != padding][-_LONG - _SHORT - 1 :]
    numbers = torch.tensor([known[i % len(known)] for i in range(_LONG + _SHORT + 1)])
    ids = torch.full((2, _LONG), padding)
    ids[0], ids[1, :_SHORT] = numbers[:_LONG], numbers[_LONG : _LONG + _SHORT]
    mask = torch.arange(_LONG) < torch.tensor([[_LONG], [_SHORT]])
    plain = ids[1:, :_SHORT]
    changed = plain.clone()
    changed[0, -1] = numbers[-1]
    full = torch.ones_like(plain, dtype=torch.bool)
    return (
        Tokens(ids, mask, real=_LONG + _SHORT),
        Tokens(plain, full, real=_SHORT),
        Tokens(changed, full, real=_SHORT),
    )


@torch.no_grad()
def _read(model: nn.Module, tokens: Tokens) -> Any:
    with untouched_random_state():
        return model(
            input_ids=tokens.ids, attention_mask=None if tokens.full else tokens.mask.long()
        )
