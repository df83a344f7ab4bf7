"""What a visitor has chosen on the page that compares runs."""

import re
from collections.abc import Iterable
from typing import Literal
from urllib.parse import quote, unquote

from mtlviz.runs.number_ranges import ranges
from mtlviz.settings import Settings, Text, setting
from mtlviz.ui.core import session
from mtlviz.ui.core.part import Part

_RANGES = re.compile(r"\d{1,9}(-\d{1,9})?(,\d{1,9}(-\d{1,9})?)*")
_MOST = 1000


def _numbers(text: str) -> tuple[int, ...]:
    """The numbers of `1-4,7`.

    Raises:
        ValueError: These are none, or too many.
    """
    if not text:
        return ()
    if not _RANGES.fullmatch(text):
        raise ValueError
    ends = [[int(end) for end in part.split("-")] for part in text.split(",")]
    if sum(max(0, each[-1] - each[0] + 1) for each in ends) > _MOST:
        raise ValueError
    return tuple(sorted({n for each in ends for n in range(each[0], each[-1] + 1)}))


_RUNS = Text(ranges, _numbers, f"must be numbers of runs like 1-4,7, at most {_MOST}")
# A task's name, and with it a place, may hold a comma.
_PLACES = Text(
    lambda places: ",".join(quote(place, safe="[]. ") for place in places),
    lambda text: tuple(map(unquote, filter(None, text.split(",")))),
)


class Comparison(Settings):
    """Which runs are compared, what makes a group of them, and how they are looked at."""

    runs: tuple[int, ...] | None = setting(
        None, "Runs", "None lets the page pick.", text=_RUNS, max_length=_MOST
    )
    by: tuple[str, ...] | None = setting(
        None, "Group by", "Settings that groups are made by; None for those that differ.",
        text=_PLACES,
    )  # fmt: skip
    baseline: Literal["alone", "separate"] | None = setting(
        None, "Measured against",
        "A baseline has the same data, seed, encoder, head and optimiser as the run it is compared "
        "with, trains the task for as many updates, and is scored as often.",
        choices={"alone": "Runs of one task alone", "separate": "Separate encoders"},
    )  # fmt: skip
    first: str = setting(
        "", "This group",
        "Any two groups; a pair of runs has the same seed and agrees in every setting that groups "
        "are not made by.",
        linked=False,
    )  # fmt: skip
    second: str = setting("", "less this one", "The group that is subtracted.", linked=False)
    curve: Literal["score", "loss"] = setting(
        "score", "Curve",
        "Scores on the development split, or losses on the batches trained on, averaged over a "
        "sixtieth of the training.",
        choices={"score": "development score", "loss": "training loss"}, linked=False,
    )  # fmt: skip
    across: Literal["update", "share", "tokens", "time"] | None = setting(
        None, "Across",
        "Compare runs of different length at the same update or at the same share of each; runs of "
        "different batches at the same number of tokens read, or after the same seconds of work.",
        choices={
            "update": "update", "share": "share of the training", "tokens": "tokens read",
            "time": "seconds of work",
        },
        linked=False,
    )  # fmt: skip
    every: bool = setting(False, linked=False)


class _Picked(Part[Comparison]):
    """The comparison's settings, whose link names the runs also where the page picked them."""

    def query(self) -> dict[str, str]:
        """The parameters of a link; tomorrow the page would pick others."""
        shown = session.remember(SHOWN, None)
        named = self.now.runs is None and shown is not None
        return super().query() | ({"runs": ranges(shown)} if named else {})  # type: ignore[arg-type]


SHOWN = "compare.shown"
"""Where the session keeps the runs on screen."""
COMPARISON = _Picked("compare", Comparison)
PARTS = (COMPARISON,)


def pick(runs: Iterable[int] | None) -> None:
    """Compare these runs; None lets the page pick."""
    COMPARISON.change(runs=None if runs is None else tuple(sorted(set(runs))))
