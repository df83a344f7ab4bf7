"""Measure drags in Chromium, of a cloud and of arrows: while dragged, and from release to redrawn.

    python -m tests.benchmarks.drags [toy | conflict]

Toy lab: the cloud of task 3. Conflict lab: an arrow, every method chosen. Dragging: frames per
second that were drawn anew; the toy's estimate of the verdict is part of every frame. Release: from
the pointer's release to the frame that shows the engine's answer. Both also as CPU time of the
page's main thread, which others on the machine lengthen less: 30 frames/s leave 33 ms for a frame.
Run it with nothing else running.
"""

import os
import statistics
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import CDPSession, Page, sync_playwright

from mtlviz.toy.arrows import OVERLAYS
from mtlviz.ui.server import MAIN_SCRIPT
from tests.e2e.conftest import FLAGS, LAUNCHER, chromium_path, start

REPEATS = 9
DRAG_SECONDS = 2.0
SHOWN = ",".join(OVERLAYS)
CASES = {
    "toy, 100 points": "toy_lab?hide=questions",
    "toy, 200 points": "toy_lab?hide=questions&t1.points=200&t2.points=200&t3.points=200",
    "conflict, 2": f"conflict_lab?hide=questions&show={SHOWN}",
    "conflict, 3": f"conflict_lab?hide=questions&conflict=three&show={SHOWN}",
    "conflict, 5": f"conflict_lab?hide=questions&conflict=crowd&show={SHOWN}",
}
ROOT = """const roots = [...document.querySelectorAll('*')].map((e) => e.shadowRoot);
    const boards = roots.filter(Boolean).map((root) => root.querySelector('.arrows, .film'));
    const board = boards.find(Boolean);"""
# Drag inside the page: a synthetic pointer moves at every frame, as a hand does.
DRAG = f"""async ([seconds]) => {{
    {ROOT}
    const handle = board.querySelector('.handle');
    const box = handle.getBoundingClientRect();
    const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
    const send = (kind, dx, dy) => handle.dispatchEvent(new PointerEvent(kind,
        {{ pointerId: 1, bubbles: true, clientX: x + dx, clientY: y + dy }}));
    handle.setPointerCapture = () => {{}};
    const [first, begin] = [Number(board.dataset.frames), performance.now()];
    send('pointerdown', 0, 0);
    await new Promise((done) => {{
        const move = (time) => {{
            const turn = (time - begin) / 300;
            send('pointermove', 25 * Math.sin(turn), 25 * Math.cos(turn));
            if (time - begin < 1000 * seconds) requestAnimationFrame(move);
            else done();
        }};
        requestAnimationFrame(move);
    }});
    const elapsed = (performance.now() - begin) / 1000;
    const rate = (Number(board.dataset.frames) - first) / elapsed;
    send('pointerup', 0, 0);
    return rate;
}}"""
# One move and release; resolves at the frame in which the board has taken the engine's answer.
RELEASE = f"""async ([dx, dy]) => {{
    {ROOT}
    const handle = board.querySelector('.handle');
    const box = handle.getBoundingClientRect();
    const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
    const send = (kind, mx, my) => handle.dispatchEvent(new PointerEvent(kind,
        {{ pointerId: 1, bubbles: true, clientX: x + mx, clientY: y + my }}));
    handle.setPointerCapture = () => {{}};
    send('pointerdown', 0, 0);
    send('pointermove', dx, dy);
    await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
    const [taken, begin] = [Number(board.dataset.taken), performance.now()];
    send('pointerup', dx, dy);
    await new Promise((done) => {{
        const look = () => (Number(board.dataset.taken) > taken ? requestAnimationFrame(done)
            : requestAnimationFrame(look));
        look();
    }});
    return performance.now() - begin;
}}"""


def opened(page: Page, address: str, link: str) -> None:
    page.goto(f"{address}/{link}")
    page.locator(".arrows .handle, .film .handle").first.wait_for(timeout=120_000)
    if link.startswith("toy"):
        page.locator(".film .chip").nth(2).click()
    page.wait_for_timeout(3000)


def spread(values: list[float]) -> str:
    return f"{statistics.median(values):.0f} ({min(values):.0f} to {max(values):.0f})"


def main_thread(session: CDPSession) -> float:
    """CPU milliseconds that the page's main thread has used."""
    metrics = session.send("Performance.getMetrics")["metrics"]
    return 1000 * next(m["value"] for m in metrics if m["name"] == "TaskDuration")


def measured(page: Page, session: CDPSession, name: str) -> None:
    rates, frames = [], []
    for _ in range(3):
        before = main_thread(session)
        rate = page.evaluate(DRAG, [DRAG_SECONDS])
        frames.append((main_thread(session) - before) / (rate * DRAG_SECONDS))
        rates.append(rate)
        page.wait_for_timeout(2000)
    releases, costs = [], []
    for turn in range(REPEATS):
        before = main_thread(session)
        releases.append(page.evaluate(RELEASE, [12 if turn % 2 else -12, 5]))
        costs.append(main_thread(session) - before)
        page.wait_for_timeout(1000)
    columns = (spread(rates), spread(frames), spread(releases), spread(costs))
    print(f"{name:<18}" + "".join(f"{column:<24}" for column in columns), flush=True)


def main(lab: str = "") -> None:
    print(f"load {os.getloadavg()[0]:.1f}; median (range)")
    titles = ("frames/s of a drag", "CPU ms a frame", "release to redrawn, ms", "its CPU ms")
    print(f"{'case':<18}" + "".join(f"{title:<24}" for title in titles))
    with tempfile.TemporaryDirectory() as place, sync_playwright() as playwright:
        folder = Path(place)
        os.environ["MTLVIZ_HOME"] = place
        launcher = folder / "launcher.py"
        launcher.write_text(LAUNCHER.format(script=str(MAIN_SCRIPT)))
        process, address = start(launcher, folder / "log.txt", "")
        browser = playwright.chromium.launch(executable_path=chromium_path(), args=FLAGS)
        try:
            page = browser.new_page(viewport={"width": 1280, "height": 900})
            page.set_default_timeout(120_000)
            session = page.context.new_cdp_session(page)
            session.send("Performance.enable", {"timeDomain": "threadTicks"})
            for name, link in CASES.items():
                if name.startswith(lab):
                    opened(page, address, link)
                    measured(page, session, name)
        finally:
            browser.close()
            process.terminate()
            process.wait(10)
    print(f"load at the end {os.getloadavg()[0]:.1f}")


if __name__ == "__main__":
    main(*sys.argv[1:])
