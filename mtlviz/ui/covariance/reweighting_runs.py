"""Reweighting on text: tasks on the same sentences, wrong labels in one, three weightings."""

import streamlit as st

from mtlviz.engine.config import (
    CapacityConfig,
    DataConfig,
    OptimisationConfig,
    ProbeConfig,
    RunConfig,
    TaskConfig,
)
from mtlviz.runs.study import FREE, Study
from mtlviz.ui.covariance import reweighting_words
from mtlviz.ui.covariance.alignment_results import Question, queue_runs, results

_KEY = "reweighting.runs"
_NOTHING = (
    "No run with SVD weights beside equal weights yet. Queue some: three seeds take some minutes, "
    "and you may leave the page meanwhile."
)
AGREEMENTS = {"reader 1": 1.0, "reader 2": 0.9, "reader 3": 0.8}
"""Three readers judge the same sentences; the later ones judge some adjectives the other way."""


_TITLES = {"equal": "equal", "svd": "SVD", "svd_task_embeddings": "SVD, blog"}
QUESTION = Question(
    Study(
        {way: {"optimisation.weighting": way} for way in _TITLES},
        free=(*FREE, "optimisation.weighting_options"),
    ),
    _TITLES,
    compared=(("svd", "equal"), ("svd_task_embeddings", "equal")),
)


def section() -> None:
    """Choose the share of wrong labels, queue the runs, and see how they end."""
    shown = st.expander(
        "On text: three readers of the same sentences, one of them careless",
        on_change="rerun",
        key=_KEY,
    )
    if shown.open:
        with shown:
            _form()
            results(QUESTION, _KEY, _NOTHING, reweighting_words.run_verdict)
            st.caption(
                "The blog's wording, one embedding per task, gives tasks on the same sentences "
                "equal weights: its runs equal those with equal weights."
            )


def _form() -> None:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        noise = st.slider(
            "Random labels of reader 1", 0.0, 1.0, 0.2, 0.05, key=f"{_KEY}.noise",
            help="Share of reader 1's training labels replaced by a coin's.",
        )  # fmt: skip
        seeds = st.number_input(
            "Seeds", 1, 10, value=3, key=f"{_KEY}.seeds",
            help="Each seed is one run of each weighting. One seed gives no interval.",
        )  # fmt: skip
        st.button(
            f"Queue {3 * int(seeds)} runs", key=f"{_KEY}.queue", on_click=_queue,
            args=(float(noise), int(seeds)),
            help="Equal weights, Algorithm 2 at rank 1, and the blog's wording of it.",
        )  # fmt: skip


def _queue(noise: float, seeds: int) -> None:
    queue_runs(variants(noise, seeds), _KEY)


def variants(noise: float, seeds: int) -> list[RunConfig]:
    """The runs to make: each weighting with each seed.

    Args:
        noise: Share of reader 1's training labels that are random.
        seeds: Number of seeds.
    """
    tasks = tuple(
        TaskConfig(name=name, options={"agreement": share}, label_noise=0.0 if place else noise)
        for place, (name, share) in enumerate(AGREEMENTS.items())
    )
    base = RunConfig(
        name="readers",
        data=DataConfig(tasks=tasks, batch_size=64, max_length=32),
        capacity=CapacityConfig(encoder="mean", width=8, vector_width=32),
        optimisation=OptimisationConfig(epochs=10, learning_rate=1e-2),
        probes=ProbeConfig(planes_every=0),
    )
    found = QUESTION.study.runs(
        base,
        range(seeds),
        lambda way, seed: f"readers, {noise:.0%} random · {_TITLES[way]} · seed {seed}",
    )
    return list(found.values())
