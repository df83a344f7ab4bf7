"""Two tasks in detail: principal directions, the angles between them, covariances, meanings."""

import numpy as np
import streamlit as st

from mtlviz.engine.measures.similarity import angles_by_chance, direction_cosines, principal_angles
from mtlviz.engine.measures.task_spectra import Analysis, compared
from mtlviz.figures import covariance as figures
from mtlviz.ui.component import chart
from mtlviz.ui.core.controls import control
from mtlviz.ui.core.words import escaped
from mtlviz.ui.pages.covariance.clouds import Clouds
from mtlviz.ui.pages.covariance.settings import DETAIL, MOST_DIRECTIONS

_EXTREMES = 4


def two_tasks(found: Analysis, clouds: Clouds) -> None:
    """Two tasks in detail: their covariances, directions, angles, and what directions mean."""
    st.subheader("Two tasks in detail", anchor="directions")
    if len(clouds.names) < 2:
        st.info("Choose a second task in the controls, under Data.")
        return
    first, second = _pair(found, clouds)
    if first == second:
        st.info("Choose two different tasks.")
        return
    size = min(MOST_DIRECTIONS, *(len(found.spectra[task].values) for task in (first, second)))
    bases = [found.spectra[task].directions[:, :size] for task in (first, second)]
    angles = principal_angles(*bases)
    names = clouds.names[first], clouds.names[second]
    st.markdown(_angle_sentence(angles, names, clouds.rows[0].shape[1]))
    left, right = st.columns(2)
    with left:
        _angles(angles, names, clouds.rows[0].shape[1])
    with right:
        _directions(bases, names)
    _covariances(found, clouds, first, second, size)
    _meaning(found, clouds, first)


def _pair(found: Analysis, clouds: Clouds) -> tuple[int, int]:
    """The two tasks looked at: at first the least alike."""
    pairs = compared(found)
    start = pairs[1] if pairs else (0, 1)
    names = dict(enumerate(clouds.names))
    for path, task, column in zip(("first", "second"), start, st.columns(2), strict=True):
        if DETAIL.now.value_at(path) not in names:
            DETAIL.change(**{path: task})
        with column:
            control(DETAIL, path, choices=names)
    return DETAIL.now.value_at("first"), DETAIL.now.value_at("second")


def _angle_sentence(angles: np.ndarray, names: tuple[str, str], width: int) -> str:
    chance = np.degrees(angles_by_chance(width, len(angles)))
    mean, least = np.degrees(angles).mean(), chance[0].mean()
    like = "closer than chance" if mean < least else "no closer than random subspaces of this size"
    return (
        f"The leading {len(angles)} directions of **{escaped(names[0])}** and "
        f"**{escaped(names[1])}** stand at {mean:.0f}° on average, from "
        f"{np.degrees(angles[0]):.0f}° to {np.degrees(angles[-1]):.0f}°: {like} "
        f"({chance[1].mean():.0f}°)."
    )


def _angles(angles: np.ndarray, names: tuple[str, str], width: int) -> None:
    chart(
        figures.angle_curve(
            angles, angles_by_chance(width, len(angles)), revision=f"angles {names}"
        ),
        key="covariance.angles",
        alt=f"Principal angles between the leading directions of {names[0]} and {names[1]}.",
        how_to_read="0°: a direction in common. 90°: none. Grey: random subspaces (least, middle "
        "and greatest of 40).",
        height=330,
        filename="principal-angles",
    )


def _directions(bases: list[np.ndarray], names: tuple[str, str]) -> None:
    chart(
        figures.direction_heatmap(direction_cosines(*bases), *names),
        key="covariance.directions",
        alt=f"How much each leading direction of {names[0]} lies along those of {names[1]}.",
        how_to_read="Blue on the diagonal: the same directions in the same order of importance.",
        height=330,
        filename="principal-directions",
    )


def _covariances(found: Analysis, clouds: Clouds, first: int, second: int, size: int) -> None:
    """Both covariances along the first task's leading directions."""
    basis = found.spectra[first].directions[:, :size]
    matrices = []
    for task in (first, second):
        spread = found.spectra[task]
        inside = basis.T @ spread.directions
        matrices.append((inside * spread.values) @ inside.T / spread.values.sum())
    # The first direction may dwarf all others; the colours are for the others.
    reach = max(float(np.abs(matrix).ravel()[1:].max()) for matrix in matrices)
    st.markdown(
        f"**Covariances along the {size} leading directions of {escaped(clouds.names[first])}**: "
        f"they hold {np.trace(matrices[0]):.0%} of its spread and {np.trace(matrices[1]):.0%} of "
        f"that of {escaped(clouds.names[second])}."
    )
    for place, (column, task, matrix) in enumerate(
        zip(st.columns(2), (first, second), matrices, strict=True)
    ):
        with column:
            chart(
                figures.covariance_heatmap(matrix, reach, revision=f"covariance {task} {first}"),
                key=f"covariance.matrix.{place}",
                alt=f"Covariance of {clouds.names[task]} along those directions.",
                how_to_read=f"{clouds.names[task]}: its own directions, so only the diagonal. The "
                "first cell may lie beyond the deepest colour."
                if task == first
                else f"{clouds.names[task]} along the other's directions: colour off the diagonal "
                "means that its own lie elsewhere.",
                height=300,
                filename="covariance",
            )


def _meaning(found: Analysis, clouds: Clouds, task: int) -> None:
    """Which sentences lie at the ends of a direction."""
    count = min(MOST_DIRECTIONS, found.spectra[task].directions.shape[1])
    name = escaped(clouds.names[task])
    if DETAIL.now.direction > count:
        DETAIL.change(direction=count)
    if count > 1:
        control(DETAIL, "direction", high=count)
    number = DETAIL.now.direction
    along = clouds.rows[task] @ found.spectra[task].directions[:, number - 1]
    order = np.argsort(along, kind="stable")
    shown = clouds.texts[task].shown
    st.markdown(f"**What direction {number} of {name} tells apart**: examples at its two ends.")
    for column, places in zip(st.columns(2), (order[::-1], order), strict=True):
        with column:
            st.dataframe(
                {
                    "along it": [float(along[place]) for place in places[:_EXTREMES]],
                    "text": [shown[place] for place in places[:_EXTREMES]],
                },
                hide_index=True,
                column_config={"along it": st.column_config.NumberColumn(format="%+.2f")},
            )
