"""A Plotly chart that is updated in place: zoom, focus and the node itself survive new data."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import plotly

from mtlviz.errors import ConfigError
from mtlviz.ui.component.browser import component, ignored
from mtlviz.ui.component.drawn import tell

EVENTS = ("click", "hover")


@dataclass(frozen=True)
class ChartEvents:
    """What a visitor did on the chart since the last run of the script.

    Attributes:
        click: The point clicked: `{"trace", "point", "x", "y", "z", "name", "customdata"}`, or
            None. It is there for one run only.
        hover: The point under the pointer, in the same form, or None.
    """

    click: dict[str, Any] | None
    hover: dict[str, Any] | None


def chart(  # noqa: PLR0913 (what the component shows and does, by names)
    figure: Mapping[str, Any],
    *,
    key: str,
    alt: str,
    title: str = "",
    how_to_read: str = "",
    height: int = 360,
    fit: bool = False,
    cursor_group: str | None = None,
    events: Sequence[str] = (),
    feed: Mapping[str, str | float] | None = None,
    preview: Mapping[str, Any] | None = None,
    missing: str | None = None,
    narrow: Mapping[str, Any] | None = None,
    filename: str = "chart",
) -> ChartEvents:
    """Show a Plotly figure and report clicks; new data moves the same chart, zoom kept.

    Args:
        figure: A plain Plotly dict with `data` and `layout`; arrays may be lists or packed as
            Plotly's `{"dtype", "bdata", "shape"}`.
        key: The chart's name on the page; the same key keeps the same node.
        alt: What the chart shows, in a sentence, for those who do not see it.
        title: What stands above it, in the line of its buttons.
        how_to_read: One or two sentences printed below the chart.
        height: Height of the drawing in pixels.
        fit: Whether it is lower where the window ends before it; in a lesson every chart is.
        cursor_group: Name of the step cursor the x axis follows and sets, or None.
        events: Which of "click" and "hover" run the script again.
        feed: Where the chart finds another figure by itself, as `Feed` or `CursorFeed` says it.
        preview: For a map whose cells are settings of the film with the step cursor `group`: the
            two `axes`, across and upwards, and the `arm` whose transfer it shows. What is pointed
            at is shown by that film.
        missing: What is said in place of a figure that there is not now; None where there is one.
        narrow: The same for a telephone, as high as its layout says; None where one fits both.
        filename: Stem of exported files.

    Returns:
        What the visitor did.

    Raises:
        ConfigError: If an event is unknown or the alternative text is empty.
    """
    _check(alt, events)
    data = {"events": list(events), "feed": None if feed is None else dict(feed)}
    data |= {} if preview is None else {"preview": dict(preview)}
    data |= {"fit": True} if fit else {}
    data |= {"title": title} if title else {}
    data |= {} if missing is None else {"missing": missing}
    data |= {} if narrow is None else {"narrow": dict(narrow)}
    data |= chart_data(
        figure, alt, how_to_read=how_to_read, height=height, cursor_group=cursor_group,
        filename=filename,
    )  # fmt: skip
    tell("chart", key, data)
    result = component("chart")(
        key=key, data=data, on_click_change=ignored, on_hover_change=ignored
    )
    return ChartEvents(click=result.get("click"), hover=result.get("hover"))


def chart_data(  # noqa: PLR0913 (what the component shows and does, by names)
    figure: Mapping[str, Any],
    alt: str,
    *,
    how_to_read: str = "",
    height: int = 360,
    cursor_group: str | None = None,
    filename: str = "chart",
) -> dict[str, Any]:
    """What the browser needs to draw a chart; see `chart`."""
    return {
        "figure": {"data": list(figure["data"]), "layout": dict(figure.get("layout", {}))},
        "alt": alt,
        "how_to_read": how_to_read,
        "height": height,
        "cursor_group": cursor_group,
        "filename": filename,
        "library_version": plotly.__version__,
    }


def chart_library() -> None:
    """Have the browser fetch what charts are drawn with, on a page that has none yet."""
    component("chart_library")(key="chart_library", data={"version": plotly.__version__})


def _check(alt: str, events: Sequence[str]) -> None:
    if not alt.strip():
        raise ConfigError("`alt` must say what the chart shows, got an empty text.")
    unknown = [event for event in events if event not in EVENTS]
    if unknown:
        raise ConfigError(f"Unknown chart event {unknown[0]!r}. Known: {', '.join(EVENTS)}.")
