"""Reweighting: weigh a task by what its labels share with the others', against wrong labels."""

import json
from functools import cache, partial
from pathlib import Path
from typing import Any

import numpy as np
import streamlit as st

from mtlviz.engine.measures.transfer import Transfer, paired_interval, transfer
from mtlviz.figures.reweighting import NoisyTask, bars, over_noise, projections
from mtlviz.figures.transfer import TransferBar, transfer_bars
from mtlviz.questions import Question
from mtlviz.toy.reweighting import (
    NOISES,
    NOISY,
    ReweightingConfig,
    ReweightingToy,
    run_reweighting,
    within_tasks,
)
from mtlviz.ui.component import chart
from mtlviz.ui.component.chart import chart_data
from mtlviz.ui.component.take_home import Piece, Shown
from mtlviz.ui.core import guess
from mtlviz.ui.core.controls import asked_controls, controls, show_problem
from mtlviz.ui.core.memo import Memo
from mtlviz.ui.core.take_home import take_pictures_home
from mtlviz.ui.pages.covariance import words
from mtlviz.ui.pages.covariance.alignment import VECTORS, verdict
from mtlviz.ui.pages.covariance.questions import ANY_WEIGHTS, REWEIGHING_QUESTIONS, weighed
from mtlviz.ui.pages.covariance.settings import REWEIGH

FILE = Path(__file__).with_name("reweighting_measured.json")
"""Written by `python -m tests.benchmarks.papers_reweighting --keep`."""
_TASKS = {
    "trec, pairs": "TREC, two classes",
    "trec, whole family": "TREC, five classes",
    "cs224n_sst, pairs": "SST, two thresholds",
    "cs224n_sst, whole family": "SST, four thresholds",
}
_SOLVED = Memo(64)


def sidebar() -> None:
    """What the tasks bring, and what Algorithm 2 keeps of them."""
    enter()
    ends = {"rank": REWEIGH.now.tasks, "capacity": REWEIGH.now.tasks}
    in_sight = asked_controls(REWEIGH, "covariance", ends, _fit)
    rest = tuple(path for path in REWEIGH.now.controls() if path not in in_sight)
    controls(REWEIGH, only=rest, highest=ends, changed=_fit)
    show_problem(REWEIGH)


def _question() -> Question:
    """The story's question, or one that fits what was made of it."""
    own = REWEIGHING_QUESTIONS[REWEIGH.preset]
    return guess.fitting(own, ANY_WEIGHTS, not REWEIGH.is_preset)


def enter() -> None:
    """Say which question the view asks, before anything is drawn."""
    guess.enter(_question().name, REWEIGH.began_as_preset)


def toy() -> None:
    """The question, the verdicts, accuracy over wrong labels, weights and directions."""
    enter()
    question = _question()
    note = guess.changed_from(REWEIGH.preset, not REWEIGH.is_preset)
    if guess.covers("picture"):
        guess.ask(question, note=note)
        return
    config = REWEIGH.now
    found = _SOLVED.once(config, (), lambda: run_reweighting(config))
    changed = changes(config, found)
    again = partial(REWEIGH.open_preset, question.again) if question.again else None
    guess.ask(weighed(question, changed), again, note)
    _pictures(config, found)


def _pictures(config: ReweightingConfig, found: ReweightingToy) -> None:
    covered = guess.covers("answer")
    told = [words.reweighted(whose, each) for whose, each in changes(config, found)]
    if not covered:
        st.markdown("  \n".join(told))
    left, right = st.columns([3, 2], gap="medium")
    drawn = _directions(config, found)
    with left:
        chart(key="reweighting.noise", fit=True, **_accuracy(config, found))
    with right:
        chart(key="reweighting.weights", fit=True, **drawn.pop("weights"))
        if not covered:
            st.caption(words.weights(config, found.weights))
    for column, name in zip(st.columns(len(drawn), gap="medium"), drawn, strict=True):
        with column:
            chart(key=f"reweighting.{name}", **drawn[name])
    if not covered:
        take_pictures_home("reweighting", "Covariance lab: reweighting", told)


def shown() -> Shown:
    """What this view shows now."""
    if guess.covers("picture"):
        return Shown()
    config = REWEIGH.now
    found = _SOLVED.once(config, (), lambda: run_reweighting(config))
    told = [words.reweighted(whose, each) for whose, each in changes(config, found)]
    drawn = {"noise": _accuracy(config, found), **_directions(config, found)}
    return Shown(() if guess.covers("answer") else told,
                 {k: Piece("chart", chart_data(**each)) for k, each in drawn.items()})  # fmt: skip


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


def _fit() -> None:
    """Fewer tasks leave less room for rank and capacity, whose sliders end there."""
    REWEIGH.put(within_tasks(REWEIGH.now)[0])


def _accuracy(config: ReweightingConfig, found: ReweightingToy) -> dict[str, Any]:
    parts = {"task 1": found.by_noise[..., NOISY]}
    if config.tasks > 1:
        others = "task 2" if config.tasks == 2 else "other tasks"
        parts[others] = found.by_noise[..., NOISY + 1 :].mean(axis=-1)
    return {
        "figure": over_noise(
            NOISES,
            [_noisy(name, scores) for name, scores in parts.items()],
            config.noise,
            revision="reweighting.noise",
        ),
        "alt": "Above: what reweighting gains in accuracy over the share of random labels, for the "
        "task with wrong labels and for the others. Below: both accuracies.",
        "how_to_read": "Above zero reweighting gains. Bands: 95 % interval over paired "
        "repetitions. Below, thin: equal weights, thick: reweighted.",
        "height": 420,
        "filename": "reweighting-noise",
    }


def _noisy(name: str, scores: np.ndarray) -> NoisyTask:
    """One line from accuracies of every share, way and repetition, (F, 2, S)."""
    equal, reweighted = scores.mean(axis=2).T
    return NoisyTask(name, equal, reweighted, *paired_interval(100 * (scores[:, 1] - scores[:, 0])))


def _directions(config: ReweightingConfig, found: ReweightingToy) -> dict[str, dict[str, Any]]:
    """Where the tasks' vectors point, their weights, and what they have in common."""
    tasks = [f"task {task + 1}" for task in range(config.tasks)]
    names = [f"σ{place + 1}" for place in range(found.values.shape[1])]
    places = {
        "figure": projections(
            found.places, found.lengths, config.rank, tasks, revision="reweighting.places"
        ),
        "alt": "Each task's vector of inputs times labels in the plane of their two main "
        "directions, with its shadow on the first.",
        "how_to_read": "At rank 1 a task weighs as much as its shadow on the horizontal axis; at "
        "rank 2 the whole arrow counts. First repetition.",
        "height": 300,
        "filename": "reweighting-directions",
    }
    return {
        "places": places,
        "weights": _bars("weights", found.weights, tasks, "weight", 1.0,
                         "Below the dotted line a task counts less than with equal weights."),
        "values": _bars("values", found.values, names, "singular value", None,
                        "A first value far above the rest: the tasks have one thing in common."),
    }  # fmt: skip


def _bars(  # noqa: PLR0913 (one chart and the words beside it)
    key: str, values: np.ndarray, names: list[str], title: str, line: float | None, read: str
) -> dict[str, Any]:
    mean, low, _ = paired_interval(values.T)
    return {
        "figure": bars(mean, mean - low, names, title, line=line, revision=f"reweighting.{key}"),
        "alt": f"Mean {title} of each of {', '.join(names)} with 95 % intervals.",
        "how_to_read": f"{read} Mean and 95 % interval over repetitions.",
        "height": 300,
        "filename": f"reweighting-{key}",
    }


def measured_reweighting() -> None:
    """What Algorithm 2 changed with 20 % random labels in one task."""
    st.markdown(words.measured_reweighting(measured()))
    for vectors, title in VECTORS.items():
        rows = [row for row in measured() if row["vectors"] == vectors]
        if rows:
            _picture(vectors, title, rows)
    st.caption(words.how_reweighting_was_measured(min(row["seeds"] for row in measured())))


def _picture(vectors: str, title: str, rows: list[dict[str, Any]]) -> None:
    st.markdown(f"**With {title}**")
    figure = transfer_bars([bar(row) for row in rows], revision=f"reweighting.measured.{vectors}")
    figure["layout"]["xaxis"]["title"] = {"text": "change in AUC (points)"}
    chart(
        figure,
        key=f"reweighting.measured.{vectors}",
        alt=f"Change in AUC by reweighting with {title}, for the task with random labels and for "
        "the clean ones.",
        how_to_read="Right of zero reweighting gains. Grey: the 95 % interval crosses zero.",
        height=60 + 34 * len(rows),
        filename=f"reweighting-{vectors}",
    )


def bar(row: dict[str, Any]) -> TransferBar:
    """One bar: which tasks, who is scored, and the change in points of AUC."""
    mean, low, high = row["change"]
    label = f"{_TASKS[row['tasks']]}: {row['scored']}"
    return TransferBar(label, mean, (high - low) / 2, verdict(mean, low, high))


@cache
def measured() -> list[dict[str, Any]]:
    """Changes in AUC by Algorithm 2 at rank 1, in points."""
    return json.loads(FILE.read_text(encoding="utf-8"))["rows"]
