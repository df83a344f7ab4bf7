"""From the Studio's Start to a finished run, in Chromium: live, in place, and looked into."""

import re

import pytest

from mtlviz.ui.server import MAIN_SCRIPT

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]
TRAINING = 120_000  # Milliseconds; ten seconds on a laptop with nothing else to do.


@pytest.fixture(scope="module")
def address(serve, tmp_path_factory):
    """A server whose runs have a home of their own."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MTLVIZ_HOME", str(tmp_path_factory.mktemp("home")))
        return serve(MAIN_SCRIPT, base="studio-test")


@pytest.mark.timeout(240)
def test_a_run_started_in_the_studio_is_watched_in_place_and_then_looked_into(address, page):
    page.goto(f"{address}/studio")
    page.get_by_role("button", name="Start", exact=True).click()
    page.locator(".js-plotly-plot").first.wait_for(timeout=TRAINING)
    page.locator(".js-plotly-plot").first.evaluate("node => { node.marked = true; }")
    page.get_by_text(re.compile("finished: 380 updates")).first.wait_for(timeout=TRAINING)
    page.get_by_text("Better than guessing").wait_for()
    assert page.locator(".js-plotly-plot").first.evaluate("node => node.marked === true")

    page.locator("button:visible", has_text="Open").click()
    page.wait_for_url(re.compile("run=1"))
    page.get_by_text("What every combiner would have done").wait_for()
    area = page.locator(".js-plotly-plot .nsewdrag").first
    area.wait_for()
    box = area.bounding_box()
    middle = box["x"] + box["width"] / 2
    page.mouse.move(middle, box["y"] + 40)
    page.wait_for_timeout(300)
    page.mouse.click(middle, box["y"] + 42)
    slider = page.get_by_role("slider", name="Update")
    page.wait_for_function("node => Math.abs(node.value - 190) < 30", arg=slider.element_handle())


def test_the_pages_fit_a_telephone(address, page):
    page.set_viewport_size({"width": 390, "height": 800})
    for path in ("studio", "run"):
        page.goto(f"{address}/{path}")
        page.get_by_text("Lecture room").first.wait_for()
        assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
