"""Measure the film in Chromium: frames per second while playing and rewinding.

    python -m tests.benchmarks.browser

Four panels, three tasks of 200 points, 1280 x 720. Run it with nothing else running.
"""

import tempfile
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from tests.e2e.conftest import FLAGS, LAUNCHER, chromium_path, start

SECONDS = 3.0
SCRIPT = """import streamlit as st
from mtlviz.toy.config import ToyConfig
from mtlviz.toy.film import film as film_of
from mtlviz.toy.program import train
from mtlviz.ui.component import film
st.set_page_config(layout="wide")
film(film_of(train(ToyConfig({settings}))), key="film", alt="Film.", cursor_group="bench")
"""
# Frames drawn by the film and frames shown by the browser, per second.
COUNT = """async (seconds) => {
    const roots = [...document.querySelectorAll('*')].map((e) => e.shadowRoot).filter(Boolean);
    const film = roots.map((root) => root.querySelector('.film')).find(Boolean);
    const [first, begin] = [Number(film.dataset.frames), performance.now()];
    let shown = 0;
    await new Promise((done) => {
        const count = (time) => {
            shown += 1;
            if (time - begin < 1000 * seconds) requestAnimationFrame(count);
            else done();
        };
        requestAnimationFrame(count);
    });
    const elapsed = (performance.now() - begin) / 1000;
    return [(Number(film.dataset.frames) - first) / elapsed, shown / elapsed];
}"""


def measured(page: Page, settings: str) -> None:
    for name in ("Play", "Rewind"):
        page.get_by_role("button", name=name, exact=True).click()
        drawn, shown = page.evaluate(COUNT, SECONDS)
        print(f"{settings or 'default':32} {name:8} {drawn:6.1f} {shown:6.1f}")
        page.wait_for_timeout(1500)


def benchmark(settings: str, folder: Path) -> None:
    script, launcher = folder / "script.py", folder / "launcher.py"
    script.write_text(SCRIPT.format(settings=settings))
    launcher.write_text(LAUNCHER.format(script=str(script)))
    process, address = start(launcher, folder / "log.txt", "")
    try:
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=chromium_path(), args=FLAGS)
            page = browser.new_page(viewport={"width": 1280, "height": 720})
            page.goto(address)
            page.locator(".bar").wait_for()
            page.wait_for_timeout(1000)
            measured(page, settings)
            browser.close()
    finally:
        process.terminate()
        process.wait(10)


if __name__ == "__main__":
    print(f"{'settings':32} {'motion':8} {'drawn/s':>6} {'shown/s':>6}")
    for chosen in ("", "capacity=8, activation='relu'"):
        with tempfile.TemporaryDirectory() as place:
            benchmark(chosen, Path(place))
