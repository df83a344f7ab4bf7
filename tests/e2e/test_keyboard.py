"""The keyboard reaches what a page is for; a narrow window says where the pages are."""

import re

import pytest

from mtlviz.ui.server import MAIN_SCRIPT
from tests.ui.harness import START

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.xdist_group("browser")]
STOPS = 10
# What each lab, and the way to it, is for, by its accessible name.
MAIN = {
    "start": "Task 2 helps, task 3 hurts",
    "lessons": "Begin",
    "toy_lab": "Task 2 helps, task 3 hurts",
    "conflict_lab": "Nobody's",
    "covariance_lab": "Covariance",
    "capacity_lab": "Two families",
    "continual_lab": "Story",
    "studio": "Experiment",
}
FOCUSED = """(() => {
    let at = document.activeElement;
    while (at.shadowRoot?.activeElement) at = at.shadowRoot.activeElement;
    return `${at.ariaLabel ?? ""} ${at.tagName === "BODY" ? "" : at.textContent}`;
})()"""


def opened(page, address, path):
    page.goto(f"{address}/{'' if path == START else path}")
    page.locator(".stMain :is(button, input, a):visible").first.wait_for()
    page.get_by_test_id("stSkeleton").first.wait_for(state="detached")
    page.wait_for_timeout(2500)


def test_the_tab_key_reaches_a_pages_main_control_within_ten_stops(serve, page):
    page.set_default_timeout(60_000)
    page.set_viewport_size({"width": 1280, "height": 720})
    missed: dict[str, list[str]] = {}
    for path in MAIN:
        opened(page, serve(MAIN_SCRIPT), path)
        page.locator(".stMain").evaluate("node => { node.tabIndex = -1; node.focus(); }")
        stops = []
        for _ in range(STOPS):
            page.keyboard.press("Tab")
            stops.append(page.evaluate(FOCUSED))
        if not any(re.search(re.escape(MAIN[path]), stop) for stop in stops):
            missed[path] = stops
    assert not missed


def test_a_narrow_window_names_the_way_to_the_pages(serve, page):
    page.set_default_timeout(60_000)
    page.set_viewport_size({"width": 390, "height": 844})
    opened(page, serve(MAIN_SCRIPT), "conflict_lab")
    button = page.get_by_test_id("stExpandSidebarButton")
    named = "node => getComputedStyle(node, '::after').content"
    assert "Pages and controls" in button.evaluate(named)
    assert button.bounding_box()["width"] > 100
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
