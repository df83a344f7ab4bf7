"""What a student, the screen and the teacher are told of a room: each no more than they should."""

from collections.abc import Mapping
from typing import Any

from mtlviz.classroom.room import OPEN, PHASES, Place, Room
from mtlviz.lessons.lesson import Lesson, Step

_HINT_BELOW, _GO_ON_ABOVE = 0.35, 0.70
SEEN = ("closed", "told")
"""Phases in which no vote of a question is to come."""
Lessons = Mapping[str, Lesson]


def step_of(place: Place, lessons: Lessons) -> tuple[Lesson, Step] | None:
    """The lesson and step that the class takes; None where there is none."""
    lesson = lessons.get(place.lesson)
    if lesson is None or not 1 <= place.step <= len(lesson.steps):
        return None
    return lesson, lesson.steps[place.step - 1]


def for_student(room: Room, lessons: Lessons, seat: str = "") -> dict[str, Any]:
    """The question and one's own answer; how others voted only once the second round is closed."""
    place = room.place
    told: dict[str, Any] = {"phase": place.phase, "version": place.version, "seats": room.seats}
    found = step_of(place, lessons)
    if found is None:
        return told | {"phase": "waiting"}
    lesson, step = found
    count, round_ = len(step.options), OPEN.get(place.phase)
    told |= {
        "title": f"{lesson.title} · step {place.step}: {step.title}",
        "text": step.text,
        "copy": f"lessons?lesson={place.lesson}&lesson_step={place.step}",
    }
    if place.phase == "waiting":
        return told
    told |= {"question": step.question, "options": [option.text for option in step.options]}
    if round_ is not None:
        told["answered"] = sum(room.counts(round_, count))
        told["asked"] = room.seats + room.hands(round_)
        told["mine"] = room.choice_of(seat, round_)
    if place.phase in SEEN:
        told["rounds"] = [room.counts(each, count) for each in OPEN.values()]
    if place.phase == "told":
        told |= _answer(step)
    return told


def _answer(step: Step) -> dict[str, Any]:
    right = next((k for k, option in enumerate(step.options) if option.right), -1)
    return {
        "right": right, "whys": [option.why for option in step.options],
        "reveal": step.reveal, "explanation": step.explanation,
    }  # fmt: skip


def for_teacher(room: Room, lessons: Lessons) -> dict[str, Any]:
    """What students are told, with counts, answer and notes; between votes also what to do next."""
    place = room.place
    told = for_student(room, lessons) | {
        "lesson": place.lesson, "step": place.step, "phases": list(PHASES), "code": room.code,
        "lessons": {
            name: {"title": lesson.title, "steps": [step.title for step in lesson.steps]}
            for name, lesson in lessons.items()
        },
    }  # fmt: skip
    found = step_of(place, lessons)
    if found is None:
        return told
    step = found[1]
    rounds = [room.counts(each, len(step.options)) for each in OPEN.values()]
    answer = _answer(step)
    told |= answer | {"rounds": rounds, "notes": step.notes, "question": step.question,
                      "options": [option.text for option in step.options]}  # fmt: skip
    if place.phase == "waiting" or place.phase in OPEN:
        return told  # A few votes of many advise nothing.
    latest = rounds[1] if sum(rounds[1]) else rounds[0]
    return told | {"advice": advice(latest, answer["right"])}


def advice(counts: list[int], right: int) -> str:
    """What to do after a vote, by the share that is right.

    Reference:
        Vickrey et al., CBE-Life Sciences Education 14 (2015): peer instruction's thresholds.
    """
    total = sum(counts)
    if not total or right < 0:
        return "Nobody has voted yet."
    share = counts[right] / total
    if share < _HINT_BELOW:
        said = "Give a hint or explain, then vote again."
    elif share <= _GO_ON_ABOVE:
        said = "Let neighbours convince each other, then vote again."
    else:
        said = "Explain briefly and go on."
    return f"{share:.0%} of {total} are right. {said}"
