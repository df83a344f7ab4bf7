"""What the page of one run keeps between looks: its history, its probes, its examples."""

import threading
from collections.abc import Callable, Hashable

import streamlit as st

from mtlviz.engine import counterfactual
from mtlviz.engine.config import RunConfig
from mtlviz.engine.counterfactual import Moment, Outcome
from mtlviz.engine.purposes import DATA, generator
from mtlviz.engine.records import WorkedExampleRecord
from mtlviz.engine.tasks import Task, load_tasks
from mtlviz.runs.history import History, history
from mtlviz.runs.summary import RunSummary
from mtlviz.ui import cache
from mtlviz.ui.run.curves import Seen
from mtlviz.ui.shelf import Shelf


class _Kept:
    """The history of one run, read on where more was recorded; one reader at a time."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._history: History | None = None
        self._seen: tuple[int, str] | None = None

    def upto(self, run: RunSummary, tasks: int) -> History:
        with self._lock:
            if self._history is None or self._seen != (run.updates, run.status):
                self._history = history(cache.store(), run.id, tasks, self._history)
                self._seen = (run.updates, run.status)
            return self._history


_HISTORIES, _SEEN, _OUTCOMES = Shelf(32), Shelf(64), Shelf(1000)


def whole_history(run: RunSummary) -> History:
    """Every recorded update of a run in a few numbers, read once for all who watch."""
    tasks = len(cache.run_config(run).data.tasks)
    return _HISTORIES.get(_name(run), run.edition, _Kept).upto(run, tasks)


def seen(run: RunSummary, how: Hashable, make: Callable[[], Seen]) -> Seen:
    """What the curves of a run show, with their figures: made once for all who watch it alike.

    Args:
        run: The run.
        how: What else decides what they show.
        make: Makes it.
    """
    version = (run.edition, run.updates, run.status, run.metrics)
    return _SEEN.get((*_name(run), how), version, make)


def outcomes(
    moment: Moment, config: RunConfig, names: list[str], *, same_length: bool
) -> list[Outcome]:
    """What each combiner would have promised; see `counterfactual.outcomes`."""
    numbers = (moment.due, moment.gram, moment.weights, moment.loss_weights, moment.losses)
    what = (moment.update, moment.step, config.seed, repr(config.optimisation), *names)
    name = (*what, *(array.tobytes() for array in numbers), same_length)
    return _OUTCOMES.get(
        name, (), lambda: counterfactual.outcomes(moment, config, names, same_length=same_length)
    )


def _name(run: RunSummary) -> tuple[str, int, float]:
    return str(cache.store().home), run.id, run.created


def worked_examples(run: RunSummary) -> list[WorkedExampleRecord]:
    """The gradients of the worked example through a run, oldest first."""
    home = str(cache.store().home)
    return _worked_examples(home, run.id, run.created, run.edition, run.updates)


@st.cache_data(max_entries=32, show_spinner=False)
def _worked_examples(
    home: str, run: int, created: float, edition: int, updates: int
) -> list[WorkedExampleRecord]:
    found = cache.store().records(run, kinds=(WorkedExampleRecord.kind,))
    return [record for _, record in found if isinstance(record, WorkedExampleRecord)]


# A task of a hundred thousand sentences takes tens of megabytes.
@st.cache_resource(max_entries=3, show_spinner="Reading the examples of this run …")
def _tasks(home: str, run: int, created: float) -> tuple[Task, ...]:
    config = cache.store().config(run)
    return load_tasks(config.data, generator(config.seed, DATA))


def tasks_of(run: RunSummary) -> tuple[Task, ...]:
    """The tasks of a run as its process loaded them: the same settings draw the same examples.

    Raises:
        MtlvizError: If the data cannot be read any more.
    """
    return _tasks(str(cache.store().home), run.id, run.created)
