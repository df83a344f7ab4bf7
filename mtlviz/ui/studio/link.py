"""The Studio's settings as parameters of a link, and back: only what differs from the experiment.

A setting stands under its dotted place, `studio.optimisation.combiner=pcgrad`; tasks other than
the experiment's own stand together under `studio.tasks`.
"""

import json
from collections.abc import Iterator, Mapping

from mtlviz.engine.choices import METHODS, check_choices
from mtlviz.engine.config import RunConfig
from mtlviz.engine.presets import PRESETS, preset
from mtlviz.errors import ConfigError, unknown_choice
from mtlviz.limits import json_or_text
from mtlviz.runs.flat_settings import portable

PREFIX = "studio."
TASKS = f"{PREFIX}tasks"
BESIDE = (f"{PREFIX}seeds", f"{PREFIX}alone")
"""Parameters that say how often the run is repeated; they are no settings of one run."""
_CHOICES = tuple(place for place in METHODS if not place.startswith("data."))
_NOT_LINKED = ("version", "name")
_OPTIONS = "_options"


def to_query(config: RunConfig, experiment: str) -> dict[str, str]:
    """The parameters of a link that opens these settings.

    Args:
        config: The settings.
        experiment: The preset they came from.
    """
    start, config = preset(experiment), portable(config)
    values, before = config.model_dump(mode="json"), start.model_dump(mode="json")
    query = {}
    if _names(config) != _names(start):
        tasks = [task.model_dump(mode="json", exclude_defaults=True) for task in config.data.tasks]
        query[TASKS] = _text(tasks)
        before["data"]["tasks"] = values["data"]["tasks"]
    for place, value in _differences(values, before):
        if place not in _NOT_LINKED:
            query[f"{PREFIX}{place}"] = _text(value)
    return query


def from_query(experiment: str, parameters: Mapping[str, str]) -> tuple[RunConfig, list[str]]:
    """The settings of a link, and one sentence for each value that cannot be used.

    A value that is not allowed leaves its setting as the experiment has it.

    Args:
        experiment: The preset to start from.
        parameters: The link's parameters; those of other pages are passed over.
    """
    problems: list[str] = []
    config = preset(experiment)
    given = {
        key: text
        for key, text in parameters.items()
        if key.startswith(PREFIX) and key not in BESIDE
    }
    # Tasks first: other settings may be theirs.
    for key in sorted(given, key=lambda key: key != TASKS):
        place = "data.tasks" if key == TASKS else key.removeprefix(PREFIX)
        try:
            config = _changed(config, place, json_or_text(given[key], f"`{key}`"))
        except ConfigError as error:
            problems.append(str(error))
    return _with_fitting_options(config, problems), problems


def known_experiment(name: str) -> tuple[str, list[str]]:
    """The experiment a link names; the first run and a sentence if there is no such one."""
    if name in PRESETS:
        return name, []
    return "default", [str(unknown_choice("experiment", name, PRESETS))]


def opened(text: bytes) -> RunConfig:
    """The settings in a file, checked as far as can be before the data is read.

    Raises:
        ConfigError: If it is no such file, is of a newer version, or one setting is not allowed.
    """
    config = RunConfig.from_json(text)
    _check_names(config)
    check_choices(config)
    return config


def _changed(config: RunConfig, place: str, value: object) -> RunConfig:
    if place in _NOT_LINKED:
        raise ConfigError(f"A link cannot set `{place}` of a run.")
    found = config.changed(place, value)
    _check_names(found)
    return found


def _check_names(config: RunConfig) -> None:
    """Every method named is one the app has.

    Raises:
        ConfigError: If one is not.
    """
    for place in _CHOICES:
        group, _, name = place.partition(".")
        METHODS[place][getattr(getattr(config, group), name)]


def _with_fitting_options(config: RunConfig, problems: list[str]) -> RunConfig:
    """Methods whose options cannot be used get their own ones, where that is what is wrong."""
    try:
        check_choices(config)
        return config
    except ConfigError as error:
        sentence = str(error)
    places = [f"{place}{_OPTIONS}" for place in _CHOICES if place != "capacity.encoder"]
    for reset in (*([place] for place in places), places):
        plain = config
        for place in reset:
            plain = plain.changed(place, {})
        try:
            check_choices(plain)
        except ConfigError:
            continue
        problems.append(sentence)
        return plain
    return config  # Something else is wrong, and is said where its control stands.


def _names(config: RunConfig) -> list[str]:
    return [task.name for task in config.data.tasks]


def _differences(values: object, before: object, place: str = "") -> Iterator[tuple[str, object]]:
    """Dotted places at which two trees of values differ; options of methods count as one value."""
    if values == before:
        return
    if place.endswith((_OPTIONS, ".options")):
        yield place, values
    elif isinstance(values, dict) and isinstance(before, dict):
        for name, value in values.items():
            yield from _differences(value, before.get(name), f"{place}.{name}".lstrip("."))
    elif isinstance(values, list) and isinstance(before, list) and len(values) == len(before):
        for number, (value, old) in enumerate(zip(values, before, strict=True)):
            yield from _differences(value, old, f"{place}.{number}")
    else:
        yield place, values


def _text(value: object) -> str:
    """A word as it is where that is clear, anything else as compact JSON."""
    if isinstance(value, str) and value and isinstance(json_or_text(value), str):
        return value
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)
