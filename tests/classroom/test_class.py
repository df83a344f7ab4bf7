"""A class of thirty guesses together; each limit is tried to be broken."""

import re
from concurrent.futures import ThreadPoolExecutor

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from mtlviz.access import HOME_FOLDER
from mtlviz.classroom import room as rooms
from mtlviz.classroom.room import PHASES, Room
from mtlviz.classroom.views import advice
from mtlviz.lessons.catalogue import built_in
from mtlviz.ui import server
from mtlviz.ui.core import class_copy
from mtlviz.ui.core.class_copy import TEACHER
from mtlviz.ui.core.class_mode import CLASS

LESSON = "negative_transfer"
STEP = built_in()[LESSON].steps[0]


@pytest.fixture
def room(tmp_path, monkeypatch):
    monkeypatch.setenv(HOME_FOLDER, str(tmp_path))
    monkeypatch.setenv(CLASS, "http://192.168.0.7:8501/class")
    class_copy.room.cache_clear()
    yield class_copy.room()
    class_copy.room().close()
    class_copy.room.cache_clear()


@pytest.fixture
def app(room):
    return Starlette(routes=server.routes(), middleware=server.middleware())


def client(app, **headers):
    return TestClient(app, base_url="http://localhost", headers=headers)


def seated(app, room):
    student = client(app)
    assert student.post("/mtlviz/class/join", json={"code": room.code.lower()}).status_code == 200
    return student


def state(student):
    return student.get("/mtlviz/class/state").json()


def led(app, room, phase, step=1):
    teacher = client(app, **{"X-Class-Key": room.key})
    asked = {"lesson": LESSON, "step": step, "phase": phase}
    assert teacher.post("/mtlviz/class/lead", json=asked).status_code == 200
    return teacher


def test_thirty_vote_at_the_same_moment_in_two_rounds_and_see_nothing_before_the_end(app, room):
    with ThreadPoolExecutor(30) as together:
        students = list(together.map(lambda _: seated(app, room), range(30)))
        teacher = led(app, room, "first")

        def vote(number, choice):
            answer = students[number].post("/mtlviz/class/vote", json={"choice": choice})
            assert answer.status_code == 200

        list(together.map(vote, range(30), [number % 3 for number in range(30)]))
        assert state(students[0])["answered"] == 30
        assert state(teacher)["rounds"][0] == [10, 10, 10, 0]
        assert "advice" not in state(teacher)  # There may be votes to come.
        for phase in ("first", "between", "second"):
            led(app, room, phase)
            if phase == "between":
                advised = state(teacher)["advice"]
                assert advised.startswith("33% of 30 are right. Give a hint")
            assert "rounds" not in state(students[4])
            assert not {"right", "reveal", "whys", "notes", "advice"} & set(state(students[4]))
        list(together.map(vote, range(30), [0] * 24 + [1] * 6))
    led(app, room, "closed")
    assert state(students[7])["rounds"] == [[10, 10, 10, 0], [24, 6, 0, 0]]
    assert "right" not in state(students[7])
    led(app, room, "told")
    told = state(students[7])
    assert (told["right"], told["reveal"]) == (0, STEP.reveal)
    assert state(teacher)["advice"].endswith("Explain briefly and go on.")


def test_the_teacher_has_a_link_to_the_picture_of_the_step(app, room):
    assert 'id="film"' in client(app).get("/class/teach").text
    assert state(led(app, room, "waiting", step=2))["copy"] == (
        f"lessons?lesson={LESSON}&lesson_step=2"
    )


def test_one_seat_has_one_vote_which_may_change_until_the_round_is_closed(app, room):
    student = seated(app, room)
    led(app, room, "first")
    for choice in (1, 1, 3):
        student.post("/mtlviz/class/vote", json={"choice": choice})
    assert room.counts(1, 4) == [0, 0, 0, 1]
    assert state(student)["mine"] == 3
    # Joining anew keeps the seat.
    student.post("/mtlviz/class/join", json={"code": room.code})
    assert room.seats == 1
    led(app, room, "between")
    refused = student.post("/mtlviz/class/vote", json={"choice": 0})
    assert (refused.status_code, refused.json()["problem"]) == (400, "No vote is open now.")
    assert room.counts(1, 4) == [0, 0, 0, 1]


def test_votes_and_place_survive_a_restart_and_who_comes_late_begins_where_the_class_is(
    app, room, tmp_path
):
    student = seated(app, room)
    led(app, room, "second", step=2)
    student.post("/mtlviz/class/vote", json={"choice": 2})
    again = Room(tmp_path)
    assert (again.code, again.key, again.place) == (room.code, room.key, room.place)
    assert again.counts(2, 3) == [0, 0, 1]
    again.close()
    late = state(seated(app, room))
    assert (late["phase"], late["question"]) == (
        "second",
        built_in()[LESSON].steps[1].question,
    )
    assert late["copy"] == f"lessons?lesson={LESSON}&lesson_step=2"


def test_who_has_no_seat_learns_nothing_and_cannot_vote_or_lead(app, room):
    led(app, room, "first")
    stranger = client(app)
    assert state(stranger) == {"join": True}
    assert stranger.post("/mtlviz/class/join", json={"code": "AAAAA"}).status_code == 400
    assert stranger.post("/mtlviz/class/vote", json={"choice": 0}).status_code == 400
    student = seated(app, room)
    student.headers["X-Class-Key"] = "guessed"
    asked = {"lesson": LESSON, "step": 1, "phase": "told"}
    for address, body in (("lead", asked), ("hands", {"round": 1, "counts": [9, 9, 9, 9]})):
        assert student.post(f"/mtlviz/class/{address}", json=body).status_code == 400
    assert student.get("/mtlviz/class/state").status_code == 400
    assert room.place.phase == "first"
    assert room.counts(1, 4) == [0, 0, 0, 0]


@pytest.mark.parametrize(
    "body",
    [b"", b"[]", b"{", b'{"choice": "0"}', b'{"choice": true}', b'{"choice": -1}',
     b'{"choice": 4}', b'{"choice": 1e9}', b'{"choice": 0, "x": "' + b"y" * 5000 + b'"}'],
)  # fmt: skip
def test_what_is_no_vote_is_refused_in_a_sentence(app, room, body):
    student = seated(app, room)
    led(app, room, "first")
    answer = student.post("/mtlviz/class/vote", content=body)
    assert answer.status_code == 400
    assert answer.json()["problem"].endswith(".")
    assert sum(room.counts(1, 4)) == 0


def test_a_page_of_a_stranger_cannot_vote_for_a_student(app, room):
    student = seated(app, room)
    led(app, room, "first")
    answer = student.post(
        "/mtlviz/class/vote", json={"choice": 0}, headers={"Origin": "http://evil.example"}
    )
    assert answer.status_code == 403
    assert (
        "samesite=strict"
        in client(app)
        .post("/mtlviz/class/join", json={"code": room.code})
        .headers["set-cookie"]
        .lower()
    )


def test_there_are_only_so_many_seats(app, room, monkeypatch):
    monkeypatch.setattr(rooms, "MOST_SEATS", 2)
    seated(app, room), seated(app, room)
    refused = client(app).post("/mtlviz/class/join", json={"code": room.code})
    assert refused.json()["problem"] == "All 2 seats of this class are taken."


def test_hands_are_added_to_the_votes_and_to_those_who_are_asked_and_replace_earlier_hands(
    app, room
):
    student, _ = seated(app, room), seated(app, room)
    teacher = led(app, room, "first")
    student.post("/mtlviz/class/vote", json={"choice": 0})
    for counts in ([9, 9, 9, 9], [2, 3, 0, 0]):
        teacher.post("/mtlviz/class/hands", json={"round": 1, "counts": counts})
    assert state(teacher)["rounds"] == [[3, 3, 0, 0], [0, 0, 0, 0]]
    told = state(student)
    assert (told["answered"], told["asked"]) == (1 + 5, 2 + 5)
    led(app, room, "second")
    assert (state(student)["answered"], state(student)["asked"]) == (0, 2)


def test_hands_count_like_votes_where_phones_cannot_get_in(app, room):
    teacher = led(app, room, "first")
    assert (
        teacher.post("/mtlviz/class/hands", json={"round": 1, "counts": [7, 2, 1, 0]}).status_code
        == 200
    )
    assert state(teacher)["rounds"][0] == [7, 2, 1, 0]
    for counts in ([1], [1, 2, 3, -4], [1, 2, 3, 10**9], "4", None):
        assert (
            teacher.post("/mtlviz/class/hands", json={"round": 1, "counts": counts}).status_code
            == 400
        )


@pytest.mark.parametrize(
    ("share", "word"), [(0.34, "hint"), (0.35, "neighbours"), (0.7, "neighbours"), (0.71, "go on")]
)
def test_the_advice_follows_the_share_that_is_right(share, word):
    assert word in advice([round(100 * share), 100 - round(100 * share)], 0)


def test_a_class_sends_no_files_and_is_told_of_no_run(app, room):
    student = seated(app, room)
    sent = student.put("/_stcore/upload_file/session/file", content=b"x")
    assert sent.status_code == 403
    for address in ("/mtlviz/live/runs", "/mtlviz/live/1"):
        assert student.get(address).status_code == 404


def test_without_the_command_there_is_no_class(monkeypatch):
    monkeypatch.delenv(CLASS, raising=False)
    assert not any("class" in route.path for route in server.routes())


def test_the_page_of_the_class_has_its_address_and_its_picture_and_needs_nobody_else(app, room):
    page = client(app).get("/class").text
    assert "http://192.168.0.7:8501/class" in page
    assert "<svg" in page
    assert "hollow for round 1, filled for round 2" in page
    assert room.key not in page
    assert re.search('<svg[^>]* viewBox="', page), "without one it stays as small as it is drawn"
    assert "src=" not in page
    assert all(phase in page for phase in PHASES)


def test_the_app_knows_the_teachers_browser_and_no_students(app, room):
    teacher = client(app, **{"X-Class-Key": room.key})
    assert teacher.get("/mtlviz/class/state").cookies[TEACHER] == room.key
    for other in (seated(app, room), client(app, **{"X-Class-Key": "guessed"})):
        assert TEACHER not in other.get("/mtlviz/class/state").cookies
