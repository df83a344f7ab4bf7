"""The one sentence on a run: which tasks training together helped, which it hurt, how sure."""

from collections.abc import Callable, Mapping, Sequence

from mtlviz.engine.measures.transfer import ONE_SEED, UNCHANGED, Outcome, Transfer, digits, signed

_WHO = "Training together"
_VERBS = {"helps": "helped", "hurts": "hurt"}
_MOST_TOLD = 12
"""Of more tasks the two ends are told, and how many there are."""
Found = Mapping[str, Transfer]


def joint_verdict(found: Found, named: Callable[[str], str] = str) -> str:
    """What training together did to each task, as page and shell say it; empty without any.

    "Training together helped letters by 14.5 points (95 % interval +11.0 to +18.0) and hurt
    similarity by 42.4 points (95 % interval −45.0 to −40.1), over 5 paired seeds." What cannot be
    told from zero is said after it, and one seed has no interval yet.

    Args:
        found: The transfer of each task that was trained alone as well, in the order of the run.
        named: A task's name as it is shown.
    """

    def those(*outcomes: Outcome) -> Found:
        return {task: each for task, each in found.items() if each.outcome in outcomes}

    parts = (
        _sure(those("helps", "hurts"), named), _single(those("one seed"), named),
        _undecided(those("undecided"), named), _equal(list(those("unchanged")), named),
    )  # fmt: skip
    told = " ".join(filter(None, parts))
    return told if told.startswith(_WHO) else _named_first(told)


def _named_first(told: str) -> str:
    """The first sentence says whose doing it is; those after it say "it"."""
    if told.startswith("What it did"):
        return told.replace("it", _WHO.lower(), 1)
    return told.replace("It", _WHO, 1)


def _sure(found: Found, named: Callable[[str], str]) -> str:
    if not found:
        return ""
    parts = []
    for verdict, verb in _VERBS.items():
        those = {task: each for task, each in found.items() if each.verdict == verdict}
        told = _all(those, lambda task, each: _by(task, each, named))
        parts += [f"{verb} {told}"] * bool(told)
    return f"{_WHO} {' and '.join(parts)}{_seeds(found)}."


def _by(task: str, found: Transfer, named: Callable[[str], str]) -> str:
    mean, low, high = digits(found)
    little = " a little," if found.small else ""
    interval = f"{100 * found.level:g} % interval {low} to {high}"
    return f"{named(task)}{little} by {mean.lstrip('+−')} points ({interval})"


def _undecided(found: Found, named: Callable[[str], str]) -> str:
    if not found:
        return ""
    told = _all(found, lambda task, each: f"{named(task)} ({_range(each)})")
    aside = "," * (len(found) > _MOST_TOLD)
    return f"What it did to {told}{aside} cannot be told from zero{_seeds(found)}."


def _equal(tasks: Sequence[str], named: Callable[[str], str]) -> str:
    if not tasks:
        return ""
    return f"It left the score of {_listed(list(map(named, tasks)))} {UNCHANGED}."


def _range(found: Transfer) -> str:
    if found.spreadless:
        return f"exactly {signed(found.mean)} in every seed"
    return f"{signed(found.mean)}, {signed(found.low)} to {signed(found.high)}"


def _single(found: Found, named: Callable[[str], str]) -> str:
    if not found:
        return ""
    told = _all(found, lambda task, each: f"{named(task)} by {signed(each.mean)}")
    return f"{_WHO} changed {told} points ({ONE_SEED})."


def _seeds(found: Found) -> str:
    counts = sorted({each.seeds for each in found.values()})
    told = str(counts[0]) if len(counts) == 1 else f"{counts[0]} to {counts[-1]}"
    return f", over {told} paired seeds"


def _all(found: Found, tell: Callable[[str, Transfer], str]) -> str:
    """Every task, or of many how many they are and the two with the least and most transfer."""
    if len(found) <= _MOST_TOLD:
        return _listed([tell(task, each) for task, each in found.items()])
    (least, first), *_, (most, last) = sorted(found.items(), key=lambda item: item[1].mean)
    return f"{len(found)} tasks, from {tell(least, first)} to {tell(most, last)}"


def _listed(parts: Sequence[str]) -> str:
    return " and ".join(filter(None, [", ".join(parts[:-1]), *parts[-1:]]))
