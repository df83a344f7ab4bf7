"""What the Capacity lab asks before it shows its curves: a question for each story of the toy."""

from collections.abc import Mapping

from mtlviz.engine.measures.widths import Sweep, differences
from mtlviz.questions import Answer, Question, answered
from mtlviz.ui.pages.capacity.settings import STORIES

_ANSWERS = (
    Answer("At width 1", "One direction for all pools everybody's examples: that pays where all "
           "ask the same.", ("one",)),
    Answer("At a width between", "Fewer directions than tasks, but enough for the questions they "
           "ask: alike tasks pool their examples, others keep apart.", ("few",)),
    Answer("The wider the better", "With as many directions as tasks each keeps its own, and "
           "nothing transfers.", ("wide",)),
    Answer("Nowhere", "So it is where nobody asks what another asks, or where each task has "
           "examples enough of its own.", ("nowhere",)),
)  # fmt: skip
_TOLD = (
    "**Too narrow** and the tasks fight for room; **wide enough** and they ignore each other. Help "
    "lies between."
)
_END = "Every width is trained together and alone. **Where does sharing gain most?**"


def _question(story: str, text: str, right: int, again: str) -> Question:
    told = f"{STORIES[story][0]} {_TOLD}"
    return Question(f"capacity.{story}", f"{text} {_END}", _ANSWERS, right, told, again)


CAPACITY_QUESTIONS: Mapping[str, Question] = {
    "Two families": _question(
        "Two families", "Four tasks share one matrix of width r, with a head each. They ask **two "
        "different questions**, two tasks each.", 1, "One question",
    ),
    "One question": _question(
        "One question", "Four tasks share one matrix of width r, with a head each. **All ask the "
        "same.**", 0, "Strangers",
    ),
    "Strangers": _question(
        "Strangers", "Four tasks share one matrix of width r, with a head each. Each asks a "
        "**question of its own**.", 3, "Plenty of data",
    ),
    "Plenty of data": _question(
        "Plenty of data", "Four tasks share one matrix of width r, with a head each. They ask two "
        "questions, and each has **ten times the examples** of the first story.", 3, "Two families",
    ),
}  # fmt: skip
ANY = Question(
    "capacity.any",
    f"Several tasks share one module of width r, with a head each. {_END}",
    _ANSWERS,
    None,
    _TOLD,
)


def with_answer(question: Question, sweep: Sweep, tasks: int) -> Question:
    """The question with what was found: the width at which sharing helps most, if any."""
    helped = [(found.mean, width)
              for width, found in zip(sweep.widths.tolist(), differences(sweep), strict=True)
              if found is not None and found.verdict == "helps"]  # fmt: skip
    if not helped:
        return answered(question, ["nowhere"])
    width = max(helped)[1]
    return answered(question, ["one" if width == 1 else "few" if width < tasks else "wide"])
