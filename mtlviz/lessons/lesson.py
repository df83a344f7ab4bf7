"""What a lesson is made of: steps that open a page, ask, wait for a deed, reveal and explain."""

import re
import zlib
from functools import cached_property
from typing import Literal

from pydantic import ValidationError, field_validator, model_validator

from mtlviz.questions import Answer, Question
from mtlviz.settings import Settings, sentences, setting

MOST_STEPS, MOST_OPTIONS = 12, 5
LONGEST_STEP = 7
"""Minutes; who explains longer than that explains two things."""
_LONGEST = 1500  # Characters of one text: it stands above a picture.
_MOST_PARAMETERS, _FEWEST_OPTIONS = 40, 2
_MOST_TOLD = 8  # Of all that is wrong with a lesson.
_PLACE = re.compile(r"`(steps\.[^`]+)`")
# Of a text or a number pydantic says what each would be, and of a list without its wrong items that
# it is empty; the whole of a step is quoted beside what is wrong with it.
_TEXT = re.compile("`str` of (.*) should be a valid string")
_SAID_ALREADY = ("`int` of ", "`float` of ", "`steps` should have at least 1 item after validation")
_OF_A_STEP = re.compile(r"^(step \d+ .*), got \{.*$")
Value = str | int | float
Sign = Literal["helps", "hurts", "undecided", "equivalent"]


class Option(Settings):
    """One answer to a step's question: what it says, whether it is right, and why it seemed so."""

    text: str = setting(min_length=1, max_length=120)
    why: str = setting(min_length=1, max_length=_LONGEST)
    right: bool = False


class Claim(Settings):
    """What a step says happens at its settings once everything in it was done; a test holds it.

    Attributes:
        of: What is computed: transfer in the Toy lab, transfer to the target of the alignment toy,
            what reweighting changes, whom a method's step hurts in the Conflict lab, a method's
            average score less that of sequential training in the Continual lab, or what the runs of
            the step's example say.
        arm: Tasks trained together, counted from 1.
        task: The task that is compared, counted from 1.
        way: For alignment "plain" or "hand"; for reweighting "noisy" or "clean"; for arrows the
            method; for continual a method, two as "lwf-replay", or "kept by lwf" for what becomes
            of the tasks learned before; for an example a part of the name of its runs.
        sign: The verdict; `equivalent` if the interval lies within ±1.5 points.
        near: Points that the mean rounds to, where the words name a number.
        hurt: For arrows, the tasks whose loss rises.
        before: Whether it holds before the deed of the step is done.
    """

    of: Literal["toy", "alignment", "reweighting", "arrows", "continual", "example"] = "toy"
    arm: tuple[int, ...] = ()
    task: int = 1
    way: str = ""
    sign: Sign | None = None
    near: int | None = None
    hurt: tuple[int, ...] | None = None
    before: bool = False


class Step(Settings):
    """One step: a page at certain settings, and what a reader guesses, does and learns there.

    Attributes:
        title: What the step is called.
        page: The page's folder, such as "toy" or "conflict".
        example: An example of the app whose runs the page shows; empty for none.
        settings: Parameters of a link to that page.
        hide: Panels, groups and controls that would distract, as `hide=` names them.
        covers: What stays out of sight until the question is answered.
        text: What to look at; Markdown.
        question: What is asked; it needs two to five options, one of them right.
        options: The answers.
        do: What the reader should do.
        until: Parameters with the values that mean it was done; "at least 2" and "at most 2" are
            allowed.
        show: Parameters that do it; those of `until` where they are values.
        reveal: What happened, told once all was answered and done.
        explanation: Why.
        source: Where that stands.
        notes: For the teacher.
        minutes: How long it takes.
        claims: What the words promise.
    """

    title: str = setting(min_length=1, max_length=80)
    page: str = setting(min_length=1, max_length=40)
    example: str = setting("", max_length=40)
    settings: dict[str, Value] = {}  # noqa: RUF012  pydantic copies it
    hide: tuple[str, ...] = ()
    covers: tuple[str, ...] = ()
    text: str = setting(min_length=1, max_length=_LONGEST)
    question: str = setting("", max_length=_LONGEST)
    options: tuple[Option, ...] = setting((), max_length=MOST_OPTIONS)
    do: str = setting("", max_length=_LONGEST)
    until: dict[str, Value] = {}  # noqa: RUF012
    show: dict[str, Value] = {}  # noqa: RUF012
    reveal: str = setting("", max_length=_LONGEST)
    explanation: str = setting("", max_length=_LONGEST)
    source: str = setting("", max_length=300)
    notes: str = setting("", max_length=_LONGEST)
    minutes: float = setting(2.0, low=0.5, high=LONGEST_STEP)
    claims: tuple[Claim, ...] = ()

    @field_validator("settings", "until", "show")
    @classmethod
    def _few(cls, given: dict[str, Value]) -> dict[str, Value]:
        if len(given) > _MOST_PARAMETERS or any(
            len(str(value)) > _LONGEST for value in given.values()
        ):
            raise ValueError(
                f"must be at most {_MOST_PARAMETERS} parameters of a link, each of at most "
                f"{_LONGEST:,} letters"
            )
        return given

    @model_validator(mode="after")
    def _whole(self) -> "Step":
        rights = sum(option.right for option in self.options)
        if bool(self.question) != bool(self.options):
            raise ValueError("needs a question and its options, or neither")
        if self.options and (len(self.options) < _FEWEST_OPTIONS or rights != 1):
            raise ValueError("needs two to five options, exactly one of them right")
        if bool(self.do) != bool(self.until):
            raise ValueError("needs what to do and `until`, which says when it is done, or neither")
        if self.explanation and not self.source:
            raise ValueError("explains something and names no source")
        return self

    @cached_property
    def mark(self) -> int:
        """Tells it from every other step, and from what it was before its file was changed."""
        return zlib.crc32(self.key_without().encode())

    @property
    def deed(self) -> dict[str, Value]:
        """Parameters that do what the step asks for."""
        return self.show or self.until

    def asked(self, name: str) -> Question | None:
        """Its question, under a name that tells it from all others; None where it asks nothing."""
        if not self.question:
            return None
        answers = tuple(Answer(option.text, option.why) for option in self.options)
        right = next(place for place, option in enumerate(self.options) if option.right)
        why = "\n\n".join(filter(None, [self.explanation, self.source and f"*{self.source}*"]))
        return Question(name, f"**{self.question}**", answers, right, why or self.reveal)


class Lesson(Settings):
    """A lesson of 5 to 15 minutes.

    Attributes:
        title: What it is called, as a question or a claim.
        goal: What a reader can say afterwards.
        misconception: What many believe before.
        hide: What every step hides beside its own.
        covers: What every step covers beside its own.
        steps: What happens, in order.
    """

    title: str = setting(min_length=1, max_length=80)
    goal: str = setting(min_length=1, max_length=400)
    misconception: str = setting("", max_length=400)
    hide: tuple[str, ...] = ()
    covers: tuple[str, ...] = ()
    steps: tuple[Step, ...] = setting(min_length=1, max_length=MOST_STEPS)

    @property
    def minutes(self) -> float:
        """How long it takes."""
        return sum(step.minutes for step in self.steps)

    @classmethod
    def sentence(cls, error: ValidationError) -> str:
        """All that is wrong, each with the number of its step, from 1."""
        found = [_PLACE.sub(_in_words, each) for each in sentences(error, cls)]
        told = [_OF_A_STEP.sub(r"\1.", _TEXT.sub(r"\1 should be a text or a number", each))
                for each in found if not each.startswith(_SAID_ALREADY)]  # fmt: skip
        return together(told or found)


def together(problems: list[str]) -> str:
    """What is wrong with a lesson as one text; of very much the first."""
    more = len(problems) - _MOST_TOLD
    rest = [f"And {more} more."] if more > 0 else []
    return " ".join([f"{each[0].upper()}{each[1:]}" for each in problems[:_MOST_TOLD]] + rest)


def _in_words(place: re.Match[str]) -> str:
    """`steps.0.options.1.why` as: `why` of option 2 of step 1."""
    names = re.sub(r"(\w+?)s\.(\d+)", lambda of: f"{of[1]} {int(of[2]) + 1}", place[1]).split(".")
    return " of ".join(each if " " in each else f"`{each}`" for each in reversed(names))
