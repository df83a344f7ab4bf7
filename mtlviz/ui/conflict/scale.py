"""The scale of a method's weights, which under plain gradient descent is a hidden learning rate."""

from collections.abc import Mapping
from functools import cache

import numpy as np
from numpy.typing import NDArray

from mtlviz.engine.combiners.combination import Combination
from mtlviz.figures.conflicts import method_look
from mtlviz.toy.arrow_updates import combination, relative_length
from mtlviz.toy.arrows import ArrowsConfig

# Lengths that differ by less are called equal.
_ALIKE = 1.05


def sentence(
    config: ArrowsConfig, gram: NDArray[np.float64], results: Mapping[str, Combination]
) -> str:
    """How far the chosen updates differ in length, and what that means; empty for one."""
    if config.match:
        return "All updates are drawn as long as the plain sum: only their **directions** differ."
    lengths = {name: relative_length(gram, result.weights) for name, result in results.items()}
    known = {name: length for name, length in lengths.items() if 0 < length < np.inf}
    if len(known) < 2:
        return ""
    low, high = min(known, key=known.__getitem__), max(known, key=known.__getitem__)
    ratio = known[high] / known[low]
    if ratio < _ALIKE:
        return "The chosen updates are about equally long: no hidden learning rate here."
    return (
        f"**A hidden learning rate**: the chosen updates are between **{known[low]:.2g}** "
        f"({method_look(low).title}) and **{known[high]:.2g}** ({method_look(high).title}) times "
        f"as long as the plain sum's. Under plain gradient descent that alone is a learning rate "
        f"**{ratio:.2g} times** as high; Adam hides most of it. Tune the rate for each method, or "
        "draw all as long as the sum."
    )


@cache
def adds_up(name: str) -> str:
    """What a method's weights add up to on three equally long gradients at right angles."""
    total = float(combination(name, np.eye(3), (0, 1, 2)).weights.sum())
    if abs(total - 3) < 1e-6:
        return "Scaled like a sum: weights add up to K where nothing conflicts."
    if abs(total - 1) < 1e-6:
        return "Scaled like a mean: weights add up to 1 where nothing conflicts."
    return f"Its own scale: three equal tasks at right angles get {total:.2g} (sum 3, mean 1)."
