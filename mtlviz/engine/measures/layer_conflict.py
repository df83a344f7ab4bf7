"""In which layers of an encoder tasks pull apart, and which layers to split for it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mtlviz.engine.measures.conflict import SURE, cosines, independent

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class LayerConflict:
    """How two or more tasks stood to each other in each of B layers, over T updates.

    Attributes:
        cosines: Cosine of each pair, (T, B, pairs); NaN where a layer had no gradient.
        share: Share of pairs and updates that pull apart in each layer, (B,); NaN where none is
            known.
        error: Standard error of each share, neighbouring updates that are alike counted as fewer.
    """

    cosines: Array
    share: Array
    error: Array

    def mean(self, pair: int | None = None) -> Array:
        """Mean cosine in each layer at each update, (T, B): of all pairs, or of one."""
        if pair is not None:
            return self.cosines[:, :, pair]
        return _mean(self.cosines, axis=2)


def layer_conflict(gram: Array) -> LayerConflict:
    """Conflicts by layer.

    Args:
        gram: Gram matrices by layer, (T, B, K, K).
    """
    first, second = np.triu_indices(gram.shape[-1], k=1)
    found = cosines(gram)[:, :, first, second]
    apart = np.where(np.isfinite(found), found < 0, np.nan)
    each = _mean(apart, axis=2)  # Share of pairs at each update, (T, B).
    shares = [_share(each[:, layer]) for layer in range(gram.shape[1])]
    share, error = (np.array(part) for part in zip(*shares, strict=True))
    return LayerConflict(found, share, error)


def prevailing(found: LayerConflict) -> list[int]:
    """Layers in which tasks pull apart more often than not, beyond what chance would do."""
    with np.errstate(invalid="ignore"):
        return np.flatnonzero(found.share - SURE * found.error > 0.5).tolist()


def to_split(found: LayerConflict, most: int = 3) -> list[int]:
    """Which layers to give each task for itself: those in which tasks pull apart most often.

    Layers in which they do so more often than not, beyond what chance would do, the highest share
    first and no more than `most`; where there is none, the one layer with the highest share. What
    stands beside the encoder (the last entry) cannot be split, and is not named.

    Reference:
        Shi et al., ICLR 2023 (Recon), Algorithm 1, counts conflicts and takes the layers with the
        most; how many is left to the user there. The rule of chance is ours.
    """
    shares = found.share[:-1]
    known = [layer for layer in range(len(shares)) if np.isfinite(shares[layer])]
    ranked = sorted(known, key=lambda layer: -shares[layer])
    sure = set(prevailing(found))
    named = [layer for layer in ranked if layer in sure][:most]
    return sorted(named or ranked[:1])


def layer_titles(count: int) -> list[str]:
    """What to call the entries of a record by layers."""
    return ["embedding", *(f"layer {n}" for n in range(1, count - 1)), "beside the encoder"]


def _share(values: Array) -> tuple[float, float]:
    """Mean of what is known over updates, and its standard error."""
    known = values[np.isfinite(values)]
    if not len(known):
        return float("nan"), float("nan")
    mean = float(known.mean())
    worth = max(1.0, independent(known))
    return mean, float(np.sqrt(max(mean * (1 - mean), 0.25 / len(known)) / worth))


def _mean(values: Array, axis: int) -> Array:
    """Mean of what is known; NaN where nothing is."""
    known = np.isfinite(values)
    counts, total = known.sum(axis), np.where(known, values, 0.0).sum(axis)
    empty = np.full(total.shape, np.nan)
    return np.divide(total, counts, out=empty, where=counts > 0)
