"""A page with a live run, measured in Chromium: `python -m tests.benchmarks.live [SECONDS]`.

A run of the built-in tasks is recorded at a steady pace while its page is open. Prints how often a
chart's node was made anew, frames in which a chart was blank, whether a zoom survived, and how long
other controls take to answer while the page ticks. Nothing is asserted.
"""

import os
import statistics
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Locator, Page, sync_playwright

from mtlviz.runs.store import Store
from mtlviz.ui.launch import launcher_script
from tests.benchmarks.served.live_run import begun, recording
from tests.e2e.conftest import FLAGS, chromium_path, start

SECONDS = 60.0
PLANNED = 4000
A_SECOND = 10
"""Updates that the live run makes in a second."""

# Looks at every frame for a chart that has gone, was made anew, or has nothing drawn in it.
WATCH = """() => {
    const charts = [...document.querySelectorAll('.mv-figure')].slice(0, 5);
    const seen = window.mtlvizWatch = { frames: 0, blank: 0, remade: 0, on: true };
    charts.forEach((chart) => { chart.watched = true; });
    const look = () => {
        if (!seen.on) return;
        seen.frames += 1;
        const now = [...document.querySelectorAll('.mv-figure')].slice(0, 5);
        if (now.some((chart) => !chart.querySelector('.scatterlayer .trace path'))) seen.blank += 1;
        if (now.length < charts.length || now.some((chart) => !chart.watched)) seen.remade += 1;
        requestAnimationFrame(look);
    };
    requestAnimationFrame(look);
}"""
STOP = "() => { window.mtlvizWatch.on = false; return window.mtlvizWatch; }"
RANGE = "() => document.querySelector('.mv-figure')._fullLayout.xaxis.range.map(Number)"
LAST = "() => Math.max(...document.querySelector('.mv-figure').calcdata.flat().map((p) => p.x))"
DRAWN = """() => {
    const figures = [...document.querySelectorAll('.mv-figure')];
    return figures.length >= 7 && figures.every((figure) => figure.querySelector('.main-svg'));
}"""
# From the press of a control to the frame in which the picture of another update is there: the
# fields themselves change before Python has heard of anything.
MATRIX = "document.querySelector('[aria-label^=\"Cosines between\"]').ariaLabel"
SENTENCE = (
    "[...document.querySelectorAll('.stMarkdown p')]"
    ".find((p) => p.textContent.startsWith('Start trains')).textContent"
)
ARM = """(expression) => {
    const told = new Function(`return ${expression}`);
    const before = told();
    window.pressed = null;
    document.addEventListener('click', () => { window.pressed = performance.now(); },
        { capture: true, once: true });
    window.answered = new Promise((resolve) => {
        const look = (time) => {
            if (told() === before) requestAnimationFrame(look);
            else resolve(time);
        };
        requestAnimationFrame(look);
    });
}"""


def resting_box(page: Page, area: Locator) -> dict[str, float]:
    """Where an element is once the page has stopped moving it about."""
    before, now = None, area.bounding_box()
    while now != before:
        page.wait_for_timeout(500)
        before, now = now, area.bounding_box()
    return now


def zoomed(page: Page) -> list[float]:
    """Zoom into the first chart with the mouse; the range it then shows."""
    area = page.locator(".mv-figure .nsewdrag").first
    for _ in range(10):
        box = resting_box(page, area)
        page.mouse.move(box["x"] + 0.2 * box["width"], box["y"] + 20)
        page.mouse.down()
        page.mouse.move(box["x"] + 0.6 * box["width"], box["y"] + box["height"] - 20, steps=5)
        page.mouse.up()
        page.wait_for_timeout(1500)
        # On a busy machine the page may still have been moving below the mouse.
        if page.evaluate(RANGE)[0] > 10:
            break
    return page.evaluate(RANGE)


def answers(page: Page, button: Locator, told: str, count: int) -> list[float]:
    """Milliseconds from a press of a button until what JavaScript finds as `told` is another."""
    times = []
    for _ in range(count):
        page.evaluate(ARM, told)
        button.click()
        times.append(page.evaluate("async () => (await window.answered) - window.pressed"))
        page.wait_for_timeout(370)
    return times


def opened(page: Page, address: str) -> None:
    """Open the page of the run and wait for all of it."""
    page.goto(address)
    page.locator(".bar").wait_for()
    page.wait_for_function(DRAWN, timeout=60_000)
    page.wait_for_timeout(2000)


def measure(page: Page, seconds: float) -> None:
    """Watch a live page and print what was seen."""
    page.evaluate(WATCH)
    before, zoom = page.evaluate(LAST), zoomed(page)
    page.wait_for_timeout(1000 * seconds)
    found = page.evaluate(STOP)
    print(f"{'updates that arrived in the chart':<52} {page.evaluate(LAST) - before:8.0f}")
    print(f"{'frames seen':<52} {found['frames']:8}")
    print(f"{'frames with a blank chart':<52} {found['blank']:8}")
    print(f"{'frames with a chart made anew':<52} {found['remade']:8}")
    print(f"{'zoom kept':<52} {page.evaluate(RANGE) == zoom!s:>8}")
    for name in ("One step back", "Decrement value"):
        report(f"Run: {name}", answers(page, named(page, name), MATRIX, 20))


def named(page: Page, name: str) -> Locator:
    """A button; of several with this name the first."""
    if name == "Decrement value":
        return page.get_by_test_id("stNumberInputStepDown").first
    return page.get_by_role("button", name=name, exact=True)


def report(name: str, times: list[float]) -> None:
    """Print the middle and the longest of some answers."""
    middle, worst = statistics.median(times), max(times)
    print(f"{name + ', press to answer, ms':<52} {middle:8.0f} (at most {worst:.0f})")


def measure_studio(page: Page, address: str) -> None:
    """Change the seed in the Studio while the run goes on."""
    page.goto(f"{address}/studio?studio.seed=30")
    page.wait_for_function("document.querySelectorAll('.mv-figure .main-svg').length >= 4")
    page.wait_for_timeout(4000)
    seed = page.locator(".st-key-studio\\.seed, [class*='st-key-studio-seed']").first
    button = seed.get_by_test_id("stNumberInputStepDown")
    report("Studio: seed", answers(page, button, SENTENCE, 20))


def main(seconds: float) -> None:
    """Serve a home with one live run, and measure its page."""
    with tempfile.TemporaryDirectory() as place:
        home = Path(place)
        os.environ["MTLVIZ_HOME"] = place
        store = Store(home)
        held = begun(store, 200, PLANNED)
        server, address = start(launcher_script(), home / "log.txt", "")
        try:
            with recording(held, A_SECOND, PLANNED), sync_playwright() as playwright:
                browser = playwright.chromium.launch(executable_path=chromium_path(), args=FLAGS)
                page = browser.new_page(viewport={"width": 1280, "height": 900})
                opened(page, f"{address}/run?run=1")
                measure(page, seconds)
                measure_studio(page, address)
                browser.close()
        finally:
            server.terminate()
            server.wait(10)


if __name__ == "__main__":
    main(float(sys.argv[1]) if len(sys.argv) > 1 else SECONDS)
