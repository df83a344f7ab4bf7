"""What alignment and reweighting ask before they show whom they help: a question a story."""

from collections.abc import Mapping, Sequence

from mtlviz.engine.measures.transfer import Transfer
from mtlviz.questions import Answer, Question, answered
from mtlviz.ui.pages.covariance.settings import REWEIGHING_STORIES, STORIES

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


_HELPED = {
    "both": ("Both tasks", "So it is where both ask for about the same direction: less of the "
             "coin's pull turns it to where both need it.", ("helps", "helps")),
    "clean": ("Only task 2", "It gains wherever the coin's labels pull less; task 1 pays where the "
              "shared direction turns away from what it needs.", ("hurts", "helps")),
    "noisy": ("Only task 1", "Its own labels are the wrong ones: with less weight they pull less, "
              "and what is right in them pulls less too.", ("helps", "hurts")),
    "nobody": ("Nobody", "So it is where each task can keep a direction of its own: weights "
               "change who wins a place, and nobody loses one.", ("undecided", "undecided")),
}  # fmt: skip
_WEIGHED = tuple(Answer(text, why, tuple(enumerate(found))) for text, why, found in
                 _HELPED.values())  # fmt: skip
_WHOM = (
    "Algorithm 2 gives a task less weight where its labels have little in common with the other's. "
    "**Whom does that help, against equal weights?**"
)


def _weighing(story: str, text: str, right: int, again: str) -> Question:
    told = (
        f"{REWEIGHING_STORIES[story][0]} Weights decide whose needs turn the one direction that "
        "all share. With as many directions as tasks nothing is decided by them (Proposition 1)."
    )
    return Question(f"reweigh.{story}", f"{text} {_WHOM}", _WEIGHED, right, told, again)


REWEIGHING_QUESTIONS: Mapping[str, Question] = {
    "Careless labels": _weighing(
        "Careless labels", "Two tasks ask **nearly the same** and share one direction. **60 % of "
        "task 1's labels are a coin's.**", 0, "Wide apart",
    ),
    "Wide apart": _weighing(
        "Wide apart", "Two tasks share one direction, and 60 % of task 1's labels are a coin's. "
        "What they ask for lies **far apart**.", 1, "Two for two",
    ),
    "Two for two": _weighing(
        "Two for two", "Two tasks ask nearly the same, 60 % of task 1's labels are a coin's. The "
        "shared module keeps **two directions**.", 3, "Careless labels",
    ),
}  # fmt: skip
ANY_WEIGHTS = Question(
    "reweigh.any", f"Some of task 1's labels are a coin's. {_WHOM}", _WEIGHED, None,
    "Weights decide whose needs turn the direction that all share.",
)  # fmt: skip


def weighed(question: Question, found: Sequence[tuple[str, Transfer]]) -> Question:
    """The question with what was found for task 1, and for the others."""
    return answered(question, list(enumerate(each.verdict for _, each in found)))
