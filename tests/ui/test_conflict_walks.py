"""Walks on the landscape, computed once for all visitors, stopped by the last who leaves."""

import gc
import threading
import time
from dataclasses import dataclass

import pytest
from streamlit.testing.v1 import AppTest

from mtlviz.ui.conflict import cached, walks
from mtlviz.ui.conflict.cached import SharedJobs, Visitor
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
    cached.shared.cache_clear()
    yield
    cached.shared.cache_clear()


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


def last_step(app: AppTest) -> int:
    return payloads(app)[1]["steps"][-1]


def has_button(app: AppTest, key: str) -> bool:
    return any(button.key == key for button in app.button)


# --- the shared jobs ---


def test_the_same_key_is_computed_once_however_many_ask():
    jobs, begun = SharedJobs(), []

    def parts():
        begun.append(1)
        yield Part(1.0)

    first = jobs.start("a", Visitor(), parts)
    assert jobs.start("a", Visitor(), parts) is first
    wait_until(lambda: not first.running)
    assert jobs.start("a", Visitor(), parts) is first
    assert begun == [1]


def held(gate):
    yield Part(0.1)
    gate.wait(10)
    yield Part(0.5)
    yield Part(1.0)


def test_one_who_leaves_does_not_stop_it_for_the_others(gate):
    jobs, one, other = SharedJobs(), Visitor(), Visitor()
    job = jobs.start("a", one, lambda: held(gate))
    jobs.start("a", other, lambda: held(gate))
    jobs.leave("a", one)
    gate.set()
    wait_until(lambda: not job.running)
    assert job.part == Part(1.0)


def test_the_last_who_leaves_stops_it_and_a_new_one_may_begin(gate):
    jobs, one = SharedJobs(), Visitor()
    job = jobs.start("a", one, lambda: held(gate))
    wait_until(lambda: job.part is not None)
    jobs.leave("a", one)
    gate.set()
    wait_until(lambda: not job.running)
    assert job.part.progress < 1
    again = jobs.start("a", one, lambda: iter([Part(1.0)]))
    assert again is not job


def test_a_closed_session_counts_as_having_left(gate):
    jobs, one, other = SharedJobs(), Visitor(), Visitor()
    job = jobs.start("a", one, lambda: held(gate))
    wait_until(lambda: job.part is not None)
    jobs.start("a", other, lambda: held(gate))
    del other
    gc.collect()
    jobs.leave("a", one)
    gate.set()
    wait_until(lambda: not job.running)
    assert job.part.progress < 1


def test_the_least_recently_used_is_forgotten():
    jobs = SharedJobs(most=2)
    for key in ("a", "b"):
        jobs.start(key, Visitor(), lambda: iter([Part(1.0)]))
    assert jobs.find("a") is not None
    jobs.start("c", Visitor(), lambda: iter([Part(1.0)]))
    assert jobs.find("b") is None
    assert jobs.find("a") is not None


# --- the page ---


def test_other_settings_show_their_starts_until_somebody_walks():
    app = opened(**SHORT)
    assert last_step(app) == 10
    app.button(key="conflict.walk.start").click().run()
    wait_until(lambda: not any(job.running for job, _ in cached.shared()._jobs.values()))
    app.run()
    assert not app.exception
    assert last_step(app) == 60
    assert any("from its start" in text.value or "does not" in text.value for text in app.markdown)


def test_what_one_visitor_walked_the_next_sees_at_once(counted, gate):
    gate.set()
    first = opened(**SHORT)
    first.button(key="conflict.walk.start").click().run()
    wait_until(lambda: not any(job.running for job, _ in cached.shared()._jobs.values()))
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
    wait_until(lambda: not any(job.running for job, _ in cached.shared()._jobs.values()))
    others[0].run()
    assert last_step(others[0]) == 60
    assert len(counted) == 1


def test_a_stopped_walk_keeps_what_is_there_and_can_be_walked_again(counted, gate):
    app = opened(**SHORT)
    app.button(key="conflict.walk.start").click().run()
    [(job, _)] = cached.shared()._jobs.values()
    wait_until(lambda: job.part is not None)
    app.button(key="conflict.walk.stop").click().run()
    gate.set()
    wait_until(lambda: not job.running)
    app.run()
    assert not app.exception
    assert any("Stopped at" in caption.value for caption in app.caption)
    app.button(key="conflict.walk.start").click().run()
    wait_until(lambda: not any(job.running for job, _ in cached.shared()._jobs.values()))
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
    from mtlviz.ui.conflict import gradnorm
    from mtlviz.ui.core.link import open_link
    from mtlviz.ui.pages import entry

    open_link(entry("conflict"))
    gradnorm._start(2)


def test_gradnorms_comparison_is_computed_once_for_all(monkeypatch):
    asked = []

    def stages(toy):
        asked.append(toy)
        yield Part(1.0)

    monkeypatch.setattr("mtlviz.ui.conflict.gradnorm.stages", stages)
    for _ in range(2):
        app = AppTest.from_function(asking_for_gradnorm, default_timeout=20).run()
        assert not app.exception
        wait_until(lambda: not cached.shared().find("gradnorm 2").running)
    assert len(asked) == 1


def test_the_page_itself_opens_without_a_walk():
    harness.visit(harness.opened("start"), "conflict_lab")
    assert not cached.shared()._jobs
