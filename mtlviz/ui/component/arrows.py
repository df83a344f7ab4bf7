"""Arrows: gradients to drag under every method's update, and paths over a landscape."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from mtlviz.errors import ConfigError
from mtlviz.ui.component.browser import component, ignored
from mtlviz.ui.component.drawn import tell
from mtlviz.ui.core import session

VIEWS = ("arrows", "paths")


@dataclass(frozen=True)
class ArrowEvents:
    """What a visitor did since the last run of the script.

    Attributes:
        edit: For one run only, or None: `{"arrows": [[x, y], ...]}` after an arrow was let go, or
            `{"start": [x, y]}` after a click on a landscape; `number` tells it from others.
    """

    edit: dict[str, Any] | None


def arrows(  # noqa: PLR0913 (what the component shows and does, by names)
    payload: Mapping[str, Any],
    *,
    key: str,
    alt: str,
    cursor_group: str,
    view: str = "arrows",
    on_edit: Callable[[], None] | None = None,
) -> ArrowEvents:
    """Show gradients as arrows that can be dragged, or runs as paths over a landscape.

    Args:
        payload: For the view "arrows": `arrows` (K, 2), their `gram` (K, K), `methods` with looks
            and the engine's `weights`, `order` and `trace` of PCGrad, `match`, `step`, `reach`,
            `numbers`, `slow`, `editable`, `note`, and `bare` for gradients alone. For
            "paths": `grids`, `box`, `steps`, `methods`, packed `points`, `gradients` and
            `weights`, `front`, `titles`, `note`, `pickable`, `growing`.
        key: The picture's name on the page; the same key keeps the same node and cursor.
        alt: What the picture shows, in a sentence, for those who do not see it.
        cursor_group: Name of the step cursor that the player moves.
        view: "arrows" or "paths".
        on_edit: Called before the script when something was changed; it reads `session.edit`.

    Returns:
        What the visitor did.

    Raises:
        ConfigError: If the view is unknown or the alternative text is empty.
    """
    if not alt.strip():
        raise ConfigError("`alt` must say what the picture shows, got an empty text.")
    if view not in VIEWS:
        raise ConfigError(f"Unknown arrows view {view!r}. Known: {', '.join(VIEWS)}.")
    data = arrows_data(payload, alt, cursor_group, view)
    tell("arrows", key, data)
    data = data | {"answers": session.last_edit(key)}
    result = component("arrows")(key=key, data=data, on_edit_change=on_edit or ignored)
    return ArrowEvents(edit=result.get("edit"))


def arrows_data(
    payload: Mapping[str, Any], alt: str, cursor_group: str, view: str = "arrows"
) -> dict[str, Any]:
    """What the browser needs to draw arrows; see `arrows`."""
    return {**payload, "alt": alt, "cursor_group": cursor_group, "view": view}
