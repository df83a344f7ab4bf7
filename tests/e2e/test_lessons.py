"""The first lesson in a browser, by somebody who reads nothing but the screen."""

import re

import pytest

from mtlviz.lessons.catalogue import built_in
from mtlviz.ui.pages import entry
from mtlviz.ui.server import MAIN_SCRIPT

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.xdist_group("browser")]


@pytest.fixture(scope="module", autouse=True)
def _home(tmp_path_factory):
    """A home of these tests' own: a lesson on recorded runs opens them there."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MTLVIZ_HOME", str(tmp_path_factory.mktemp("home")))
        yield


STEPS = (  # What is guessed, what to do, and what was seen, as a newcomer would find it there.
    ("Both help", None, "Task 2 helps, task 3 hurts"),
    ("It still hurts", "Show me", "It helps"),
    ("Both are gone", "Show me", "The help is gone, about half of the harm stays"),
    ("Yes, its labels are the opposite", None, "No, it helps"),
)


def by_mouse(page, name, last=False):
    found = page.get_by_role("button", name=name, exact=True)
    (found.last if last else found.first).click()


def by_keyboard(page, name, last=False):
    """Reach a button by Tab alone, however far it is, and press it."""
    page.get_by_role("button", name=name, exact=True).first.wait_for()
    for _ in range(200):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.innerText?.trim()") == name:
            page.keyboard.press("Enter")
            return
    raise AssertionError(f"Tab never reaches {name!r}")


SCREENS = {  # Width, height, colours, the link, and how far down the picture may reach.
    "light": (1280, 720, "light", "", 720),
    "dark": (1280, 720, "dark", "", 720),
    "lecture room": (1280, 720, "light", "?lecture=1", 720),
    "narrow": (390, 844, "light", "", None),
}  # fmt: skip


@pytest.mark.timeout(240)
@pytest.mark.parametrize(
    ("press", "screen"), [(by_keyboard, "light"), *((by_mouse, screen) for screen in SCREENS)]
)
def test_a_newcomer_gets_through_the_first_lesson(serve, page, press, screen):
    width, height, colours, link, lowest = SCREENS[screen]
    page.set_default_timeout(60_000)
    page.set_viewport_size({"width": width, "height": height})
    page.emulate_media(color_scheme=colours)
    page.goto(f"{serve(MAIN_SCRIPT)}/lessons{link}")
    page.get_by_text("When does a partner help?").wait_for()
    press(page, "Begin")
    for number, (guess, deed, saw) in enumerate(STEPS, start=1):
        page.get_by_text(re.compile(f"step {number} of {len(STEPS)}")).wait_for()
        press(page, guess)
        if deed:
            press(page, deed)
        page.get_by_text("What did you see?").wait_for()
        if lowest:
            reaches_down_to(page, lowest)
        press(page, saw)
        page.get_by_text(re.compile(r"^(Right|Not so)\.$")).first.wait_for()
        if number > 1:  # The address follows once the page was drawn to its end.
            address = "step => location.search.includes(`lesson_step=${step}`)"
            page.wait_for_function(address, arg=number)
        # What is asked and told is in sight, and the picture begins there too.
        assert page.locator(".st-key-lesson").bounding_box()["y"] >= 0
        if lowest:
            ends_above(page, 420)
            reaches_down_to(page, lowest)
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        press(page, "Next" if number < len(STEPS) else "Finish")
    page.get_by_text("You have finished “When does a partner help?”.").wait_for()
    page.get_by_text("✓").first.wait_for()


PICTURE = """lowest => {
  const drawn = (each) => each.shadowRoot?.querySelector(".film, .arrows svg, .arrows canvas")
    ?? (each.matches(".js-plotly-plot") ? each : null);
  const all = [...document.querySelectorAll("*")].map(drawn).filter(Boolean);
  return scrollY === 0 && all.length && all[0].getBoundingClientRect().bottom <= lowest;
}"""


@pytest.mark.timeout(300)
@pytest.mark.parametrize("name", built_in())
def test_every_step_of_every_lesson_fits_a_dark_lecture_room_and_a_phone(serve, page, name):
    """What is asked, told and drawn first is in sight; nothing reaches beside a phone's screen."""
    page.emulate_media(color_scheme="dark")
    page.set_default_timeout(60_000)
    for number, step in enumerate(built_in()[name].steps, start=1):
        page.set_viewport_size({"width": 1280, "height": 720})
        place = f"{entry(step.page).path}?lesson={name}&lesson_step={number}&lecture=1"
        page.goto(f"{serve(MAIN_SCRIPT)}/{place}")
        right = next(option.text for option in step.options if option.right)
        by_mouse(page, right)
        if step.do:
            by_mouse(page, "Show me")
        page.get_by_text("What did you see?").wait_for()
        page.wait_for_function(PICTURE, arg=730)
        by_mouse(page, right)
        page.get_by_text(re.compile(r"^(Right|Not so)\.$")).first.wait_for()
        page.wait_for_function(PICTURE, arg=730)
        ends_above(page, 420)
        page.set_viewport_size({"width": 390, "height": 844})
        page.wait_for_function("document.documentElement.scrollWidth <= 390")


def ends_above(page, height):
    """What is asked and told makes room for the picture, as soon as it is drawn."""
    page.wait_for_function(
        """height => {
          const lesson = document.querySelector(".st-key-lesson");
          return lesson && lesson.getBoundingClientRect().bottom < height;
        }""",
        arg=height,
    )


def reaches_down_to(page, lowest):
    """What was asked and the whole picture with its bar are in sight, without scrolling."""
    page.wait_for_function(
        """lowest => {
          const all = [...document.querySelectorAll("*")];
          const film = all.find((each) => each.shadowRoot?.querySelector(".film"));
          return scrollY === 0 && film && film.getBoundingClientRect().bottom <= lowest;
        }""",
        arg=lowest,
    )


@pytest.mark.timeout(120)
def test_a_step_notices_what_the_reader_does_in_a_part_of_the_page(serve, page):
    page.goto(f"{serve(MAIN_SCRIPT)}/conflict_lab?lesson=conflict&lesson_step=3")
    by_mouse(page, "Nobody")
    page.get_by_text("Now:").wait_for()
    page.get_by_role("combobox", name=re.compile("Methods")).click()
    page.get_by_role("option", name="PCGrad", exact=True).click()
    page.get_by_text("What did you see?").wait_for()


@pytest.mark.timeout(120)
def test_an_answer_leaves_the_keyboard_at_what_follows_it(serve, page):
    page.goto(f"{serve(MAIN_SCRIPT)}/toy_lab?lesson=negative_transfer&lesson_step=2")
    lesson = page.locator(".st-key-lesson")
    kept = "document.activeElement.closest('.st-key-lesson') !== null"
    for name, then in (("It helps", "Now:"), ("Show me", "you see?"), ("It helps", "You expected")):
        lesson.get_by_role("button", name=name, exact=True).focus()
        page.keyboard.press("Enter")
        lesson.get_by_text(then).first.wait_for()
        page.wait_for_function(kept)
    page.keyboard.press("Tab")
    assert page.evaluate(kept)
