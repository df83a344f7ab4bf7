"""What a visitor has chosen on the page that compares runs."""

import re
from collections.abc import Iterable, Mapping
from urllib.parse import quote, unquote

from mtlviz.runs.single_task import KINDS
from mtlviz.ui.core import session

PARAMETERS = ("runs", "by", "baseline")
HIDEABLE = ("compare.*",)
_RANGES = re.compile(r"\d{1,9}(-\d{1,9})?(,\d{1,9}(-\d{1,9})?)*")
_MOST = 1000


def open_link(parameters: Mapping[str, str]) -> list[str]:
    """Take runs, grouping and baseline of a link; one sentence for each that cannot be used."""
    runs, problems = _numbers(parameters.get("runs"))
    session.put("compare.runs", runs)
    by = parameters.get("by")
    session.put(
        "compare.by", None if by is None else tuple(map(unquote, filter(None, by.split(","))))
    )
    baseline = parameters.get("baseline")
    known = baseline in (None, *KINDS)
    session.put("compare.baseline", baseline if known else None)
    if not known:
        problems.append(f"`baseline` must be {' or '.join(KINDS)}, got {baseline!r}.")
    return problems


def link() -> dict[str, str]:
    """The parameters that open what is on screen."""
    chosen, by, baseline = compared_runs(), compared_by(), chosen_baseline()
    # Runs that the page picked itself are named too: tomorrow it would pick others.
    runs = session.remember("compare.shown", None) if chosen is None else chosen
    found = {} if runs is None else {"runs": ranges(runs)}
    found |= {} if by is None else {"by": ",".join(map(_quoted, by))}
    return found | ({} if baseline is None else {"baseline": baseline})


def show_runs(runs: Iterable[int]) -> None:
    """Keep which runs are on screen, for the link."""
    session.put("compare.shown", tuple(sorted(runs)))


def compared_runs() -> tuple[int, ...] | None:
    """Numbers of the runs picked; None for those that the page picks itself."""
    return session.get("compare.runs")


def compare_runs(runs: Iterable[int] | None) -> None:
    """Pick these runs; None lets the page pick."""
    session.put("compare.runs", None if runs is None else tuple(sorted(set(runs))))


def compared_by() -> tuple[str, ...] | None:
    """Places of the settings that groups are made by; None for those that differ."""
    return session.get("compare.by")


def compare_by(places: Iterable[str] | None) -> None:
    """Make groups by these settings; None for those that differ."""
    session.put("compare.by", None if places is None else tuple(places))


def chosen_baseline() -> str | None:
    """Which kind of single-task training transfer is measured against; None for what there is."""
    return session.get("compare.baseline")


def choose_baseline(kind: str | None) -> None:
    """Measure transfer against this kind of single-task training."""
    session.put("compare.baseline", kind)


def ranges(numbers: Iterable[int]) -> str:
    """Numbers in few characters: `1-4,7`."""
    found: list[list[int]] = []
    for number in sorted(numbers):
        if found and number == found[-1][-1] + 1:
            found[-1][1:] = [number]
        else:
            found.append([number])
    return ",".join("-".join(map(str, each)) for each in found)


def _quoted(place: str) -> str:
    # A task's name, and with it a place, may hold a comma.
    return quote(place, safe="[]. ")


def _numbers(text: str | None) -> tuple[tuple[int, ...] | None, list[str]]:
    """The numbers of `1-4,7`, or a sentence."""
    if text is None:
        return None, []
    if not text:
        return (), []
    problem = f"`runs` must be numbers of runs like 1-4,7, at most {_MOST}, got {text[:60]!r}."
    if not _RANGES.fullmatch(text):
        return None, [problem]
    ends = [[int(end) for end in part.split("-")] for part in text.split(",")]
    if sum(max(0, each[-1] - each[0] + 1) for each in ends) > _MOST:
        return None, [problem]
    numbers = {number for each in ends for number in range(each[0], each[-1] + 1)}
    return tuple(sorted(numbers)), []
