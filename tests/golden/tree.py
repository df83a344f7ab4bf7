"""Trees of plain values: what differs from a start, and what of one tree another no longer has."""

from collections.abc import Iterator
from typing import Any

Tree = dict[str, Any]
_ABSENT = object()


def changes(start: Tree, tree: Tree) -> Tree:
    """The values of a tree that differ from the start; lists count as one value."""
    found = {}
    for name, value in tree.items():
        before = start.get(name, _ABSENT)
        if isinstance(value, dict) and isinstance(before, dict) and before.keys() <= value.keys():
            if different := changes(before, value):
                found[name] = different
        elif value != before:
            # Where keys of the start are gone, adding could not take them away.
            found[name] = {"": value} if isinstance(value, dict) else value
    return found


def with_changes(start: Tree, different: Tree) -> Tree:
    """The tree of which `changes` were kept."""
    found = dict(start)
    for name, value in different.items():
        if isinstance(value, dict):
            found[name] = value[""] if "" in value else with_changes(start.get(name, {}), value)
        else:
            found[name] = value
    return found


def missing(expected: Any, found: Any) -> list[str]:
    """Places at which a value is no longer as expected; what has been added since is no fault."""
    return list(_missing(expected, found, ""))


def _missing(expected: Any, found: Any, place: str) -> Iterator[str]:
    if isinstance(expected, dict) and isinstance(found, dict):
        for name, value in expected.items():
            yield from _missing(value, found.get(name, _ABSENT), f"{place}.{name}".lstrip("."))
    elif isinstance(expected, list) and isinstance(found, list) and len(expected) == len(found):
        for number, (value, other) in enumerate(zip(expected, found, strict=True)):
            yield from _missing(value, other, f"{place}.{number}")
    elif expected != found or isinstance(expected, bool) != isinstance(found, bool):
        yield f"{place}: {expected!r}, now {'absent' if found is _ABSENT else repr(found)}"
