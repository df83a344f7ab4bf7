"""The settings of runs, side by side: what differs among them, and in which way."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from mtlviz.access import current
from mtlviz.engine.choices import METHODS
from mtlviz.engine.config import RunConfig, fields
from mtlviz.engine.phase_config import PhaseConfig, spoken
from mtlviz.engine.phase_config import read as phases_of_text
from mtlviz.engine.phase_config import written as phases_as_text

PHASES = "optimisation.phases"
DEFAULT = "its default"
"""Stands where a method's option is not set in one run and is in another."""
NO_SETTING = frozenset({"version", "name", "seed"})
"""What tells runs apart without changing what is trained."""
_OBSERVED = "probes."
_EVALUATION = ("source", "path", "options", "dev_examples")
_BUDGET = frozenset(
    {
        "data.batch_size",
        "optimisation.epochs",
        "optimisation.max_updates",
        "optimisation.accumulate",
        "optimisation.patience",
        "probes.evaluate_every",
    }
)
_HELP = {place: field.description or "" for place, field in fields()}

FlatSettings = dict[str, Any]


def portable(config: RunConfig) -> RunConfig:
    """The same settings, with paths as others can read them; see `Access.portable`."""
    access, data, capacity = current(), config.data, config.capacity
    paths = {"checkpoint": capacity.checkpoint, "vectors": capacity.vectors}
    written = {name: access.portable(path) for name, path in paths.items()}
    groups = {"tasks": data.tasks, "leak_from": data.leak_from}
    tasks = {
        name: tuple(task.model_copy(update={"path": access.portable(task.path)}) for task in group)
        for name, group in groups.items()
    }
    if written == paths and tasks == groups:
        return config
    return config.model_copy(
        update={
            "data": data.model_copy(update=tasks),
            "capacity": capacity.model_copy(update=written),
        }
    )


def without_folders(value: Any) -> Any:
    """Settings for everybody: of a path that only this machine has, the last name."""
    if isinstance(value, dict):
        return {name: without_folders(each) for name, each in value.items()}
    if isinstance(value, list):
        return [without_folders(each) for each in value]
    absolute = isinstance(value, str) and Path(value).is_absolute()
    return Path(value).name if absolute else value


def flat(config: RunConfig) -> FlatSettings:
    """Every setting of a run by its dotted place; a task's stand under `data.tasks[NAME]`.

    `data.tasks` itself is the tuple of the tasks' names.
    """
    values = config.model_dump(mode="json")
    tasks = values["data"].pop("tasks")
    values["optimisation"]["phases"] = phases_as_text(config.optimisation.phases)
    values["data"]["leak_from"] = [task["name"] for task in values["data"]["leak_from"]]
    found: FlatSettings = {"data.tasks": tuple(task["name"] for task in tasks)}
    for task in tasks:
        name = task.pop("name")
        found |= _flattened(task, f"data.tasks[{name}].")
    return found | _flattened(values, "")


def differing(runs: Sequence[FlatSettings], *, trained: bool = False) -> list[str]:
    """Places at which runs differ, in the order of the settings; name and seed are left out.

    A task's own settings are compared among the runs that have the task.

    Args:
        runs: The flat settings of each.
        trained: Leave out what is only observed (probes, but not how often scores are taken).
    """
    places = dict.fromkeys(place for run in runs for place in run)
    return [
        place
        for place in places
        if place not in NO_SETTING
        and not (trained and is_observed(place))
        and len({str(value) for value in values_at(runs, place)}) > 1
    ]


def values_at(runs: Iterable[FlatSettings], place: str) -> list[Any]:
    """The value at a place in every run that has it; an option not set is `DEFAULT`."""
    return [value for run in runs if (value := value_at(run, place)) is not None or place in run]


def value_at(run: FlatSettings, place: str) -> Any:
    """The value at a place; `DEFAULT` for an option not set, None where the task is not there."""
    if place in run:
        return run[place]
    if place.startswith("data.tasks["):
        name = place.removeprefix("data.tasks[").partition("].")[0]
        return DEFAULT if name in run["data.tasks"] else None
    return DEFAULT


def is_observed(place: str) -> bool:
    """Whether a setting decides only what is recorded."""
    return place.startswith(_OBSERVED) and place not in _BUDGET


def is_evaluation(place: str) -> bool:
    """Whether a setting may change the examples that scores are taken on."""
    inside = place.partition("].")[2].split(".")[0]
    return inside in _EVALUATION


def is_budget(place: str) -> bool:
    """Whether a setting changes how much is trained, or when scores are taken."""
    return place in _BUDGET or place.endswith("].examples_per_epoch")


def is_data(place: str) -> bool:
    """Whether a setting changes the training examples or the set of tasks."""
    return place.startswith("data.") and not is_budget(place) and ".head" not in place


def in_words(place: str) -> str:
    """A place as a person says it: `combiner`, `letters: head width`, `cagrad's c` ..."""
    if place.startswith("data.tasks["):
        name, _, rest = place.removeprefix("data.tasks[").partition("].")
        return f"{name}: {_spaced(rest)}"
    _, _, rest = place.partition(".")
    if "_options." in place:
        method, _, option = rest.partition("_options.")
        return f"{_spaced(option)} of the {method}"
    return _spaced(rest or place)


def meaning(place: str) -> str:
    """What a setting means, from its own description; empty for options of methods."""
    if place.startswith("data.tasks["):
        place = f"data.tasks.N.{place.partition('].')[2]}"
    return "The tasks, in display order." if place == "data.tasks" else _HELP.get(place, "")


def shown(value: Any, place: str = "") -> str:
    """A value as a person reads it; of a folder of this machine only its own name.

    Args:
        value: The value.
        place: Its setting; where that names a method, the method's title is shown, and phases are
            said in words.
    """
    if place in METHODS and value in METHODS[place]:
        return METHODS[place][value].title
    if place == PHASES and value != DEFAULT:
        return spoken([PhaseConfig.model_validate(each) for each in phases_of_text(value)])
    if isinstance(value, bool):
        return "on" if value else "off"
    if value is None or value == "":
        return "none"
    if isinstance(value, tuple | list):
        return ", ".join(shown(each) for each in value)
    if isinstance(value, float):
        return f"{value:g}"
    text = str(value)
    return text.rstrip("/\\").replace("\\", "/").rsplit("/", 1)[-1] if _is_path(text) else text


def _is_path(text: str) -> bool:
    return text.startswith(("/", "~", "\\")) or text[1:3] in (":\\", ":/")


def _spaced(text: str) -> str:
    return text.replace(".", " ").replace("_", " ")


def _flattened(values: Mapping[str, Any], start: str) -> FlatSettings:
    """Dictionaries within dictionaries as one, keys joined by dots."""
    found: FlatSettings = {}
    for name, value in values.items():
        if isinstance(value, dict):
            found |= _flattened(value, f"{start}{name}.")
        else:
            found[f"{start}{name}"] = tuple(value) if isinstance(value, list) else value
    return found
