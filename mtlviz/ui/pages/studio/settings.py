"""What a visitor has chosen in the Studio: the run's settings, and how often it is repeated."""

from collections.abc import Mapping

from mtlviz.engine.choices import METHODS, check_choices
from mtlviz.engine.config import RunConfig, TaskConfig
from mtlviz.engine.presets import PRESETS, preset
from mtlviz.errors import ConfigError
from mtlviz.runs.flat_settings import portable
from mtlviz.settings import Settings, setting
from mtlviz.ui.core import session
from mtlviz.ui.core.part import Part

PREFIX = "studio."
_ALIASES = {"tasks": "data.tasks"}
_CHOICES = tuple(place for place in METHODS if not place.startswith("data."))
_TRAY = "studio.tray"


def written(config: RunConfig, experiment: str) -> dict[str, str]:
    """The parameters of a link that opens these settings, from this experiment on.

    Folders of the server are in no link.
    """
    shorter = {path: name for name, path in _ALIASES.items()}
    query = portable(config).query(preset(experiment))
    return {PREFIX + shorter.get(path, path): text for path, text in query.items()}


def read(query: Mapping[str, str], experiment: str) -> tuple[RunConfig, list[str]]:
    """The settings of a link, and one sentence for each value that cannot be used.

    A value that is not allowed leaves its setting as the experiment has it.

    Args:
        query: The link's parameters; those of other pages are passed over.
        experiment: The preset to start from.
    """
    start = preset(experiment)
    plain = {name.removeprefix(PREFIX): text for name, text in query.items()
             if name.startswith(PREFIX)}  # fmt: skip
    given = {_ALIASES.get(name, name): text for name, text in plain.items()}
    config, problems = RunConfig.read(given, start)
    for place in _CHOICES:
        try:
            METHODS[place][config.value_at(place)]
        except ConfigError as error:
            problems.append(str(error))
            config = config.changed_at(place, start.value_at(place))
    return _with_fitting_options(config, problems), problems


def _with_fitting_options(config: RunConfig, problems: list[str]) -> RunConfig:
    """Methods whose options cannot be used get their own ones, where that is what is wrong."""
    try:
        check_choices(config)
        return config
    except ConfigError as error:
        sentence = str(error)
    places = [f"{place}_options" for place in _CHOICES if place != "capacity.encoder"]
    for reset in (*([place] for place in places), places):
        plain = config.with_values({place: {} for place in reset})
        try:
            check_choices(plain)
        except ConfigError:
            continue
        problems.append(sentence)
        return plain
    return config  # Something else is wrong, and is said where its control stands.


class RunPart(Part[RunConfig]):
    """The settings of the run that Start begins; in links they stand under `studio.`."""

    def query(self) -> dict[str, str]:
        """The parameters of a link that opens what is on screen."""
        first = next(iter(self.presets))
        named = {} if self.preset == first else {self.preset_parameter: self.preset}
        return named | written(self.now, self.preset)

    def apply(self, query: Mapping[str, str]) -> list[str]:
        """Take the settings of a link; one sentence for each that cannot be used."""
        experiment, problems = self.preset_of(query)
        config, wrong = read(query, experiment)
        session.put(_TRAY, ())
        self.open(experiment, config)
        return [*problems, *wrong]

    def knows(self, parameter: str) -> bool:
        """Whether a link's parameter is one of this part."""
        name = parameter.removeprefix(PREFIX)
        is_setting = parameter.startswith(PREFIX) and RunConfig.knows(_ALIASES.get(name, name))
        return is_setting or parameter == self.preset_parameter

    def parameters(self) -> list[str]:
        """Names of this part that a link may have, but for those of every single setting."""
        return [self.preset_parameter]

    def open_preset(self, name: str) -> None:
        """Start again from an experiment's settings; its tasks are at hand."""
        session.put(_TRAY, ())
        super().open_preset(name)


class Repeats(Settings):
    """How often the run is repeated, and what it is compared with."""

    link_prefix = PREFIX

    seeds: int = setting(
        1, "How many seeds",
        "Each seed is a run of its own in the queue, from the seed above upwards. Three or more "
        "let Compare tell luck from effect.",
        low=1, high=20,
    )  # fmt: skip
    alone: bool = setting(
        False, "Train each task alone too",
        "The baseline that transfer is measured against: the same seed, encoder and number of "
        "updates for each task, nothing shared.",
    )  # fmt: skip


RUN = RunPart(
    "studio", RunConfig, {name: preset(name) for name in PRESETS},
    preset_parameter="experiment",
)  # fmt: skip
REPEATS = Part("studio.repeats", Repeats)
PARTS = (RUN, REPEATS)


def task_tray() -> tuple[TaskConfig, ...]:
    """Tasks at hand: the experiment's and those added, whether the run has them or not."""
    kept: tuple[TaskConfig, ...] = session.remember(_TRAY, ())  # type: ignore[assignment]
    held = {task.name: task for task in (*kept, *RUN.now.data.tasks)}
    session.put(_TRAY, tuple(held.values()))
    return tuple(held.values())


def change(changes: Mapping[str, object], place: str) -> None:
    """Change several settings at once, or tell where this one stands why not."""
    try:
        task_tray()  # What is taken out of the run stays at hand.
        RUN.put(RUN.now.with_values(changes))
    except ConfigError as error:
        RUN.tell(str(error), place)
