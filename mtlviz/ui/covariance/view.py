"""The covariance view of the lab: the picture first, then what it is made of."""

import streamlit as st

from mtlviz.engine.measures.task_spectra import without_spread
from mtlviz.runs.projections import warm_helper
from mtlviz.ui import cache
from mtlviz.ui.core.words import escaped
from mtlviz.ui.covariance import cached
from mtlviz.ui.covariance.clouds import Clouds, Wanted, wanted
from mtlviz.ui.covariance.comparison import opening_matrix, three_similarities
from mtlviz.ui.covariance.directions import two_tasks
from mtlviz.ui.covariance.examples import examples
from mtlviz.ui.covariance.jobs import running_job, show_job, start_job
from mtlviz.ui.covariance.points import points
from mtlviz.ui.covariance.spectra import spectra
from mtlviz.ui.covariance.verdict import verdict
from mtlviz.ui.state import covariance as chosen


def covariance_view() -> None:
    """The tasks' points beside their similarity, and below what both are made of.

    Raises:
        MtlvizError: The tasks or the encoder cannot be read.
    """
    st.markdown(
        "Each example is a point. Do two tasks **spread along the same directions**? "
        "Then, the paper says, they share well."
    )
    found = wanted(chosen.settings())
    if found.clouds is None:
        _compute(found)
        return
    # UMAP compiles while the visitor looks at the first picture.
    warm_helper(cache.store().home)
    _shown(found.clouds)


def _compute(found: Wanted) -> None:
    """Offer to compute what is missing, and show how far it is."""
    job = running_job("embedding", found.key)
    if job is not None and (job.running or job.error):
        show_job(job, "embedding")
        return
    st.info(f"The embeddings of {found.about} are not there yet. They are computed once and kept.")
    if found.work is not None:
        st.button(
            "Compute the embeddings",
            type="primary",
            key="covariance.compute",
            on_click=start_job,
            args=("embedding", found.key, found.work),
            help="In a process of its own; you can go to other pages meanwhile.",
        )


def _shown(clouds: Clouds) -> None:
    centred = chosen.settings().around == "mean"
    found = cached.analysis(clouds.keys, centred, clouds.rows)
    if still := without_spread(found, clouds.rows):
        st.info(
            f"All examples of {escaped(clouds.names[still[0]])} have one embedding here, so it "
            "spreads along no direction and cannot be compared. Choose another layer, pooling or "
            "encoder in the controls, or leave the task out."
        )
        return
    st.markdown(verdict(found, clouds.names))
    st.fragment(_pictures)(clouds, centred)
    three_similarities(found, clouds.names)
    spectra(found, clouds)
    st.fragment(two_tasks)(found, clouds)


def _pictures(clouds: Clouds, centred: bool) -> None:
    """Points and similarity side by side, the list of examples below."""
    found = cached.analysis(clouds.keys, centred, clouds.rows)
    left, right = st.columns([3, 2] if len(clouds.names) <= 6 else [1, 1])
    with left:
        points(clouds)
    with right:
        opening_matrix(found, clouds.names)
    examples(clouds)
