"""What a visitor has chosen in the Conflict lab."""

from collections.abc import Mapping

from mtlviz.toy import arrow_link
from mtlviz.toy.arrow_presets import ARROW_PRESETS
from mtlviz.toy.arrows import ArrowsConfig, changed
from mtlviz.ui.core import session

PARAMETERS = ("conflict", *sorted(arrow_link.parameters()))
# What a teacher's link can hide, in words, each as `conflict.<name>` in the link.
PARTS: Mapping[str, str] = {
    "preset": "Preset and its story",
    "tasks": "Number of tasks",
    "share": "Share and Reset",
    "verdict": "Who is hurt, in words",
    "numbers": "The numbers beside the arrows",
    "slow": "PCGrad in slow motion",
    "methods": "The choice of methods",
    "match": "All as long as the sum",
    "order": "The order PCGrad visits in",
    "run": "Gradients from a run",
    "lessons": "All lessons on PCGrad below the arrows",
    "orders": "Lesson: the order decides",
    "variants": "Lesson: four programs called PCGrad",
    "space": "Lesson: three dimensions",
    "evidence": "Lesson: is surgery worth it, and the theorem",
    "landscape": "The landscapes, all of them",
    "walk-settings": "Landscape: settings and clicks",
    "walk-ends": "Landscape: where the runs ended",
    "walk-curves": "Landscape: curves and the theorem",
    "gradnorm": "GradNorm’s toy",
}
# Which of them the groups of controls hide that every page has.
GROUPS: Mapping[str, tuple[str, ...]] = {
    "data": ("preset", "tasks", "run"),
    "optimisation": ("methods", "match", "order", "walk-settings"),
}
HIDEABLE = tuple(f"conflict.{part}" for part in PARTS)


def open_link(parameters: Mapping[str, str]) -> list[str]:
    """Take the settings of a link; one sentence for each value that cannot be used."""
    config, problems = arrow_link.from_query(parameters)
    session.put("arrows.config", config)
    asked = parameters.get("conflict", arrow_link.DEFAULT_PRESET)
    known = asked in ARROW_PRESETS
    session.put("arrows.preset", asked if known else arrow_link.DEFAULT_PRESET)
    session.put("arrows.opened", (arrow_preset(), config))
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
    session.put("arrows.preset", name)
    session.put("arrows.config", _above(ARROW_PRESETS[name].config))


def reset_arrows() -> None:
    """Go back to the arrows of the opening link; from there, to the preset's own."""
    name, opened = session.get("arrows.opened")
    if name == arrow_preset() and arrows() != _above(opened):
        session.put("arrows.config", _above(opened))
    else:
        open_arrow_preset(arrow_preset())


def _above(start: ArrowsConfig) -> ArrowsConfig:
    """Settings whose arrows and methods are these, over the landscape that is on screen."""
    kept = ("landscape", "walkers", "starts", "optimiser", "steps", "rate")
    return changed(start, **{field: getattr(arrows(), field) for field in kept})
