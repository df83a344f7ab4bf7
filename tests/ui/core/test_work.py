"""Background work: fair between visitors, shared by equal keys, given up when nobody watches."""

import json
import subprocess
import sys
import threading
import time
from dataclasses import dataclass

import pytest
from streamlit.testing.v1 import AppTest

from mtlviz.cli.classroom import _STUDENTS
from mtlviz.errors import ConfigError, DataError
from mtlviz.runs.visitor_limits import LIMITS
from mtlviz.ui.core import class_copy, session, work
from mtlviz.ui.pages.capacity import toy as capacity_page
from mtlviz.ui.pages.toy import map as map_page

PATIENCE = 10.0


@dataclass(frozen=True)
class Part:
    progress: float


@pytest.fixture
def visit(monkeypatch):
    """Calls a function as a visitor with a session of its own."""
    kept = {}

    def as_visitor(name, call):
        mine = kept.setdefault(name, {})
        monkeypatch.setattr(session, "visitor", lambda: name)
        monkeypatch.setattr(session, "remember", mine.setdefault)
        monkeypatch.setattr(session, "put", mine.__setitem__)
        return call()

    return as_visitor


def until(condition):
    end = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.002)


def endless(seen=None):
    number = 0
    while True:
        number += 1
        if seen is not None:
            seen.append(number)
        time.sleep(0.001)
        yield Part(0.5)


def few(count=3):
    for number in range(count):
        yield Part((number + 1) / count)


def test_a_job_runs_to_its_end(visit):
    job = visit("ann", lambda: work.shared("end", few, "map"))
    until(lambda: not job.running)
    assert job.done
    assert job.part == Part(1.0)
    assert job.error is None
    assert job.seconds_left() is None


def test_equal_keys_are_one_job_for_all_visitors(visit):
    one = visit("ann", lambda: work.shared("same", endless, "map"))
    other = visit("bob", lambda: work.shared("same", endless, "map"))
    assert one is other
    visit("ann", lambda: work.stop("map"))
    time.sleep(0.05)
    assert one.running, "another visitor still watches it"
    visit("bob", lambda: work.stop("map"))
    until(lambda: not one.running)
    assert one.cancelled


def test_whoever_finds_a_job_joins_it_but_not_who_stopped_it(visit):
    def ask():
        return work.joined("found", endless, "map")

    assert visit("ann", ask) is None
    job = visit("ann", lambda: work.shared("found", endless, "map"))
    assert visit("bob", ask) is job
    assert visit("bob", lambda: work.is_watched(job, "map"))
    visit("bob", lambda: work.stop("map"))
    assert visit("bob", ask) is None
    assert not visit("bob", lambda: work.is_watched(job, "map"))
    assert job.running, "ann still watches it"
    visit("ann", lambda: work.stop("map"))
    until(lambda: not job.running)
    assert visit("bob", ask) is job, "what it has so far is there for all"
    assert job.cancelled


def test_one_visitors_long_work_does_not_delay_anothers(visit):
    long = visit("ann", lambda: work.shared("long", endless, "map"))
    until(lambda: long.part is not None)
    quick = visit("bob", lambda: work.shared("quick", few, "map"))
    until(lambda: not quick.running)
    assert long.running
    visit("ann", lambda: work.stop("map"))


def test_visitors_take_turns_however_many_jobs_one_has(visit, monkeypatch):
    monkeypatch.setenv(LIMITS, '{"maps": 20}')
    jobs = [visit("ann", lambda n=n: work.shared(("many", n), endless, f"p{n}")) for n in range(6)]
    counted = []
    mine = visit("bob", lambda: work.shared("mine", lambda: endless(counted), "map"))
    until(lambda: len(counted) >= 20)
    others = []
    theirs = visit("ann", lambda: work.shared("seventh", lambda: endless(others), "p7"))
    start = len(counted)
    until(lambda: len(others) >= 5)
    assert len(counted) - start >= 20, "bob has every second turn, ann's seven share the others"
    for job in (*jobs, mine, theirs):
        job.cancel()


def test_a_slider_that_moved_on_gives_its_last_job_up(visit):
    first = visit("ann", lambda: work.shared(("w", 1), endless, "map"))
    second = visit("ann", lambda: work.shared(("w", 2), endless, "map"))
    until(lambda: not first.running)
    assert first.cancelled
    assert second.running
    again = visit("ann", lambda: work.shared(("w", 1), endless, "map"))
    assert again is not first, "what was given up begins anew"
    visit("ann", lambda: work.stop("map"))


def test_a_job_in_front_keeps_another_waiting_which_can_be_given_up_unbegun(visit):
    begun, release = threading.Event(), threading.Event()

    def held():
        begun.set()
        assert release.wait(PATIENCE)
        yield Part(0.5)
        yield Part(1.0)

    first = visit("ann", lambda: work.shared("held", held, "map"))
    assert begun.wait(PATIENCE)
    second = visit("bob", lambda: work.shared("behind", few, "map"))
    assert second.waiting
    assert not first.waiting
    visit("bob", lambda: work.stop("map"))
    release.set()
    until(lambda: not first.running and not second.running)
    assert first.part == Part(1.0)
    assert second.part is None


def test_a_job_that_was_given_up_keeps_what_it_has(visit):
    job = visit("ann", lambda: work.shared("kept", endless, "map"))
    until(lambda: job.part is not None)
    visit("ann", lambda: work.stop("map"))
    until(lambda: not job.running)
    assert job.part == Part(0.5)
    assert job.error is None


def test_what_nobody_looks_at_is_given_up(visit, monkeypatch):
    monkeypatch.setattr(work, "_UNWATCHED_SECONDS", 0.05)
    job = visit("ann", lambda: work.shared("gone", endless, "map"))
    until(lambda: not job.running)
    assert job.cancelled


def test_a_job_of_a_process_needs_no_turn(visit):
    release = threading.Event()

    def waits():
        assert release.wait(PATIENCE)
        yield Part(1.0)

    slow = visit("ann", lambda: work.shared("process", waits, "umap", apart=True))
    quick = visit("ann", lambda: work.shared("here", few, "map"))
    until(lambda: not quick.running)
    assert slow.running
    release.set()
    until(lambda: not slow.running)


def test_what_fails_is_said_in_one_sentence(visit):
    def wrong():
        yield Part(0.1)
        raise DataError("The table has no rows.")

    def broken():
        yield Part(0.1)
        raise RuntimeError("/secret/path")

    told = visit("ann", lambda: work.shared("wrong", wrong, "a"))
    hidden = visit("ann", lambda: work.shared("broken", broken, "b"))
    after = visit("ann", lambda: work.shared("after", few, "c"))
    until(lambda: not told.running and not hidden.running and not after.running)
    assert after.part == Part(1.0)
    assert told.error == "The table has no rows."
    assert "secret" not in hidden.error
    assert "for a reason that is no setting" in hidden.error


def test_a_generator_is_closed_when_its_job_is_given_up(visit):
    closed = threading.Event()

    def parts():
        try:
            while True:
                yield Part(0.1)
        finally:
            closed.set()

    job = visit("ann", lambda: work.shared("closing", parts, "map"))
    until(lambda: job.part is not None)
    visit("ann", lambda: work.stop("map"))
    assert closed.wait(PATIENCE)


def test_what_failed_is_tried_again_after_a_while(visit, monkeypatch):
    calls = []

    def fetched():
        calls.append(1)
        if len(calls) == 1:
            raise DataError("There is no network.")
        yield Part(1.0)

    def asked():
        return visit("a", lambda: work.shared("hub", fetched, "facts"))

    first = asked()
    until(lambda: not first.running)
    assert asked() is first  # Not at every look, or a page would ask the network without end.
    monkeypatch.setattr(work, "_AGAIN_SECONDS", 0.0)
    until(lambda: asked().done)
    assert asked().error is None


def stopped_page():
    import streamlit as st

    from mtlviz.ui.core import work
    from tests.ui.core.test_work import endless

    def draw():
        st.write(work.current("toy").part)

    work.show("stopped", endless, "toy", draw)


def test_what_was_stopped_begins_again_only_when_asked():
    app = AppTest.from_function(stopped_page, default_timeout=60).run()
    app.button(key="toy.stop").click().run()
    assert not app.exception
    assert [button.key for button in app.button] == ["toy.again"]
    app.button(key="toy.again").click().run()
    assert [button.key for button in app.button] == ["toy.stop"]
    app.button(key="toy.stop").click().run()


def failing_page():
    from mtlviz.errors import DataError
    from mtlviz.ui.core import work

    def draw():
        raise DataError("There is no folder `x`.")

    work.live(draw, lambda: False)


def test_what_is_drawn_again_by_itself_says_what_is_wrong():
    app = AppTest.from_function(failing_page).run()
    assert [each.value for each in app.error] == ["There is no folder `x`."]
    assert not app.exception


def test_a_visitor_has_so_many_computations_at_once_and_others_do_not_count(visit, monkeypatch):
    monkeypatch.setenv(LIMITS, '{"maps": 2}')
    first, second = (
        visit("ann", lambda n=n: work.shared(("limit", n), endless, f"p{n}")) for n in range(2)
    )
    counted = visit("ann", lambda: work.shared("facts", endless, "studio.facts"))
    with pytest.raises(ConfigError, match="At most 2 computations of yours may go on, and 2 do"):
        visit("ann", lambda: work.shared(("limit", 3), endless, "p3"))
    other = visit("bob", lambda: work.shared(("limit", 3), endless, "p3"))
    visit("ann", lambda: work.shared(("limit", 4), endless, "p1"))  # In the place of its second.
    for job in (first, second, counted, other):
        job.cancel()
    visit("ann", lambda: work.stop("p1"))


def test_a_student_has_one_map_or_one_sweep_of_widths_at_a_time(visit, monkeypatch):
    monkeypatch.setenv(LIMITS, json.dumps(_STUDENTS))
    map_ = visit("ann", lambda: work.shared("class map", endless, map_page._PURPOSE))
    with pytest.raises(ConfigError, match="At most 1 computations of yours may go on, and 1 do"):
        visit("ann", lambda: work.shared("class widths", endless, capacity_page._TRAINING))
    other = visit("bob", lambda: work.shared("class widths", endless, capacity_page._TRAINING))
    # What ann gives up or takes the place of is hers; bob's goes on.
    visit("ann", lambda: work.stop(map_page._PURPOSE))
    assert map_.cancelled
    visit("ann", lambda: work.stop(capacity_page._TRAINING))
    assert not other.cancelled
    # Also what both look at: one of them leaving does not end it for the other.
    visit("ann", lambda: work.shared("class widths", endless, capacity_page._TRAINING))
    visit("ann", lambda: work.stop(capacity_page._TRAINING))
    assert not other.cancelled
    other.cancel()


def test_a_student_has_no_more_with_more_tabs_and_what_no_tab_shows_makes_room(visit, monkeypatch):
    monkeypatch.setenv(LIMITS, json.dumps(_STUDENTS))
    monkeypatch.setattr(class_copy, "owner", lambda: "seat of ann")
    first = visit("one tab", lambda: work.shared("tab map", endless, "map"))
    # The same is one computation, in however many tabs.
    assert visit("another tab", lambda: work.shared("tab map", endless, "map")) is first
    for tab in ("another tab", "a third tab"):
        with pytest.raises(ConfigError, match="At most 1 computations of yours may go on"):
            visit(tab, lambda: work.shared("tab widths", endless, "widths"))
    monkeypatch.setattr(work, "_RELOADED_SECONDS", 0.0)
    last = visit("a third tab", lambda: work.shared("tab widths", endless, "widths"))
    assert first.cancelled
    assert not last.cancelled
    last.cancel()


def test_the_app_ends_while_a_job_still_waits_for_a_process():
    program = (
        "import time\n"
        "from mtlviz.ui.core import session, work\n"
        "session.visitor = lambda: 'ann'\n"
        "session.remember, session.put = {}.setdefault, {}.__setitem__\n"
        "def parts():\n"
        "    time.sleep(60)\n"
        "    yield\n"
        "work.shared('slow', parts, 'umap', apart=True)\n"
        "work.shared('here', parts, 'map')\n"
    )
    subprocess.run([sys.executable, "-W", "ignore", "-c", program], check=True, timeout=30)
