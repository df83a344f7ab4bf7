"""The tasks' examples as points on a plane, and the choice of the plane."""

import streamlit as st

from mtlviz.figures.points import cloud_picture
from mtlviz.runs import projections
from mtlviz.ui import cache, state
from mtlviz.ui.component import chart
from mtlviz.ui.covariance.clouds import Clouds
from mtlviz.ui.covariance.controls import common
from mtlviz.ui.covariance.examples import chosen_marks
from mtlviz.ui.covariance.jobs import running_job, show_job, start_job
from mtlviz.ui.covariance.planes import (
    Plane,
    arranged_plane,
    asked,
    drawn_clouds,
    linear_plane,
    points_to_arrange,
)
from mtlviz.ui.covariance.settings import METHODS, CovarianceSettings
from mtlviz.ui.state import covariance as chosen

_CHART = "covariance.points"
_ARRANGED = ("umap", "tsne")


def points(clouds: Clouds) -> None:
    """The picture of all points with its choice of projection."""
    settings = chosen.settings()
    _take_click(clouds)
    _projection_controls(settings, clouds)
    plane = _plane(settings, clouds)
    _draw(plane, clouds, chosen_marks(clouds))


def _projection_controls(settings: CovarianceSettings, clouds: Clouds) -> None:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.selectbox(
            "Projection",
            list(METHODS),
            format_func=METHODS.get,
            width=280,
            **common(settings, "projection"),
        )
        if settings.projection == "task":
            if settings.along > len(clouds.names):
                chosen.change(along=1)
            st.selectbox(
                "Whose directions",
                list(range(1, len(clouds.names) + 1)),
                format_func=lambda number: clouds.names[number - 1],
                width=200,
                **common(chosen.settings(), "along"),
            )


def _plane(settings: CovarianceSettings, clouds: Clouds) -> Plane:
    """The plane asked for; while it is computed, or where it cannot be, that of PCA."""
    if settings.projection not in _ARRANGED:
        return linear_plane(settings, clouds)
    found = arranged_plane(settings, clouds)
    if found is not None:
        return found
    key = f"{clouds.key} {asked(settings)}"
    job = running_job("projection", key)
    if job is None:
        home = cache.store().home
        to_arrange, _ = points_to_arrange(clouds)
        job = start_job("projection", key, projections.project(home, to_arrange, asked(settings)))
    show_job(job, "projection", on_stop=lambda: chosen.change(projection="pca"))
    st.caption("Until then: PCA of all tasks.")
    return linear_plane(settings.changed(projection="pca"), clouds)


def _draw(plane: Plane, clouds: Clouds, marked: set[chosen.Example]) -> None:
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
        events=("click",),
        filename="points",
    )


def _take_click(clouds: Clouds) -> None:
    """An example that was just clicked in the picture."""
    found = state.clicked(_CHART)
    if found and isinstance(found.get("customdata"), int) and found["trace"] < len(clouds.rows):
        chosen.forget_marks()
        chosen.choose_example((int(found["trace"]), int(found["customdata"])))
