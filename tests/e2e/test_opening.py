"""A page that is opened directly finds the app at once."""

import json
import re
import urllib.request
from urllib.parse import urlencode

import pytest

from mtlviz.runs.examples import open_example
from mtlviz.runs.store import Store
from mtlviz.ui.pages import PAGES
from mtlviz.ui.server import MAIN_SCRIPT

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]


def test_a_page_opened_directly_leaves_no_error_in_the_console(serve, page):
    errors = []
    page.on("console", lambda said: said.type == "error" and errors.append(said.text))
    page.on("response", lambda got: got.status >= 400 and errors.append(f"{got.status} {got.url}"))
    page.goto(f"{serve(MAIN_SCRIPT)}/{PAGES[1].path}")
    page.get_by_text(PAGES[1].title).first.wait_for()
    page.wait_for_load_state("networkidle")
    assert errors == []


def test_a_page_that_offers_examples_fetches_what_their_charts_are_drawn_with(serve, page):
    page.goto(f"{serve(MAIN_SCRIPT)}/run")
    page.get_by_text("Or open an example").wait_for(timeout=60_000)
    page.wait_for_function("window.Plotly")


@pytest.mark.slow
def test_the_choice_of_examples_closes_and_leaves_the_keyboard_where_it_was(serve, page, tmp_path):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MTLVIZ_HOME", str(tmp_path))
        store = Store(tmp_path)
        open_example(store, "built-in")
        store.close()
        address = serve(MAIN_SCRIPT, base="examples")
    page.goto(f"{address}/compare")
    opener = page.get_by_role("button", name="Open an example")
    opener.click(timeout=60_000)
    choice = page.get_by_role("button", name="SST, Quora and STS")
    choice.focus()
    page.keyboard.press("Enter")
    choice.wait_for(state="hidden")
    page.wait_for_url("**runs=*")
    page.wait_for_function("document.activeElement.innerText.includes('Open an example')")


def test_every_page_is_told_where_the_app_is_below_any_base(serve):
    for entry in PAGES[1:]:  # The first leads to the app's own address.
        for base in ("", "/class/room"):
            with urllib.request.urlopen(f"{serve(MAIN_SCRIPT)}{base}/{entry.path}") as answer:
                text = answer.read().decode()
            assert text.count("BACKEND_BASE_URL") == 1
            assert answer.headers["Cache-Control"] == "no-cache"


def test_a_started_app_shows_no_file_that_a_link_names(serve, page, tmp_path):
    (tmp_path / "secret.csv").write_text("root:hushhush,label\nnext:hushhush,1\n")
    two = [{"name": name, "source": "table", "path": str(tmp_path / "secret.csv")} for name in "ab"]
    page.goto(f"{serve(MAIN_SCRIPT)}/studio?{urlencode({'studio.tasks': json.dumps(two)})}")
    page.get_by_text("that this app may read").first.wait_for()
    said = page.locator("body").inner_text()
    assert "hushhush" not in said
    assert str(tmp_path) not in said


@pytest.mark.slow
def test_a_click_before_the_browser_has_drawn_a_field_leaves_it_filled(serve, page):
    held = []
    page.route(re.compile(r"/static/js/TextInput\."), lambda asked: held.append(asked))
    over = urlencode({"sweep_new_over": "optimisation.learning_rate=0.003,0.01"})
    page.goto(f"{serve(MAIN_SCRIPT)}/sweep?{over}")
    lecture = page.get_by_text("Lecture room")
    lecture.click(timeout=60_000)
    page.wait_for_function("location.search.includes('lecture')")
    assert held
    while held:
        held.pop().continue_()
    filled = "[...document.querySelectorAll('input')].some(each => each.value == '0.003,0.01')"
    page.wait_for_function(filled)
    lecture.click()  # Sends what the fields show.
    page.wait_for_function("!location.search.includes('lecture')")
    assert over in page.url
    assert page.evaluate(filled)
