"""What runs recorded of their embeddings: tasks' clouds and similarities, way beside way."""

from collections.abc import Mapping, Sequence

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from mtlviz.engine.measures.covariance import ellipse, principal_plane, spectrum, truncated
from mtlviz.engine.measures.similarity import similarity_matrix
from mtlviz.engine.records import Snapshot
from mtlviz.figures.covariance import similarity_heatmap
from mtlviz.figures.points import Cloud, cloud_picture
from mtlviz.runs.study import PairedRuns
from mtlviz.runs.summary import RunSummary
from mtlviz.ui import cache
from mtlviz.ui.component import chart

_MOST_POINTS = 100


def pictures(titles: Mapping[str, str], group: PairedRuns, runs: dict[int, RunSummary]) -> None:
    """Clouds and similarities of one seed's runs, as training goes on."""
    seed = min(seed for _, seed in group.runs)
    recorded = {
        way: snapshots
        for way in titles
        if (way, seed) in group.runs and (snapshots := _snapshots(runs[group.runs[way, seed]]))
    }
    updates = sorted({each.update for found in recorded.values() for each in found})
    if not updates:
        st.caption("No run of this experiment recorded embeddings.")
        return
    update = updates[-1]
    if len(updates) > 1:
        update = st.select_slider(
            "Before update", updates, value=updates[-1], key="alignment.update",
            help="Embeddings as they leave the encoder, recorded while the runs trained.",
        )  # fmt: skip
    first = runs[group.runs[next(iter(recorded)), seed]]
    names = [task.name for task in cache.run_config(first).data.tasks]
    for column, (way, found) in zip(st.columns(len(recorded)), recorded.items(), strict=True):
        with column:
            st.markdown(f"**{titles[way].capitalize()}**")
            _picture(titles[way], names, min(found, key=lambda each: abs(each.update - update)))
    st.caption(
        f"Seed {seed}. Vectors as they leave the encoder. Where they enter it, after R, the view "
        "*Covariance* shows them for any run that kept a checkpoint."
    )


def _snapshots(run: RunSummary) -> list[Snapshot]:
    return _read(str(cache.store().home), run.id, run.created, run.edition, run.updates)


@st.cache_data(max_entries=24, show_spinner=False)
def _read(home: str, run: int, created: float, edition: int, updates: int) -> list[Snapshot]:
    found = cache.store().records(run, kinds=("snapshot",))
    return [record for _, record in found if isinstance(record, Snapshot)]


def _picture(way: str, names: Sequence[str], snapshot: Snapshot) -> None:
    rows = [np.asarray(each, dtype=np.float64) for each in snapshot.embeddings]
    chart(
        cloud_picture(_clouds(names, rows), "first direction", "second direction",
                      revision=f"alignment.{way}"),
        key=f"alignment.points.{way}",
        alt=f"Embeddings of {', '.join(names)} in their two main directions, {way}, with an "
        "ellipse for each task.",
        how_to_read="Ellipses that lie over one another, turned alike: similar covariances.",
        height=300,
        filename=f"alignment-{way}",
    )  # fmt: skip
    matrix = similarity_matrix([truncated(spectrum(each)) for each in rows])
    chart(
        similarity_heatmap(matrix, names, revision=f"alignment.similar.{way}"),
        key=f"alignment.similar.{way}",
        alt=f"Similarity of every two tasks by equation 5, {way}.",
        how_to_read="Equation 5: the deeper the blue, the more alike; a task is not 1 with itself.",
        height=260,
        filename=f"alignment-similarity-{way}",
    )


def _clouds(names: Sequence[str], rows: Sequence[NDArray[np.float64]]) -> list[Cloud]:
    mean, directions = principal_plane(rows)
    clouds = []
    for task, (name, each) in enumerate(zip(names, rows, strict=True)):
        points = (each - mean) @ directions
        shown = points[:_MOST_POINTS]
        numbers = np.arange(len(shown))
        nothing = np.zeros(len(shown), dtype=np.bool_)
        clouds.append(Cloud(name, task, shown, [name] * len(shown), numbers, nothing,
                            ellipse(points)))  # fmt: skip
    return clouds
