"""A student's own copy of the app: where the class is, and nothing that answers its question."""

from types import SimpleNamespace

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from mtlviz.lessons.catalogue import built_in
from mtlviz.lessons.lesson import Lesson
from mtlviz.ui import server
from mtlviz.ui.core import class_copy, lesson_progress
from mtlviz.ui.core.class_mode import CLASS, offered
from mtlviz.ui.launch import HOSTS
from mtlviz.ui.pages import PAGES, entry
from tests.ui import harness
from tests.ui.harness import payloads, piece, said, text, visit, widgets

LESSON = "alignment"
STEPS = built_in()[LESSON].steps
ASKING = {"guess:skip_all": False}


@pytest.fixture
def seat(room, monkeypatch):
    found = room.join(room.code)
    monkeypatch.setattr(class_copy, "_seat", lambda: found)
    return found


def again(app, page="covariance_lab"):
    """What a browser does when the class has moved."""
    return visit(app, page)


def pressed(app, key):
    app.button(key=key).click().run()
    assert not app.exception, app.exception
    return app


def test_a_copy_opens_where_the_class_is_and_goes_along(room, seat):
    room.lead(LESSON, 2, "waiting")
    # The link of an older step, as a student may have kept it.
    app = harness.opened("covariance_lab", ASKING, lesson=LESSON, lesson_step="1")
    assert said(app, f"step 2 of {len(STEPS)}: {STEPS[1].title}")
    assert "lesson.next" not in widgets(app)
    room.lead(LESSON, 3, "waiting")
    again(app)
    assert said(app, f"**The class** is at step 3 of {len(STEPS)}: {STEPS[2].title}")
    assert app.query_params["lesson_step"] == "3"


def test_a_student_may_play_alone_and_come_back(room, seat):
    room.lead(LESSON, 1, "told")
    app = harness.opened("covariance_lab", ASKING)
    pressed(app, "class.leave")
    room.lead(LESSON, 2, "told")
    again(app)
    assert said(app, f"{built_in()[LESSON].title}** · step 1 of")
    pressed(app, "lesson.leave")
    assert not said(app, "· step 1 of")
    pressed(app, "class.back")
    again(app)
    assert app.query_params["lesson_step"] == "2"
    # Whoever takes another lesson plays alone as well.
    visit(app, "lessons")
    pressed(app, "lessons.begin.conflict")
    assert app.query_params["lesson"] == "conflict"
    assert "class.back" in widgets(app)


@pytest.mark.parametrize("seated", [True, False])
def test_a_copy_that_is_played_with_alone_stops_where_the_class_is(room, monkeypatch, seated):
    found = room.join(room.code) if seated else ""
    monkeypatch.setattr(class_copy, "_seat", lambda: found)
    room.lead(LESSON, 2, "told")
    app = harness.opened("covariance_lab", {**ASKING, "class:own": True}, lesson=LESSON)
    assert said(app, "· step 1 of")
    pressed(app, "lesson.next")
    assert said(app, f"· step 2 of {len(STEPS)}")
    assert app.button(key="lesson.next").disabled
    ahead = {"lesson": LESSON, "lesson_step": "4"}
    app = harness.opened("covariance_lab", {**ASKING, "class:own": True}, **ahead)
    assert said(app, f"· step 2 of {len(STEPS)}")
    room.lead(LESSON, 3, "waiting")
    again(app)
    assert not app.button(key="lesson.next").disabled
    # Another lesson is nobody's vote.
    app = harness.opened("conflict_lab", {**ASKING, "class:own": True}, lesson="conflict")
    assert not app.button(key="lesson.next").disabled


def test_the_teachers_browser_may_look_and_no_other(room, monkeypatch):
    room.lead(LESSON, 1, "first")
    place = {"lesson": LESSON, "lesson_step": "1"}
    looking = {**ASKING, "class:looks": True}
    assert not payloads(harness.opened("covariance_lab", looking, **place), "mtlviz.chart")
    monkeypatch.setattr(class_copy, "_key", lambda: room.key)
    app = harness.opened("covariance_lab", ASKING, **place)
    assert not payloads(app, "mtlviz.chart")
    app.toggle(key="class:looks").set_value(True).run()
    pressed(app, "guess.guess.0")
    assert payloads(app, "mtlviz.chart")
    assert not app.button(key="lesson.next").disabled


def test_the_lines_that_tell_where_the_class_is_ask_for_the_copy_to_be_drawn_anew(room, seat):
    room.lead(LESSON, 1, "first")
    browser = TestClient(Starlette(routes=server.routes()))
    app = harness.opened("toy_lab", ASKING)
    (place,) = (sent for sent in payloads(app, "mtlviz.live_text")
                if sent["feed"]["address"] == "mtlviz/class/copy?")  # fmt: skip
    since = {"since": place["feed"]["token"]}
    assert browser.get("/some/base/mtlviz/class/copy", params=since).status_code == 204
    room.vote(seat, 0, len(STEPS[0].options))  # Another one's vote moves nobody's copy.
    assert browser.get("/mtlviz/class/copy", params=since).status_code == 204
    room.lead(LESSON, 1, "closed")
    told = browser.get("/mtlviz/class/copy", params=since).json()["told"]["class"]
    assert told["stage"] != place["said"]["stage"]
    assert "the vote is closed" in told["lines"][0]


@pytest.mark.parametrize("link", [
    {}, {"lesson": LESSON, "lesson_step": "1"},
    {"lesson": LESSON, "lesson_step": "1", "hide": "questions"},
    {"lesson": LESSON, "lesson_step": "3"},
])  # fmt: skip
def test_no_copy_shows_what_answers_before_the_vote_is_closed(room, link):
    """Also not one without a seat, by a link, or by whoever never wants to be asked."""
    step = STEPS[0]
    room.lead(LESSON, 1, "waiting")
    app = harness.opened("covariance_lab", **{"cov_view": "alignment"} | link)
    for phase in ("first", "between", "second"):
        assert not payloads(app, "mtlviz.chart")
        for told in (step.reveal, step.explanation, *(option.why for option in step.options)):
            assert not told or not said(app, told)
        assert not {key for key in widgets(app) if key.startswith(("guess.guess", "guess.skip"))}
        room.lead(LESSON, 1, phase)
        again(app)
    assert not payloads(app, "mtlviz.chart")


def test_all_is_shown_once_the_vote_is_closed_and_a_vote_is_the_guess(room, seat):
    room.lead(LESSON, 1, "first")
    room.vote(seat, 2, len(STEPS[0].options))
    app = harness.opened("covariance_lab", ASKING)
    assert not payloads(app, "mtlviz.chart")
    room.lead(LESSON, 1, "closed")
    again(app)
    assert payloads(app, "mtlviz.chart")
    assert said(app, f"You expect: *{STEPS[0].options[2].text}*")
    pressed(app, "guess.saw.0")
    assert said(app, STEPS[0].options[2].why)


def test_who_did_not_vote_is_asked_when_the_vote_is_closed(room, seat):
    room.lead(LESSON, 1, "closed")
    app = harness.opened("covariance_lab", ASKING)
    assert "guess.guess.0" in widgets(app)


def test_other_pages_can_be_played_with_while_the_class_votes(room):
    room.lead(LESSON, 1, "first")
    app = harness.opened("toy_lab")
    assert payloads(app, "mtlviz.film")
    assert said(app, "the vote is open")
    assert piece(app, "guess:held") is False


@pytest.mark.slow
@pytest.mark.parametrize(
    ("lesson", "number"),
    [(name, k) for name, found in built_in().items() for k in range(1, len(found.steps) + 1)],
)
def test_no_step_of_any_lesson_is_answered_by_a_copy_before_its_vote(room, lesson, number):
    step = built_in()[lesson].steps[number - 1]
    if not step.question or entry(step.page) not in offered(PAGES):
        pytest.skip("The step asks nothing, or is on no page of a copy.")
    room.lead(lesson, number, "first")
    page = entry(step.page).path
    for link in ({"lesson": lesson, "lesson_step": str(number)}, {"hide": "questions"}):
        app = harness.opened(page, **link)
        told = text(app)
        for answer in (step.reveal, step.explanation, *(option.why for option in step.options)):
            assert not answer or answer not in told
        assert piece(app, "guess:held") is True
        assert "toy.take_home" not in widgets(app)


def test_a_step_on_a_page_of_the_teachers_alone_leaves_a_copy_where_it_is(room, seat):
    room.lead("real_text", 1, "first")
    app = harness.opened("toy_lab")
    assert said(app, "which a class sees on the teacher's screen")
    assert payloads(app, "mtlviz.film")
    room.lead(LESSON, 1, "waiting")
    again(app)
    assert said(app, STEPS[0].title)
    visit(app, "lessons")
    assert not [key for key in widgets(app) if "real_text" in key]
    assert "lessons.begin.conflict" in widgets(app)


@pytest.mark.parametrize("shown", [
    {"example": "sharing"}, {"settings": {"cap_view": "affinity"}},
    {"settings": {"cap_measured": "text"}},
])  # fmt: skip
def test_what_a_step_shows_of_runs_is_on_the_teachers_screen_alone(room, monkeypatch, shown):
    words = {"title": "Ways", "page": "capacity", "text": "Look at the ways."}
    lesson = Lesson.checked({"title": "T", "goal": "g", "steps": [words | shown]})
    monkeypatch.setattr(lesson_progress, "_uploaded", lambda: {"ways": lesson})
    opened = []
    monkeypatch.setattr(lesson_progress, "open_example", lambda *given: opened.append(given))
    app = harness.opened("capacity_lab", lesson="ways", lesson_step="1")
    assert said(app, "which a class sees on the teacher's screen")
    assert not said(app, "Look at the ways.")
    assert not opened
    visit(app, "lessons")
    assert "lessons.begin.ways" not in widgets(app)
    monkeypatch.delenv(CLASS)
    assert lesson_progress.is_offered(lesson.steps[0])


@pytest.mark.parametrize(
    ("proxy", "address", "owners"),
    [("", "192.168.0.9", 1), ("school.example", "127.0.0.1", 2), ("", None, 2)],
)
def test_who_has_no_seat_counts_by_device_where_devices_have_an_address(
    room, monkeypatch, proxy, address, owners
):
    monkeypatch.setenv(HOSTS, proxy)
    monkeypatch.setattr(class_copy.st, "context", SimpleNamespace(ip_address=address))
    found = set()
    for tab in ("one", "another"):
        monkeypatch.setattr(class_copy.session, "visitor", lambda tab=tab: tab)
        found.add(class_copy.owner())
    assert len(found) == owners


def test_without_a_class_nothing_is_held(monkeypatch):
    monkeypatch.delenv(CLASS, raising=False)
    app = harness.opened("toy_lab")
    assert not said(app, "The class")
    assert class_copy.held() is None


def test_without_the_teachers_cookie_the_room_is_not_asked_who_that_is(monkeypatch):
    monkeypatch.setattr(class_copy, "_key", lambda: "")
    monkeypatch.setattr(class_copy, "room", lambda: pytest.fail("asked"))
    assert not class_copy.is_teacher()
