"""A lesson taken home: every step's pictures, nothing told before it is guessed, small enough."""

import json
import re

import pytest
from hypothesis import given as given_by
from hypothesis import strategies as st

from mtlviz.errors import DataError
from mtlviz.lessons.catalogue import built_in
from mtlviz.lessons.lesson import Lesson
from mtlviz.runs.examples import open_example
from mtlviz.ui.component.take_home import LARGEST
from mtlviz.ui.core import lesson_home, lesson_progress, run_records
from mtlviz.ui.core.lesson_home import lesson_file
from tests.ui import harness

pytestmark = pytest.mark.usefixtures("home")  # An example's runs are opened there.
HOSTILE = "</script><script>alert(1)</script>"


def given(lesson):
    made = lesson_file(lesson)
    found = re.search(r'id="given">(.*?)</script>', made, re.DOTALL)[1]
    return made, json.loads(found)["steps"]


@pytest.mark.parametrize("name", [
    name if name == "conflict" else pytest.param(name, marks=pytest.mark.slow)
    for name in built_in()
])  # fmt: skip
def test_every_step_of_a_lesson_has_its_pictures_and_the_file_is_small_enough(name):
    lesson = built_in()[name]
    made, steps = given(lesson)
    assert len(made.encode()) <= LARGEST
    for step, found in zip(lesson.steps, steps, strict=True):
        assert not found["missing"]
        assert found["pieces"]["guessed"]
        assert found["said"], "what the page says of it is told at the end"
        assert found["options"][found["right"]]["text"] == next(
            option.text for option in step.options if option.right
        )
        if step.deed:  # What was done is seen.
            changed = [piece for piece in found["pieces"]["done"].values() if piece]
            assert changed


def test_no_picture_of_a_question_tells_its_answer():
    steps = given(built_in()["conflict"])[1]
    for step in steps:
        stages = step["pieces"]
        asked = stages["asked"]["board"]["data"]
        assert (asked["bare"], asked["methods"], asked["numbers"]) == (True, [], False)
        assert not stages["guessed"]["board"]["data"].get("numbers")
        assert stages["told"]["board"]["data"]["numbers"] is True


@pytest.mark.slow
def test_no_film_has_a_verdict_before_the_answer_is_told():
    for step in given(built_in()["negative_transfer"])[1]:
        for stage in ("asked", "guessed", "done"):
            payload = step["pieces"][stage]["film"].get("data", {}).get("payload", {})
            assert not any(payload.get("verdicts", []))
            assert set(step["pieces"][stage]) == {"film"}
        assert any(step["pieces"]["told"]["film"]["data"]["payload"]["verdicts"])
        assert {"bars", "matrix"} < set(step["pieces"]["told"])


def lesson(**step):
    words = {"title": HOSTILE, "page": "words", "text": HOSTILE, "reveal": HOSTILE}
    return Lesson.checked({"title": HOSTILE, "goal": "g", "steps": [words | step]})


def test_what_is_not_in_the_file_is_said_and_nothing_written_is_markup():
    made, steps = given(lesson())
    assert "on the page **Words**; this file does not have it" in steps[0]["missing"]
    assert "<script>alert" not in made


ASKED = {
    "question": "Is it so?", "options": [
        {"text": "Yes", "why": "It is.", "right": True}, {"text": "No", "why": "It is."},
    ],
}  # fmt: skip
ALIVE = {
    "capacity": ({"cap_view": "capacity"}, {"toy"}),
    "continual": (
        {"con_story": "late"}, {"film", "gains", "matrix sequential", "matrix replay", "curves"}
    ),
}  # fmt: skip


@pytest.mark.parametrize("page", ALIVE)
def test_a_step_on_another_lab_is_alive_and_covered_until_it_is_answered(page):
    settings, names = ALIVE[page]
    (step,) = given(lesson(page=page, settings=settings, **ASKED))[1]
    assert not step["missing"]
    assert set(step["pieces"]["asked"]) <= {"film"}
    assert {"film", "toy"} & set(step["pieces"]["guessed"]) == {"film", "toy"} & names
    assert set(step["pieces"]["told"]) == names
    assert step["said"]


def test_what_cannot_be_computed_is_said_in_its_place():
    many = {"preset": "clouds", "seeds": 64, "steps": 2000, "t1.points": 1000, "t2.points": 1000}
    steps = given(lesson(page="toy", settings=many))[1]
    assert steps[0]["missing"].startswith("There is no picture here: ")


def test_an_example_that_cannot_be_opened_is_said_and_no_other_run_takes_its_place(monkeypatch):
    open_example(run_records.store(), "built-in")
    example = lesson(page="compare", example="course", **ASKED)

    def refused(*_):
        raise DataError("The example is damaged.")

    with monkeypatch.context() as broken:
        broken.setattr(lesson_progress, "open_example", refused)
        (step,) = given(example)[1]
    assert step["missing"] == "There is no picture here: The example is damaged."
    assert (step["pieces"], step["said"]) == ({}, [])
    # Nor is that kept for those who come when it can be opened.
    (step,) = given(example)[1]
    assert step["pieces"]["told"]


def test_the_lessons_page_hands_out_every_lesson():
    app = harness.opened("lessons")
    labels = [each.label for each in app.get("download_button")]
    assert labels.count("Take it home") == len(built_in())


def test_a_class_takes_its_lesson_home_only_after_the_last_answer(room):
    steps = len(built_in()["conflict"].steps)
    offered = len(built_in()) - 1  # Recorded runs are on the teacher's screen.
    app = harness.opened("lessons")
    for step, phase, hidden in (
        (1, "waiting", 1), (1, "told", 1), (2, "told", 1), (steps, "closed", 1), (steps, "told", 0)
    ):  # fmt: skip
        room.lead("conflict", step, phase)
        app.run()
        labels = [each.label for each in app.get("download_button")]
        assert labels.count("Take it home") == offered - hidden


def merged(before, changes):
    """`merge` of lesson.js."""
    if not (isinstance(before, dict) and isinstance(changes, dict)):
        return changes
    found = before | {name: merged(before.get(name), value) for name, value in changes.items()}
    return {name: value for name, value in found.items() if value != lesson_home._GONE}


NAMES = st.sampled_from("abc")
DATA = st.recursive(
    st.none() | st.booleans() | st.integers(0, 3) | NAMES,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(NAMES, inner, max_size=3),
    max_leaves=8,
)


@given_by(DATA, DATA)
def test_what_changes_between_two_stages_makes_the_one_of_the_other(before, after):
    before, after = {"data": before}, {"data": after}
    found = merged(before, lesson_home._changes(before, after))
    assert json.dumps(found, sort_keys=True) == json.dumps(after, sort_keys=True)
