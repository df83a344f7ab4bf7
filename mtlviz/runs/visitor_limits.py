"""How much one visitor of the app may have at once, so that nobody else goes without."""

import os
from dataclasses import dataclass, fields, replace

from mtlviz.errors import ConfigError, unknown_choice
from mtlviz.limits import parse_json

LIMITS = "MTLVIZ_LIMITS"
"""Other limits than usual, as JSON: `{"waiting_runs": 20}`."""


@dataclass(frozen=True)
class Limits:
    """Limits for one visitor: a tab of a browser.

    Attributes:
        waiting_runs: Runs that may wait in the queue; the largest study there is has 300.
        studies: Studies whose runs are not finished.
        maps: Maps and other long computations of pages that go on.
        uploads: Files that were sent and are still in the server's memory.
    """

    waiting_runs: int = 500
    studies: int = 8
    maps: int = 4
    uploads: int = 2

    def check(self, name: str, held: int, wanted: int = 1) -> None:
        """Check that a visitor may have so many more.

        Args:
            name: One of the attributes.
            held: How many the visitor has.
            wanted: How many more are asked for.

        Raises:
            ConfigError: If that is more than allowed; it says what there is already.
        """
        most = getattr(self, name)
        if most == 0:
            raise ConfigError(f"In this class no {_WORDS[name]}, so this was not begun.")
        if held + wanted > most:
            asked = "this one was" if wanted == 1 else f"these {wanted} were"
            raise ConfigError(
                f"At most {most} {_WORDS[name]}, and {held} do already, so {asked} not begun. "
                "Wait for some or stop them."
            )


_WORDS = {
    "waiting_runs": "runs of yours may wait",
    "studies": "studies of yours may go on",
    "maps": "computations of yours may go on",
    "uploads": "files of yours may be kept",
}


_LEAST = {"waiting_runs": 0, "studies": 0}


def current_limits() -> Limits:
    """The limits that hold now: the usual ones, but for what MTLVIZ_LIMITS says.

    Raises:
        ConfigError: If it names no limit, or one below 1.
    """
    given = parse_json(os.environ.get(LIMITS) or "{}", LIMITS)
    if not isinstance(given, dict):
        raise ConfigError(f'{LIMITS} must be an object such as {{"waiting_runs": 20}}.')
    for name, most in given.items():
        if name not in _WORDS:
            raise unknown_choice("limit", name, _WORDS)
        if not isinstance(most, int) or isinstance(most, bool) or most < _LEAST.get(name, 1):
            raise ConfigError(
                f"The limit `{name}` must be a whole number of at least {_LEAST.get(name, 1)}."
            )
    return replace(Limits(), **given)


if set(_WORDS) != {field.name for field in fields(Limits)}:
    raise TypeError("Every limit needs its words.")
