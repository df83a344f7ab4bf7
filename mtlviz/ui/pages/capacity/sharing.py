"""The view of ways of sharing: parameters against score, storage over tasks, and the next study."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

import numpy as np
import streamlit as st

from mtlviz.engine.config import RunConfig
from mtlviz.engine.estimate.facts import DataFacts
from mtlviz.engine.estimate.storage import Storage, crossings, storage
from mtlviz.errors import MtlvizError
from mtlviz.figures.sharing import Dot, parameters_against_score, storage_lines
from mtlviz.runs import sharing_study
from mtlviz.runs.sharing_study import ALONE, Arm, arms, way_title
from mtlviz.runs.stored_study import Role, StoredStudy, studies
from mtlviz.ui.component import chart
from mtlviz.ui.core import guess, link, run_actions, run_estimates, run_records, work
from mtlviz.ui.core.controls import control
from mtlviz.ui.core.model_view import draw_model
from mtlviz.ui.core.page import folded
from mtlviz.ui.core.recorded import open_one
from mtlviz.ui.core.run_model import model_of
from mtlviz.ui.core.transfer_words import interval, points
from mtlviz.ui.core.words import MARKS, counted, escaped, listed, sentence
from mtlviz.ui.core.work import Job
from mtlviz.ui.pages.capacity.plans import ways_form
from mtlviz.ui.pages.capacity.progress import Runs, is_live, progress, runs_of
from mtlviz.ui.pages.capacity.questions import ways_question
from mtlviz.ui.pages.capacity.settings import SHOWN
from mtlviz.ui.pages.capacity.shown_choice import chosen, look_at
from mtlviz.ui.pages.capacity.words import VERDICT

_MOST_TASKS = 16
_WAITS = "Runs are still to come; what you saw is asked when they are done."
_JUDGED = (
    "▲ blue above it with the whole 95 % interval over paired seeds, ▼ vermillion below it, grey ● "
    "cannot be told apart. "
)
_MISSING = "There is no study of ways {} here; the newest is shown."


def sharing() -> None:
    """A study's picture; below or instead, the next study.

    Raises:
        MtlvizError: The chosen tasks or the store cannot be read.
    """
    known = {each.id: each for each in studies(run_records.store(), sharing_study.KIND)}
    if not known:
        st.markdown(
            "What should tasks share: the whole encoder, some layers, a few experts, nothing? "
            "Every way is trained on the same tasks with the same seeds, and held against **each "
            "task alone**."
        )
        st.info("No study of ways of sharing yet. The controls beside this say what it is made of.")
        run_actions.show_problem()
        open_one("capacity", "sharing", look_at)
        _models(dict(ways_form()))
        return
    study = known[chosen("ways", {n: each.name for n, each in known.items()}, _MISSING)]
    work.live(lambda: _study(study), lambda: _more_is_to_come(study), every=1.5)
    folded("Start another study", "capacity.ways.new", ways_form)


def _more_is_to_come(study: StoredStudy) -> bool:
    """Whether runs are still to finish, or the data to be counted."""
    runs = runs_of(study)
    configs = _configs(study, runs)
    return is_live(runs) or (bool(configs) and _facts(configs).running)


def _facts(configs: Mapping[Role, RunConfig]) -> Job:
    return run_estimates.facts_soon(next(iter(configs.values())).data)


def _study(study: StoredStudy) -> None:
    """What is known so far; read anew while runs are to come."""
    run_records.tick()
    runs = runs_of(study)
    with st.container():
        progress(study, runs)
    configs = _configs(study, runs)
    if not configs:
        st.warning("The runs of this study were deleted.")
        return
    tasks = [task.name for task in next(iter(configs.values())).data.tasks]
    rates = {role: config.optimisation.learning_rate for role, config in configs.items()}
    found = arms(study.runs, run_records.results(runs.values()), rates, len(tasks))
    live = is_live(runs)
    guess.pass_by()
    if (question := ways_question(str(study.id), tasks, found, live)) is not None:
        guess.enter(question.name)
        guess.ask(question, waits=_WAITS if live else "")
    if guess.covers("picture"):
        return
    sizes = _sizes(configs)
    with st.container():
        _shown(study, found, sizes, tasks)
    if guess.covers("answer"):
        return
    _table(found, sizes, tasks, study)
    _models(configs)
    _storage(sizes)
    link.write_link()  # What is chosen inside a fragment runs the fragment alone.


def _configs(study: StoredStudy, runs: Runs) -> dict[Role, RunConfig]:
    return {
        role: run_records.run_config(runs[run]) for role, run in study.runs.items() if run in runs
    }


def _first_of_each(configs: Mapping[Role, RunConfig]) -> dict[str, RunConfig]:
    """The first run of each way."""
    first: dict[str, RunConfig] = {}
    for (way, _, _), config in configs.items():
        first.setdefault(way, config)
    return first


def _models(configs: Mapping[Role, RunConfig]) -> None:
    """The model of a way, drawn with what it puts into the encoder or beside it."""
    folded("The models: who shares what", "capacity.ways.models", lambda: _model(configs))


def _model(configs: Mapping[Role, RunConfig]) -> None:
    first, facts = _first_of_each(configs), _facts(configs).part
    drawn = SHOWN.now.drawn if SHOWN.now.drawn in first else next(iter(first))
    choices = {way: way_title(way) for way in first}
    control(SHOWN, "drawn", choices=choices, value=drawn, look="one")
    draw_model(model_of(first[drawn], facts if isinstance(facts, DataFacts) else None),
               f"capacity.ways.model.{drawn}")  # fmt: skip


def _sizes(configs: Mapping[Role, RunConfig]) -> dict[str, Storage]:
    """What each way trains and stores; empty until the data is counted."""
    first, job = _first_of_each(configs), _facts(configs)
    facts = job.part
    if not isinstance(facts, DataFacts):
        st.caption(sentence(job.error) if job.error else "Parameters: as soon as data is counted …")
        return {}
    try:
        return {
            way: storage(config, run_estimates.estimated(config, facts).size, _MOST_TASKS)
            for way, config in first.items()
        }
    except MtlvizError as error:
        st.caption(f"Parameters are not known: {sentence(str(error))}")
        return {}


def _shown(
    study: StoredStudy, found: dict[str, Arm], sizes: dict[str, Storage], tasks: list[str]
) -> None:
    if VERDICT.shown:
        st.markdown("  \n".join(verdicts(found)))
    control(SHOWN, "across", look="segmented")
    covered = guess.covers("answer")
    panels = {
        task: [
            Dot(way_title(way), getattr(sizes[way], SHOWN.now.across), difference)
            for way, arm in found.items()
            if way != ALONE and way in sizes and (difference := arm.differences[place]) is not None
        ]
        for place, task in enumerate(tasks)
    }
    if not any(panels.values()):
        scored = any(arm.mean for way, arm in found.items() if way != ALONE)
        st.info(
            "The picture needs counted parameters; the table below has the scores."
            if scored
            else "The picture appears when the first runs alone and together are finished."
        )
        return
    title, revision = f"parameters {SHOWN.now.across}", f"ways.{study.id}.{SHOWN.now.across}"
    drawn = partial(
        parameters_against_score, panels, title, judged=not covered, revision=revision
    )  # fmt: skip
    figure = drawn()
    chart(
        figure,
        narrow=drawn(columns=1),
        key="capacity.ways.picture",
        alt=described(panels, SHOWN.now.across, judged=not covered),
        how_to_read="One panel a task. Line: the task alone. "
        + _JUDGED * (not covered)
        + "Left is smaller, on a logarithmic axis.",
        height=figure["layout"]["height"],
        fit=len(tasks) <= 3,
        filename=f"ways-of-sharing-{study.id}",
    )


def verdicts(found: Mapping[str, Arm]) -> list[str]:
    """The mean over tasks of each way against every task alone, the best first."""
    known = [(way, arm.mean) for way, arm in found.items() if way != ALONE and arm.mean]
    ranked = sorted(known, key=lambda each: -each[1].mean)
    if not ranked:
        return []
    told = [
        f"{MARKS[mean.verdict]} **{escaped(way_title(way))}** against each task alone, mean over "
        f"tasks: {interval(mean)}."
        for way, mean in (ranked[0], ranked[-1])[: len(ranked)]
    ]
    sure = [way_title(way) for way, mean in ranked if mean.verdict == "helps"]
    worse = [way_title(way) for way, mean in ranked if mean.verdict == "hurts"]
    rest = len(ranked) - len(sure) - len(worse)
    helped = f"{len(sure)} {'helps' if len(sure) == 1 else 'help'}"
    hurt = f"{len(worse)} {'hurts' if len(worse) == 1 else 'hurt'}"
    return [
        *told,
        f"Of {counted(len(ranked), 'way')} {helped}, {hurt}, {rest} cannot be told apart from "
        "alone. With so many intervals one may err by chance.",
    ]


def described(panels: Mapping[str, list[Dot]], across: str, judged: bool = True) -> str:
    """What the picture says, for those who cannot see it; before a guess is told, what it shows."""
    if not judged:
        return f"Points over the task alone against parameters {across}, a dot for each way."
    told = []
    for task, dots in panels.items():
        if dots:
            best = max(dots, key=lambda each: each.difference.mean)
            told.append(f"{task}: best is {best.name} ({best.difference.mean:+.1f} points)")
    return (f"Points over the task alone against parameters {across}. {'; '.join(told)}.").replace(
        "-", "−"
    )


def _table(
    found: Mapping[str, Arm], sizes: Mapping[str, Storage], tasks: list[str], study: StoredStudy
) -> None:
    rows = []
    for way, arm in found.items():
        size = sizes.get(way)
        rows.append({
            "way": way_title(way),
            "trained for a task": None if size is None else round(size.trained),
            "stored": None if size is None else size.stored,
            "step sizes chosen": (", ".join(f"{rate:.2g}" for rate in arm.rates) or "–")
            + " (end)" * arm.at_end,
            "mean of tasks": "–" if way == ALONE else points(arm.mean),
            **{
                task: _mean(arm.scores[:, k]) if way == ALONE else points(arm.differences[k])
                for k, task in enumerate(tasks)
            },
        })  # fmt: skip
    st.dataframe(rows, hide_index=True, height="content")
    tried = len({number for _, number, _ in study.runs})
    ends = sum(arm.at_end for arm in found.values())
    st.caption(
        "Alone: mean development score. Others: points over alone, with 95 % intervals over paired "
        f"seeds. {_search_budget(tried)} Every way has its options as they are by default."
        + f" {ends} of {len(found)} chose an end of the range: a wider one may serve them better."
        * bool(ends)
    )


def _search_budget(tried: int) -> str:
    """How many step sizes each way was tried at, and how one was chosen."""
    if tried == 1:
        return "One step size each: nothing is tuned."
    return (
        f"Search budget: {tried} step sizes a way; alone each task chooses its own, the others one "
        "for all tasks, always by the seeds that are not scored."
    )


def _mean(scores: np.ndarray) -> str:
    known = scores[np.isfinite(scores)]
    return f"{known.mean():.3f}" if len(known) else "–"


def _storage(sizes: Mapping[str, Storage]) -> None:
    """Storage over the number of tasks, and where lines cross."""
    if not sizes:
        return
    lines = {way_title(way): size.over_tasks for way, size in sizes.items()}
    st.subheader("And with more tasks?", anchor="storage")
    chart(
        storage_lines(lines, revision="capacity.ways.storage"),
        key="capacity.ways.storage",
        alt=f"Parameters stored with 1 to {_MOST_TASKS} tasks. With {_MOST_TASKS}: "
        + listed([f"{name} {values[-1]:,.0f}" for name, values in lines.items()])
        + ".",
        how_to_read="Computed from shapes, not measured. Steep: every task adds much of its own.",
        height=340,
        filename="storage",
    )
    alone = way_title(ALONE)
    crossed = [f"{one} from {count} on" for one, other, count in crossings(lines) if other == alone]
    if crossed:
        st.caption(f"Stores less than all tasks alone: {', '.join(crossed)} tasks.")
