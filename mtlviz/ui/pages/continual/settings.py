"""What the Continual lab remembers: the scenario, and what is looked at."""

from typing import ClassVar, Literal

from mtlviz.engine.continual import CONTINUAL
from mtlviz.questions import Question
from mtlviz.settings import Settings, Text, setting
from mtlviz.toy.continual.settings import METHODS, ContinualToyConfig
from mtlviz.toy.continual.stories import ASKED, STORIES, question
from mtlviz.toy.continual.summary import REFERENCE
from mtlviz.ui.core import guess
from mtlviz.ui.core.part import Part

_TASK = Text(
    lambda task: "all" if task < 0 else str(task + 1),
    lambda text: -1 if text == "all" else int(text) - 1,
    "must be a task's number, or all",
)


class Looking(Settings):
    """Which method's matrix is shown, and whose scores over training."""

    link_prefix: ClassVar[str] = "con_"
    method: Literal[METHODS] = setting(
        "replay", "Beside sequential training",
        "The method whose matrix is shown, and whose line is thick.",
        choices={name: CONTINUAL[name].title for name in METHODS},
    )  # fmt: skip
    task: int = setting(
        0, "Score of", "A task, or the mean of all tasks that have arrived.", low=-1, high=4,
        text=_TASK,
    )  # fmt: skip


TOY = Part(
    "continual", ContinualToyConfig, {name: story.config for name, story in STORIES.items()},
    preset_parameter="con_story",
)  # fmt: skip
LOOKING = Part("continual.looking", Looking)
PARTS = (TOY, LOOKING)


def task() -> int:
    """The task whose scores are drawn, counted from 0; −1 for the mean of those that arrived."""
    return min(LOOKING.now.task, TOY.now.tasks - 1)


def asked() -> Question:
    """The story's question, or one that fits what was made of it."""
    return guess.fitting(question(TOY.preset), question(""), not TOY.is_preset)


def in_film() -> tuple[str, ...]:
    """Methods with a panel: joint training and those asked about, unless others were chosen."""
    chosen = TOY.now.film
    offered = guess.stands(asked().name) and chosen == TOY.base.film
    return (REFERENCE, *ASKED) if offered else chosen
