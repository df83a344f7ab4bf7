"""The view of ways of sharing: parameters against score, storage over tasks, and the next study."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, partial

import numpy as np
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from mtlviz.engine.config import RunConfig
from mtlviz.engine.estimate.facts import DataFacts
from mtlviz.engine.estimate.storage import Storage, crossings, storage
from mtlviz.engine.measures.transfer import Transfer
from mtlviz.errors import MtlvizError
from mtlviz.figures.sharing import Dot, parameters_against_score, storage_lines
from mtlviz.questions import Question
from mtlviz.runs import sharing_study
from mtlviz.runs.examples import example_settings, packaged
from mtlviz.runs.sharing_study import ALONE, Arm, arms
from mtlviz.runs.stored_study import Role, StoredStudy, studies
from mtlviz.ui.component import chart
from mtlviz.ui.core import guess, link, run_estimates, run_records, work
from mtlviz.ui.core.controls import control
from mtlviz.ui.core.model_view import draw_model
from mtlviz.ui.core.page import folded
from mtlviz.ui.core.run_model import model_of
from mtlviz.ui.core.transfer_words import interval, points
from mtlviz.ui.core.words import MARKS, counted, escaped, listed, sentence
from mtlviz.ui.core.work import Job
from mtlviz.ui.pages.capacity.first_sight import first_sight
from mtlviz.ui.pages.capacity.plans import ways_form
from mtlviz.ui.pages.capacity.progress import Runs, is_live, progress, runs_of
from mtlviz.ui.pages.capacity.questions import ways_question
from mtlviz.ui.pages.capacity.settings import SHOWN
from mtlviz.ui.pages.capacity.shown_choice import chosen, labels, row, told_recorded
from mtlviz.ui.pages.capacity.words import VERDICT, task_title, way_choice, way_name

_MOST_TASKS = 16
_NARROW = 280  # Pixels of a panel on a telephone.
_MEAN, _BESIDE = "mean of tasks", 2
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
    if not (known := _known()):
        if "sharing" in packaged():
            asked = _of_example("example")
            first_sight("sharing", asked, lambda found: _of_example(found.study or 0).name)
        st.info(
            "No study of ways of sharing here yet. Every way is trained on the same tasks with the "
            "same seeds, and held against each task alone; the controls beside this say what the "
            "first one is made of."
        )
        _models(dict(ways_form()))
        return
    work.live(_looked_at, lambda: _more_is_to_come(_looked_for(known)), every=1.5)
    folded("Start another study", "capacity.ways.new", ways_form)


def _known() -> dict[int, StoredStudy]:
    return {each.id: each for each in studies(run_records.store(), sharing_study.KIND)}


@cache
def _of_example(study: int | str) -> Question:
    """What is asked of the example, before anything of it is opened."""
    settings = example_settings("sharing")
    tasks = [task_title(task.name) for task in settings[0].data.tasks]
    seeds = len({each.seed for each in settings})
    unknown = Arm(np.full((seeds, len(tasks)), np.nan), (), False, (None,) * len(tasks), None)
    found = {each.capacity.sharing: unknown for each in settings}
    asked = ways_question(str(study), tasks, found, live=True)
    if asked is None:
        raise MtlvizError("The example has one seed.")
    return asked


def _looked_for(known: Mapping[int, StoredStudy]) -> StoredStudy:
    """The study that is chosen, or the newest."""
    return known.get(SHOWN.now.ways or 0) or next(iter(known.values()))


def _looked_at() -> None:
    """The study that is chosen now; another may be without the page's script."""
    known, line = _known(), row()
    names = {number: each.name for number, each in known.items()}
    _study(known[chosen("ways", names, _MISSING, line)], line)


def _more_is_to_come(study: StoredStudy) -> bool:
    """Whether runs are still to finish, or the data to be counted."""
    runs = runs_of(study)
    configs = _configs(study, runs)
    return is_live(runs) or (bool(configs) and _facts(configs).running)


def _facts(configs: Mapping[Role, RunConfig]) -> Job:
    return run_estimates.facts_soon(next(iter(configs.values())).data)


def _study(study: StoredStudy, line: DeltaGenerator) -> None:
    """What is known so far; read anew while runs are to come."""
    run_records.tick()
    runs = runs_of(study)
    with st.container():
        progress(study, runs)
    configs = _configs(study, runs)
    if not configs:
        st.warning("The runs of this study were deleted.")
        return
    tasks = [task_title(task.name) for task in next(iter(configs.values())).data.tasks]
    rates = {role: config.optimisation.learning_rate for role, config in configs.items()}
    found = arms(study.runs, run_records.results(runs.values()), rates, len(tasks))
    live = is_live(runs)
    guess.pass_by()
    if (question := ways_question(str(study.id), tasks, found, live)) is not None:
        guess.enter(question.name)
        guess.ask(question, waits=_WAITS if live else "")
    if guess.covers("picture"):
        return
    sizes, unknown = _sizes(configs)
    if sizes:
        with line:
            control(SHOWN, "across", look="segmented", label_visibility=labels())
    told = verdicts(found) if VERDICT.shown else []
    with st.container():
        st.markdown("".join(told[:1]))
        _pictures(Picture(study.id, found, sizes, tasks), _facts(configs).running)
        st.caption(unknown)
    if guess.covers("answer"):
        return
    st.markdown("  \n".join(told[1:]))
    _table(found, sizes, tasks, study)
    told_recorded([run for run in runs.values() if run.recorded is not None])
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
    choices = {way: way_choice(way) for way in first}
    control(SHOWN, "drawn", choices=choices, value=drawn, look="one")
    draw_model(model_of(first[drawn], facts if isinstance(facts, DataFacts) else None),
               f"capacity.ways.model.{drawn}")  # fmt: skip


def _sizes(configs: Mapping[Role, RunConfig]) -> tuple[dict[str, Storage], str]:
    """What each way trains and stores; nothing until the data is counted, and why."""
    first, job = _first_of_each(configs), _facts(configs)
    facts = job.part
    if not isinstance(facts, DataFacts):
        return {}, sentence(job.error or "Parameters: as soon as data is counted …")
    try:
        return {
            way: storage(config, run_estimates.estimated(config, facts).size, _MOST_TASKS)
            for way, config in first.items()
        }, ""
    except MtlvizError as error:
        return {}, f"Parameters are not known: {sentence(str(error))}"


@dataclass(frozen=True)
class Picture:
    """What the pictures of a study are drawn from.

    Attributes:
        study: Number of the study.
        found: Its ways.
        sizes: What each trains and stores; empty where that is not known.
        tasks: Names of its tasks.
    """

    study: int
    found: Mapping[str, Arm]
    sizes: Mapping[str, Storage]
    tasks: Sequence[str]

    def dots(self, of: Callable[[Arm], Transfer | None]) -> list[Dot]:
        """A dot for each way of which a difference is known; side by side without parameters."""
        ways = [way for way in self.found if way != ALONE]
        across = SHOWN.now.across
        return [
            Dot(way_name(way), getattr(self.sizes[way], across) if self.sizes else 10.0**place,
                difference)
            for place, way in enumerate(ways)
            if (difference := of(self.found[way])) is not None
            and (not self.sizes or way in self.sizes)
        ]  # fmt: skip

    def of_tasks(self) -> dict[str, list[Dot]]:
        """A panel for each task."""
        return {
            task: self.dots(lambda arm, place=place: arm.differences[place])
            for place, task in enumerate(self.tasks)
        }


def _pictures(picture: Picture, counting: bool) -> None:
    """The mean over tasks, of which the question is, and the tasks: beside it or below."""
    mean, tasks = {_MEAN: picture.dots(lambda arm: arm.mean)}, picture.of_tasks()
    if not any(tasks.values()) or (counting and not picture.sizes):
        st.info(
            "The picture appears as soon as the parameters are counted."
            if any(tasks.values())
            else "The picture appears when the first runs alone and together are finished."
        )
    elif len(tasks) <= _BESIDE:
        _drawn(picture, mean | tasks, "picture")
    else:
        _drawn(picture, mean, "picture")
        st.markdown("**Task by task**")
        _drawn(picture, tasks, "each")


def _drawn(picture: Picture, panels: Mapping[str, list[Dot]], name: str) -> None:
    covered, across = guess.covers("answer"), SHOWN.now.across
    title = f"parameters {across}" if picture.sizes else ""
    drawn = partial(
        parameters_against_score, panels, title, judged=not covered,
        counted=bool(picture.sizes), revision=f"ways.{picture.study}.{across}.{name}",
    )  # fmt: skip
    figure = drawn()
    chart(
        figure,
        narrow=drawn(columns=1, wide=_NARROW),
        key=f"capacity.ways.{name}",
        alt=described(panels, title, judged=not covered),
        how_to_read="Line: the task alone. "
        + _JUDGED * (not covered)
        + "Left is smaller, on a logarithmic axis." * bool(picture.sizes),
        height=figure["layout"]["height"],
        fit=name == "picture",
        filename=f"ways-of-sharing-{picture.study}-{name}",
    )


def verdicts(found: Mapping[str, Arm]) -> list[str]:
    """The mean over tasks of each way against every task alone, the best first."""
    known = [(way, arm.mean) for way, arm in found.items() if way != ALONE and arm.mean]
    ranked = sorted(known, key=lambda each: -each[1].mean)
    if not ranked:
        return []
    told = [
        f"{MARKS[mean.verdict]} **{escaped(way_name(way))}** against each task alone, mean over "
        f"tasks: {interval(mean)}."
        for way, mean in (ranked[0], ranked[-1])[: len(ranked)]
    ]
    sure = [way_name(way) for way, mean in ranked if mean.verdict == "helps"]
    worse = [way_name(way) for way, mean in ranked if mean.verdict == "hurts"]
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
    over = f"Points over the task alone{f' against {across}' if across else ''}"
    if not judged:
        return f"{over}, a dot for each way."
    told = []
    for task, dots in panels.items():
        if dots:
            best = max(dots, key=lambda each: each.difference.mean)
            told.append(f"{task}: best is {best.name} ({best.difference.mean:+.1f} points)")
    return f"{over}. {'; '.join(told)}.".replace("-", "−")


def _table(
    found: Mapping[str, Arm], sizes: Mapping[str, Storage], tasks: list[str], study: StoredStudy
) -> None:
    rows = []
    for way, arm in found.items():
        size = sizes.get(way)
        rows.append({
            "way": way_choice(way),
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
    lines = {way_name(way): size.over_tasks for way, size in sizes.items()}
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
    alone = way_name(ALONE)
    crossed = [f"{one} from {count} on" for one, other, count in crossings(lines) if other == alone]
    if crossed:
        st.caption(f"Stores less than all tasks alone: {', '.join(crossed)} tasks.")
