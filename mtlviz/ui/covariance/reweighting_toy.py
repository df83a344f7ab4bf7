"""Tasks on the same inputs, one with wrong labels: weights, main directions, accuracy."""

import numpy as np
import streamlit as st

from mtlviz.engine.measures.transfer import Transfer, paired_interval, transfer
from mtlviz.figures.reweighting import bars, projections
from mtlviz.figures.reweighting_noise import NoisyTask, over_noise
from mtlviz.toy.reweighting import (
    NOISES,
    NOISY,
    ReweightingConfig,
    ReweightingToy,
    run_reweighting,
)
from mtlviz.ui import state
from mtlviz.ui.component import chart
from mtlviz.ui.covariance import reweighting_words
from mtlviz.ui.covariance.alignment_controls import grouped_sliders
from mtlviz.ui.state import reweighting as chosen

_GROUPS = {
    "Data": ("noise", "tasks", "angle", "examples", "width"),
    "Capacity": ("capacity",),
    "Optimisation": ("rank", "seeds"),
}


@st.cache_data(max_entries=64, show_spinner=False)
def _solved(settings: str) -> ReweightingToy:
    return run_reweighting(ReweightingConfig.model_validate_json(settings))


# A fragment: a slider draws these pictures again, and nothing else of the page.
@st.fragment
def toy() -> None:
    """The verdicts, accuracy over wrong labels with the controls, weights and directions."""
    config = chosen.reweighting()
    found = _solved(config.model_dump_json())
    told = [reweighting_words.verdict(each, whose) for whose, each in changes(config, found)]
    st.markdown("  \n".join(told))
    left, right = st.columns([3, 2], gap="medium")
    with right:
        ends = {"rank": config.tasks, "capacity": config.tasks}
        grouped_sliders(config, _GROUPS, chosen.PREFIX, _change, open_group="Data", highest=ends)
    with left:
        _accuracy(config, found)
        st.caption(reweighting_words.weights(config, found.weights))
    _directions(config, found)
    state.write_link()


def changes(config: ReweightingConfig, found: ReweightingToy) -> list[tuple[str, Transfer]]:
    """Reweighted less equal weights, for the task with wrong labels and the mean of the others."""
    told = [
        ("task 1, with wrong labels", transfer(found.weighted[:, NOISY], found.equal[:, NOISY]))
    ]
    if config.tasks > 1:
        others = "task 2" if config.tasks == 2 else "the other tasks"
        means = (each[:, NOISY + 1 :].mean(axis=1) for each in (found.weighted, found.equal))
        told.append((others, transfer(*means)))
    return told


def _change(name: str, value: object) -> None:
    values = chosen.reweighting().model_dump() | {name: value}
    chosen.set_reweighting(chosen.within_tasks(ReweightingConfig.model_validate(values)))


def _accuracy(config: ReweightingConfig, found: ReweightingToy) -> None:
    parts = {"task 1": found.by_noise[..., NOISY]}
    if config.tasks > 1:
        others = "task 2" if config.tasks == 2 else "other tasks"
        parts[others] = found.by_noise[..., NOISY + 1 :].mean(axis=-1)
    chart(
        over_noise(
            NOISES,
            [_noisy(name, scores) for name, scores in parts.items()],
            config.noise,
            revision="reweighting.noise",
        ),
        key="reweighting.noise",
        alt="Above: what reweighting gains in accuracy over the share of random labels, for the "
        "task with wrong labels and for the others. Below: both accuracies.",
        how_to_read="Above zero reweighting gains. Bands: 95 % interval over paired repetitions. "
        "Below, thin: equal weights, thick: reweighted.",
        height=420,
        filename="reweighting-noise",
    )


def _noisy(name: str, scores: np.ndarray) -> NoisyTask:
    """One line from accuracies of every share, way and repetition, (F, 2, S)."""
    equal, reweighted = scores.mean(axis=2).T
    return NoisyTask(name, equal, reweighted, *paired_interval(100 * (scores[:, 1] - scores[:, 0])))


def _directions(config: ReweightingConfig, found: ReweightingToy) -> None:
    tasks = [f"task {task + 1}" for task in range(config.tasks)]
    left, middle, right = st.columns(3, gap="medium")
    with left:
        chart(
            projections(
                found.places, found.lengths, config.rank, tasks, revision="reweighting.places"
            ),
            key="reweighting.places",
            alt="Each task's vector of inputs times labels in the plane of their two main "
            "directions, with its shadow on the first.",
            how_to_read="At rank 1 a task weighs as much as its shadow on the horizontal axis; at "
            "rank 2 the whole arrow counts. First repetition.",
            height=300,
            filename="reweighting-directions",
        )
    with middle:
        _bars("weights", found.weights, tasks, "weight", 1.0,
              "Below the dotted line a task counts less than with equal weights.")  # fmt: skip
    with right:
        names = [f"σ{place + 1}" for place in range(found.values.shape[1])]
        _bars("values", found.values, names, "singular value", None,
              "A first value far above the rest: the tasks have one thing in common.")  # fmt: skip


def _bars(
    key: str, values: np.ndarray, names: list[str], title: str, line: float | None, read: str
) -> None:
    mean, low, _ = paired_interval(values.T)
    chart(
        bars(mean, mean - low, names, title, line=line, revision=f"reweighting.{key}"),
        key=f"reweighting.{key}",
        alt=f"Mean {title} of each of {', '.join(names)} with 95 % intervals.",
        how_to_read=f"{read} Mean and 95 % interval over repetitions.",
        height=300,
        filename=f"reweighting-{key}",
    )
