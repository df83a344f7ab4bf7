"""The page that compares runs, in Chromium: ticked, grouped, saved, and on a telephone."""

import csv
import re

import numpy as np
import pytest

from mtlviz.runs.store import Store
from mtlviz.ui.server import MAIN_SCRIPT
from tests.runs.compare_runs import settings, stored

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]
WAIT = 60_000  # Milliseconds; seconds on a machine with nothing else to do.


@pytest.fixture(scope="module")
def address(serve, tmp_path_factory):
    """A server whose store has two ways of training over three seeds, and separate encoders."""
    home = tmp_path_factory.mktemp("home")
    store = Store(home)
    ways = {"optimisation__combiner": "pcgrad"}, {}, {"capacity__sharing": "separate"}
    for way, scores in zip(ways, ((0.8, 0.7), (0.75, 0.72), (0.7, 0.8)), strict=True):
        for seed in range(3):
            jitter = np.random.default_rng(seed).normal(0, 0.01, 2)
            stored(store, settings(seed, **way), np.array(scores) + jitter * (1 + scores[0]))
    store.close()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MTLVIZ_HOME", str(home))
        return serve(MAIN_SCRIPT, base="compare-test")


def opened(address, page, query=""):
    page.set_default_timeout(WAIT)
    page.goto(f"{address}/compare{query}")
    page.get_by_text("Take it with you").wait_for()
    page.locator(".js-plotly-plot .plot-container").first.wait_for()


@pytest.mark.slow
def test_a_tick_changes_what_is_compared_and_the_link(address, page):
    opened(address, page)
    page.wait_for_url(re.compile("runs=1-9"))
    page.get_by_text("Runs: 9 of 9 are compared").click()
    table = page.locator("[data-testid=stDataFrame]").first
    table.wait_for()
    page.wait_for_timeout(1000)
    box = table.bounding_box()
    page.mouse.click(box["x"] + 18, box["y"] + 54)
    page.get_by_text("Runs: 8 of 9 are compared").wait_for()
    page.wait_for_url(re.compile("runs=1-8"))


@pytest.mark.slow
def test_differences_are_saved_as_csv(address, page):
    opened(address, page)
    with page.expect_download() as download:
        page.get_by_role("button", name="Differences (CSV)").click()
    with download.value.path().open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    against = [row for row in rows if row["less"] == "trained alone (separate)"]
    helped = {(row["group"], row["task"]) for row in against if row["verdict"] == "helps"}
    assert {("PCGrad", "reviews"), ("hard", "reviews")} <= helped


@pytest.mark.slow
def test_the_page_fits_a_telephone(address, page):
    page.set_viewport_size({"width": 400, "height": 850})
    opened(address, page, "?runs=1-9")
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
