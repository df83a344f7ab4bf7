"""The page of a live run in Chromium: charts stay, zoom stays, one cursor moves every picture."""

from urllib.parse import parse_qs, urlsplit

import pytest

from mtlviz.runs.store import Store
from mtlviz.ui.server import MAIN_SCRIPT
from tests.benchmarks.live import (
    DRAWN,
    LAST,
    PLANNED,
    RANGE,
    STOP,
    WATCH,
    zoomed,
)
from tests.benchmarks.served.live_run import begun, recording

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]
PATIENCE = 60_000


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    return tmp_path_factory.mktemp("home")


@pytest.fixture(scope="module")
def address(serve, home):
    """A server whose runs have a home of their own."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MTLVIZ_HOME", str(home))
        return serve(MAIN_SCRIPT, base="run-test")


@pytest.fixture(scope="module")
def held(home):
    """A run of two hundred updates that this process still works on."""
    store = Store(home)
    yield begun(store, 200, PLANNED)
    store.close()


def opened(page, address, run):
    page.goto(f"{address}/run?run={run}")
    page.wait_for_function(DRAWN, timeout=PATIENCE)


def follows_until_an_update_is_chosen(page):
    """What belongs to one update goes along with the newest, and stays once one was chosen."""
    field = page.get_by_role("spinbutton", name="Update").element_handle()
    bar = page.get_by_role("slider", name="Update")
    shown, places = int(field.evaluate("node => node.value")), page.evaluate("history.length")
    page.wait_for_function("([node, was]) => Number(node.value) > was + 20", arg=[field, shown])
    bar.press("Home")
    page.wait_for_function("node => node.value === '0'", arg=field)
    page.wait_for_url("**run_update=0*")
    # Back leads to the page before, not through every update that was looked at.
    assert page.evaluate("history.length") == places
    last = int(bar.get_attribute("max"))
    handle = bar.element_handle()
    page.wait_for_function("([node, was]) => Number(node.max) > was + 20", arg=[handle, last])
    assert (field.evaluate("node => node.value"), bar.input_value()) == ("0", "0")


@pytest.mark.slow
@pytest.mark.timeout(240)
def test_a_live_page_keeps_its_charts_and_its_zoom(address, page, held):
    with recording(held, 50, PLANNED):
        opened(page, address, held.run)
        zoom = zoomed(page)
        page.evaluate(WATCH)
        before = page.evaluate(LAST)
        page.wait_for_function(f"() => ({LAST})() > {before + 30}", timeout=PATIENCE)
        seen = page.evaluate(STOP)
        assert page.evaluate(RANGE) == zoom
        follows_until_an_update_is_chosen(page)
    assert seen["frames"] > 0
    assert (seen["blank"], seen["remade"]) == (0, 0)


@pytest.mark.slow
@pytest.mark.timeout(240)
def test_one_step_back_from_the_newest_stays_and_a_run_that_is_deleted_goes(address, page, home):
    store = Store(home)
    other = begun(store, 200, PLANNED)
    with recording(other, 50, PLANNED):
        opened(page, address, other.run)
        field = page.get_by_role("spinbutton", name="Update").element_handle()
        page.wait_for_function("node => Number(node.value) > 260", arg=field, timeout=PATIENCE)
        page.get_by_role("button", name="One step back").click()
        page.wait_for_url("**run_update=*")
        # The address may be there a moment before the field.
        chosen = parse_qs(urlsplit(page.url).query)["run_update"][0]
        page.wait_for_function("([node, value]) => node.value === value", arg=[field, chosen])
        page.wait_for_timeout(5000)
        bar = page.get_by_role("slider", name="Update")
        assert (field.evaluate("node => node.value"), bar.input_value()) == (chosen, chosen)
        assert f"run_update={chosen}" in page.url
        # At its end the bar follows again.
        bar.press("End")
        now = int(bar.input_value())
        page.wait_for_function(f"node => Number(node.value) > {now + 50}", arg=field)
        page.get_by_text("Epoch", exact=True).click()
        page.get_by_text("epochs").first.wait_for()
    other.finish("stopped", None)
    store.delete(other.run)
    page.get_by_text(f"There is no run {other.run}").wait_for(timeout=10_000)
    store.close()


@pytest.mark.slow
@pytest.mark.timeout(240)
def test_the_bar_moves_every_picture_and_the_address(address, page, held):
    opened(page, address, held.run)
    field = page.get_by_role("spinbutton", name="Update")
    bar = page.get_by_role("slider", name="Update")
    bar.press("Home")
    page.wait_for_function("node => node.value === '0'", arg=field.element_handle())
    bar.press("ArrowRight")
    page.wait_for_function("node => node.value === '1'", arg=field.element_handle())
    page.wait_for_url("**run_update=1*")
    page.locator("button", has_text="first – ").first.click()
    page.wait_for_function("node => Number(node.value) > 1", arg=bar.element_handle())
    assert bar.input_value() == field.input_value()
    # Every curve has the cursor's line.
    lines = page.locator(".mv-line:not([hidden])")
    assert lines.count() >= 5
    # What is shown of one update is of the field's own.
    field.fill("57")
    field.press("Enter")
    told = page.locator(".mv-figure[aria-label*='at update 57.']")
    page.wait_for_function(
        "() => document.querySelectorAll(\".mv-figure[aria-label*='at update 57.']\").length === 2"
    )
    assert told.count() == 2
    page.wait_for_url("**run_update=57*")
    # A link that is copied now opens exactly this.
    page.reload()
    page.wait_for_function(DRAWN, timeout=PATIENCE)
    page.wait_for_function("node => node.value === '57'", arg=field.element_handle())
