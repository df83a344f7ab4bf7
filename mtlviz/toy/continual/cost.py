"""How long the continual toy trains, and which settings are too much for a page."""

from mtlviz.errors import ConfigError
from mtlviz.toy.continual.settings import ContinualToyConfig
from mtlviz.toy.program import LONGEST

# Nanoseconds for one unit at one point in one update of one method, and for one update; measured on
# one core, with the bookkeeping of a step.
_POINT, _UPDATE = 6.0, 1.3e6


def estimated_seconds(config: ContinualToyConfig) -> float:
    """Estimated seconds for training every method; right within a factor of about two."""
    updates = config.steps * len(config.phases)
    # Seven methods read the new points, joint training those of all tasks, LwF each old head's.
    read = config.points * (7 + config.tasks + config.tasks / 2) + 3 * config.memory * config.tasks
    return updates * (read * config.seeds * config.capacity * _POINT + _UPDATE) / 1e9


def check_cost(config: ContinualToyConfig) -> None:
    """Refuse settings that would keep a page waiting.

    Raises:
        ConfigError: If the estimate is above the limit; it names what makes it shorter.
    """
    seconds = estimated_seconds(config)
    if seconds > LONGEST:
        raise ConfigError(
            f"These settings would train for about {seconds:.0f} seconds; a page may take "
            f"{LONGEST:.0f}. Fewer points, repetitions, updates, units or tasks are faster."
        )
