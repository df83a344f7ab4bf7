"""How fast a long run opens: `python -m tests.benchmarks.runs [UPDATES]`.

Writes a run of 100,000 updates (three tasks, everything recorded) through the recorder, and prints
how long the store, the page's script and the page in Chromium take to open it. Nothing is asserted.
"""

import os
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from playwright.sync_api import Page, sync_playwright

from mtlviz.runs.history import history
from mtlviz.runs.lease import lease
from mtlviz.runs.recorder import Recorder
from mtlviz.runs.stopping import Stopping
from mtlviz.runs.store import Store
from mtlviz.ui.launch import launcher_script
from tests.benchmarks.served.live_run import TASKS, evaluation, settings, step
from tests.e2e.conftest import FLAGS, chromium_path, start
from tests.ui.harness import opened, visit

UPDATES = 100_000
FIRST = ["Training loss", "Development score"]
REST = ["Cosine between", "Length of each", "Weight of each", "Cosines between", "Each task"]
# Whether charts of this page, and of none that is about to go, are drawn.
DRAWN = """(begins) => begins.every((text) =>
    document.querySelector(`.mv-figure[aria-label^="${text}"] .main-svg`))"""
_FLUSH = 5000


def write(store: Store, updates: int) -> int:
    """Write a finished run of so many updates through the recorder; return its number."""
    held = lease(store, store.create_run(settings()))
    held.plan(updates, ["accuracy"] * TASKS)
    recorder = Recorder(held, Stopping(), beat_seconds=60)
    drawn = np.random.default_rng(0)
    for update in range(updates):
        recorder.add(step(update, drawn, updates))
        if (update + 1) % (updates // settings().optimisation.epochs) == 0:
            recorder.add(evaluation(update + 1))
        if (update + 1) % _FLUSH == 0:
            recorder.flush()
    recorder.flush()
    recorder.close()
    held.finish("finished")
    return held.run


def timed(name: str, action: Callable[[], object]) -> None:
    """Print how long something takes, and how long this process worked on it, in seconds."""
    began, worked = time.perf_counter(), time.process_time()
    action()
    took, worked = time.perf_counter() - began, time.process_time() - worked
    print(f"{name:<52} {took:8.2f} s  ({worked:.2f} s of processor)", flush=True)


def in_chromium(home: Path) -> None:
    """From asking for the page to its last chart and the bar: nothing read before, and kept."""
    server, address = start(launcher_script(), home / "log.txt", "")
    try:
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=chromium_path(), args=FLAGS)
            # The browser has the app's own files already, as on any second visit.
            page = browser.new_context(viewport={"width": 1280, "height": 900}).new_page()
            page.goto(f"{address}/conflict_lab")
            page.get_by_role("link", name="Run", exact=True).wait_for()
            page.wait_for_timeout(3000)
            link = page.get_by_role("link", name="Run", exact=True)
            again = f"{address}/run?run=1&run_axis=time"
            _open(page, "chosen, nothing read before", link.click)
            _open(page, "its link loaded anew", lambda: page.goto(again))
            browser.close()
    finally:
        server.terminate()
        server.wait(10)


def _open(page: Page, name: str, ask: Callable[[], object]) -> None:
    """Print the seconds until the bar and the charts on screen are there, and all others."""
    began = time.perf_counter()
    ask()
    page.get_by_role("slider", name="Update").wait_for()
    page.wait_for_function(DRAWN, arg=FIRST)
    shown = time.perf_counter() - began
    page.wait_for_function(DRAWN, arg=REST)
    everything = time.perf_counter() - began
    print(f"{f'Chromium: {name}':<52} {shown:8.2f} s, all charts {everything:.2f} s", flush=True)


def main(updates: int) -> None:
    """Print all timings."""
    with tempfile.TemporaryDirectory() as place:
        home = Path(place)
        os.environ["MTLVIZ_HOME"] = place
        store = Store(home)
        timed(f"{updates:,} updates written", lambda: write(store, updates))
        print(f"{'size of the database':<52} {_megabytes(home):8.0f} MB")
        timed("600 points for the curves", lambda: store.steps_array(1, max_points=600))
        timed("history: clock, epochs, every conflict", lambda: history(store, 1, TASKS))
        app = opened("start", run="1", run_axis="time")
        timed("page's script, nothing read before", lambda: visit(app, "run"))
        timed("page's script again", app.run)
        store.close()
        in_chromium(home)


def _megabytes(home: Path) -> float:
    return sum(file.stat().st_size for file in home.glob("*.sqlite*")) / 1e6


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else UPDATES)
