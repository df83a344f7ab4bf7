"""The number of an update to be typed, and updates to be chosen; they move a step cursor."""

from collections.abc import Mapping, Sequence
from typing import Any

from mtlviz.ui.component.browser import component


def update_field(  # noqa: PLR0913 (what the component shows and does, by names)
    label: str,
    choices: Sequence[tuple[int, str]],
    *,
    key: str,
    cursor_group: str,
    help: str,
    feed: Mapping[str, Any],
) -> None:
    """Show the update at the cursor as a field, with those that lie in conflict as buttons.

    Args:
        label: What stands above the field.
        choices: Number of each update to choose, and what is said of it.
        key: Name on the page; the same key keeps the same node.
        cursor_group: Name of the step cursor that it follows and moves.
        help: What stands below the field.
        feed: Where the browser finds newer `choices`, as `CursorFeed.described` says it.
    """
    data = {
        "label": label, "choices": [list(each) for each in choices], "help": help,
        "cursor_group": cursor_group, "feed": dict(feed),
    }  # fmt: skip
    component("update_field")(key=key, data=data)
