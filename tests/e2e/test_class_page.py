"""A class led in a browser: the teacher's page, the screen and phones, from joining to telling."""

import re
import sys

import pytest

from mtlviz.lessons.catalogue import built_in, source
from tests.benchmarks.served.app_server import _free_port
from tests.classroom.test_served_class import served

NAME = "negative_transfer"
STEP = built_in()[NAME].steps[0]
PHONE = 390
TEXTS = [option.text for option in STEP.options]
pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.timeout(240),
    pytest.mark.xdist_group("browser"),
    pytest.mark.skipif(sys.platform == "win32", reason="a process is killed as POSIX does it"),
]


@pytest.fixture
def opened(browser):
    """Opens an address in a profile of its own, as another person's device would."""
    contexts = []

    def device(address, width=1280):
        contexts.append(browser.new_context(viewport={"width": width, "height": 720}))
        page = contexts[-1].new_page()
        page.set_default_timeout(30_000)
        page.goto(address)
        return page

    yield device
    for each in contexts:
        each.close()


def button(page, name):
    return page.get_by_role("button", name=re.compile(f"^{re.escape(name)}"))


def joined(page, code):
    page.get_by_label("Code").fill(code.lower())
    button(page, "Join").click()
    page.locator("#room").wait_for()
    return page


def histogram(page):
    return page.locator("#options .bar span").all_inner_texts()


def plain(text):
    return text.replace("*", "")


def test_a_class_is_led_from_joining_to_telling_and_goes_on_after_a_restart(opened, tmp_path):
    data = tmp_path / "data" / "lessons"
    data.mkdir(parents=True)
    (data / "mine.yaml").write_bytes(source("conflict").replace(b"Is conflict harm?", b"My own"))
    (data / "wrong.yaml").write_bytes(source("conflict").replace(b"right: true", b"right: false"))
    port, flags = _free_port(), {"MTLVIZ_DATA": str(data.parent)}
    base = f"http://127.0.0.1:{port}/class"
    with served(tmp_path, port, **flags) as (code, key):
        teacher, screen = (opened(f"{base}/{role}#{key}") for role in ("teach", "screen"))
        screen.get_by_text(code).first.wait_for()
        assert screen.locator("svg").count() == 1
        phones = [joined(opened(base, PHONE), code) for _ in range(2)]
        _lessons_of_ones_own(teacher)
        _first_round(teacher, screen, phones)
        phones.append(joined(opened(base, PHONE), code))
        _second_round(teacher, screen, phones)
    with served(tmp_path, port, **flags):
        _told(teacher, screen, phones)


def _lessons_of_ones_own(teacher):
    teacher.get_by_text("'wrong.yaml': ").wait_for()
    assert "My own" in teacher.locator("#lesson option").all_inner_texts()


def _first_round(teacher, screen, phones):
    teacher.locator("#lesson").select_option(NAME)
    phones[0].get_by_text(plain(STEP.text)).wait_for()
    assert phones[0].get_by_text(STEP.question).count() == 0
    button(teacher, "Open round 1").focus()
    teacher.keyboard.press("Enter")
    teacher.locator("button.now", has_text="Open round 1").wait_for()
    assert teacher.evaluate("document.activeElement.textContent") == "Open round 1"
    button(phones[0], TEXTS[1]).focus()
    phones[0].keyboard.press("Enter")
    button(phones[1], TEXTS[0]).click()
    phones[0].get_by_text("2 of 2 have answered.").wait_for()
    # Another one's vote has drawn nothing anew under the finger.
    assert phones[0].evaluate("document.activeElement.textContent") == TEXTS[1]
    for page in (*phones, screen):
        assert histogram(page) == []


def _second_round(teacher, screen, phones):
    """With one who came late, and one whose phone cannot get in and who raises a hand."""
    assert teacher.locator("#advice").inner_text() == ""
    button(teacher, "Close round 1").click()
    teacher.get_by_text("50% of 2 are right. Let neighbours").wait_for()
    phones[1].get_by_text("Talk with your neighbour").wait_for()
    assert phones[1].locator("#options button").count() == 0
    button(teacher, "Open round 2").click()
    for page in (phones[0], phones[2]):
        button(page, TEXTS[0]).click()
    teacher.locator("#hands input").nth(2).fill("4")
    button(teacher, "Count as round 2").click()
    teacher.get_by_text("6 of 7 have answered.").wait_for()  # Three seats and four hands.
    assert histogram(screen) == []


def _told(teacher, screen, phones):
    for page in (*phones, screen):
        page.get_by_text("of 7 have answered.").wait_for()
    button(phones[1], TEXTS[0]).click()
    button(teacher, "Close round 2").click()
    teacher.get_by_text("43% of 7 are right. Let neighbours").wait_for()
    for page in (*phones, screen):
        page.locator("#options .bar").first.wait_for()
        # Each answer's votes in both rounds.
        assert histogram(page) == ["1", "3", "1", "0", "0", "4", "0", "0"]
        assert page.get_by_text(STEP.reveal).count() == 0
    button(teacher, "Tell the answer").click()
    screen.get_by_text(STEP.reveal).wait_for()
    screen.get_by_text("hollow for round 1, filled for round 2").wait_for()
    assert screen.evaluate("document.documentElement.scrollHeight") <= 720
    phones[0].get_by_text(f"✔ {TEXTS[0]}").wait_for()
    teacher.locator("#step").select_option("2")
    second = built_in()[NAME].steps[1]
    phones[2].get_by_text(plain(second.text)).wait_for()
    labels = teacher.locator("#hands label").all_inner_texts()
    assert [label.strip() for label in labels] == [each.text for each in second.options]
    for page in phones:
        assert page.evaluate("document.documentElement.scrollWidth") <= PHONE
