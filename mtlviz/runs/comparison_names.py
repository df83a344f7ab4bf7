"""What groups of runs are called: only what tells a reader which is which."""

from collections.abc import Mapping, Sequence

from mtlviz.runs.flat_settings import PHASES, FlatSettings, in_words, shown, value_at

LENGTH = ("probes.evaluate_every", "optimisation.max_updates", "optimisation.epochs")
"""How long a run goes on and how often it is scored: this often follows from something else, such
as a scheduler that takes one task at a time."""
_OPTION, _TASK = "_options.", "data.tasks["


def names(groups: Sequence[FlatSettings], by: Sequence[str]) -> list[str]:
    """A short name for each group, no two alike.

    Args:
        groups: The settings of one run of each group.
        by: The settings that groups are made by.
    """
    told = columns(groups, by)
    found = labels(list(zip(*told.values(), strict=True)) or [()] * len(groups), list(told))
    return [" · ".join(filter(None, name.split(" · "))) for name in found]


def telling(runs: Sequence[FlatSettings], by: Sequence[str]) -> list[str]:
    """Those of the settings that tell a reader which run is which.

    Args:
        runs: The settings of each run.
        by: The settings that differ among them.
    """
    groups = {words(run, by): run for run in runs}
    return list(columns(list(groups.values()), by))


def columns(groups: Sequence[FlatSettings], by: Sequence[str]) -> dict[str, list[str]]:
    """What groups are named by: the value of each group in words, by setting.

    The length of runs and the options of methods are left out where the other settings tell the
    groups apart; what all tasks have alike in every group stands once, at the first of its places.
    """
    alike = of_every_task(groups, by)
    kept = [place for place in by if alike.get(place, place) == place]
    for place in (*LENGTH, *filter(_is_option, by)):
        others = [other for other in kept if other != place]
        if len(set(zip(*_columns(groups, others).values(), strict=True))) == len(groups):
            kept = others
    found = _columns(groups, kept)
    return {
        place: [word.removeprefix(_task_mark(place)) for word in words] if place in alike else words
        for place, words in found.items()
    }


def of_every_task(groups: Sequence[FlatSettings], by: Sequence[str]) -> dict[str, str]:
    """Those of some places that all tasks have alike in each run, each with the first of them.

    Args:
        groups: The settings of the runs.
        by: The places.
    """
    first: dict[str, str] = {}
    found = {}
    for place in by:
        task, _, rest = place.removeprefix(_TASK).partition("].")
        # A task that some group lacks can stand for no other there.
        if place.startswith(_TASK) and all(
            task in each["data.tasks"] and _is_alike(each, rest) for each in groups
        ):
            found[place] = first.setdefault(rest, place)
    return found


def _is_alike(settings: FlatSettings, rest: str) -> bool:
    values = [repr(settings.get(f"{_TASK}{task}].{rest}")) for task in settings["data.tasks"]]
    return len(values) > 1 and len(set(values)) == 1


def spoken(place: str, alike: Mapping[str, str]) -> str:
    """A place as a person says it; `alike` are those that `of_every_task` has found."""
    return in_words(place).removeprefix(_task_mark(place)) if place in alike else in_words(place)


def _task_mark(place: str) -> str:
    """What stands before a task's setting in words."""
    return f"{place.removeprefix(_TASK).partition('].')[0]}: " if place.startswith(_TASK) else ""


def _columns(groups: Sequence[FlatSettings], by: Sequence[str]) -> dict[str, list[str]]:
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


def _users(groups: Sequence[FlatSettings], option: str) -> set[object]:
    """The methods that some group sets this option of."""
    return {group[_method(option)] for group in groups if option in group}


def _is_option(place: str) -> bool:
    return _OPTION in place


def _method(option: str) -> str:
    """The setting that chooses the method which an option belongs to."""
    return option.partition(_OPTION)[0]


def _option(place: str) -> str:
    return place.partition(_OPTION)[2].replace("_", " ")


def labels(values: Sequence[tuple[str, ...]], by: Sequence[str]) -> list[str]:
    """Short names of groups: what most groups share is left out where all can be told apart.

    Args:
        values: The values of each group in words, one a setting.
        by: The settings.
    """
    common = usual(values)
    short = [
        " · ".join(word for word, left_out in zip(each, common, strict=True) if word != left_out)
        for each in values
    ]
    # A group that has only what is usual is named by the setting that varies most.
    varied = max(range(len(by)), key=lambda place: len({each[place] for each in values}), default=0)
    short = [name or (each[varied] if by else "all runs")
             for name, each in zip(short, values, strict=True)]  # fmt: skip
    full = [" · ".join(filter(None, each)) or "all runs" for each in values]
    return short if len(set(short)) == len(short) else full


def usual(values: Sequence[tuple[str, ...]]) -> list[str | None]:
    """The value that more than half of the groups have, for each setting; None where none has."""
    found: list[str | None] = []
    for column in zip(*values, strict=True):
        most = max(column, key=column.count)
        found.append(most if column.count(most) * 2 > len(column) else None)
    return found


def words(settings: FlatSettings, by: Sequence[str]) -> tuple[str, ...]:
    """The values of these settings in words, empty where a task is not there."""
    values = {place: value_at(settings, place) for place in by}
    return tuple("" if value is None else _value(place, value) for place, value in values.items())


def _value(place: str, value: object) -> str:
    """A value that speaks for itself alone, else behind the name of its setting."""
    if place == PHASES:
        return shown(value, place)
    is_name = isinstance(value, str) and value and "[" not in place and "_options." not in place
    if is_name:
        return shown(value, place).replace("_", " ")
    return " + ".join(value) if place == "data.tasks" else f"{in_words(place)} {shown(value)}"
