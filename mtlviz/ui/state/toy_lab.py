"""What a visitor has chosen in the Toy lab."""

from collections.abc import Mapping

from mtlviz.toy.axes import map_keys
from mtlviz.toy.config import CONTROLS, ToyConfig, from_query, to_query
from mtlviz.toy.layout import all_arms, arm_name
from mtlviz.toy.presets import PRESETS
from mtlviz.toy.regression import RegressionConfig
from mtlviz.toy.regression_link import FIELDS, PREFIX
from mtlviz.toy.regression_link import from_query as regression_from_query
from mtlviz.toy.regression_link import to_query as regression_to_query
from mtlviz.ui.core import session

DEFAULT_PRESET = "friendly"
REGRESSION_STORY = "regression"
_MAP = ("map_across", "map_up", "map_arm")
PARAMETERS = (
    *("preset", "own", "story", "target"),
    *_MAP,
    *CONTROLS,
    *(f"{PREFIX}{name}" for name in FIELDS),
)
SECTIONS = ("map", "own-data", "landscape", "curves")
HIDEABLE = (
    *SECTIONS,
    *CONTROLS,
    *(f"{PREFIX}{name}" for name in FIELDS),
)


def open_link(parameters: Mapping[str, str]) -> list[str]:
    """Take the settings of a link; one sentence for each value that cannot be used."""
    config, problems = from_query(
        {key: value for key, value in parameters.items() if not key.startswith(PREFIX)}
    )
    regression_config, more = regression_from_query(parameters)
    session.put("regression.config", regression_config)
    session.put("toy.regression", parameters.get("story") == REGRESSION_STORY)
    session.put("toy.config", config)
    session.put("toy.preset", known_preset(parameters.get("preset", DEFAULT_PRESET)))
    target_task, trouble = _target(parameters.get("target", "1"), len(config.tasks))
    session.put("toy.target", target_task)
    session.put("link.map", {name: parameters[name] for name in _MAP if name in parameters})
    session.put("toy.opened", (known_preset(toy_preset()), config))
    return [*problems, *more, *trouble, *_story(parameters), *_map_problems(parameters, config)]


def link() -> dict[str, str]:
    """The parameters that open what is on screen."""
    parameters = {**to_query(toy(), toy_preset()), **regression_to_query(regression())}
    parameters |= map_link()
    if target():
        parameters["target"] = str(target() + 1)
    if story() == REGRESSION_STORY:
        parameters["story"] = REGRESSION_STORY
    return parameters


def known_preset(name: str) -> str:
    """The name itself if there is such a story, else the default one."""
    return name if name in PRESETS else DEFAULT_PRESET


def toy() -> ToyConfig:
    """The visitor's toy settings."""
    return session.get("toy.config")


def set_toy(config: ToyConfig) -> None:
    """Replace the toy settings; the story they started from stays the same."""
    session.put("toy.config", config)


def open_preset(name: str) -> None:
    """Start again from a story's settings."""
    session.put("toy.preset", name)
    session.put("toy.config", PRESETS[name].config)


def reset_toy() -> None:
    """Go back to what the opening link set; from there, to the story's own settings."""
    name, opened = session.get("toy.opened")
    if name == toy_preset() and toy() != opened:
        session.put("toy.config", opened)
    else:
        open_preset(toy_preset())


def open_story(name: str) -> None:
    """Open a story of the toy lab: a preset on the plane, or the regression."""
    session.put("toy.regression", name == REGRESSION_STORY)
    if name != REGRESSION_STORY:
        open_preset(name)


def story() -> str:
    """Name of the open story."""
    return REGRESSION_STORY if session.get("toy.regression") else toy_preset()


def regression() -> RegressionConfig:
    """The visitor's settings of the regression."""
    return session.get("regression.config")


def set_regression(config: RegressionConfig) -> None:
    """Replace the settings of the regression."""
    session.put("regression.config", config)


def toy_preset() -> str:
    """Name of the story that the settings started from; they may have changed since."""
    return session.get("toy.preset")


def target() -> int:
    """The task whose transfer is in question, counted from 0."""
    return min(int(session.get("toy.target")), len(toy().tasks) - 1)


def set_target(task: int) -> None:
    """Ask about another task, counted from 0."""
    session.put("toy.target", task)


def map_link() -> dict[str, str]:
    """What the link says about the transfer map's axes and arm."""
    return session.get("link.map")


def set_map_link(choices: Mapping[str, str]) -> None:
    """Keep the transfer map's axes and arm for the link."""
    session.put("link.map", dict(choices))


def _target(text: str, tasks: int) -> tuple[int, list[str]]:
    """The task in question, counted from 0, and a sentence if the link names no such task."""
    if text in {str(task + 1) for task in range(tasks)}:
        return int(text) - 1, []
    return 0, [f"`target` must be a task from 1 to {tasks}, got {text!r}."]


def _story(parameters: Mapping[str, str]) -> list[str]:
    asked = parameters.get("story", REGRESSION_STORY)
    known = asked == REGRESSION_STORY
    return [] if known else [f"`story` must be {REGRESSION_STORY}, got {asked!r}."]


def _map_problems(parameters: Mapping[str, str], config: ToyConfig) -> list[str]:
    arms = tuple(arm_name(arm) for arm in all_arms(len(config.tasks)) if len(arm) > 1)
    keys = map_keys(config)
    allowed = {"map_across": keys, "map_up": keys, "map_arm": arms}
    return [
        f"`{name}` names no axis or arm of the transfer map, got {parameters[name]!r}."
        for name, values in allowed.items()
        if name in parameters and parameters[name] not in values
    ]
