"""Which evaluation examples stand in which training split: searched in the background, shown."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial

import streamlit as st

from mtlviz.engine.kinds import KINDS
from mtlviz.engine.tasks import TASKS
from mtlviz.engine.tasks.catalogue import TaskChoice
from mtlviz.engine.tasks.leakage import Leak, search_leaks
from mtlviz.engine.tasks.loading import read_task
from mtlviz.engine.tasks.matching import keys
from mtlviz.engine.tasks.splitting import take
from mtlviz.figures.data import leak_matrix
from mtlviz.ui.component import chart
from mtlviz.ui.core import session, work
from mtlviz.ui.core.controls import control
from mtlviz.ui.core.text_table import Cell, table
from mtlviz.ui.core.words import escaped, grouped
from mtlviz.ui.pages.data.browse import text_of
from mtlviz.ui.pages.data.listing import page_of, turn_pages
from mtlviz.ui.pages.data.matrix import Matrix, between, largest, matrix, verdict
from mtlviz.ui.pages.data.settings import SHOWN
from mtlviz.ui.pages.data.tasks import examples, short_names, surveyed, train_places

_MOST_TASKS, _PER_PAGE = 14, 10
_AT_ONCE = 30_000
"""Examples that are compared without being asked: about a second."""
_CHART, _ASKED, _SEARCH = "data.leaks.chart", "data.leaks.asked", "data.leaks.search"
_ROW, _MARGIN = 40, 130


@dataclass(frozen=True)
class Search:
    """How far a search is: what it does as Markdown, and at the end what it found."""

    progress: float
    stage: str
    leaks: tuple[Leak, ...]


def section(shown: tuple[Sequence[TaskChoice], TaskChoice]) -> None:
    """Choose tasks, search in the background, show what was found."""
    choices, chosen = shown
    compared = _compared(choices, chosen)
    left, right = st.columns([3, 1], vertical_alignment="bottom")
    with left:
        names = dict(zip([choice.key for choice in choices], short_names(choices), strict=True))
        keys_shown = tuple(choice.key for choice in compared)
        control(SHOWN, "leaks", choices=names, value=keys_shown, width="stretch")
    with right:
        control(SHOWN, "scored", look="segmented")
    if len(compared) > _MOST_TASKS:
        st.error(f"At most {_MOST_TASKS} tasks fit into one picture; leave some out.")
    elif not compared:
        st.info("Choose at least one task.")
    elif _asked(compared):
        key = (_SEARCH, *((each.config.model_dump_json(), each.fingerprint) for each in compared))
        work.show(key, partial(_search, compared), _SEARCH, partial(_draw, compared))


def _compared(choices: Sequence[TaskChoice], chosen: TaskChoice) -> list[TaskChoice]:
    """The tasks of the link, or those found where the chosen one was, that can share a text."""
    asked = SHOWN.now.leaks
    if asked:
        by_key = {choice.key: choice for choice in choices}
        return [by_key[key] for key in asked if key in by_key]
    pair = KINDS[chosen.kind].pair
    alike = [
        choice
        for choice in choices
        if choice.group == chosen.group and KINDS[choice.kind].pair == pair
    ]
    return alike[:_MOST_TASKS]


def _asked(compared: Sequence[TaskChoice]) -> bool:
    """Whether the search may begin: it is a small one, or was asked for."""
    whole, names = sum(map(examples, compared)), tuple(choice.key for choice in compared)
    if whole <= _AT_ONCE or session.remember(_ASKED, None) == names:
        return True
    st.markdown(
        f"Does a model see sentences in training that another task is scored on? "
        f"{grouped(whole)} examples of {len(compared)} tasks are read and compared."
    )
    st.button("Look for leaks", key="data.leaks.start", type="primary", on_click=session.put,
              args=(_ASKED, names), help="The page stays usable.")  # fmt: skip
    return False


def _search(compared: Sequence[TaskChoice]) -> Iterator[Search]:
    configs = dict(zip(short_names(compared), (each.config for each in compared), strict=True))
    sizes = [examples(choice) for choice in compared]
    for part in search_leaks(list(configs), sizes, lambda name: read_task(TASKS, configs[name])):
        yield Search(part.progress, escaped(part.doing[:1].upper() + part.doing[1:]), part.leaks)


def _draw(choices: Sequence[TaskChoice]) -> None:
    job = work.current(_SEARCH)
    if job is None or not isinstance(job.part, Search) or job.part.progress < 1:
        return
    split = SHOWN.now.scored
    found = matrix(job.part.leaks, choices, split)
    st.markdown(verdict(found, split))
    scored, trained = _cell(found)
    chart(
        leak_matrix(found.shares, found.counts, found.examples, found.names, split),
        key=_CHART,
        alt=f"Heatmap: share of each task's {split} examples that stand in each task's train "
        "split.",
        how_to_read="Row: the task that is scored. Column: the task that is trained on. Grey: "
        "nothing leaks. Blank: a sentence cannot match a pair, or there is nothing to score. Click "
        "a cell to read the sentences.",
        height=_MARGIN + _ROW * max(3, len(found.names)),
        events=("click",),
        filename="leaks",
    )
    names = found.names[scored], found.names[trained]
    behind = [leak for leak in job.part.leaks if leak.split in split
              and (leak.evaluation_task, leak.train_task) == names]  # fmt: skip
    _sentences(behind, choices[scored], choices[trained])


def _cell(found: Matrix) -> tuple[int, int]:
    """The cell just clicked or clicked before, as long as it is in the picture; else the worst."""
    point = session.clicked(_CHART) or {}
    if isinstance(point.get("x"), int | float) and isinstance(point.get("y"), int | float):
        places = round(point["y"]), round(point["x"])
        if all(0 <= place < len(found.names) for place in places):
            SHOWN.change(cell=tuple(found.names[place] for place in places), cell_page=1)
    if SHOWN.now.cell and set(SHOWN.now.cell) <= set(found.names):
        scored, trained = map(found.names.index, SHOWN.now.cell)
        return scored, trained
    return largest(between(found)) or largest(found.shares) or (0, 0)


def _sentences(leaks: Sequence[Leak], scored: TaskChoice, trained: TaskChoice) -> None:
    """List the evaluation examples that a training split holds, a page at a time."""
    count = sum(leak.count for leak in leaks)
    st.subheader("The sentences", anchor="sentences")
    if not count:
        st.info(
            f"No example that {escaped(scored.name)} is scored on stands in the train split of "
            f"{escaped(trained.name)}."
        )
        return
    st.markdown(
        f"{grouped(count)} examples that **{escaped(scored.name)}** is scored on, and that "
        f"**{escaped(trained.name)}** trains on."
    )
    places = [(leak, place) for leak in leaks for place in leak.positions]
    here = places[page_of(count, _PER_PAGE, "cell_page")]
    columns = ("split", "text", f"label in {scored.name}", f"in train of {trained.name}")
    table(columns, _rows(here, scored, trained), quiet=(0,), side=(2, 3))
    turn_pages(count, _PER_PAGE, "cell_page", scored.key, trained.key, str(count))


def _rows(
    places: Sequence[tuple[Leak, int]], scored: TaskChoice, trained: TaskChoice
) -> list[list[Cell]]:
    """Split, text, its label where it is scored, and where it is trained on."""
    (task, _), (other, _) = surveyed(scored), surveyed(trained)
    known, train = train_places(trained), other.splits["train"]
    listed: list[list[Cell]] = []
    for leak, place in places:
        part = task.splits[leak.split]
        twin = known[keys(take(part, [place]))[0]]
        labels = KINDS[task.kind].say(task, part, place), KINDS[other.kind].say(other, train, twin)
        listed.append([leak.split, text_of(part, place), *labels])
    return listed
