"""Parts of a split: chosen examples, and a development split held out of training examples."""

import math
from collections.abc import Mapping, Sequence
from hashlib import sha256

import numpy as np
from numpy.typing import NDArray

from mtlviz.engine.tasks.matching import Key, keys
from mtlviz.engine.tasks.task import Examples
from mtlviz.errors import ConfigError

_BANDS = 5


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
        places=chosen(examples.places),
    )


def hold_out(examples: Examples, share: float, seed: int = 0) -> tuple[Examples, Examples]:
    """Split examples into (train, dev), the same share of every class, the same in every run.

    The digest of the text decides, not a random draw, so that scores of different seeds of a run
    are scores on the same examples. Examples of the same text stay together, so that none leaks.
    Scores are split in five bands of equal size instead of classes, fewer where there are few. A
    class of one text stays in the training split.

    Args:
        examples: All examples, N of them.
        share: Share to hold out, above 0 and below 1; rounded up, and within a class up or down.
        seed: Decides which, with the digest.

    Raises:
        ConfigError: The share is not between 0 and 1.
    """
    check_share(share)
    strata = _strata(examples)
    groups: dict[Key, list[int]] = {}
    for position, key in enumerate(keys(examples)):
        groups.setdefault(key, []).append(position)
    by_stratum: dict[int, list[list[int]]] = {}
    for key in sorted(groups, key=lambda key: _digest(key, seed)):
        by_stratum.setdefault(int(strata[groups[key][0]]), []).append(groups[key])
    held: set[int] = set()
    due = 0
    for stratum, wanted in _wanted(by_stratum, share).items():
        # Texts that stand several times may have taken more than was due before.
        due += wanted
        held.update(_first(by_stratum[stratum], max(min(1, wanted), due - len(held))))
    kept = [position for position in range(len(examples)) if position not in held]
    return take(examples, kept), take(examples, sorted(held))


def check_share(share: float) -> None:
    """Check a share to hold out.

    Raises:
        ConfigError: It is not between 0 and 1.
    """
    if not isinstance(share, int | float) or not 0 < share < 1:
        raise ConfigError(f"`dev_share` must lie between 0 and 1, got {share!r}.")


def _digest(key: Key, seed: int) -> bytes:
    salted = (*key, str(seed)) if seed else key
    return sha256("\n".join(salted).encode(errors="surrogatepass")).digest()


def _strata(examples: Examples) -> NDArray[np.int64]:
    """The class of each example, the band of its score, or the rarest of its labels, (N,)."""
    labels = examples.labels
    if examples.references is not None:
        return np.zeros(len(labels), dtype=np.int64)
    if labels.ndim == 2:
        count = labels.sum(0)
        return np.where(labels > 0, count, labels.size + 1).argmin(1) + len(count) * ~labels.any(1)
    if labels.dtype.kind == "i":
        return labels.astype(np.int64)
    bands = max(1, min(_BANDS, len(labels) // 2))
    inner = np.quantile(labels, np.linspace(0, 1, bands + 1)[1:-1])
    return np.searchsorted(inner, labels, side="right").astype(np.int64)


def _wanted(texts: Mapping[int, list[list[int]]], share: float) -> dict[int, int]:
    """Examples to hold out of each stratum: its share, rounded so that they add up.

    Rounded down first, though two texts or more give one in any case; then those that are furthest
    below their share get one more until the whole is reached. One text gives none.
    """
    sizes = {stratum: sum(map(len, each)) for stratum, each in sorted(texts.items())}
    several = [stratum for stratum in sizes if len(texts[stratum]) > 1]
    wanted = dict.fromkeys(sizes, 0)
    wanted |= {stratum: max(1, math.floor(share * sizes[stratum])) for stratum in several}
    rest = sorted(several, key=lambda each: wanted[each] - share * sizes[each])
    more = math.ceil(share * sum(sizes.values())) - sum(wanted.values())
    for stratum in rest[: max(0, more)]:
        wanted[stratum] += 1
    return wanted


def _first(texts: list[list[int]], wanted: int) -> list[int]:
    """Positions of the first texts that reach a number of examples, never of all texts."""
    held: list[int] = []
    for text in texts[:-1]:
        if len(held) >= wanted:
            break
        held += text
    return held
