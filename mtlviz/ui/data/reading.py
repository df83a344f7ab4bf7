"""Large tasks, read in the background while the page stays usable."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import streamlit as st

from mtlviz.engine.tasks.survey import Survey, survey
from mtlviz.engine.tasks.task import Task
from mtlviz.ui.core.words import escaped, grouped
from mtlviz.ui.jobs import Job


@dataclass(frozen=True)
class ReadPart:
    """A task that is being read: nothing of it, or all of it.

    Attributes:
        progress: 0 or 1.
        task: The task with all its examples; None before the end.
        counted: What it holds; None before the end.
    """

    progress: float
    task: Task | None = None
    counted: Survey | None = None


def parts(read: Callable[[], Task]) -> Iterator[ReadPart]:
    """Read a task and count what it holds, as a job."""
    yield ReadPart(0.0)
    task = read()
    yield ReadPart(1.0, task, survey(task))


def finished(job: Job) -> tuple[Task, Survey] | None:
    """The task and its counts; None as long as it is being read."""
    part = job.part
    if isinstance(part, ReadPart) and part.task is not None and part.counted is not None:
        return part.task, part.counted
    return None


def wait(job: Job, name: str, examples: int) -> None:
    """Say what is being read, and open the page anew when it is done."""
    st.fragment(_look, run_every=0.5 if job.running else None)(job, job.running, name, examples)


def _look(job: Job, live: bool, name: str, examples: int) -> None:
    if live and not job.running:
        st.rerun()  # One whole run ends the timer and shows the task.
    if job.error:
        st.error(escaped(job.error))
        return
    first = "Waiting for another computation to finish" if job.waiting else "Reading"
    st.info(f"{first}: {grouped(examples)} examples of {escaped(name)} …")
