"""What groups of runs are called: only what tells a reader which is which."""

from collections.abc import Sequence

from mtlviz.runs.labels import labels, words
from mtlviz.runs.settings import Settings, shown, value_at

LENGTH = ("probes.evaluate_every", "optimisation.max_updates", "optimisation.epochs")
"""How long a run goes on and how often it is scored: this often follows from something else, such
as a scheduler that takes one task at a time."""
_OPTION = "_options."


def names(groups: Sequence[Settings], by: Sequence[str]) -> list[str]:
    """A short name for each group, no two alike.

    Args:
        groups: The settings of one run of each group.
        by: The settings that groups are made by.
    """
    told = columns(groups, by)
    found = labels(list(zip(*told.values(), strict=True)) or [()] * len(groups), list(told))
    return [" · ".join(filter(None, name.split(" · "))) for name in found]


def telling(runs: Sequence[Settings], by: Sequence[str]) -> list[str]:
    """Those of the settings that tell a reader which run is which.

    Args:
        runs: The settings of each run.
        by: The settings that differ among them.
    """
    groups = {words(run, by): run for run in runs}
    return list(columns(list(groups.values()), by))


def columns(groups: Sequence[Settings], by: Sequence[str]) -> dict[str, list[str]]:
    """What groups are named by: the value of each group in words, by setting.

    The length of runs and the options of methods are left out where the other settings tell the
    groups apart.
    """
    kept = list(by)
    for place in (*LENGTH, *filter(_is_option, by)):
        others = [other for other in kept if other != place]
        if len(set(zip(*_columns(groups, others).values(), strict=True))) == len(groups):
            kept = others
    return _columns(groups, kept)


def _columns(groups: Sequence[Settings], by: Sequence[str]) -> dict[str, list[str]]:
    """Every setting in words; the options of a method stand behind the method's name."""
    found = {
        place: [words(group, [place])[0] for group in groups]
        for place in by
        if not (_is_option(place) and _method(place) in by)
    }
    for place in by:
        if place not in found:
            method, users = _method(place), _users(groups, place)
            found[method] = [
                f"{word} ({_option(place)} {shown(value_at(group, place))})"
                if group[method] in users
                else word
                for word, group in zip(found[method], groups, strict=True)
            ]
    return found


def _users(groups: Sequence[Settings], option: str) -> set[object]:
    """The methods that some group sets this option of."""
    return {group[_method(option)] for group in groups if option in group}


def _is_option(place: str) -> bool:
    return _OPTION in place


def _method(option: str) -> str:
    """The setting that chooses the method which an option belongs to."""
    return option.partition(_OPTION)[0]


def _option(place: str) -> str:
    return place.partition(_OPTION)[2].replace("_", " ")
