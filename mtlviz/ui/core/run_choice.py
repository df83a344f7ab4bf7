"""Which run a visitor looks at, and how: chosen on its page, and known to the Studio and labs."""

from typing import Literal

from pydantic import field_validator

from mtlviz.engine.measures.gradient_planes import TITLES
from mtlviz.settings import Settings, Text, setting
from mtlviz.ui.core import browser_cursor, session
from mtlviz.ui.core.part import Part

ACROSS = {"update": "Update", "epoch": "Epoch", "tokens": "Tokens", "time": "Time"}
MOST_SMOOTHING = 100
"""Greatest reach of the running average, in updates."""
_LARGEST = 2**53  # What a browser, too, can count.
_PAIR = Text(
    lambda pair: ",".join(str(task + 1) for task in pair),
    lambda text: tuple(int(part) - 1 for part in text.split(",")),
    "must be two tasks such as 1,3",
)


class RunChoice(Settings):
    """Which run, which of its updates, and how they are looked at."""

    run: int | None = setting(None, "Run", low=0, high=_LARGEST)
    update: int | None = setting(None, "Update", low=0, high=_LARGEST, parameter="run_update")
    axis: Literal["update", "epoch", "tokens", "time"] = setting(
        "update", "Across",
        "Updates count steps of the shared weights. Epochs count passes over the data. Tokens "
        "count what was read: a batch of long texts holds several times those of short ones. Time "
        "counts the work alone: pauses between two sittings of a run are left out.",
        choices=ACROSS, parameter="run_axis",
    )  # fmt: skip
    plane: Literal["most", "parameters", "directions", "pair"] = setting(
        "most", "Plane",
        """
- *Most of all*: the plane that keeps most of these gradients (principal components of their Gram
  matrix).
- *Two parameters*: two shared parameters drawn at random, as in figure 3 of Iyer's report.
- *Two random directions*: over many parameters, at right angles.
- *Two tasks*: the plane that the gradients of two tasks span; it keeps both whole.
""",
        choices=TITLES, parameter="run_plane",
    )  # fmt: skip
    pair: tuple[int, int] = setting(
        (0, 1),
        "Spanned by",
        "The plane of these two tasks' gradients.",
        parameter="run_pair",
        text=_PAIR,
    )
    task: int | None = setting(
        None, "Task to light up", "Type a part of its name.", low=1, high=10_000,
        parameter="run_task",
    )  # fmt: skip
    layers: str = setting(
        "", "Tasks", "Whose gradients are compared layer by layer: two tasks such as 1,3, or all.",
        parameter="run_layers", max_length=7,
    )  # fmt: skip
    smoothing: int = setting(
        10, "Smoothing",
        "How many updates back the running average reaches. It never looks ahead, so it lags "
        "behind a change by about as many. 0 shows the curves as measured.",
        low=0, high=MOST_SMOOTHING, step=5, parameter="run_smoothing",
    )  # fmt: skip
    same_length: bool = setting(
        False, "All as long as the sum",
        "Methods scale their weights differently, which acts as a hidden learning rate. Switch "
        "this on to compare directions alone.",
        parameter="run_same_length",
    )  # fmt: skip

    @field_validator("pair")
    @classmethod
    def _two_in_order(cls, pair: tuple[int, int]) -> tuple[int, int]:
        if not 0 <= pair[0] < pair[1]:
            raise ValueError("must be two tasks such as 1,3")
        return pair


CHOICE = Part("run", RunChoice)


def choose_run(number: int | None) -> None:
    """Show this run, at the update where it opens; None for the latest."""
    browser_cursor.take(session.visitor())
    CHOICE.change(run=number, update=None)


def follow_browser(number: int) -> None:
    """Look at the update of this run to which the visitor has moved the cursor meanwhile."""
    place = browser_cursor.take(session.visitor(), number)
    if place is not None:
        CHOICE.change(update=place.update)
