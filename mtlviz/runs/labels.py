"""Short names of groups of runs: the values of the settings that tell them apart."""

from collections.abc import Sequence

from mtlviz.runs.settings import Settings, in_words, shown, value_at


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


def words(settings: Settings, by: Sequence[str]) -> tuple[str, ...]:
    """The values of these settings in words, empty where a task is not there."""
    values = {place: value_at(settings, place) for place in by}
    return tuple("" if value is None else _value(place, value) for place, value in values.items())


def _value(place: str, value: object) -> str:
    """A value that speaks for itself alone, else behind the name of its setting."""
    is_name = isinstance(value, str) and value and "[" not in place and "_options." not in place
    if is_name:
        return shown(value).replace("_", " ")
    return " + ".join(value) if place == "data.tasks" else f"{in_words(place)} {shown(value)}"
