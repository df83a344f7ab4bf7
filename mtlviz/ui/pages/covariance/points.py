"""The tasks' examples as points on a plane, and the choice of the plane."""

import streamlit as st

from mtlviz.figures.points import cloud_picture
from mtlviz.runs import projections
from mtlviz.ui.component import chart
from mtlviz.ui.core import run_records, session, work
from mtlviz.ui.core.controls import control
from mtlviz.ui.core.words import escaped, listed
from mtlviz.ui.pages.covariance.clouds import Clouds
from mtlviz.ui.pages.covariance.examples import chosen_marks
from mtlviz.ui.pages.covariance.planes import (
    Plane,
    arranged_plane,
    asked,
    drawn_clouds,
    linear_plane,
    points_to_arrange,
    shrunken,
)
from mtlviz.ui.pages.covariance.settings import (
    COVARIANCE,
    MARKS,
    CovarianceSettings,
    Example,
)

_CHART = "covariance.points"
_PROJECTION = "covariance.projection"
_ARRANGED = ("umap", "tsne")


def points(clouds: Clouds) -> None:
    """The picture of all points with its choice of projection."""
    _take_click(clouds)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        control(COVARIANCE, "projection", width=280)
        if COVARIANCE.now.along > len(clouds.names):
            COVARIANCE.change(along=1)
        control(COVARIANCE, "along", choices=dict(enumerate(clouds.names, start=1)), width=200)
    plane = _plane(COVARIANCE.now, clouds)
    if lost := shrunken(plane):
        _offer_another(lost, clouds)
    _draw(plane, clouds, chosen_marks(clouds))


def _offer_another(lost: list[int], clouds: Clouds) -> None:
    """Say whose points this plane shows as one, and offer the plane that shows them best."""
    first = lost[0]
    told, action = st.columns([3, 2], vertical_alignment="center")
    names = listed([escaped(clouds.names[task]) for task in lost])
    told.caption(f"All of {names} shrinks to a point here: it spreads along other directions.")
    action.button(
        f"The plane of {escaped(clouds.names[first])}", key="covariance.its_plane",
        on_click=lambda: COVARIANCE.change(projection="task", along=first + 1),
        help="The two directions along which this task spreads most.",
    )  # fmt: skip


def _plane(settings: CovarianceSettings, clouds: Clouds) -> Plane:
    """The plane asked for; while it is computed, or where it cannot be, that of PCA."""
    if settings.projection not in _ARRANGED:
        return linear_plane(settings, clouds)
    found = arranged_plane(settings, clouds)
    if found is not None:
        return found
    home, how = run_records.store().home, asked(settings)
    job = work.shared(
        (_PROJECTION, home, clouds.key, how),
        lambda: projections.project(home, points_to_arrange(clouds)[0], how),
        _PROJECTION,
        apart=True,
    )
    work.watch(job, _PROJECTION, stopped=lambda: COVARIANCE.change(projection="pca"))
    st.caption("Until then: PCA of all tasks.")
    return linear_plane(settings.changed(projection="pca"), clouds)


def _draw(plane: Plane, clouds: Clouds, marked: set[Example]) -> None:
    across, upwards = plane.titles
    drawn = drawn_clouds(plane, clouds, marked)
    number, total = sum(len(each.points) for each in drawn), sum(map(len, clouds.rows))
    part = f" {number} of {total} points are drawn." if number < total else ""
    how = (
        "Ellipses reach two standard deviations of all points."
        if plane.linear
        else "Near points are alike; far distances and the sizes of groups mean little, so there "
        "are no ellipses."
    )
    chart(
        cloud_picture(drawn, across, upwards, revision=f"{across} {clouds.key}"),
        key=_CHART,
        alt=f"Examples of {', '.join(clouds.names)} as points, {across}.",
        how_to_read=f"One point, one example: hover to read it, click to find its neighbours. {how}"
        f"{part}",
        height=420,
        fit=True,
        events=("click",),
        filename="points",
    )


def _take_click(clouds: Clouds) -> None:
    """An example that was just clicked in the picture."""
    found = session.clicked(_CHART)
    if found and isinstance(found.get("customdata"), int) and found["trace"] < len(clouds.rows):
        MARKS.change(words="", listed=(), example=(int(found["trace"]), int(found["customdata"])))
