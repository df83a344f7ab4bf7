"""How fast the app answers, measured in Chromium: `python -m tests.benchmarks.app`.

Prints a table: cold first picture, an example opened (both with the server's processor time, which
other work on the machine does not lengthen as much), slider release to redrawn panels (end to end,
and the training in it), and the same while a transfer map is computing. Medians of 20 changes;
nothing is asserted.
"""

import re
import statistics
import tempfile
import time
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from mtlviz.runs.examples import EXAMPLES
from mtlviz.toy.config import ToyConfig
from mtlviz.toy.presets import PRESETS
from mtlviz.toy.program import train
from mtlviz.toy.summary import summarise
from tests.benchmarks.served.app_server import Server, served
from tests.e2e.conftest import FLAGS, chromium_path

CHANGES = 20
# What the requirement names: 4 arms x 16 seeds x 200 points a task.
POINTS = {"t1.points": 200, "t2.points": 200, "t3.points": 200, "seeds": 16}


def training_milliseconds(config: ToyConfig) -> float:
    """Median time of the server's part: every arm and seed trained, and the film packed."""
    times = []
    for seed in range(7):
        start = time.perf_counter()
        summarise(train(config.with_values({"seed": 100 + seed})))
        times.append(1000 * (time.perf_counter() - start))
    return statistics.median(times)


def change_milliseconds(page: Page, label: str) -> list[float]:
    """Key press on a slider to the first drawn frame of the new film, for each change."""
    slider = page.get_by_role("slider", name=re.compile(label)).first
    times = []
    for change in range(CHANGES):
        page.evaluate(
            """() => {
                const film = document.querySelector('[data-frames]') ?? findFilm(document);
                function findFilm(root) {
                    for (const host of root.querySelectorAll('*')) {
                        const found = host.shadowRoot?.querySelector('[data-frames]');
                        if (found) return found;
                    }
                }
                window.redrawn = new Promise((resolve) => {
                    const before = film.innerText;
                    const look = () => (film.innerText === before ? requestAnimationFrame(look)
                        : requestAnimationFrame(() => resolve(performance.now())));
                    look();
                });
                window.pressed = null;
                document.addEventListener('keydown', () => { window.pressed = performance.now(); },
                    { capture: true, once: true });
            }"""
        )
        slider.press("ArrowRight" if change % 2 == 0 else "ArrowLeft")
        times.append(page.evaluate("async () => (await window.redrawn) - window.pressed"))
        page.wait_for_timeout(150)
    return times


def first_picture_seconds(page: Page, address: str) -> float:
    """From asking a fresh server for the start page to its first drawn panel."""
    start = time.perf_counter()
    page.goto(address)
    page.locator("figure.panel canvas").nth(2).wait_for()
    return time.perf_counter() - start


def example_seconds(page: Page, address: str) -> float:
    """From the press that opens an example on an empty Run page to its first drawn chart."""
    page.goto(f"{address}/run")
    button = page.get_by_role("button", name=EXAMPLES["built-in"].title)
    button.wait_for()
    page.wait_for_timeout(2000)
    start = time.perf_counter()
    button.click()
    page.locator(".js-plotly-plot .main-svg").first.wait_for()
    return time.perf_counter() - start


def report(name: str, value: str) -> None:
    print(f"{name:<62} {value:>16}", flush=True)


def spread(times: list[float]) -> str:
    ordered = sorted(times)
    return f"{statistics.median(times):.0f} ({ordered[0]:.0f}-{ordered[-1]:.0f})"


def measure(server: Server) -> None:
    address = f"http://127.0.0.1:{server.port}"
    config = PRESETS["clouds"].config.with_values(POINTS)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium_path(), args=FLAGS)
        page = browser.new_page(viewport={"width": 1280, "height": 720})
        for name, seconds in (
            ("first picture after the server answers, cold", first_picture_seconds),
            ("an example opened on Run, press to first drawn chart", example_seconds),
        ):
            before = server.processor() or 0.0
            took = seconds(page, address)
            used = (server.processor() or 0.0) - before
            report(f"{name}, s (server's processor)", f"{took:.1f} ({used:.1f})")
        query = "&".join(f"{key}={value}" for key, value in POINTS.items())
        page.goto(f"{address}/toy_lab?{query}")
        page.locator("figure.panel").nth(3).wait_for()
        page.wait_for_timeout(2000)
        report("training all arms, 16 seeds, 200 points, and film, ms",
               f"{training_milliseconds(config):.0f}")  # fmt: skip
        report("slider release to redrawn panels, ms",
               spread(change_milliseconds(page, "Task 2: rotation")))  # fmt: skip
        page.get_by_role("button", name="Compute the map").click()
        page.wait_for_timeout(300)
        report("the same while a map is computing, ms",
               spread(change_milliseconds(page, "Task 2: rotation")))  # fmt: skip
        browser.close()


def main() -> None:
    with tempfile.TemporaryDirectory() as place, served(Path(place), threads=1) as server:
        measure(server)


if __name__ == "__main__":
    main()
