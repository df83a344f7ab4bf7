"""What a visitor has chosen in the reweighting part of the Covariance lab."""

from collections.abc import Mapping

from mtlviz.toy.alignment_link import from_query, to_query
from mtlviz.toy.reweighting import ReweightingConfig
from mtlviz.ui.core import session

PREFIX = "reweigh."
PARAMETERS = tuple(f"{PREFIX}{name}" for name in ReweightingConfig.model_fields)
HIDEABLE = (*PARAMETERS, "reweighting", "reweighting.*")
_KEY = "reweighting.config"


def open_link(parameters: Mapping[str, str]) -> list[str]:
    """Take the settings of a link; one sentence for each value that cannot be used."""
    config, problems = from_query(ReweightingConfig, parameters, PREFIX)
    problems += _too_many(config)
    session.put(_KEY, within_tasks(config))
    return problems


def link() -> dict[str, str]:
    """The parameters that open what is on screen."""
    return to_query(reweighting(), PREFIX)


def reweighting() -> ReweightingConfig:
    """The visitor's settings of the tasks on shared inputs."""
    found = session.remember(_KEY, ReweightingConfig())
    return found if isinstance(found, ReweightingConfig) else ReweightingConfig()


def set_reweighting(config: ReweightingConfig) -> None:
    """Replace the settings of the tasks on shared inputs."""
    session.put(_KEY, config)


def within_tasks(config: ReweightingConfig) -> ReweightingConfig:
    """The settings with rank and capacity cut to the number of tasks, where sliders end."""
    most = config.tasks
    return config.model_copy(
        update={name: min(getattr(config, name), most) for name in ("rank", "capacity")}
    )


def _too_many(config: ReweightingConfig) -> list[str]:
    return [
        f"`{PREFIX}{name}` must be at most the {config.tasks} tasks, got {getattr(config, name)}."
        for name in ("rank", "capacity")
        if getattr(config, name) > config.tasks
    ]
