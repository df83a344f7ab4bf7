"""Lessons over the pages: what is asked, done, shown and told, and what a link carries."""

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from mtlviz.errors import ConfigError, DataError
from mtlviz.lessons.catalogue import built_in, source
from mtlviz.lessons.lesson import Lesson
from mtlviz.lessons.reading import lesson_of
from mtlviz.runs.examples import open_example
from mtlviz.ui import server
from mtlviz.ui.core import class_copy, lesson_player, lesson_progress, link
from mtlviz.ui.pages import entry
from tests.ui import harness
from tests.ui.harness import payloads, said, visit, widgets

ASKING = {"guess:skip_all": False}
FIRST = "negative_transfer"


def begun(name=FIRST):
    app = harness.opened("lessons", ASKING)
    app.button(key=f"lessons.begin.{name}").click().run()
    assert not app.exception, app.exception
    # A browser follows to the step's page; the test has to be told.
    return visit(app, entry(built_in()[name].steps[0].page).path)


def blocks(app):
    """Keys of the boxes of a lesson that are drawn."""
    found, waiting = [], [app.main]
    while waiting:
        block = waiting.pop()
        waiting += getattr(block, "children", {}).values()
        key = getattr(block.proto, "id", "").rpartition("-")[2] if block.proto else ""
        found += [key] if key in ("lesson", "lesson_back") else []
    return found


def pressed(app, key):
    app.button(key=key).click().run()
    assert not app.exception, app.exception
    return app


def test_finish_leads_to_the_list(monkeypatch):
    count = str(len(built_in()[FIRST].steps))
    app = harness.opened("toy_lab", ASKING, lesson=FIRST, lesson_step=count)
    led = []
    monkeypatch.setattr(lesson_player, "go_to", led.append)
    pressed(app, "lesson.finish")
    assert led == ["lessons"]
    app.run()
    assert led == ["lessons"]  # Once.


def test_a_step_asks_before_it_shows_and_tells_after_both_answers():
    app = begun()
    assert said(app, "Which partner makes task 1 better within 150 steps?")
    assert not said(app, "Task 2 gives task 1 about 5 points")
    pressed(app, "guess.guess.1")
    assert said(app, "What did you see?")
    pressed(app, "guess.saw.0")
    assert said(app, "**Not so.**")
    assert said(app, "**Task 2 gives task 1 about 5 points, task 3 takes about 10.")
    # Only what a step needs is on the page.
    assert not {"toy.share", "toy.map.start"} & set(widgets(app))


def test_a_step_goes_on_when_the_reader_has_done_the_thing_and_show_me_does_it():
    app = pressed(begun(), "lesson.next")
    pressed(app, "guess.guess.0")
    assert said(app, "You expect: *It helps*. **Now:**")
    assert not said(app, "What did you see?")
    app.slider(key="toy.t3.elongation").set_value(1.0).run()
    assert said(app, "What did you see?")
    again = pressed(pressed(begun(), "lesson.next"), "guess.guess.0")
    pressed(again, "lesson.show")
    assert said(again, "What did you see?")
    assert again.query_params["t3.elongation"] == "1"
    assert app.query_params == again.query_params


def test_where_the_side_bar_is_on_a_phone_is_said_beside_what_names_it():
    app = pressed(pressed(begun(), "lesson.next"), "guess.guess.0")
    assert said(app, "The side bar is behind **Pages and controls**")
    assert not said(pressed(app, "lesson.show"), "Pages and controls")
    asks = [step.do for lesson in built_in().values() for step in lesson.steps if step.do]
    assert all(lesson_player._SIDE_BAR in each for each in asks if "side" in each.lower().split())


def test_what_was_done_stays_done():
    app = pressed(pressed(pressed(begun(), "lesson.next"), "guess.guess.0"), "lesson.show")
    harness.widget(app, "toy.t3.elongation").set_value(4).run()
    assert said(app, "What did you see?")


def test_the_link_carries_the_step_and_opens_it_with_the_settings_it_was_left_at():
    app = pressed(pressed(begun(), "lesson.next"), "lesson.next")
    address = {name: app.query_params[name] for name in app.query_params}
    assert address == {"lesson": FIRST, "lesson_step": "3"}
    again = harness.opened("toy_lab", ASKING, **address, steps="600")
    assert said(again, "step 3 of 4")
    pressed(again, "guess.guess.1")
    assert said(again, "What did you see?")


def test_a_click_before_the_address_was_written_leaves_the_step_as_it_is(monkeypatch):
    monkeypatch.setattr(link, "write_link", lambda page=None: {})  # The first run is cut short.
    app = harness.opened("conflict_lab", ASKING, lesson="conflict", lesson_step="3")
    monkeypatch.undo()
    app.run()
    assert (app.query_params["arrows"], app.query_params["show"]) == ("1.4:0_-0.5:0.5", "sum")


def test_a_link_to_a_lesson_alone_opens_the_page_of_its_step():
    app = harness.opened("start", ASKING, lesson="alignment", lesson_step="3")
    assert said(app, "step 3 of 4: Align it")
    assert said(app, "R₂ turns the source by −30 degrees.")


@pytest.mark.parametrize(
    ("address", "sentence"),
    [
        ({"lesson": "upload/mine"}, "The lesson 'mine' was uploaded for an earlier visit"),
        ({"lesson": "x"}, "There is no lesson 'x'"),
        ({"lesson": FIRST, "lesson_step": "9"}, "`lesson_step` must be at most 4, got 9"),
        ({"lesson": FIRST, "lesson_step": "0"}, "`lesson_step` must be from 1 to 12"),
    ],
)
def test_a_link_to_no_lesson_gets_one_sentence(address, sentence):
    assert said(harness.opened("lessons", **address), sentence)


def test_whoever_goes_elsewhere_finds_the_way_back_and_may_leave():
    app = visit(begun(), "data")
    assert said(app, "goes on in: Toy lab")
    assert blocks(app) == ["lesson_back"]  # Pictures shrink for the box "lesson" alone.
    pressed(app, "lesson.back_to_it")
    visit(app, "toy_lab")
    assert said(app, "step 1 of 4")
    pressed(app, "lesson.leave")
    assert not said(app, "step 1 of 4")
    assert "lesson" not in app.query_params


def test_a_lesson_crosses_no_page_it_does_not_name_and_ends_on_its_list():
    app = begun("how_sure")
    for _ in range(2):
        pressed(app, "lesson.next")
    pressed(app, "lesson.finish")
    visit(app, "lessons")
    assert said(app, "You have finished “How sure are we?”.")
    assert said(app, "✓ **How sure are we?**")
    told = [lesson.goal for lesson in built_in().values() if said(app, lesson.goal)]
    assert told == [built_in()["how_sure"].goal]  # Of the others it would be their answer.


def test_what_gives_the_answer_away_is_covered_until_there_is_one():
    app = begun("alignment")
    assert not said(app, "−9.1 points")
    pressed(app, "guess.guess.0")
    assert payloads(app, "mtlviz.chart")
    pressed(app, "guess.saw.1")
    assert said(app, "−9.1 points")
    pressed(app, "lesson.next")
    assert not payloads(app, "mtlviz.chart")


def test_the_teachers_notes_have_the_answers():
    app = harness.opened("lessons", {"fold.lessons.teacher": True})
    assert said(app, "**Many believe:** More tasks are a kind of regularisation")
    assert said(app, "*Task 2 helps, task 3 hurts.*")


WRONG = [
    (b"page: toy", b"page: nowhere", "Step 1: there is no page 'nowhere'"),
    (b"preset: clouds", b"preset: x", "Step 1: Unknown preset 'x'"),
    (b"{steps: 600}", b"{stops: 600}", "Step 3: the page 'toy' has no parameter 'stops'"),
    (b"{steps: 600}", b"{steps: 6000}", "Step 3: `steps` must be from 1 to 2000"),
]


@pytest.mark.parametrize(("was", "becomes", "sentence"), WRONG)
def test_a_lesson_that_names_what_the_app_has_not_is_refused(was, becomes, sentence):
    lesson = lesson_of(source(FIRST).replace(was, becomes), "mine.yaml")
    with pytest.raises(ConfigError, match=sentence.replace("(", r"\(")):
        lesson_progress.check(lesson)


def test_our_own_lessons_pass_the_check_of_a_teachers():
    for lesson in built_in().values():
        lesson_progress.check(lesson)


TOY_DEEDS = [
    (name, number)
    for name, lesson in built_in().items()
    for number, step in enumerate(lesson.steps, start=1)
    if step.until and step.page == "toy"
]


@pytest.mark.parametrize(("name", "number"), TOY_DEEDS)
def test_what_a_step_wants_changed_stands_in_the_side_bar(name, number):
    app = harness.opened("toy_lab", lesson=name, lesson_step=str(number))
    parameters = built_in()[name].steps[number - 1].until
    keys = {key for key in widgets(app) if key}
    assert {f"toy.{each}" for each in parameters} - {"toy.target"} <= keys
    assert "target" not in parameters or app.button_group(key="toy.looking.target")


def own(page, **step):
    """The app at a visitor's own lesson of one step."""
    words = {"title": "s", "page": page, "text": "Look.", "reveal": "So."}
    made = Lesson.checked({"title": "mine", "goal": "g", "steps": [words | step]})
    lesson_progress.check(made)
    kept = {"lesson:uploaded": {"upload/mine": made}}
    return harness.opened(entry(page).path, kept, lesson="upload/mine")


def test_a_step_puts_only_a_labs_top_away():
    assert "studio.start" in widgets(own("studio"))
    assert "capacity.lecture" not in widgets(own("capacity"))


@pytest.mark.parametrize(
    ("page", "view", "other", "key"),
    [("covariance", "cov_view", "alignment", "covariance.view"),
     ("capacity", "cap_view", "affinity", "capacity.shown.view")],
)  # fmt: skip
def test_the_view_that_a_step_asks_for_can_be_chosen(page, view, other, key):
    asking = own(page, do="Choose it.", until={view: other})
    assert key in [each.key for each in asking.button_group]
    assert key not in [each.key for each in own(page).button_group]


REAL = built_in()["real_text"]


@pytest.mark.parametrize("page", ["start", "compare"])
def test_a_step_whose_example_cannot_be_opened_ends_the_lesson_and_asks_nothing(
    store, monkeypatch, page
):
    def refused(*_):
        raise DataError("The example is damaged.")

    monkeypatch.setattr(lesson_progress, "open_example", refused)
    app = harness.opened(page, ASKING, lesson="real_text", lesson_step="1")
    assert said(app, "The example is damaged.")
    assert not said(app, REAL.steps[0].question)
    assert "lesson" not in app.query_params


def test_the_address_of_a_step_opens_its_example_whatever_runs_have_those_numbers_here(store):
    others = open_example(store, "built-in").runs
    address = {"lesson": "real_text", "lesson_step": "1", "runs": f"{others[0]}-{others[-1]}"}
    app = harness.opened("compare", **address)
    assert said(app, REAL.steps[0].question)
    assert said(app, "sts")
    assert not said(app, "similarity (−")
    assert app.query_params["runs"] != address["runs"]


WRONG = "title: Bad\ngoal: g\nsteps:\n  - {title: s, page: nothere, text: x}\n"


@pytest.fixture
def of_teacher(store, tmp_path, monkeypatch):
    """A file of a teacher's whose page there is not."""
    (tmp_path / "data" / "lessons").mkdir(parents=True)
    (tmp_path / "data" / "lessons" / "bad.yaml").write_text(WRONG)
    monkeypatch.setenv("MTLVIZ_DATA", str(tmp_path / "data"))


@pytest.mark.usefixtures("of_teacher")
def test_a_teachers_file_with_a_page_that_there_is_not_is_said_and_the_page_stays_whole():
    app = harness.opened("lessons")
    assert f"lessons.begin.{FIRST}" in widgets(app)
    assert "lessons.begin.own/bad" not in widgets(app)
    assert said(app, "own/bad: Step 1: there is no page 'nothere'.")


@pytest.mark.usefixtures("of_teacher")
def test_a_teachers_file_that_is_no_lesson_is_said_in_sight_but_not_to_a_class(tmp_path, request):
    (tmp_path / "data" / "lessons" / "none.yaml").write_text("title: Mine\ngoal: x\nsteps: [{}]\n")
    assert said(harness.opened("lessons"), "'none.yaml': The setting `title` of step 1 is missing.")
    request.getfixturevalue("room")
    assert not said(harness.opened("lessons"), "none.yaml")


def test_the_folder_of_lessons_is_named_and_what_to_set_where_there_is_none(store, monkeypatch):
    folds = {"fold.lessons.own": True}
    monkeypatch.setenv("MTLVIZ_DATA", "data")
    assert said(
        harness.opened("lessons", folds), "`$MTLVIZ_DATA/lessons` are listed for everybody;"
    )
    monkeypatch.delenv("MTLVIZ_DATA")
    assert said(harness.opened("lessons", folds), "(now it names none)")


@pytest.mark.usefixtures("of_teacher")
def test_a_class_is_offered_no_lesson_that_cannot_be_taken_and_its_teacher_is_told(room):
    class_copy._LESSONS.forget("lessons")
    assert "own/bad" not in class_copy.lessons()
    browser = TestClient(Starlette(routes=server.routes()))
    told = browser.get("/mtlviz/class/state", headers={"x-class-key": room.key}).json()
    assert told["problems"][0].startswith("own/bad: Step 1: there is no page 'nothere'.")
    class_copy._LESSONS.forget("lessons")


@pytest.mark.parametrize("view", ["sharing", "affinity"])
def test_a_lesson_of_a_lab_without_runs_asks_its_own_question_beside_the_example(
    view, store, tmp_path, monkeypatch
):
    options = "[{text: a, why: a}, {text: b, why: b, right: true}]"
    step = f"page: capacity, settings: {{cap_view: {view}}}, text: x, question: Which"
    (tmp_path / "data" / "lessons").mkdir(parents=True)
    (tmp_path / "data" / "lessons" / "mine.yaml").write_text(
        f"title: Mine\ngoal: g\nsteps:\n  - {{title: s, {step}, options: {options}, reveal: r}}\n"
    )
    monkeypatch.setenv("MTLVIZ_DATA", str(tmp_path / "data"))
    asks = {"guess:skip_all": False}
    app = harness.opened("capacity_lab", asks, lesson="own/mine", lesson_step="1", cap_view=view)
    assert "guess.guess.0" in widgets(app)
    assert "capacity.first.0" not in widgets(app)
    example = "sharing" if view == "sharing" else "families"
    assert f"capacity.{example}" in widgets(app)
