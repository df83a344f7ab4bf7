"""How long training a configuration will take, estimated before it starts."""

from mtlviz.errors import ConfigError
from mtlviz.toy.config import ToyConfig
from mtlviz.toy.layout import all_arms

LONGEST = 10.0
"""Seconds a page may train; more belongs into smaller settings."""

# Nanoseconds for one task's point in one update, measured on one core: with one linear output, and
# for each output of a ReLU layer. A combiner and the bookkeeping of a step come on top.
_LINEAR, _RELU = 26.0, 20.0
_STEP = 0.4e6


def estimated_seconds(config: ToyConfig) -> float:
    """Estimated seconds for training every arm and repetition.

    Counts the updates of all points; right within a factor of about two on a desk computer.
    """
    arms = all_arms(len(config.tasks))
    points = max(scene.points for scene in config.tasks) + len(config.own_points)
    shares = sum(len(arm) for arm in arms) * config.seeds * points
    each = _LINEAR if config.activation == "linear" else _LINEAR + _RELU * config.capacity
    # Where tasks take turns, a step holds as many updates as there are tasks.
    updates = 1 if config.scheduler.startswith("joint") else len(config.tasks)
    return config.steps * updates * (shares * each + _STEP) / 1e9


def check_cost(config: ToyConfig) -> None:
    """Refuse settings that would keep a page waiting.

    Raises:
        ConfigError: If the estimate is above the limit; it names what makes it shorter.
    """
    seconds = estimated_seconds(config)
    if seconds > LONGEST:
        length = f"{seconds / 60:.0f} minutes" if seconds > 90 else f"{seconds:.0f} seconds"
        raise ConfigError(
            f"These settings would train for about {length}; a page may take {LONGEST:.0f} "
            "seconds. Fewer points, repetitions, steps or tasks are faster; so is a smaller ReLU."
        )
