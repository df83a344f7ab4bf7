"""A development split in which every class has its share."""

import numpy as np
from numpy.typing import NDArray

from mtlviz.engine.tasks.matching import keys
from mtlviz.engine.tasks.splitting import take
from mtlviz.engine.tasks.task import Examples
from mtlviz.errors import ConfigError

_BANDS = 5


def stratified_hold_out(
    examples: Examples, share: float, generator: np.random.Generator
) -> tuple[Examples, Examples]:
    """Split examples into (train, dev), the same share of every class, drawn at random.

    Scores are split in five bands of equal size instead of classes. Examples of the same text stay
    together, so that no development text stands in the training split. A class of one text stays in
    the training split.

    Args:
        examples: All examples, N of them.
        share: Share to hold out of each class, above 0 and below 1.
        generator: Draws which.

    Raises:
        ConfigError: The share is not between 0 and 1.
    """
    if not 0 < share < 1:
        raise ConfigError(f"The share for dev must lie between 0 and 1, got {share!r}.")
    strata = _strata(examples.labels)
    groups: dict[int, list[list[int]]] = {}
    for positions in _same_text(examples):
        groups.setdefault(int(strata[positions[0]]), []).append(positions)
    held = [
        position
        for stratum in sorted(groups)
        for position in _drawn(groups[stratum], share, generator)
    ]
    kept = np.setdiff1d(np.arange(len(examples)), held)
    return take(examples, kept), take(examples, sorted(held))


def _strata(labels: NDArray) -> NDArray[np.int64]:
    """The class of each example, the band of its score, or the rarest of its labels, (N,)."""
    if labels.ndim == 2:
        count = labels.sum(0)
        return np.where(labels > 0, count, labels.size + 1).argmin(1) + len(count) * ~labels.any(1)
    if labels.dtype.kind == "i":
        return labels.astype(np.int64)
    inner = np.quantile(labels, np.linspace(0, 1, _BANDS + 1)[1:-1])
    return np.searchsorted(inner, labels, side="right").astype(np.int64)


def _same_text(examples: Examples) -> list[list[int]]:
    """Positions of each text, in the order in which the texts appear."""
    groups: dict[tuple[str, ...], list[int]] = {}
    for position, key in enumerate(keys(examples)):
        groups.setdefault(key, []).append(position)
    return list(groups.values())


def _drawn(texts: list[list[int]], share: float, generator: np.random.Generator) -> list[int]:
    """Positions held out of one class: the share rounded, at least one text, never all of them."""
    wanted = max(1, round(share * sum(map(len, texts))))
    held: list[int] = []
    # The last text is left for training.
    for number in generator.permutation(len(texts))[:-1]:
        if len(held) >= wanted:
            break
        held += texts[number]
    return held
