"""What the conflict lab asks before it shows any update: one for each preset, one for any."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from mtlviz.engine.measures.conflict_orders import order_spread
from mtlviz.questions import Answer, Question
from mtlviz.toy.arrow_presets import ARROW_PRESETS
from mtlviz.toy.arrow_updates import combination, effect, scene
from mtlviz.toy.arrows import ArrowsConfig

_DEGREES = 1.0  # Updates whose directions differ by less are one.


@dataclass(frozen=True)
class Hurts:
    """That a method hurts these tasks and no others, or so many of them."""

    method: str
    tasks: tuple[int, ...] | None = None
    least: int = 0
    most: int = 99


@dataclass(frozen=True)
class Still:
    """Whether a method's update is zero."""

    method: str


@dataclass(frozen=True)
class Spread:
    """Whether the order of the visits changes the direction of PCGrad's update."""

    exists: bool


Condition = Hurts | Still | Spread
_FIRST_ORDER = (
    "To first order a step of size η along an update u changes the loss of task i by −η gᵢ·u: it "
    "rises where the angle between its gradient and the update is obtuse. "
)


def _question(
    name: str, text: str, right: int, again: str, *answers: tuple[str, str, Condition]
) -> Question:
    given = tuple(Answer(said, why, (claim,)) for said, why, claim in answers)
    told = _FIRST_ORDER + ARROW_PRESETS[name].story
    return Question(f"conflict.{name}", text, given, right, told, again)


ARROW_QUESTIONS: Mapping[str, Question] = {
    "conflict": _question(
        "conflict",
        "Two gradients at an **obtuse angle**; that of task 1 is the longer one. **Whose "
        "loss does a step along the plain sum raise?**", 2, "four_to_one",
        ("Nobody's", "It takes both in, but not equally: the longer one decides.",
         Hurts("sum", ())),
        ("Task 1's", "The sum leans to the longer gradient, which is task 1's own.",
         Hurts("sum", (0,))),
        ("Task 2's", "The sum leans so far to task 1 that it is at an obtuse angle to task 2: the "
         "*shorter* gradient loses.", Hurts("sum", (1,))),
        ("Both", "A sum cannot be at an obtuse angle to all its parts: its own length would be "
         "negative.", Hurts("sum", (0, 1))),
    ),
    "sharp": _question(
        "sharp",
        "The angle between the two gradients is **sharp**. **Whose loss does a step "
        "along the plain sum raise?**", 0, "conflict",
        ("Nobody's", "At a sharp angle each gradient's part helps the other too.",
         Hurts("sum", ())),
        ("Task 2's: it is shorter", "Shorter it gains less, but it gains: nothing points against "
         "it.", Hurts("sum", (1,))),
        ("Both, a little", "A step along both gradients lowers both losses.",
         Hurts("sum", (0, 1))),
    ),
    "four_to_one": _question(
        "four_to_one",
        "Task 1's gradient is **four times as long** as task 2's, at an obtuse angle. **Whose loss "
        "does a step along the plain sum raise?**", 2, "opposite",
        ("Nobody's: the sum is a compromise", "It is one by length: four to one.",
         Hurts("sum", ())),
        ("Task 1's", "The sum is nearly task 1's own gradient.", Hurts("sum", (0,))),
        ("Task 2's", "Task 1 outvotes it: what task 2 adds does not turn the sum to its side.",
         Hurts("sum", (1,))),
    ),
    "three": _question(
        "three",
        "Three equally long gradients, at 0, 160 and 200 degrees. PCGrad takes out conflicts pair "
        "by pair, **in a random order**. **Does the order change PCGrad's update?**", 1, "crowd",
        ("No: in the end no pair conflicts", "Each visit changes what the next one finds: taking "
         "out one conflict may make another.", Spread(False)),
        ("Yes, even its direction", "What is taken out first changes what is left to take out.",
         Spread(True)),
    ),
    "report": _question(
        "report",
        "One example each of SST (1), PARA (2) and STS (3), as one report prints them: PARA and "
        "STS agree (cosine 0.7), SST's cosine is **negative with both**. All lengths are 1 here. "
        "**Whose loss does a step along the plain sum raise?**", 1, "three",
        ("Nobody's", "Two that agree outvote the third.", Hurts("sum", ())),
        ("SST's", "It stands alone against two that agree.", Hurts("sum", (0,))),
        ("PARA's and STS's", "They are two, and agree: the sum leans to them.",
         Hurts("sum", (1, 2))),
    ),
    "opposite": _question(
        "opposite",
        "Two gradients in **exactly opposite** directions, task 1's the longer one. **What is "
        "PCGrad's update?**", 2, "conflict",
        ("A compromise that helps both", "In opposite directions what helps one hurts the other: "
         "there is no such step.", Hurts("pcgrad", ())),
        ("Along task 1's, which is longer", "So is the plain sum's. PCGrad takes from each "
         "gradient all that points against the other, and that is all of it.",
         Hurts("pcgrad", (1,))),
        ("Nothing: it stands still", "All of each gradient points against the other, and is taken "
         "out.", Still("pcgrad")),
    ),
    "crowd": _question(
        "crowd",
        "**Five tasks**, some of whose pairs conflict. **Whose loss does a step along the plain "
        "sum raise?**", 0, "sharp",
        ("Nobody's", "Pairs conflict, and yet each gradient agrees with the whole.",
         Hurts("sum", ())),
        ("Task 4's, which points left", "It points up as well, as the sum does.",
         Hurts("sum", (3,))),
        ("Task 5's, which points down", "It points to the right as well, as the sum does.",
         Hurts("sum", (4,))),
        ("Several tasks'", "A conflict of two tasks is not yet harm: what counts is each one's "
         "angle to the sum.", Hurts("sum", least=2)),
    ),
}  # fmt: skip

ANY = Question(
    "conflict.any",
    "**Whose loss does a step along the plain sum of these gradients raise?**",
    (
        Answer("Nobody's", "A conflict between two tasks is not yet harm.", (Hurts("sum", ()),)),
        Answer("One task's", "The sum is at an obtuse angle to one gradient.",
               (Hurts("sum", least=1, most=1),)),
        Answer("Several tasks'", "The sum is at an obtuse angle to several.",
               (Hurts("sum", least=2),)),
    ),
    None,
    _FIRST_ORDER,
)  # fmt: skip
"""What is asked of arrows that belong to no preset."""


def answered_arrows(question: Question, config: ArrowsConfig) -> Question:
    """The question with the answer that holds of these arrows as the right one."""
    held = [place for place, answer in enumerate(question.answers)
            if all(_holds(claim, config) for claim in answer.claims)]  # fmt: skip
    return replace(question, right=held[0] if held else None)


def _holds(claim: object, config: ArrowsConfig) -> bool:
    gram = scene(config).gram
    if isinstance(claim, Spread):
        return (float(order_spread(gram).degrees) > _DEGREES) == claim.exists
    if not isinstance(claim, Hurts | Still):
        return False
    found = effect(config, gram, combination(claim.method, gram, config.order))
    if isinstance(claim, Still):
        return not found.changes.any()
    if claim.tasks is not None and found.hurt != claim.tasks:
        return False
    # An update of zero helps nobody, so it is no compromise.
    return bool(found.changes.any()) and claim.least <= len(found.hurt) <= claim.most
