"""How fast 1,000 finished runs are listed and shown, what that holds, and what watching costs.

python -m tests.benchmarks.sweep            # lists, pages in Chromium, memory: two minutes
python -m tests.benchmarks.sweep overhead   # what beginning and watching six runs costs: minutes
"""

import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from playwright.sync_api import Browser, Page, sync_playwright

from mtlviz.engine.records import EvalRecord, StepRecord
from mtlviz.runs import rows
from mtlviz.runs.results import result_from_json
from mtlviz.runs.store import Store
from tests.benchmarks.served.app_server import served
from tests.e2e.conftest import FLAGS, chromium_path
from tests.runs.stored_sweeps import finished_sweep

OVER = {
    "optimisation.learning_rate": (1e-4, 3e-4, 1e-3, 3e-3, 1e-2),
    "data.batch_size": (8, 16, 32, 64, 128),
    "data.tasks.*.head.dropout": (0.1, 0.3, 0.5, 0.7),
    "optimisation.combiner": ("sum", "pcgrad"),
}
_SEEDS = 5  # 200 settings: 1,000 runs.
_RUNS = 1000
_UPDATES, _EVERY = 100, 10
_LISTS = {"sweep list": " 1000 ", "runs list": "\n   1  finished"}
"""A part of what each command says when it has seen every run."""
PAGES = {
    "Sweep": ("No winner", "mean score"),
    "Compare": ("Runs: 40 of 1000 are compared", "reviews"),
    "Run": ("Run 1000,", "training loss"),
}
"""What a page and its pictures say when every run is known to it and the pictures are drawn."""
_DRAWN = """([said, drawn]) => {
    const roots = [document], texts = [document.body.innerText];
    for (const root of roots)
        for (const host of root.querySelectorAll('*'))
            if (host.shadowRoot) roots.push(host.shadowRoot);
    const pictures = roots.flatMap((root) => [...root.querySelectorAll('.main-svg')]);
    const app = document.querySelector('[data-testid=stApp]');
    return app.dataset.testScriptState !== 'running' && texts.join('').includes(said)
        && pictures.some((picture) => picture.textContent.includes(drawn));
}"""


def made(home: Path) -> None:
    """Store a sweep of 1,000 finished runs, each with its steps and evaluations."""
    store = Store(home)
    sweep = finished_sweep(store, OVER, seeds=_SEEDS)
    with store.connections.writing() as connection:
        query = "SELECT id, result FROM runs"
        for run, text in connection.execute(query).fetchall():
            scores = np.array(result_from_json(text).scores)
            rows.append(connection, run, 0, _records(run, scores), store.folder(run))
    store.close()
    assert len(sweep.numbers()) == _RUNS


def _records(seed: int, scores: np.ndarray) -> Iterator[StepRecord | EvalRecord]:
    drawn, tasks = np.random.default_rng(seed), len(scores)
    ones = np.ones(tasks)
    for update in range(_UPDATES):
        gradients = drawn.normal(size=(tasks, 6))
        measured = update % _EVERY == 0
        yield StepRecord(
            update, update // 20, ones > 0, ones / (1 + update), ones, ones,
            np.eye(tasks) if measured else None, gradients @ gradients.T if measured else None,
            None, {}, 1.0, 0.1, 640, 0.1,
        )  # fmt: skip
        if (update + 1) % _EVERY == 0:
            share = (update + 1) / _UPDATES
            yield EvalRecord(
                update + 1, update // 20, scores * share, ones / 100, 1 - scores * share,
                [{"accuracy": float(score)} for score in scores * share], ones / 2, True, 0.1,
            )  # fmt: skip


def shown(home: Path) -> Iterator[str]:
    """Lists in the shell, every page as it opens and opens again, and what the server holds."""
    made(home)
    for words, last in _LISTS.items():
        yield f"mtlviz {words}: {_listed(home, words, last)}"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium_path(), args=FLAGS)
        for name in PAGES:
            # A server of its own, so that no page finds what another has read.
            with _visit(home, browser) as (_, goes):
                cold = goes(name)
                warm = [goes(each) for each in ("Data", name) * 3][1::2]
                yield f"{name} page, cold: {cold}\n  warm: {', '.join(warm)}"
        with _visit(home, browser) as (memory, goes):
            yield f"memory of the server on the Data page: {memory():.0f} MiB"
            for name in PAGES:
                goes(name)
                yield f"  after the {name} page: {memory():.0f} MiB"


def _listed(home: Path, words: str, last: str) -> str:
    command = [sys.executable, "-m", "mtlviz.cli", *words.split()]
    began, worked = time.perf_counter(), _processor(resource.RUSAGE_CHILDREN)
    place = {**os.environ, "MTLVIZ_HOME": str(home)}
    said = subprocess.run(command, check=True, capture_output=True, text=True, env=place).stdout
    spent = time.perf_counter() - began, _processor(resource.RUSAGE_CHILDREN) - worked
    assert last in said, said[-200:]
    return _seconds(*spent)


@contextmanager
def _visit(
    home: Path, browser: Browser
) -> Iterator[tuple[Callable[[], float], Callable[[str], str]]]:
    """A fresh server whose Data page is open: its memory, and a way to go on to another page."""
    with served(home, 1) as server:
        page = browser.new_page(viewport={"width": 1280, "height": 720})
        page.goto(f"http://127.0.0.1:{server.port}/data")
        _until_ended(page)

        def goes(name: str) -> str:
            began, worked = time.perf_counter(), server.processor()
            page.get_by_test_id("stTopNavLink").get_by_text(name, exact=True).click()
            if name in PAGES:
                page.wait_for_function(_DRAWN, arg=list(PAGES[name]), polling=20)
            else:
                _until_ended(page)
            return _seconds(time.perf_counter() - began, server.processor() - worked)

        yield server.memory, goes
        page.close()


def _until_ended(page: Page) -> None:
    page.locator("[data-testid=stApp][data-test-script-state=notRunning]").wait_for()
    page.wait_for_timeout(500)


def _seconds(clock: float, processor: float) -> str:
    return f"{clock:.2f} s ({processor:.2f} s of the server's processor)"


def overhead(home: Path) -> Iterator[str]:
    """Processor seconds of beginning and watching six runs, beside those of the runs in a loop.

    The runs themselves are the same work either way, in processes of their own.
    """
    from mtlviz.cli import main as mtlviz

    rates, seeds, length = ("0.003", "0.01", "0.03"), ("0", "1"), ("--epochs", "15")
    before = _processor(resource.RUSAGE_SELF)
    over = f"optimisation.learning_rate={','.join(rates)}"
    mtlviz(["sweep", "--over", over, "--seeds", "2", *length, "--home", str(home / "sweep")])
    own = _processor(resource.RUSAGE_SELF) - before
    before = _processor(resource.RUSAGE_CHILDREN)
    for seed in seeds:
        for rate in rates:
            flags = ["--learning-rate", rate, "--seed", seed, *length, "--home", str(home / "loop")]
            command = [sys.executable, "-m", "mtlviz.cli", "train", *flags]
            subprocess.run(command, check=True, capture_output=True)
    runs = _processor(resource.RUSAGE_CHILDREN) - before
    yield f"processor time: {own:.1f} s to begin and watch, {runs:.1f} s of runs: {own / runs:.1%}"


def _processor(whose: int) -> float:
    used = resource.getrusage(whose)
    return used.ru_utime + used.ru_stime


def main(arguments: list[str]) -> None:
    """Measure what is asked for."""
    with tempfile.TemporaryDirectory() as home:
        measure = overhead if arguments == ["overhead"] else shown
        for line in measure(Path(home)):
            sys.stdout.write(f"{line}\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main(sys.argv[1:])
