"""Attention to keys and values that come from elsewhere, beside those of the text."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from torch import Tensor, nn
from torch.nn import functional

EXTENDED = "mtlviz_extended"
"""What transformers calls attention whose keys and values may be extended."""

Extend = Callable[[Tensor, Tensor], tuple[Tensor, Tensor]]
"""From a text's keys and values (N, H, T, d) to more of them (N, H, P + T, d), the new in front."""

_PLACE = "extend_keys"


def extend(module: nn.Module, change: Extend, model: nn.Module | None) -> None:
    """Let keys and values be extended where a module computes attention.

    Args:
        module: The module; DistilBERT's does not know its layer, so each holds its own change.
        change: What to do with keys and values.
        model: The transformers model that it is part of; None for the transformer of this program,
            which computes attention in a module of its own.
    """
    if model is None:
        module.register_forward_pre_hook(lambda _, given: _extended(change, *given))
        return
    from transformers import AttentionInterface, AttentionMaskInterface
    from transformers.masking_utils import ALL_MASK_ATTENTION_FUNCTIONS

    AttentionInterface.register(EXTENDED, _attention)
    AttentionMaskInterface.register(EXTENDED, ALL_MASK_ATTENTION_FUNCTIONS["sdpa"])
    setattr(module, _PLACE, change)
    model.set_attn_implementation(EXTENDED)


def _attention(
    module: nn.Module,
    query: Tensor,
    key: Tensor,
    value: Tensor,
    attention_mask: Tensor | None,
    **named: Any,
) -> tuple[Tensor, None]:
    """Fused attention as transformers computes it, keys and values extended before."""
    from transformers.integrations.sdpa_attention import sdpa_attention_forward

    given = _extended(getattr(module, _PLACE), query, key, value, attention_mask)
    return sdpa_attention_forward(module, *given, **named)


def _extended(
    change: Extend, queries: Tensor, keys: Tensor, values: Tensor, mask: Tensor | None
) -> tuple[Tensor, Tensor, Tensor, Tensor | None]:
    more, others = change(keys, values)
    added = more.shape[2] - keys.shape[2]
    if mask is not None and added:
        # True, or 0 where the mask is added to scores: every text sees what is new.
        seen = mask.dtype.is_floating_point
        mask = functional.pad(mask, (added, 0), value=0.0 if seen else True)
    return queries, more.to(queries.dtype), others.to(queries.dtype), mask
