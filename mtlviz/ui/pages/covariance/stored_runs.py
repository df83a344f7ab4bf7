"""Runs that answer the two questions on text: their form, their scores, what else they left."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from mtlviz.engine.config import RunConfig
from mtlviz.engine.measures.covariance import ellipse, principal_plane, spectrum, truncated
from mtlviz.engine.measures.similarity import similarity_matrix
from mtlviz.engine.measures.transfer import Transfer
from mtlviz.engine.presets import preset
from mtlviz.engine.records import Snapshot
from mtlviz.errors import MtlvizError
from mtlviz.figures.covariance import similarity_heatmap
from mtlviz.figures.points import Cloud, cloud_picture
from mtlviz.runs import covariance_studies as studies
from mtlviz.runs import queue
from mtlviz.runs.covariance_studies import Question
from mtlviz.runs.study import PairedRuns
from mtlviz.runs.summary import RunSummary
from mtlviz.ui.component import chart
from mtlviz.ui.core import link, run_records, work
from mtlviz.ui.core.controls import control, show_problem
from mtlviz.ui.core.memo import Memo
from mtlviz.ui.core.part import Part
from mtlviz.ui.core.session import visitor
from mtlviz.ui.core.transfer_words import mean, points
from mtlviz.ui.core.words import counted, escaped, table
from mtlviz.ui.pages import entry
from mtlviz.ui.pages.covariance import words
from mtlviz.ui.pages.covariance.settings import ALIGNMENT_RUNS, REWEIGHTING_RUNS

_LOOKED_AT = 300
_MOST_POINTS = 100
_SNAPSHOTS = Memo(24)
Runs = dict[int, RunSummary]


@dataclass(frozen=True)
class _Asked:
    """A question on the page.

    Attributes:
        question: The ways that are compared.
        part: What the next runs are made of.
        help: What the button does.
        nothing: What to say while no runs answer it.
        plan: The runs to make.
        tell: One sentence for a task's name and its first difference.
        more: Shows what else the runs left.
    """

    question: Question
    part: Part
    help: str
    nothing: str
    plan: Callable[[], list[RunConfig]]
    tell: Callable[[str, Transfer], str]
    more: Callable[[PairedRuns, Runs], None] | None = None


def runs_with_alignment() -> None:
    """Choose tasks, queue the runs, and see how they end."""
    _asked(_ALIGNMENT, "base")


def runs_with_reweighting() -> None:
    """Choose the share of wrong labels, queue the runs, and see how they end."""
    _asked(_REWEIGHTING, "noise")
    st.caption(
        "The blog's wording, one embedding per task, gives tasks on the same sentences equal "
        "weights: its runs equal those with equal weights."
    )


def _asked(asked: _Asked, first: str) -> None:
    name = asked.part.name
    with st.container(horizontal=True, vertical_alignment="bottom"):
        control(asked.part, first)
        control(asked.part, "seeds", look="field")
        st.button(
            f"Queue {len(asked.question.titles) * asked.part.now.seeds} runs",
            key=f"{name}.queue", on_click=_queue, args=(asked,), help=asked.help,
        )  # fmt: skip
    show_problem(asked.part)
    work.live(
        lambda: _results(asked), lambda: any(run.pending for run in _runs().values()), every=1.5
    )


def _queue(asked: _Asked) -> None:
    """Put runs into the queue, or keep the sentence that says why not."""
    try:
        queue.start_all(run_records.store(), asked.plan(), visitor())
    except MtlvizError as error:
        asked.part.tell(str(error))


def _results(asked: _Asked) -> None:
    """The newest experiment that answers the question, kept up to date while its runs go on."""
    run_records.tick()
    runs = _runs()
    configs = ((run.id, run_records.run_config(run)) for run in runs.values())
    known = asked.question.experiments(configs)
    if not known:
        st.caption(asked.nothing)
        return
    group = known[_chosen(known, asked.part)]
    shares = [runs[number].share for number in group.runs.values()]
    st.progress(sum(shares) / len(shares), text=_progress_text(group, runs))
    _scores(asked, group, runs)
    if asked.more is not None:
        asked.more(group, runs)
    link.write_link()  # What is chosen inside a fragment runs the fragment alone.


def _runs() -> Runs:
    return {run.id: run for run in run_records.store().runs()[:_LOOKED_AT]}


def _chosen(known: list[PairedRuns], part: Part) -> int:
    if len(known) == 1:
        return 0
    if part.now.group >= len(known):
        part.change(group=0)
    control(part, "group", choices={
        place: f"{', '.join(each.tasks)}: {counted(len(each.runs), 'run')}"
        for place, each in enumerate(known)
    })  # fmt: skip
    return part.now.group


def _progress_text(group: PairedRuns, runs: Runs) -> str:
    chosen = [runs[number] for number in group.runs.values()]
    finished = sum(run.status == "finished" for run in chosen)
    text = f"{finished} of {counted(len(chosen), 'run')} finished"
    failed = [f"{run.id}" for run in chosen if run.status == "failed"]
    return f"{text}; failed: {', '.join(failed)}, see the page Run" if failed else text


def _scores(asked: _Asked, group: PairedRuns, runs: Runs) -> None:
    """One verdict and one row for each task."""
    question, found = (
        asked.question,
        run_records.results(runs[each] for each in group.runs.values()),
    )
    if not found:
        st.caption("Scores appear when the first runs are finished.")
        return
    told, rows = [], []
    for place, task in enumerate(next(iter(found.values())).tasks):
        scores = {
            number: result.scores[place]
            for number, result in found.items()
            if math.isfinite(result.scores[place])
        }
        differences = [group.difference(scores, *pair) for pair in question.compared]
        if differences[0] is not None:
            told.append(asked.tell(f"**{escaped(task)}**", differences[0]))
        means = [
            mean(np.array(list(group.scores(way, scores).values()))) for way in question.titles
        ]
        rows.append([f"**{escaped(task)}**", *means, *map(points, differences)])
    st.markdown("  \n".join(told))
    ways = question.titles
    names = [f"{ways[one]} − {ways[other]}" for one, other in question.compared]
    st.markdown(table(["task", *ways.values(), *names], rows))
    st.caption(
        "Development scores at each run's best evaluation, mean over seeds; differences in points "
        "with 95 % intervals, paired over seeds."
    )


def _pictures(group: PairedRuns, runs: Runs) -> None:
    """Clouds and similarities of one seed's runs, as training goes on."""
    titles = studies.ALIGNMENT.titles
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
    names = [task.name for task in run_records.run_config(first).data.tasks]
    for column, (way, found) in zip(st.columns(len(recorded)), recorded.items(), strict=True):
        with column:
            st.markdown(f"**{titles[way].capitalize()}**")
            _picture(titles[way], names, min(found, key=lambda each: abs(each.update - update)))
    st.caption(
        f"Seed {seed}. Vectors as they leave the encoder. Where they enter it, after R, the view "
        "*Covariance* shows them for any run that kept a checkpoint."
    )


def _snapshots(run: RunSummary) -> list[Snapshot]:
    def read() -> list[Snapshot]:
        found = run_records.store().records(run.id, kinds=("snapshot",))
        return [record for _, record in found if isinstance(record, Snapshot)]

    return _SNAPSHOTS.once(run_records.name_of(run), (run.edition, run.updates), read)


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


def _studio_config() -> RunConfig:
    """The settings of the Studio, which this page knows by their kind alone."""
    return next(part.now for part in entry("studio").parts() if part.model is RunConfig)


def _alignment_plan() -> list[RunConfig]:
    form = ALIGNMENT_RUNS.now
    config = preset("default") if form.base == "built-in" else _studio_config()
    return studies.alignment_runs(config, form.seeds)


_ALIGNMENT = _Asked(
    studies.ALIGNMENT,
    ALIGNMENT_RUNS,
    "Plain sharing, alignment and the control, with the same seeds. The control has as many extra "
    "parameters per task, but behind the encoder, where they align nothing.",
    "No run with alignment beside plain sharing or the control yet. Queue some: three seeds of the "
    "built-in sentences take some minutes, and you may leave the page meanwhile.",
    _alignment_plan,
    words.alignment_verdict,
    _pictures,
)
_REWEIGHTING = _Asked(
    studies.REWEIGHTING,
    REWEIGHTING_RUNS,
    "Equal weights, Algorithm 2 at rank 1, and the blog's wording of it.",
    "No run with SVD weights beside equal weights yet. Queue some: three seeds take some minutes, "
    "and you may leave the page meanwhile.",
    lambda: studies.reweighting_runs(REWEIGHTING_RUNS.now.noise, REWEIGHTING_RUNS.now.seeds),
    words.reweighted,
)
