"""The Data page in Chromium: nothing in a cell has an effect, and a cell of the matrix opens."""

import re

import pytest

from mtlviz.engine.tasks.mapping import guessed
from mtlviz.engine.tasks.sheet import read_sheet
from mtlviz.engine.tasks.upload import Wishes, check_upload
from mtlviz.runs.own_tasks import save_own
from mtlviz.ui.server import MAIN_SCRIPT

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]
EVIL = "=1+1 <b>bold</b> <script>document.title='gone'</script> **stars** [a](b) $x^2$"
ROWS = [f'"{EVIL} {number}",{label}' for number in range(12) for label in ("<i>yes</i>", "**no**")]
TABLE = "\n".join(["text,label", *ROWS]).encode()


@pytest.fixture(scope="module")
def address(serve, tmp_path_factory):
    """A server with two tasks of its own that give each other away."""
    home = tmp_path_factory.mktemp("home")
    sheet = read_sheet(TABLE, "mine.csv")
    for name, seed in (("<b>one</b>", 0), ("two", 1)):
        task = check_upload(sheet, Wishes(name, guessed(sheet), seed=seed)).task
        assert task is not None
        save_own(home, task)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MTLVIZ_HOME", str(home))
        patch.delenv("MTLVIZ_DATA", raising=False)
        return serve(MAIN_SCRIPT, base="data-test")


def shown_tags(page):
    """Tags that stand in the page only if a cell of a table made them."""
    return page.evaluate("document.querySelectorAll('.mv-list :is(b, i, script, a)').length")


@pytest.mark.slow
def test_a_table_is_sent_and_its_cells_are_plain_text(address, page):
    page.goto(f"{address}/data?data_view=add")
    file = {"name": "mine.csv", "mimeType": "text/csv", "buffer": TABLE}
    page.locator("input[type=file]").set_input_files([file])
    page.get_by_text("Every row is right").wait_for()
    page.locator(".mv-list").get_by_text(EVIL).first.wait_for()
    assert shown_tags(page) == 0
    page.get_by_text("<i>yes</i>").first.wait_for()
    assert page.title() != "gone"


def test_a_click_on_the_matrix_lists_the_sentences_behind_the_cell(address, page):
    page.goto(f"{address}/data?data_view=leaks&data_leaks=own/<b>one</b>|own/two")
    page.get_by_text(re.compile("stand in")).first.wait_for()
    area = page.locator(".js-plotly-plot .nsewdrag").first
    area.wait_for()
    box = area.bounding_box()
    # Row one, column one: a task split by text gives nothing of itself away.
    page.mouse.click(box["x"] + box["width"] * 0.25, box["y"] + box["height"] * 0.25)
    page.get_by_text("No example that").wait_for()
    page.mouse.click(box["x"] + box["width"] * 0.75, box["y"] + box["height"] * 0.25)
    page.get_by_text("that two trains on").wait_for()
    assert shown_tags(page) == 0


@pytest.mark.slow
def test_the_page_fits_a_telephone(address, page):
    page.set_viewport_size({"width": 390, "height": 800})
    for view in ("browse", "leaks", "add"):
        page.goto(f"{address}/data?data_view={view}&data_task=own/two")
        page.get_by_text("Lecture room").first.wait_for()
        assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
