"""A range of numbers to try, such as `1e-5..1e-2:log`: a thousand values evenly on its scale."""

from __future__ import annotations

import math
import re
from bisect import bisect_left
from collections.abc import Sequence
from functools import cached_property, lru_cache
from typing import Any, overload

from mtlviz.errors import ConfigError, brief

STEPS = 1000
_NUMBER = r"[+-]?\d{1,15}(?:\.\d{1,15})?(?:[eE][+-]?\d{1,3})?"
_FORM = re.compile(rf"({_NUMBER})\.\.({_NUMBER})(:log)?")
_MEANT = re.compile(rf"{_NUMBER}\s*\.\.")
_LOG = ":log"


class Range(Sequence[float]):
    """Rising values from one number to another, both of them included.

    Whole numbers stay whole; other values have just as many digits as tell them apart.

    Args:
        text: As it was asked for.
        low: The least.
        high: The greatest.
        log: Whether they lie evenly in their logarithm.

    Raises:
        ConfigError: If it holds nothing, a logarithm of zero, or what is not finite.
    """

    def __init__(self, text: str, low: float, high: float, *, log: bool) -> None:
        if not math.isfinite(high - low):
            raise ConfigError(f"A range lies between finite numbers, got {text}.")
        if not low < high:
            raise ConfigError(f"A range goes from a smaller number to a larger one, got {text}.")
        if log and low <= 0:
            raise ConfigError(f"A range with {_LOG} begins above zero, got {text}.")
        if log and not math.isfinite(high / low):
            raise ConfigError(f"The ends of a range with {_LOG} are too far apart, got {text}.")
        self.text, self.low, self.high, self.log = text, low, high, log

    @cached_property
    def _values(self) -> tuple[float, ...]:
        shares = (step / (STEPS - 1) for step in range(STEPS))
        ratio, width = self.high / self.low if self.log else 1.0, self.high - self.low
        even = [self.low * ratio**share if self.log else self.low + width * share
                for share in shares]  # fmt: skip
        even[-1] = self.high
        if isinstance(self.low, int) and isinstance(self.high, int):
            return tuple(sorted({round(each) for each in even}))
        for digits in range(3, 17):
            found = tuple(float(f"{each:.{digits}g}") for each in even[1:-1])
            if len(set(found)) == len(found):
                return (float(self.low), *found, float(self.high))
        return tuple(sorted(set(even)))

    def __len__(self) -> int:
        return len(self._values)

    @overload
    def __getitem__(self, place: int) -> float: ...
    @overload
    def __getitem__(self, place: slice) -> Sequence[float]: ...
    def __getitem__(self, place: Any) -> Any:
        return self._values[place]

    def index(self, value: Any, start: int = 0, stop: int = STEPS) -> int:
        """Where a value stands, without looking at all of them."""
        place = bisect_left(self._values, value)
        if place < len(self) and self._values[place] == value:
            return place
        raise ValueError(f"{value} is not in the range {self.text}")

    def __repr__(self) -> str:
        return self.text


def spread(values: Sequence[Any]) -> Sequence[Any]:
    """The values themselves, or those of the range that stands in their place.

    Raises:
        ConfigError: If the range has another form, holds nothing, or stands beside other values.
    """
    for each in values:
        if isinstance(each, str) and _MEANT.match(each) and not _FORM.fullmatch(each):
            raise ConfigError(
                f"A range is LOW..HIGH, or LOW..HIGH{_LOG} for evenly in its logarithm, such as "
                f"1e-5..1e-2{_LOG}; got {brief(each)}."
            )
    ranges = [each for each in values if isinstance(each, str) and _FORM.fullmatch(each)]
    if not ranges:
        return values
    if len(values) > 1:
        raise ConfigError(f"A range stands alone, without values beside it, got {ranges[0]}.")
    return _range(ranges[0])


@lru_cache(maxsize=256)
def _range(text: str) -> Range:
    low, high, log = _FORM.fullmatch(text).groups()  # type: ignore[union-attr]
    kind = int if _is_whole(low) and _is_whole(high) else float
    return Range(text, kind(low), kind(high), log=log is not None)


def _is_whole(number: str) -> bool:
    return number.lstrip("+-").isdecimal()
