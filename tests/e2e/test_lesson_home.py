"""A lesson taken home, opened from disk without a server: alive, covered, as the app draws it."""

import pytest

from mtlviz.lessons.catalogue import built_in
from mtlviz.lessons.lesson import Lesson
from mtlviz.ui.core.lesson_home import _changes, lesson_file
from mtlviz.ui.server import MAIN_SCRIPT
from tests.e2e.test_lessons import by_keyboard, by_mouse
from tests.e2e.test_take_home import PIXELS, PLOTS

FIRST = "negative_transfer"
pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.xdist_group("browser")]


@pytest.fixture(scope="module", autouse=True)
def _home(tmp_path_factory):
    """A home of these tests' own: a lesson on recorded runs opens them there."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MTLVIZ_HOME", str(tmp_path_factory.mktemp("home")))
        yield


def opened(page, name, tmp_path):
    file = tmp_path / f"{name}.html"
    file.write_text(lesson_file(built_in()[name]), encoding="utf-8")
    page.goto(file.as_uri())
    page.get_by_text("Step 1 of").wait_for()


def right(step):
    return next(option.text for option in step.options if option.right)


@pytest.mark.timeout(240)
@pytest.mark.parametrize(
    ("name", "press"), [*((name, by_mouse) for name in built_in()), (FIRST, by_keyboard)]
)
def test_every_lesson_is_walked_from_disk_with_each_answer_covered_until_it_is_guessed(
    offline, tmp_path, name, press
):
    page, problems = offline
    opened(page, name, tmp_path)
    for number, step in enumerate(built_in()[name].steps, start=1):
        page.get_by_text(f"Step {number} of").wait_for()
        assert page.get_by_text(step.reveal.replace("*", "")).count() == 0
        press(page, step.options[-1].text)
        if step.do:
            press(page, "Show me")
        assert page.locator("#pictures .piece").count() >= 1
        assert page.get_by_text(step.reveal.replace("*", "")).count() == 0
        press(page, right(step))
        page.get_by_text(step.reveal.replace("*", "")).wait_for()
        if number < len(built_in()[name].steps):
            press(page, "Next")
    assert problems == []


STAGES = {
    "asked": {"p": {"gone": 1, "kept": {"a": 1, "gone": None}, "list": [1]}},
    "told": {"p": {"kept": {"a": 1, "new": "x"}, "list": {"b": 2}}},
}


@pytest.mark.timeout(120)
def test_a_step_without_a_picture_asks_only_what_can_be_answered_and_stages_unfold(
    offline, tmp_path
):
    page, problems = offline
    options = [{"text": "Yes", "why": "It is.", "right": True}, {"text": "No", "why": "It is."}]
    step = {"title": "s", "page": "words", "text": "Think.", "reveal": "It is so.",
            "question": "Is it so?", "options": options, "source": "Made by `mtlviz`",
            "explanation": "- **This** is one.\n- That is two."}  # fmt: skip
    lesson = Lesson.checked({"title": "l", "goal": "g", "steps": [step]})
    file = tmp_path / "own.html"
    file.write_text(lesson_file(lesson), encoding="utf-8")
    page.goto(file.as_uri())
    page.get_by_text("this file does not have it").wait_for()
    by_mouse(page, "No")
    page.get_by_text("Not so. You expected: No. What happened: Yes. It is.").wait_for()
    assert page.get_by_text("What did you see?").count() == 0
    assert page.locator(".lesson li").all_inner_texts() == ["This is one.", "That is two."]
    assert page.locator(".lesson .source code").inner_text() == "mtlviz"
    by_mouse(page, "Guess anew")
    by_mouse(page, "Yes")
    page.get_by_text("Right. You expected: Yes. It is.").wait_for()
    changes = {"asked": STAGES["asked"], "told": _changes(STAGES["asked"], STAGES["told"])}
    unfold = "async (stages) => (await import('mv/lesson.js')).unfold(stages)"
    assert page.evaluate(unfold, changes) == STAGES
    assert problems == []


@pytest.mark.timeout(120)
@pytest.mark.parametrize("screen", [(1280, "light"), (1280, "dark"), (390, "dark")])
def test_a_lesson_fits_its_window_in_light_and_dark(offline, tmp_path, screen):
    page, problems = offline
    width, colours = screen
    page.set_viewport_size({"width": width, "height": 720})
    page.emulate_media(color_scheme=colours)
    opened(page, "conflict", tmp_path)
    for deed in ("Both rise", "Both fall"):
        by_mouse(page, deed)
        assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert problems == []


STEPS = [("negative_transfer", 2, "toy_lab"), ("conflict", 2, "conflict_lab"),
         ("alignment", 3, "covariance_lab"), ("reweighting", 1, "covariance_lab"),
         ("what_comes_when", 2, "continual_lab")]  # fmt: skip


def taken(page, step):
    """Guess wrongly, do what the step asks for, and see what is right."""
    by_mouse(page, step.options[0].text)
    if step.do:
        by_mouse(page, "Show me")
    page.get_by_text("What did you see?").wait_for()
    by_mouse(page, right(step))
    page.get_by_text(step.reveal.replace("*", "")).first.wait_for()


@pytest.mark.timeout(480)
@pytest.mark.parametrize(("name", "number", "path"), STEPS)
def test_its_pictures_are_those_of_the_app(offline, serve, page, tmp_path, name, number, path):
    step = built_in()[name].steps[number - 1]
    other, problems = offline
    for each in (page, other):
        each.set_default_timeout(90_000)  # Two browsers and a server that trains.
    page.set_viewport_size({"width": 1280, "height": 1400})
    page.goto(f"{serve(MAIN_SCRIPT)}/{path}?lesson={name}&lesson_step={number}")
    other.set_viewport_size({"width": 1280, "height": 1400})
    opened(other, name, tmp_path)
    other.goto(f"{other.url}#{number}")
    for each in (page, other):
        taken(each, step)
    drawn = other.locator("#pictures .piece")
    drawn.first.wait_for()
    if drawn.locator(".mv-chart").count():
        count = drawn.locator(".mv-chart").count()
        for each in (page, other):
            each.wait_for_function(f"() => ({PLOTS})().length >= {count}")
        assert set(other.evaluate(PLOTS)) <= set(page.evaluate(PLOTS))
    if path == "conflict_lab":
        for each in (page, other):
            each.locator(".arrows[data-frames]").first.wait_for()
            each.locator(".arrows table td").first.wait_for(state="attached")
        told = [each.locator(".arrows table").first.inner_text() for each in (page, other)]
        assert told[0] == told[1] != ""
    if drawn.locator(".film").count():
        same_film(page, other)
    assert problems == []


RESTED = """async (film) => {
  const frame = () => new Promise(requestAnimationFrame);
  for (let still = 0, seen = null; still < 10; await frame()) {
    still = film.dataset.frames === seen ? still + 1 : 0;
    seen = film.dataset.frames;
  }
}"""
"""Waits until a film has drawn nothing for ten frames of the browser."""


def same_film(page, other):
    """Numbers and pixels of the panels on the last frame, as wide as in the app."""
    width = page.locator(".film").first.bounding_box()["width"]
    other.evaluate(f"document.body.style.cssText = 'padding: 0; width: {width}px'")
    for each in (page, other):
        each.get_by_role("slider", name="Training step").press("End")
        each.locator(".film").first.evaluate(RESTED)
    numbers = [each.locator(".film").first.locator(".number").all_inner_texts()
               for each in (page, other)]  # fmt: skip
    assert numbers[0] == numbers[1] != []
    drawn = [each.locator(".film").first.locator("canvas").evaluate_all(PIXELS)
             for each in (page, other)]  # fmt: skip
    for mine, theirs in zip(*drawn, strict=True):  # Of 255: canvases differ by a part of a pixel.
        assert sum(abs(a - b) for a, b in zip(mine, theirs, strict=True)) / len(mine) < 2
