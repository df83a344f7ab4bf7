"""The film: panels of a training run that the browser plays, scrubs and lets a visitor edit."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from mtlviz.errors import ConfigError
from mtlviz.ui.component.browser import component, ignored
from mtlviz.ui.component.drawn import tell
from mtlviz.ui.core import session

VIEWS = ("panels", "landscape")


@dataclass(frozen=True)
class FilmEvents:
    """What a visitor did on the film since the last run of the script.

    Attributes:
        edit: The released edit, for one run only, or None. `kind` is "scene" (`task`, `scene`),
            "paint" (`task`, `label`, and `x`, `y` or a stroke's `points`), "move_point" (`task`,
            `point`, `was`, `x`, `y`), "erase" (`task`, `point`, `was`) or "select" (`task`, chosen
            by its chip, row or cloud); `point` counts all the task's points from 0 in the order of
            the payload, `was` is the place [x, y] where it was seen; `number` tells it from others.
    """

    edit: dict[str, Any] | None


def film(  # noqa: PLR0913 (what the component shows and does, by names)
    payload: Mapping[str, Any],
    *,
    key: str,
    alt: str,
    cursor_group: str,
    editable: bool = True,
    view: str = "panels",
    panel: int = 0,
    autoplay: str = "",
    at_start: bool = False,
    bar: bool = True,
    verdict_at_end: bool = False,
    beneath: str = "",
    task: int | None = None,
    on_edit: Callable[[], None] | None = None,
) -> FilmEvents:
    """Play a training run: the data, what each arm has learned so far, and how sure it is.

    Args:
        payload: The film: `steps` (F), `tasks` and `panels` with packed parameters per kept step.
            The browser computes every picture from the parameters.
        key: The film's name on the page; the same key keeps the same node and cursor.
        alt: What the film shows, in a sentence, for those who do not see it.
        cursor_group: Name of the step cursor; charts of the same group follow the film.
        editable: Whether data can be dragged, painted and erased.
        view: "panels" for the player, "landscape" for the exact losses over the shared vector.
        panel: In the landscape, which panel's run is drawn, counted from 0.
        autoplay: The film plays from its start whenever this becomes another text; empty for
            never. It jumps from one of a few frames to the next where less motion is asked for.
        at_start: Whether the film opens on its first frame and waits to be played.
        bar: Whether there is a bar to play it with; without one it rests on its first frame.
        verdict_at_end: Whether the panels' verdicts are shown on the last frame only.
        beneath: Key of a container below the film that has to be in sight with it. The pictures
            are as large as the window has room for, below what stands above them and with this.
        task: The task whose data is edited, counted from 0; the browser's own choice if None.
        on_edit: Called before the script when an edit was released; it reads `session.edit`.

    Returns:
        What the visitor did.

    Raises:
        ConfigError: If the view or panel is unknown or the alternative text is empty.
    """
    _check(payload, alt, view, panel)
    data = film_data(payload, alt, cursor_group, bar=bar, autoplay=autoplay) | {
        "editable": editable,
        "view": view,
        "panel": panel,
        "at_start": at_start or not bar,
        "verdict_at_end": verdict_at_end,
        "beneath": beneath,
        "task": task,
    }
    tell("film", key, data)
    data = data | {"answers": session.last_edit(key)}
    result = component("film")(key=key, data=data, on_edit_change=on_edit or ignored)
    return FilmEvents(edit=result.get("edit"))


def film_data(
    payload: Mapping[str, Any],
    alt: str,
    cursor_group: str,
    *,
    bar: bool = True,
    autoplay: str = "",
) -> dict[str, Any]:
    """What the browser needs to play a film that nobody edits; see `film`."""
    return {
        "payload": dict(payload), "alt": alt, "cursor_group": cursor_group, "editable": False,
        "view": "panels", "panel": 0, "autoplay": autoplay, "at_start": not bar, "bar": bar,
        "verdict_at_end": False, "beneath": "", "task": None,
    }  # fmt: skip


def _check(payload: Mapping[str, Any], alt: str, view: str, panel: int) -> None:
    if not alt.strip():
        raise ConfigError("`alt` must say what the film shows, got an empty text.")
    if view not in VIEWS:
        raise ConfigError(f"Unknown film view {view!r}. Known: {', '.join(VIEWS)}.")
    if not 0 <= panel < len(payload["panels"]):
        count = len(payload["panels"])
        raise ConfigError(f"`panel` must be from 0 to {count - 1}, got {panel}.")
