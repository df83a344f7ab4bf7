"""What the Studio shows: what will run, the runs, what that means, the tasks."""

from mtlviz.ui.core import page, session
from mtlviz.ui.core.page import Panel
from mtlviz.ui.pages.studio import choosing, problems
from mtlviz.ui.pages.studio.header import model, what_that_means, what_will_run
from mtlviz.ui.pages.studio.phases import phases
from mtlviz.ui.pages.studio.runs import live_runs
from mtlviz.ui.pages.studio.tasks_table import tasks_table

PANELS = (
    Panel("studio.summary", "What will run", lambda _: what_will_run()),
    Panel("studio.runs", "The runs", lambda _: live_runs()),
    Panel("studio.phases", "Phases: who trains when", lambda _: phases(), group="Optimisation"),
    Panel("studio.words", "What will run, in plain words", lambda _: what_that_means()),
    Panel("studio.model", "The model", lambda _: model(), folded="The model: what is shared"),
    Panel("studio.tasks", "Which tasks", lambda _: tasks_table()),
)


def body() -> None:
    """Every panel, and the window of tasks where it was asked for."""
    page.draw(PANELS)
    problems.watch()
    if session.take(choosing.OPEN):
        choosing.choose()
