"""The stepper: a film bar over the updates of a stored run."""

from collections.abc import Mapping
from typing import Any

from mtlviz.errors import ConfigError
from mtlviz.ui.component.browser import component


def stepper(  # noqa: PLR0913 (what the component shows and does, by names)
    places: Mapping[str, Any],
    chosen: int,
    *,
    key: str,
    cursor_group: str,
    parameter: str,
    follows: bool = False,
    goes_on: bool = False,
    feed: Mapping[str, str | float] | None = None,
    pictures: Mapping[str, str | float] | None = None,
) -> None:
    """Play, step and scrub through the updates of a run; all charts of the group follow at once.

    No script runs for it: the browser writes the update into the address where the cursor rests,
    and its questions at `pictures` tell the server.

    Args:
        places: `count`, the number of updates, at least 1; `updates`, some whose place on the
            charts' axis is known, rising, and `positions`, those places (packed; those between lie
            in proportion, and without any an update lies at its number); `unit` of the places.
        chosen: The update that Python looks at.
        key: The bar's name on the page; the same key keeps the same node and cursor.
        cursor_group: Name of the step cursor that the bar moves.
        parameter: What the update is called in the address.
        follows: Whether the chosen update is whichever is the newest: the bar then goes along with
            the feed.
        goes_on: Whether there may be newer ones: at its end the bar then follows them.
        feed: Where the bar finds newer updates by itself, as `Feed.described` says it.
        pictures: Where what belongs to one update is found, as `CursorFeed.described` says it.

    Raises:
        ConfigError: If the chosen update is not among them.
    """
    if not 0 <= chosen < places["count"]:
        raise ConfigError(f"`chosen` must be from 0 to {places['count'] - 1}, got {chosen}.")
    data = {
        **places,
        "chosen": chosen,
        "cursor_group": cursor_group,
        "parameter": parameter,
        "follows": follows,
        "goes_on": goes_on,
        "feed": None if feed is None else dict(feed),
        "pictures": None if pictures is None else dict(pictures),
    }
    component("stepper")(key=key, data=data)
