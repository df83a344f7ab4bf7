"""Parts of a split: chosen examples, and a development split held out of training examples."""

import math
from collections.abc import Sequence
from hashlib import sha256

import numpy as np
from numpy.typing import NDArray

from mtlviz.engine.tasks.matching import Key, keys
from mtlviz.engine.tasks.task import Examples
from mtlviz.errors import ConfigError


def take(examples: Examples, positions: Sequence[int] | NDArray[np.int64]) -> Examples:
    """The examples at these positions, in this order."""

    def chosen(texts: tuple | None) -> tuple | None:
        return None if texts is None else tuple(texts[position] for position in positions)

    return Examples(
        ids=chosen(examples.ids),
        first=chosen(examples.first),
        second=chosen(examples.second),
        labels=examples.labels[np.asarray(positions, dtype=np.int64)],
        references=chosen(examples.references),
    )


def hold_out(examples: Examples, share: float) -> tuple[Examples, Examples]:
    """Split training examples into (train, dev), the same way in every run.

    The digest of the text decides, not a random draw, so that scores of different seeds are scored
    on the same examples; examples with the same text stay together, so that none leaks.

    Args:
        examples: What the source calls its training split.
        share: Share of examples to hold out, above 0 and below 1; the least number of texts that
            reach it is taken.

    Raises:
        ConfigError: The share is not between 0 and 1.
    """
    if not isinstance(share, int | float) or not 0 < share < 1:
        raise ConfigError(f"`dev_share` must lie between 0 and 1, got {share!r}.")
    groups: dict[Key, list[int]] = {}
    for position, key in enumerate(keys(examples)):
        groups.setdefault(key, []).append(position)
    wanted, held = math.ceil(share * len(examples)), set[int]()
    for key in sorted(groups, key=_digest):
        if len(held) >= wanted:
            break
        held.update(groups[key])
    kept = [position for position in range(len(examples)) if position not in held]
    return take(examples, kept), take(examples, sorted(held))


def _digest(key: Key) -> bytes:
    return sha256("\n".join(key).encode()).digest()
