"""From the Studio's Start to a finished run, in Chromium: live, in place, and come back to."""

import re

import pytest

from mtlviz.ui.server import MAIN_SCRIPT

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]
TRAINING = 120_000  # Milliseconds; ten seconds on a laptop with nothing else to do.
LONG = "studio.optimisation.epochs=900"
FIRST_CHART = ".js-plotly-plot"


@pytest.fixture(scope="module")
def address(serve, tmp_path_factory):
    """A server whose runs have a home of their own."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MTLVIZ_HOME", str(tmp_path_factory.mktemp("home")))
        return serve(MAIN_SCRIPT, base="studio-test")


@pytest.mark.slow
@pytest.mark.timeout(240)
def test_a_run_started_in_the_studio_is_watched_in_place_to_its_end(address, page):
    page.goto(f"{address}/studio")
    page.get_by_role("button", name="Just one").click(timeout=TRAINING)
    page.locator(FIRST_CHART).first.wait_for(timeout=TRAINING)
    page.locator(FIRST_CHART).first.evaluate("node => { node.marked = true; }")
    page.get_by_text(re.compile(r"finished: \d+ updates")).first.wait_for(timeout=TRAINING)
    page.get_by_text("Better than guessing").first.wait_for()
    assert page.locator(FIRST_CHART).first.evaluate("node => node.marked === true")
    page.get_by_text("as run 1 took").wait_for()
    page.locator("button:visible", has_text="Open").click()
    page.wait_for_url(re.compile("run=1"))


@pytest.mark.slow
@pytest.mark.timeout(240)
def test_a_live_run_keeps_its_chart_and_zoom_while_controls_change_and_pages_turn(address, page):
    page.goto(f"{address}/studio?{LONG}")
    page.get_by_role("button", name="Start", exact=True).click(timeout=TRAINING)
    page.get_by_text(re.compile(r"update [1-9][\d\u2009]* of")).first.wait_for(timeout=TRAINING)
    chart = page.locator(FIRST_CHART).first
    chart.wait_for(timeout=TRAINING)
    # The component loads Plotly as a module of its own, so zoom as a person does: by dragging.
    area = chart.locator(".nsewdrag").first
    area.wait_for()
    area.scroll_into_view_if_needed()
    box = area.bounding_box()
    chart.evaluate("node => { node.marked = true; }")
    page.mouse.move(box["x"] + 40, box["y"] + 40)
    page.mouse.down()
    page.mouse.move(box["x"] + 140, box["y"] + 42, steps=5)
    page.mouse.up()
    page.wait_for_timeout(500)
    zoom = chart.evaluate("node => node.layout.xaxis.range.map(Math.round).join()")
    page.get_by_role("combobox", name="Combiner").click()
    page.keyboard.type("mgda")
    page.get_by_role("option", name="MGDA", exact=True).click()
    page.wait_for_url(re.compile("studio.optimisation.combiner=mgda"))
    page.wait_for_timeout(2500)  # Two looks at the run that goes on.
    assert chart.evaluate("node => node.marked === true")
    assert chart.evaluate("node => node.layout.xaxis.range.map(Math.round).join()") == zoom

    page.get_by_role("link", name="Start", exact=True).first.click()
    page.get_by_role("link", name="Studio").first.click()
    page.get_by_text(re.compile(r"update [1-9][\d\u2009]* of")).first.wait_for(timeout=TRAINING)
    page.wait_for_url(re.compile("studio.optimisation.combiner=mgda"))
    page.locator("button:visible", has_text="Stop").first.click()
    page.get_by_text(re.compile("stopped at update")).first.wait_for(timeout=TRAINING)
