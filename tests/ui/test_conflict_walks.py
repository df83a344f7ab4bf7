"""Walks on the landscape, computed once for all visitors, stopped by the last who leaves."""

import threading
import time
from dataclasses import dataclass

import pytest
from streamlit.testing.v1 import AppTest

from mtlviz.ui.core import work
from mtlviz.ui.pages.conflict import walks
from tests.ui import harness
from tests.ui.test_conflict_lab import opened, payloads

SHORT = {"landscape": "pcgrad", "walk": "60", "walkers": "mean,pcgrad"}


@dataclass(frozen=True)
class Part:
    progress: float


def wait_until(condition, seconds=10):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.01)


@pytest.fixture(autouse=True)
def nobody_walked_before():
    work._SHARED.clear()
    yield
    for job in work._SHARED.values():
        job.cancel()
    work._SHARED.clear()


@pytest.fixture
def gate():
    """Holds jobs back; open at the end, so that none is left hanging."""
    held = threading.Event()
    yield held
    held.set()


@pytest.fixture
def counted(monkeypatch, gate):
    """Walks that wait for the gate; how many were begun."""
    begun, real = [], walks.stages

    def stages(asked):
        begun.append(asked)
        steps = real(asked)
        yield next(steps)
        gate.wait(10)
        yield from steps

    monkeypatch.setattr(walks, "stages", stages)
    return begun


def nothing_runs() -> bool:
    return not any(job.running for job in work._SHARED.values())


def last_step(app: AppTest) -> int:
    return payloads(app)[1]["steps"][-1]


def has_button(app: AppTest, key: str) -> bool:
    return any(button.key == key for button in app.button)


# --- the page ---


def test_other_settings_show_their_starts_until_somebody_walks():
    app = opened(**SHORT)
    assert last_step(app) == 10
    app.button(key="conflict.walk.start").click().run()
    wait_until(nothing_runs)
    app.run()
    assert not app.exception
    assert last_step(app) == 60
    assert any("from its start" in text.value or "does not" in text.value for text in app.markdown)


def test_what_one_visitor_walked_the_next_sees_at_once(counted, gate):
    gate.set()
    first = opened(**SHORT)
    first.button(key="conflict.walk.start").click().run()
    wait_until(nothing_runs)
    second = opened(**SHORT)
    assert last_step(second) == 60
    assert not has_button(second, "conflict.walk.start")
    assert len(counted) == 1


def test_a_class_that_opens_a_walk_under_way_watches_the_same_one(counted, gate):
    first = opened(**SHORT)
    first.button(key="conflict.walk.start").click().run()
    others = [opened(**SHORT) for _ in range(2)]
    assert len(counted) == 1
    for app in others:
        assert has_button(app, "conflict.walk.stop")
    first.button(key="conflict.walk.stop").click().run()
    # The others still watch; for the one who stopped it there is a button to come back.
    assert has_button(first, "conflict.walk.start")
    gate.set()
    wait_until(nothing_runs)
    others[0].run()
    assert last_step(others[0]) == 60
    assert len(counted) == 1


def test_a_stopped_walk_keeps_what_is_there_and_can_be_walked_again(counted, gate):
    app = opened(**SHORT)
    app.button(key="conflict.walk.start").click().run()
    [job] = work._SHARED.values()
    wait_until(lambda: job.part is not None)
    app.button(key="conflict.walk.stop").click().run()
    gate.set()
    wait_until(lambda: not job.running)
    app.run()
    assert not app.exception
    assert any("Stopped at" in caption.value for caption in app.caption)
    app.button(key="conflict.walk.start").click().run()
    wait_until(nothing_runs)
    app.run()
    assert last_step(app) == 60


def test_the_page_answers_while_a_walk_computes(counted, gate):
    app = opened(**SHORT)
    app.button(key="conflict.walk.start").click().run()
    app.multiselect(key="conflict.methods").set_value(["nash"]).run()
    assert not app.exception
    assert [method["name"] for method in payloads(app)[0]["methods"]] == ["nash"]
    assert has_button(app, "conflict.walk.stop")


def asking_for_gradnorm():

    from mtlviz.ui.core.link import open_link
    from mtlviz.ui.pages import entry
    from mtlviz.ui.pages.conflict import gradnorm

    open_link(entry("conflict"))
    gradnorm.start(2)


def test_gradnorms_comparison_is_computed_once_for_all(monkeypatch):
    asked = []

    def stages(toy):
        asked.append(toy)
        yield Part(1.0)

    monkeypatch.setattr("mtlviz.ui.pages.conflict.gradnorm.stages", stages)
    for _ in range(2):
        app = AppTest.from_function(asking_for_gradnorm, default_timeout=20).run()
        assert not app.exception
        wait_until(nothing_runs)
    assert len(asked) == 1


def test_the_page_itself_opens_without_a_walk():
    harness.visit(harness.opened("start"), "conflict_lab")
    assert not work._SHARED
