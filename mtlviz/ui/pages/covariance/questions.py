"""What alignment asks before it shows transfer: a question for each of its stories."""

from collections.abc import Mapping

from mtlviz.engine.measures.transfer import Transfer
from mtlviz.questions import Answer, Question, answered
from mtlviz.ui.pages.covariance.settings import STORIES

_REASONS = {
    "helps": ("It helps task 1", "It does where the source's labels follow, behind R₂, the "
              "direction that task 1's labels follow."),
    "hurts": ("It hurts task 1", "It does where the source pulls the one shared direction to where "
              "task 1's labels do not change."),
    "undecided": ("It changes nothing that can be told", "So it is where the module has room for "
                  "both, or where help and harm are too small for these repetitions."),
}  # fmt: skip
_ANSWERS = tuple(Answer(text, why, (name,)) for name, (text, why) in _REASONS.items())
_END = "**What does training with task 2 do to task 1?**"


def _question(story: str, text: str, right: int, again: str) -> Question:
    told = (
        f"{STORIES[story][0]} The shared module keeps as many directions as its capacity. A source "
        "helps where its labels ask for the direction that the target needs, whatever its cloud "
        "looks like: how alike two clouds are does not decide it."
    )
    return Question(f"align.{story}", f"{text} {_END}", _ANSWERS, right, told, again)


ALIGN_QUESTIONS: Mapping[str, Question] = {
    "Start": _question(
        "Start", "Two tasks share one direction. They ask **almost the same** of clouds that lie "
        "across one another.", 1, "Same question, other cloud",
    ),
    "Same question, other cloud": _question(
        "Same question, other cloud", "Both tasks' labels follow **one and the same** direction; "
        "only their clouds differ, and are little alike.", 0, "Turned by its cloud",
    ),
    "Turned by its labels": _question(
        "Turned by its labels", "R₂ turns task 2's inputs, before the shared direction, **until "
        "its labels follow task 1's direction**. The clouds are not made alike.", 0, "Start",
    ),
    "Turned by its cloud": _question(
        "Turned by its cloud", "Both tasks' labels follow one direction. R₂ turns task 2's inputs "
        "**until the two clouds look as alike as can be**.", 2, "Turned by its labels",
    ),
    "Two directions": _question(
        "Two directions", "The tasks of the first story, with **capacity 2**: the shared module "
        "keeps two directions for two tasks.", 2, "Start",
    ),
}  # fmt: skip
ANY = Question(
    "align.any", f"Two tasks share one module, with R₂ in front of it for task 2. {_END}", _ANSWERS,
    None, "Look at which direction each task's labels follow, and what the module keeps.",
)  # fmt: skip


def with_answer(question: Question, found: Mapping[str, Transfer]) -> Question:
    """The question with what was found of the last of the ways: plain, by hand, trained."""
    last = list(found.values())[-1:]
    return answered(question, [each.verdict for each in last])
