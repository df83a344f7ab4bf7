"""What in a link cannot be used: one sentence for each parameter that nothing in the app reads."""

import difflib
from collections.abc import Mapping

from mtlviz.toy import arrow_link
from mtlviz.toy.axes import map_keys
from mtlviz.toy.config import CONTROLS, ToyConfig
from mtlviz.toy.layout import all_arms, arm_name
from mtlviz.toy.regression_link import FIELDS, PREFIX

GROUPS = ("Data", "Capacity", "Optimisation")
SECTIONS = ("map", "own-data", "landscape", "curves")
REGRESSION_STORY = "regression"
# Parameters of a link that belong to the app, not to the toy.
APP_PARAMETERS = ("hide", "lecture", "run", "story", "target", "map_across", "map_up", "map_arm")
_HIDEABLE_ELSEWHERE = "conflict."


def known_parameters() -> frozenset[str]:
    """Every parameter without a dot that some page reads."""
    own = {"preset", "own", "conflict", *APP_PARAMETERS, *CONTROLS}
    return frozenset(own | arrow_link.parameters() | {f"{PREFIX}{name}" for name in FIELDS})


def link_problems(parameters: Mapping[str, str], config: ToyConfig) -> list[str]:
    """One sentence for each parameter or name that cannot be used.

    Args:
        parameters: The link's parameters.
        config: The toy settings that the link opened.
    """
    return [
        *_unknown(parameters),
        *_limited(parameters, "story", (REGRESSION_STORY,)),
        *_limited(parameters, "lecture", ("0", "1")),
        *_unknown_names(parameters.get("hide", "")),
        *_map_problems(parameters, config),
    ]


def hidden_names(text: str) -> frozenset[str]:
    """The names of a `hide=` parameter that mean something."""
    return frozenset(name for name in _split(text) if _can_be_hidden(name))


def _split(text: str) -> list[str]:
    return [name.strip() for name in text.split(",") if name.strip()]


def _can_be_hidden(name: str) -> bool:
    groups = {group.lower() for group in GROUPS}
    return (
        name.lower() in groups
        or name in CONTROLS
        or name in SECTIONS
        or name.startswith(_HIDEABLE_ELSEWHERE)
        or (name.startswith(PREFIX) and name.removeprefix(PREFIX) in FIELDS)
    )


def _unknown(parameters: Mapping[str, str]) -> list[str]:
    known = known_parameters()
    # Keys with another dot are options of a method; the toy says what is wrong with them.
    strange = [key for key in parameters if key not in known and "." not in key]
    return [f"There is no control {key!r}{_meant(key, known)}." for key in strange]


def _meant(key: str, known: frozenset[str]) -> str:
    near = difflib.get_close_matches(key, sorted(known), n=1)
    return f"; perhaps {near[0]!r} was meant" if near else " in this app"


def _limited(parameters: Mapping[str, str], name: str, allowed: tuple[str, ...]) -> list[str]:
    if parameters.get(name, allowed[0]) in allowed:
        return []
    return [f"`{name}` must be {' or '.join(allowed)}, got {parameters[name]!r}."]


def _unknown_names(text: str) -> list[str]:
    return [
        f"`hide` knows no {name!r}: it takes names of controls, {', '.join((*GROUPS, *SECTIONS))}."
        for name in _split(text)
        if not _can_be_hidden(name)
    ]


def _map_problems(parameters: Mapping[str, str], config: ToyConfig) -> list[str]:
    arms = tuple(arm_name(arm) for arm in all_arms(len(config.tasks)) if len(arm) > 1)
    allowed = {"map_across": map_keys(config), "map_up": map_keys(config), "map_arm": arms}
    return [
        f"`{name}` names no axis or arm of the transfer map, got {parameters[name]!r}."
        for name, values in allowed.items()
        if name in parameters and parameters[name] not in values
    ]
