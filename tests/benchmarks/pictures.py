"""Take the pictures of README and manual anew: `python -m tests.benchmarks.pictures [NAME...]`.

Serves the app from an empty home folder in which one example is open, and writes `assets/NAME.png`
from Chromium. Look at each before it is kept.
"""

import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from mtlviz.runs.examples import open_example
from mtlviz.runs.number_ranges import ranges
from mtlviz.runs.store import Store
from tests.benchmarks.served.app_server import served
from tests.e2e.conftest import FLAGS, chromium_path

FOLDER = Path(__file__).parents[2] / "assets"
WINDOW = {"width": 1280, "height": 800}
_PATIENCE, _SETTLED = 120_000, 4000
"""Milliseconds that a page may take, and that it stands still before the picture."""


def _shown(page: Page) -> None:
    """The page without its question."""
    skip = page.get_by_role("button", name="Just show it")
    if skip.count():
        skip.first.click()
        page.wait_for_timeout(_SETTLED)


def _film_at_its_end(page: Page) -> None:
    """The film of the page, at its last step."""
    _shown(page)
    slider = page.get_by_role("slider", name="Training step").first
    slider.focus()
    slider.press("End")


PICTURES: dict[str, tuple[str, Callable[[Page], None]]] = {
    "start": ("", _film_at_its_end),  # The opening page has no path of its own.
    "toy-lab": ("toy_lab", _film_at_its_end),
    "compare": ("compare?runs={together}", _shown),
    "run": ("run?run={run}", _shown),
    "lesson": ("toy_lab?lesson=negative_transfer", lambda page: None),
    "conflict-lab": ("conflict_lab", _shown),
    "capacity-lab": ("capacity_lab", _shown),
    "studio": ("studio", _shown),
}


def main(names: Sequence[str]) -> None:
    """Take the pictures of these names, or all."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        store = Store(home)
        opened = open_example(store, "built-in").runs
        together = [run for run in opened if len(store.config(run).data.tasks) > 1]
        store.close()
        said = {"together": ranges(together), "run": together[0]}
        with served(home, 1) as server, sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=chromium_path(), args=FLAGS)
            page = browser.new_page(viewport=WINDOW, device_scale_factor=1)
            page.set_default_timeout(_PATIENCE)
            for name in names or PICTURES:
                path, prepare = PICTURES[name]
                page.goto(f"http://127.0.0.1:{server.port}/{path.format(**said)}")
                page.locator("[data-testid=stApp][data-test-script-state=notRunning]").wait_for()
                page.wait_for_timeout(_SETTLED)
                prepare(page)
                page.wait_for_timeout(_SETTLED)
                page.screenshot(path=FOLDER / f"{name}.png")
                print(name)


if __name__ == "__main__":
    main(sys.argv[1:])
