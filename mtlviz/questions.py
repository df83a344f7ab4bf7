"""Questions to guess at before a picture is shown: the answers, and why each is so or not."""

from collections.abc import Collection
from dataclasses import dataclass, replace


@dataclass(frozen=True)
class Answer:
    """What a visitor may expect, or say to have seen.

    Attributes:
        text: The answer, short enough for a button.
        reason: What is said to whoever gave this one: why it is so, or why it seemed so.
        claims: What must be found for it to be right, where that depends on what is computed; the
            page that asks knows how to look.
    """

    text: str
    reason: str
    claims: tuple[object, ...] = ()


@dataclass(frozen=True)
class Question:
    """A question that a picture answers.

    Attributes:
        name: Tells it from all others, such as `toy.clouds`.
        text: What is asked; it says what is seen before the answer is, and not the answer.
        answers: Two answers or more, at most one of which is right.
        right: Place of the right answer; None where none of them holds.
        mechanism: Why it is so, told at the end.
        again: Name of the preset or story in which the same is asked of other data; empty for none.
        undecided: Why nobody can say yet which answer is right, said in place of right or wrong;
            empty where one can.
        of_runs: Whether runs answer it: what is right may change with every seed that is added.
    """

    name: str
    text: str
    answers: tuple[Answer, ...]
    right: int | None
    mechanism: str
    again: str = ""
    undecided: str = ""
    of_runs: bool = False


def answered(question: Question, found: Collection[object]) -> Question:
    """The question with the answer as the right one whose claims are all among what was found."""
    held = [
        place for place, answer in enumerate(question.answers) if set(answer.claims) <= set(found)
    ]
    return replace(question, right=held[0] if held else None)
