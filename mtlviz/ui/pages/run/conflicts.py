"""The updates of a run with the lowest cosines, to be chosen from."""

from mtlviz.runs.history import History
from mtlviz.ui.core.run_view import whole_history
from mtlviz.ui.core.words import grouped
from mtlviz.ui.pages.run.update import Part, Update

_MOST = 6  # Conflicts to choose from.


def conflicts(update: Update) -> Part:
    """`choices`: number of the update, and the two tasks with the cosine of their gradients."""
    return {"choices": _choices(whole_history(update.run), update.names)}


def _choices(recorded: History, tasks: list[str]) -> list[tuple[int, str]]:
    found = []
    for place in recorded.strongest(_MOST):
        number = int(recorded.update[place])
        first, second = (tasks[task] for task in recorded.pair[place])
        cosine = f"{recorded.cosine[place]:+.2f}".replace("-", "−")
        found.append((number, f"{grouped(number)} · {first} – {second} · {cosine}"))
    return found
