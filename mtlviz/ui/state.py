"""The only file that touches the session: typed accessors for what a visitor has chosen."""

from collections.abc import Mapping

import streamlit as st

from mtlviz.engine.config import RunConfig
from mtlviz.engine.presets import preset
from mtlviz.toy import arrow_link
from mtlviz.toy.arrow_presets import ARROW_PRESETS
from mtlviz.toy.arrows import ArrowsConfig
from mtlviz.toy.arrows import changed as changed_arrows
from mtlviz.toy.config import ToyConfig, from_query, to_query
from mtlviz.toy.presets import PRESETS
from mtlviz.toy.regression import RegressionConfig
from mtlviz.toy.regression_link import PREFIX
from mtlviz.toy.regression_link import from_query as regression_from_query
from mtlviz.toy.regression_link import to_query as regression_to_query
from mtlviz.ui.link_problems import (
    APP_PARAMETERS,
    REGRESSION_STORY,
    hidden_names,
)
from mtlviz.ui.link_problems import link_problems as problems_of

DEFAULT_PRESET = "friendly"
FIRST_RUN = "default"
"""The preset that the Studio opens with."""


def _open_link() -> None:
    """Take the settings of the link that opened this session, once."""
    parameters = {key: st.query_params[key] for key in st.query_params}
    config, problems = from_query(
        {
            key: value
            for key, value in parameters.items()
            if key not in APP_PARAMETERS and not key.startswith(PREFIX)
        }
    )
    st.session_state["regression.config"], more = regression_from_query(parameters)
    st.session_state["toy.regression"] = parameters.get("story") == REGRESSION_STORY
    st.session_state["toy.config"] = config
    st.session_state["toy.preset"] = known_preset(parameters.get("preset", DEFAULT_PRESET))
    target, trouble = _target(parameters.get("target", "1"), len(config.tasks))
    st.session_state["toy.target"] = target
    st.session_state["link.map"] = {
        name: value for name, value in parameters.items() if name.startswith("map_")
    }
    _open_studio()
    run_problems = _open_run(parameters)
    more_problems = _open_arrows(parameters)
    st.session_state["link.problems"] = [
        *problems, *more, *trouble, *more_problems, *run_problems, *problems_of(parameters, config)
    ]  # fmt: skip
    st.session_state["link.hidden"] = hidden_names(parameters.get("hide", ""))
    st.session_state["lecture"] = parameters.get("lecture") == "1"


def _open_arrows(parameters: Mapping[str, str]) -> list[str]:
    """Take the conflict lab's settings; one sentence for each value that cannot be used."""
    st.session_state["arrows.config"], problems = arrow_link.from_query(parameters)
    asked = parameters.get("conflict", arrow_link.DEFAULT_PRESET)
    known = asked in ARROW_PRESETS
    st.session_state["arrows.preset"] = asked if known else arrow_link.DEFAULT_PRESET
    return problems


def _open_studio() -> None:
    """Begin the Studio with the built-in tasks."""
    st.session_state["studio.preset"] = FIRST_RUN
    st.session_state["studio.config"] = preset(FIRST_RUN)


def _open_run(parameters: Mapping[str, str]) -> list[str]:
    """Take the run that the link names, by its number."""
    asked = parameters.get("run")
    number = int(asked) if asked is not None and asked.isdecimal() else None
    st.session_state["run.chosen"] = number
    if asked is None or number is not None:
        return []
    return [f"`run` must be the number of a run, got {asked!r}."]


def known_preset(name: str) -> str:
    """The name itself if there is such a story, else the default one."""
    return name if name in PRESETS else DEFAULT_PRESET


def _target(text: str, tasks: int) -> tuple[int, list[str]]:
    """The task in question, counted from 0, and a sentence if the link names no such task."""
    if text in {str(task + 1) for task in range(tasks)}:
        return int(text) - 1, []
    return 0, [f"`target` must be a task from 1 to {tasks}, got {text!r}."]


def open_session() -> None:
    """Read the link that opened this session; later calls change nothing."""
    if "toy.config" not in st.session_state:
        _open_link()


def toy() -> ToyConfig:
    """The visitor's toy settings."""
    return st.session_state["toy.config"]


def set_toy(config: ToyConfig) -> None:
    """Replace the toy settings; the story they started from stays the same."""
    st.session_state["toy.config"] = config


def open_preset(name: str) -> None:
    """Start again from a story's settings."""
    st.session_state["toy.preset"] = name
    st.session_state["toy.config"] = PRESETS[name].config


def open_story(name: str) -> None:
    """Open a story of the toy lab: a preset on the plane, or the regression."""
    st.session_state["toy.regression"] = name == REGRESSION_STORY
    if name != REGRESSION_STORY:
        open_preset(name)


def story() -> str:
    """Name of the open story."""
    return REGRESSION_STORY if st.session_state["toy.regression"] else toy_preset()


def regression() -> RegressionConfig:
    """The visitor's settings of the regression."""
    return st.session_state["regression.config"]


def set_regression(config: RegressionConfig) -> None:
    """Replace the settings of the regression."""
    st.session_state["regression.config"] = config


def toy_preset() -> str:
    """Name of the story that the settings started from; they may have changed since."""
    return st.session_state["toy.preset"]


def target() -> int:
    """The task whose transfer is in question, counted from 0."""
    return min(int(st.session_state["toy.target"]), len(toy().tasks) - 1)


def set_target(task: int) -> None:
    """Ask about another task, counted from 0."""
    st.session_state["toy.target"] = task


def map_link() -> dict[str, str]:
    """What the link says about the transfer map's axes and arm."""
    return st.session_state["link.map"]


def set_map_link(choices: Mapping[str, str]) -> None:
    """Keep the transfer map's axes and arm for the link."""
    st.session_state["link.map"] = dict(choices)


def arrows() -> ArrowsConfig:
    """The visitor's settings of the conflict lab."""
    return st.session_state["arrows.config"]


def set_arrows(config: ArrowsConfig) -> None:
    """Replace the conflict lab's settings; the preset they started from stays the same."""
    st.session_state["arrows.config"] = config


def arrow_preset() -> str:
    """Name of the conflict lab's preset that the settings started from."""
    return st.session_state["arrows.preset"]


def open_arrow_preset(name: str) -> None:
    """Start again from a preset's arrows and methods; the landscape below them stays."""
    start = ARROW_PRESETS[name].config
    kept = ("landscape", "walkers", "starts", "optimiser", "steps", "rate")
    st.session_state["arrows.preset"] = name
    st.session_state["arrows.config"] = changed_arrows(
        start, **{field: getattr(arrows(), field) for field in kept}
    )


def studio() -> RunConfig:
    """The settings of the run that the Studio would start."""
    return st.session_state["studio.config"]


def set_studio(config: RunConfig) -> None:
    """Replace the settings of the run to start; the preset they came from stays the same."""
    st.session_state["studio.config"] = config


def studio_preset() -> str:
    """Name of the experiment that the Studio's settings came from."""
    return st.session_state["studio.preset"]


def open_experiment(name: str) -> None:
    """Start again from an experiment's settings."""
    st.session_state["studio.preset"] = name
    st.session_state["studio.config"] = preset(name)


def chosen_run() -> int | None:
    """Number of the run to show; None for the latest."""
    return st.session_state["run.chosen"]


def choose_run(run: int | None) -> None:
    """Show this run, at its last update; None for the latest."""
    st.session_state["run.chosen"] = run
    st.session_state.pop("run.update", None)


def hidden() -> frozenset[str]:
    """Controls and groups the link asks to hide (teacher mode)."""
    return st.session_state["link.hidden"]


def is_hidden(*names: str) -> bool:
    """Whether the link asks to hide any of these controls, groups or sections."""
    asked = {name.lower() for name in hidden()}
    return any(name.lower() in asked for name in names)


def link_problems() -> list[str]:
    """One sentence for each value of the opening link that could not be used."""
    return st.session_state["link.problems"]


def dismiss_link_problems() -> None:
    """Forget the sentences about the opening link."""
    st.session_state["link.problems"] = []


def lecture() -> bool:
    """Whether type and lines are enlarged for a lecture room."""
    return st.session_state["lecture"]


def set_lecture(on: bool) -> None:
    """Switch the enlarged type on or off."""
    st.session_state["lecture"] = on


def widget(key: str) -> object:
    """The value a keyed widget has right now; for use in its own callback."""
    return st.session_state[key]


def set_widget(key: str, value: object) -> None:
    """Make a keyed widget show a value, before the widget is drawn in this run."""
    if key not in st.session_state or st.session_state[key] != value:
        st.session_state[key] = value


def remember(key: str, default: object) -> object:
    """A small piece of page state, with the default it starts from."""
    return st.session_state.setdefault(key, default)


def put(key: str, value: object) -> None:
    """Set a small piece of page state."""
    st.session_state[key] = value


def write_link(page: Mapping[str, str] | None = None) -> dict[str, str]:
    """Write every setting into the address bar and return the parameters written."""
    conflict = arrow_link.to_query(arrows(), arrow_preset())
    parameters = {**to_query(toy(), toy_preset()), **conflict, **(page or {})}
    parameters |= regression_to_query(regression()) | map_link()
    if target():
        parameters["target"] = str(target() + 1)
    if story() == REGRESSION_STORY:
        parameters["story"] = REGRESSION_STORY
    if hidden():
        parameters["hide"] = ",".join(sorted(hidden()))
    if chosen_run() is not None:
        parameters["run"] = str(chosen_run())
    if lecture():
        parameters["lecture"] = "1"
    if dict(st.query_params) != parameters:
        st.query_params.from_dict(parameters)
    return parameters


def take(key: str) -> object:
    """A piece of page state that is shown once: returned and forgotten."""
    return st.session_state.pop(key, None)


def component_event(key: str, name: str) -> dict | None:
    """What a browser component just reported under a name; for use in its callback."""
    found = st.session_state[key]
    return found.get(name) if found else None


def clicked(key: str) -> dict | None:
    """The point of a chart that was just clicked, read before the chart is drawn; or None."""
    found = st.session_state.get(key)
    return found.get("click") if found else None
