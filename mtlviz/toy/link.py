"""A configuration as a link and as a file, and back."""

import json
from collections.abc import Mapping

from mtlviz.errors import ConfigError
from mtlviz.limits import parse_json
from mtlviz.toy.change import get, replace, validated
from mtlviz.toy.controls import CONTROLS, Value, controls_of
from mtlviz.toy.fields import OwnPoint, ToyConfig

VERSION = 1
MAX_LINKED_POINTS = 60


def to_query(config: ToyConfig, preset: str = "friendly") -> dict[str, str]:
    """The parameters of a link that opens this configuration: only what differs from the preset.

    Own points travel in the link up to 60; see `left_out` for the sentence about more.
    """
    start = _preset(preset)
    query = {} if preset == "friendly" else {"preset": preset}
    if len(start.tasks) != len(config.tasks):
        query["tasks"] = str(len(config.tasks))
        start = replace(start, {"tasks": len(config.tasks)})
    known = controls_of(start)
    for key in controls_of(config):
        value = get(config, key)
        method = key.split(".")[0]
        changed = method in query and key != method and method in ("scheduler", "combiner")
        default = _fresh(config, key) if changed or key not in known else get(start, key)
        if value != default and not (key == "source" and left_out(config)):
            query[key] = _short(value)
    if config.own_points and not left_out(config):
        query["own"] = _encoded(config.own_points)
    return query


def left_out(config: ToyConfig) -> str | None:
    """The sentence to show when a link cannot carry the own points, or None."""
    if len(config.own_points) <= MAX_LINKED_POINTS:
        return None
    return (
        f"The link leaves out the {len(config.own_points)} own points: "
        f"a link carries at most {MAX_LINKED_POINTS}, so save a file instead."
    )


def from_query(query: Mapping[str, str]) -> tuple[ToyConfig, list[str]]:
    """The configuration of a link, and one sentence for each value that could not be used.

    A value that is not allowed leaves its control at the default. Parameters that belong to the
    app itself are passed over.
    """
    problems: list[str] = []
    try:
        config = _preset(query.get("preset", "friendly"))
    except ConfigError as error:
        problems.append(str(error))
        config = _preset("friendly")
    for key in sorted(query, key=lambda key: (key != "tasks", "." in key)):
        if key == "source" or (key not in CONTROLS and "." not in key):
            continue
        config = _taken(config, {key: query[key]}, problems)
    return _with_own_points(config, query, problems), problems


def to_json(config: ToyConfig) -> str:
    """The whole configuration as a file."""
    content = {"kind": "toy", "version": VERSION, **config.model_dump(mode="json")}
    return json.dumps(content, indent=1)


def from_json(text: str | bytes) -> ToyConfig:
    """The configuration of a file.

    Raises:
        ConfigError: If the text is not such a file, is of a newer version, or holds a value that
            is not allowed.
    """
    content = parse_json(text, "The file")
    if not isinstance(content, dict) or content.pop("kind", None) != "toy":
        raise ConfigError('The file is not a toy configuration: it must say "kind": "toy".')
    version = content.pop("version", None)
    if not isinstance(version, int) or isinstance(version, bool) or version > VERSION:
        raise ConfigError(
            f"The file has version {version!r}, and this app reads versions up to {VERSION}."
        )
    return validated(ToyConfig, content)


def _preset(name: str) -> ToyConfig:
    # Presets are made of configurations, so this module cannot import them when it is loaded.
    from mtlviz.toy.presets import preset

    return preset(name).config


def _fresh(config: ToyConfig, key: str) -> Value:
    """The default of a method's own option."""
    method = key.split(".")[0]
    return get(config.model_copy(update={f"{method}_options": {}}), key)


def _short(value: Value) -> str:
    """The shortest text that reads back as the same value."""
    if isinstance(value, float):
        return f"{value:g}" if float(f"{value:g}") == value else repr(value)
    return str(value)


def _taken(config: ToyConfig, values: dict[str, object], problems: list[str]) -> ToyConfig:
    try:
        return replace(config, values)
    except ConfigError as error:
        problems.append(str(error))
        return config


def _encoded(points: tuple[OwnPoint, ...]) -> str:
    """Points as `task:label:x:y`, two decimals, separated by underscores."""
    return "_".join(f"{task + 1}:{label}:{x:.2f}:{y:.2f}" for task, x, y, label in points)


def _decoded(text: str) -> tuple[OwnPoint, ...]:
    points = []
    for part in text.split("_"):
        task, label, x, y = part.split(":")
        points.append((int(task) - 1, float(x), float(y), int(label)))
    return tuple(points)


def _with_own_points(config: ToyConfig, query: Mapping[str, str], problems: list[str]) -> ToyConfig:
    if "own" not in query and "source" not in query:
        return config
    values = {name: getattr(config, name) for name in ToyConfig.model_fields}
    try:
        values["own_points"] = _decoded(query["own"]) if "own" in query else config.own_points
        values["source"] = CONTROLS["source"].check(query.get("source", config.source))
        return validated(ToyConfig, values)
    except ValueError:
        problems.append(
            f"The own points in the link cannot be read: expected task:label:x:y parts "
            f"joined by _, got {query.get('own', '')!r:.60}."
        )
    except ConfigError as error:
        problems.append(str(error))
    return config
