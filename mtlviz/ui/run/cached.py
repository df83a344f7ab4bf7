"""What the page of one run keeps between looks: its history, its probes, its examples."""

import threading

import streamlit as st

from mtlviz.engine.purposes import DATA, generator
from mtlviz.engine.records import WorkedExampleRecord
from mtlviz.engine.tasks import Task, load_tasks
from mtlviz.runs.history import History, history
from mtlviz.runs.summary import RunSummary
from mtlviz.ui import cache


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


@st.cache_resource(max_entries=32, show_spinner=False)
def _kept(home: str, run: int, created: float, edition: int) -> _Kept:
    return _Kept()


def whole_history(run: RunSummary) -> History:
    """Every recorded update of a run in a few numbers, read once for all who watch."""
    tasks = len(cache.run_config(run).data.tasks)
    return _kept(str(cache.store().home), run.id, run.created, run.edition).upto(run, tasks)


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
