"""What a visitor has chosen in the Conflict lab."""

from collections.abc import Mapping

from mtlviz.toy import arrow_link
from mtlviz.toy.arrow_presets import ARROW_PRESETS
from mtlviz.toy.arrows import ArrowsConfig, changed
from mtlviz.ui.state import session

PARAMETERS = ("conflict", *sorted(arrow_link.parameters()))
HIDEABLE = ("conflict.*",)


def open_link(parameters: Mapping[str, str]) -> list[str]:
    """Take the settings of a link; one sentence for each value that cannot be used."""
    config, problems = arrow_link.from_query(parameters)
    session.put("arrows.config", config)
    asked = parameters.get("conflict", arrow_link.DEFAULT_PRESET)
    known = asked in ARROW_PRESETS
    session.put("arrows.preset", asked if known else arrow_link.DEFAULT_PRESET)
    return problems


def link() -> dict[str, str]:
    """The parameters that open what is on screen."""
    return arrow_link.to_query(arrows(), arrow_preset())


def arrows() -> ArrowsConfig:
    """The visitor's settings of the conflict lab."""
    return session.get("arrows.config")


def set_arrows(config: ArrowsConfig) -> None:
    """Replace the conflict lab's settings; the preset they started from stays the same."""
    session.put("arrows.config", config)


def arrow_preset() -> str:
    """Name of the conflict lab's preset that the settings started from."""
    return session.get("arrows.preset")


def open_arrow_preset(name: str) -> None:
    """Start again from a preset's arrows and methods; the landscape below them stays."""
    start = ARROW_PRESETS[name].config
    kept = ("landscape", "walkers", "starts", "optimiser", "steps", "rate")
    session.put("arrows.preset", name)
    session.put(
        "arrows.config", changed(start, **{field: getattr(arrows(), field) for field in kept})
    )
