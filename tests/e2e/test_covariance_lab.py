"""The Covariance lab in Chromium: points, neighbours, search and the list move together."""

import re

import pytest

from mtlviz.ui.server import MAIN_SCRIPT

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]
PATIENCE = 120_000  # Milliseconds; two seconds on a machine with nothing else to do.


@pytest.fixture(scope="module")
def address(serve, tmp_path_factory):
    """A server whose embeddings have a home of their own."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MTLVIZ_HOME", str(tmp_path_factory.mktemp("home")))
        return serve(MAIN_SCRIPT, base="covariance-test")


@pytest.mark.slow
@pytest.mark.timeout(240)
def test_a_click_lists_neighbours_and_a_search_marks_points(address, page):
    page.goto(f"{address}/covariance_lab?cov_n=40")
    picture = page.locator(".mv-chart").nth(1)
    point = picture.locator(".scatterlayer .point").nth(20)
    point.wait_for(timeout=PATIENCE)
    page.wait_for_timeout(1500)  # Later parts of the page push the picture no more.
    point.scroll_into_view_if_needed()
    box = point.bounding_box()
    middle = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(*middle)
    hover = picture.locator(".hoverlayer .hovertext").first
    hover.wait_for(timeout=PATIENCE)
    assert "the " in hover.text_content()
    page.mouse.click(*middle)
    page.get_by_text("The point clicked and its 15 nearest").wait_for(timeout=PATIENCE)

    search = page.get_by_role("textbox", name="Search the examples")
    search.fill("doctor")
    search.press("Enter")
    page.get_by_text(re.compile(r"These words are in \d+ examples")).wait_for(timeout=PATIENCE)
    page.get_by_role("radio", name="own mean").first.click()
    page.wait_for_url(re.compile("cov_around=mean"), timeout=PATIENCE)
