"""What a visitor has chosen in the Studio."""

from collections.abc import Mapping

from mtlviz.engine.config import RunConfig, TaskConfig
from mtlviz.engine.presets import preset
from mtlviz.ui.core import session
from mtlviz.ui.studio import link as studio_link

FIRST_RUN = "default"
"""The preset that the Studio opens with."""
PARAMETERS = ("experiment", f"{studio_link.PREFIX}*")
HIDEABLE = (f"{studio_link.PREFIX}*", "data.*", "capacity.*", "optimisation.*", "probes.*")
MOST_SEEDS = 20
_SEEDS, _ALONE = studio_link.BESIDE


def open_link(parameters: Mapping[str, str]) -> list[str]:
    """Take the experiment and the settings of a link; one sentence for each that cannot be used."""
    name, problems = studio_link.known_experiment(parameters.get("experiment", FIRST_RUN))
    open_experiment(name)
    config, more = studio_link.from_query(name, parameters)
    set_studio(config)
    seeds, alone = parameters.get(_SEEDS, "1"), parameters.get(_ALONE, "0")
    known = seeds.isdecimal() and len(seeds) < 5 and 1 <= int(seeds) <= MOST_SEEDS
    set_seeds(int(seeds) if known else 1)
    set_trains_alone(alone == "1")
    if not known:
        more.append(f"`{_SEEDS}` must be 1 to {MOST_SEEDS}, got {seeds!r}.")
    if alone not in ("0", "1"):
        more.append(f"`{_ALONE}` must be 0 or 1, got {alone!r}.")
    return [*problems, *more]


def link() -> dict[str, str]:
    """The parameters that open what is on screen."""
    parameters = studio_link.to_query(studio_config(), studio_preset())
    if studio_preset() != FIRST_RUN:
        parameters["experiment"] = studio_preset()
    if seeds() > 1:
        parameters[_SEEDS] = str(seeds())
    if trains_alone():
        parameters[_ALONE] = "1"
    return parameters


def studio_config() -> RunConfig:
    """The settings of the run that the Studio would start."""
    return session.get("studio.config")


def set_studio(config: RunConfig) -> None:
    """Replace the settings of the run to start; the preset they came from stays the same."""
    session.put("studio.config", config)
    keep_on_shelf(*config.data.tasks)


def studio_preset() -> str:
    """Name of the experiment that the Studio's settings came from."""
    return session.get("studio.preset")


def open_experiment(name: str) -> None:
    """Start again from an experiment's settings; its tasks are on the shelf."""
    session.put("studio.preset", name)
    session.put("studio.shelf", ())
    set_studio(preset(name))


def shelf() -> tuple[TaskConfig, ...]:
    """Tasks at hand: the experiment's and those added, whether the run has them or not."""
    return session.get("studio.shelf")


def keep_on_shelf(*tasks: TaskConfig) -> None:
    """Have these tasks at hand; one of the same name is replaced."""
    held = {task.name: task for task in shelf()} | {task.name: task for task in tasks}
    session.put("studio.shelf", tuple(held.values()))


def seeds() -> int:
    """How many runs Start begins, each with a seed of its own."""
    return session.get("studio.seeds")


def set_seeds(count: int) -> None:
    """Begin so many runs."""
    session.put("studio.seeds", count)


def trains_alone() -> bool:
    """Whether Start also trains every task by itself."""
    return session.get("studio.alone")


def set_trains_alone(on: bool) -> None:
    """Train every task by itself, or not."""
    session.put("studio.alone", on)
