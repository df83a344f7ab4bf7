"""What the toy lab asks before it shows who gains: a question for each story, and one for any."""

from collections.abc import Mapping
from dataclasses import replace

from mtlviz.engine.measures.transfer import Transfer
from mtlviz.questions import Answer, Question
from mtlviz.toy.layout import Arm, arms_of
from mtlviz.toy.presets import ArmSign, Sign

Transfers = Mapping[tuple[Arm, int], Transfer]
_SAME = 1.5  # Points: an interval within ± these is as good as no change.


def _to_first(*signs: tuple[tuple[int, ...], Sign]) -> tuple[ArmSign, ...]:
    return tuple(ArmSign(arm, 0, sign) for arm, sign in signs)


def _pair(second: Sign, third: Sign) -> tuple[ArmSign, ...]:
    return _to_first(((0, 1), second), ((0, 2), third))


def _all(sign: Sign) -> tuple[ArmSign, ...]:
    return _to_first(((0, 1), sign), ((0, 2), sign), ((0, 1, 2), sign))


_PAIRS = {
    "second": ("Task 2 helps, task 3 hurts", _pair("helps", "hurts")),
    "both": ("Both help", _pair("helps", "helps")),
    "third": ("Task 3 helps, task 2 hurts", _pair("hurts", "helps")),
    "neither": ("Neither changes it", _pair("undecided", "undecided")),
}


def _answers(reasons: Mapping[str, str]) -> tuple[Answer, ...]:
    return tuple(Answer(_PAIRS[name][0], why, _PAIRS[name][1]) for name, why in reasons.items())


QUESTIONS: Mapping[str, Question] = {
    "clouds": Question(
        "toy.clouds",
        "Tasks 2 and 3 ask the **same question**, close to that of task 1: their boundaries are "
        "one and the same line. Only their clouds differ. Task 1 learns for 150 steps, alone and "
        "with each of them. **What does task 1 gain?**",
        _answers({
            "second": "Task 2's cloud lies across the boundary and shows its direction at once; "
            "task 3's lies along it, and its first gradients point along the cloud.",
            "both": "The questions are the same, but the shared direction goes where the *points* "
            "pull it, and task 3's long cloud pulls it along itself.",
            "third": "A cloud along the boundary looks as if it marked it; but across such a cloud "
            "the classes hardly differ in place, so it says little about the direction.",
            "neither": "In the end it nearly is so. But these are the first 150 steps, before task "
            "1 alone has finished learning.",
        }),
        0,
        "The model is the same, the questions are the same: the **data** decides. Task 2 shows "
        "task 1 the direction early. Task 3's points pull the shared direction to where task 1 "
        "cannot use it. With four times the steps the help is gone, and about half of the harm "
        "stays.",
        "moved_cloud",
    ),
    "moved_cloud": Question(
        "toy.moved_cloud",
        "All boundaries are those of the first story. Only the cloud of **task 3 was moved**, far "
        "to the left. Task 1 learns for 150 steps, alone and with each of the others. **What does "
        "task 1 gain?**",
        _answers({
            "second": "Far from the origin, task 3's gradients are long and point at its cloud.",
            "both": "Moved away, task 3 still shares its direction with task 1, and pulls at it.",
            "third": "What is far away pulls more and not less: the gradient of a point is as long "
            "as the point is far.",
            "neither": "In the end it is so: the direction turns back. Not within 150 steps.",
        }),
        0,
        "The shared direction turns along task 3's cloud in the first steps and costs task 1 about "
        "10 points. With four times the steps it has turned back, and neither help nor harm can be "
        "told apart from zero.",
        "random_labels",
    ),
    "capacity": Question(
        "toy.capacity",
        "Three very different boundaries, **three shared directions**, and training until nothing "
        "moves. **How does task 1 end, against learning alone?**",
        (
            Answer("Better: it sees more data", "More data about *other* boundaries: task 1 keeps "
                   "a direction of its own, which others do not touch.", _all("helps")),
            Answer("The same", "With as many directions as tasks nobody needs to share.",
                   _all("equivalent")),
            Answer("Worse: the boundaries disagree", "They do. But there is room for each: "
                   "disagreement costs something only where directions are scarce.", _all("hurts")),
        ),
        1,
        "Each task keeps its own direction inside the shared module, so it ends with what it "
        "learns alone, to within 1.5 points: no help, no harm. Lower the capacity to 1 and every "
        "partner hurts.",
        "one_direction",
    ),
    "one_direction": Question(
        "toy.one_direction",
        "Three very different boundaries, and **one shared direction** for all. Task 1 learns with "
        "each of the others, and with both. **What does task 1 gain?**",
        (
            Answer("Nothing is lost: heads differ", "Each task has a head of its own, but a head "
                   "can only stretch or flip the one direction that all share.",
                   _all("equivalent")),
            Answer("Each partner hurts, both together evens out", "Two partners pull in two "
                   "directions, neither of which is task 1's.",
                   (*_pair("hurts", "hurts"), ArmSign((0, 1, 2), 0, "undecided"))),
            Answer("Everybody hurts", "Each pair must compromise, and for task 1 all three do "
                   "worst.", _all("hurts")),
        ),
        2,
        "No one direction serves two of these boundaries, so every partner costs task 1 points, "
        "all three together most. How much capacity would make them good neighbours again?",
        "capacity",
    ),
    "random_labels": Question(
        "toy.random_labels",
        "All three tasks have the **same boundary**. Tasks 2 and 3 have the same wide cloud; half "
        "of task 3's labels are flipped. Task 1 learns for 100 steps, alone and with each of the "
        "others. **What does task 1 gain?**",
        _answers({
            "second": "Same cloud, same boundary: only the labels are clean or random.",
            "both": "Half of the labels flipped leaves nothing to learn: coin flips.",
            "third": "A coin's labels cannot show a boundary.",
            "neither": "Flipped labels do not cancel out: each repetition has a chance majority on "
            "some side, and the wide cloud makes its gradient loud.",
        }),
        0,
        "Task 3 has nothing to teach, yet its wide cloud gives it a loud gradient; task 2's is as "
        "wide, with clean labels. With four times the steps the help of task 2 shrinks from 8 "
        "points to 1, and the harm of task 3 from 15 to 8.",
        "clouds",
    ),
    "opposite": Question(
        "toy.opposite",
        "Task 2 calls class 0 what task 3 calls class 1: its boundary is the same line **seen from "
        "the other side**. Task 3 agrees with task 1. **What does task 1 gain?**",
        _answers({
            "third": "The labels are opposite, but the line is the same: a head may take the "
            "shared direction with a minus sign.",
            "both": "The shared direction serves both: each task's own head chooses its sign.",
            "neither": "Task 1 has 20 noisy points of its own: there is much to gain.",
        }),
        1,
        "The shared part only has to find the direction; which side is called class 1 is the "
        "business of each task's own head. So a task that says the opposite helps as much.",
        "moved_cloud",
    ),
}  # fmt: skip

REGRESSION = Question(
    "toy.regression",
    "A target with 5 noisy examples in 50 dimensions borrows from a source with **nearly the same "
    "model**. Source T2's inputs spread as the target's do; those of T3 and T4 spread along other "
    "directions. **What does a source with few examples of its own do to the target's error?**",
    (
        Answer("Every source lowers it: same model", "The models are nearly the same. But few "
               "examples with another spread pin the shared direction down where the target has no "
               "inputs."),
        Answer("T2 lowers it, the others raise it", "What counts at first is how the inputs "
               "spread, not what is asked of them."),
        Answer("Few examples change nothing", "The shared model has one direction, and the source "
               "has more examples than the target: it decides at once."),
    ),
    1,
    "With the target's covariance the source helps at any size. With other covariances it first "
    "hurts, and helps only once it has enough examples to pin down its whole model.",
    "clouds",
)  # fmt: skip


def question_about(target: int, tasks: int) -> Question:
    """What is asked of settings that belong to no story: whether others help the task.

    Args:
        target: The task in question, counted from 0.
        tasks: How many there are.
    """
    pairs = [arm for arm in arms_of(target, tasks) if len(arm) == 2]
    task = f"task {target + 1}"

    def each(sign: Sign) -> tuple[ArmSign, ...]:
        return tuple(ArmSign(arm, target, sign) for arm in pairs)

    return Question(
        f"toy.any.{target + 1}",
        f"{task.capitalize()} learns alone, and with each of the others. **What does {task} "
        "gain?**",
        (
            Answer("Every partner helps", "Partners help where their data shows a direction that "
                   "the task can use.", each("helps")),
            Answer("Every partner hurts", "Partners hurt where they pull the shared directions to "
                   "where the task cannot use them.", each("hurts")),
            Answer("Nobody changes it", "So it is where there is room for all, or where training "
                   "lasts until nothing moves.", each("undecided")),
            Answer("It depends on the partner", "The sign of transfer belongs to a pair of data "
                   "sets, and not to a method."),
        ),
        None,
        "Look at where each partner's points pull the shared direction, and whether there are "
        "directions enough for all.",
    )  # fmt: skip


def holds(claim: ArmSign, found: Transfer | None) -> bool:
    """Whether a transfer is as claimed; no change is claimed where it is undecided or small."""
    if found is None:
        return False
    small = found.low >= -_SAME and found.high <= _SAME
    if claim.sign in ("undecided", "equivalent"):
        return small or found.verdict == "undecided"
    return found.verdict == claim.sign


def answered(question: Question, found: Transfers) -> Question:
    """The question with the answer that holds of these transfers as the right one.

    An answer without claims holds where no other does.
    """
    held = [
        place
        for place, answer in enumerate(question.answers)
        if answer.claims
        and all(holds(claim, found.get((claim.arm, claim.task))) for claim in answer.claims)
    ]
    rest = [place for place, answer in enumerate(question.answers) if not answer.claims]
    return replace(question, right=(held + rest + [None])[0])
