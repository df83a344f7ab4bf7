"""A server for a script on a free port, and Chromium, shared by all browser tests of a session."""

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
WINDOW = {"width": 1280, "height": 900}
GALLERY = Path(__file__).with_name("gallery.py")
START_SECONDS = 60
LAUNCHER = """import streamlit as st
from mtlviz.ui import server
app = st.App(
    {script!r}, routes=server.routes(), middleware=server.middleware(), lifespan=server.lifespan
)
"""


def chromium_path() -> str | None:
    names = ("chromium", "chromium-browser", "google-chrome")
    return next(filter(None, map(shutil.which, names)), None)


def without_browser(reason: str) -> None:
    """Skip by name, or fail where a browser is required."""
    if os.environ.get("MTLVIZ_REQUIRE_BROWSER") == "1":
        pytest.fail(f"MTLVIZ_REQUIRE_BROWSER=1, but {reason}")
    pytest.skip(reason)


@pytest.fixture(scope="session")
def browser() -> Iterator:
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        without_browser("playwright is not installed")
    path = chromium_path()
    if path is None:
        without_browser("no Chromium is on the path")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield chromium
        chromium.close()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_until_healthy(address: str, process: subprocess.Popen, log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if process.poll() is not None:
            pytest.fail(f"The server ended at once:\n{log.read_text()}")
        try:
            with urllib.request.urlopen(f"{address}/_stcore/health", timeout=2) as answer:
                if answer.status == 200:
                    return
        except OSError:
            time.sleep(0.1)
    pytest.fail(f"The server did not answer in {START_SECONDS} s:\n{log.read_text()}")


def start(launcher: Path, log: Path, base: str, *flags: str) -> tuple[subprocess.Popen, str]:
    port = free_port()
    command = [
        sys.executable, "-m", "streamlit", "run", str(launcher), f"--server.port={port}",
        "--server.address=127.0.0.1", "--server.headless=true", "--server.fileWatcherType=none",
        "--browser.gatherUsageStats=false", f"--server.baseUrlPath={base}", *flags,
    ]  # fmt: skip
    # A home of its own, where a test gives none: that of whoever runs the tests is left alone.
    environment = {"MTLVIZ_HOME": str(log.parent / "home"), **os.environ, "OMP_NUM_THREADS": "1"}
    path = [str(ROOT), *filter(None, [environment.get("PYTHONPATH")])]
    environment["PYTHONPATH"] = os.pathsep.join(path)
    with log.open("w") as output:
        process = subprocess.Popen(
            command, stdout=output, stderr=output, env=environment, cwd=log.parent
        )
    address = f"http://127.0.0.1:{port}" + (f"/{base}" if base else "")
    wait_until_healthy(address, process, log)
    return process, address


@pytest.fixture(scope="session")
def serve(tmp_path_factory) -> Iterator[Callable[..., str]]:
    """`serve(script, base="", plain=False)` is the address of a server that runs the script.

    One server per script and base path, kept for the session. `plain` runs the script without the
    launcher, so without the app's own routes.
    """
    running: dict[tuple, tuple[subprocess.Popen, str]] = {}

    def address_of(script: Path, base: str = "", plain: bool = False) -> str:
        key = (script, base, plain)
        if key not in running:
            folder = tmp_path_factory.mktemp("server")
            launcher = script
            if not plain:
                launcher = folder / "launcher.py"
                launcher.write_text(LAUNCHER.format(script=str(script)))
            running[key] = start(launcher, folder / "log.txt", base)
        return running[key][1]

    yield address_of
    for process, _ in running.values():
        process.terminate()
        process.wait(10)


@pytest.fixture(scope="session")
def context(browser):
    """One profile for all pages, so that Streamlit's own files are fetched once."""
    return browser.new_context(viewport=WINDOW)


@pytest.fixture
def bare_page(context) -> Iterator:
    """A page whose own errors are expected."""
    opened = context.new_page()
    opened.set_default_timeout(20_000)
    yield opened
    opened.close()


@contextmanager
def without_errors(opened) -> Iterator:
    """A page whose own errors fail the test."""
    errors: list[str] = []

    def keep(error) -> None:
        errors.append(str(error))

    opened.on("pageerror", keep)
    yield opened
    opened.remove_listener("pageerror", keep)
    assert not errors, errors


@pytest.fixture
def page(bare_page) -> Iterator:
    """A page whose own errors fail the test."""
    with without_errors(bare_page) as opened:
        yield opened


@pytest.fixture
def offline(browser):
    """A browser's page without a network; what it complains of is kept."""
    context = browser.new_context(offline=True, viewport=WINDOW)
    page, problems = context.new_page(), []
    page.on("console", lambda said: problems.append(said.text) if said.type == "error" else None)
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on("request", lambda asked: problems.append(asked.url)
            if asked.url.startswith("http") else None)  # fmt: skip
    yield page, problems
    context.close()


@pytest.fixture
def gallery(serve, page):
    """`gallery("?capacity=2")` opens the script with both components and waits for the pictures."""
    address = serve(GALLERY)

    def open_gallery(query: str = ""):
        page.goto(f"{address}/{query}")
        page.locator("p", has_text="gallery ready").wait_for()
        return page

    return open_gallery


@pytest.fixture(scope="session")
def gallery_tab(serve, context) -> Iterator:
    """The gallery, opened once: opening it takes longer than most tests of what it shows."""
    opened = context.new_page()
    opened.set_default_timeout(20_000)
    opened.goto(f"{serve(GALLERY)}/")
    opened.get_by_text("gallery ready 0").wait_for()
    yield opened
    opened.close()


@pytest.fixture
def visit(gallery_tab) -> Iterator:
    """The gallery as a new visitor finds it: nothing is left of what was done before."""
    with without_errors(gallery_tab) as opened:
        opened.set_viewport_size(WINDOW)
        opened.emulate_media(color_scheme="light", reduced_motion="no-preference")
        opened.mouse.move(0, 0)
        last = int(opened.get_by_text("gallery ready").inner_text().split()[-1])
        opened.get_by_role("button", name="New visit").click()
        opened.get_by_text(f"gallery ready {last + 1}", exact=True).wait_for()
        yield opened
