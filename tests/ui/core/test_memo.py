"""The app's memory: bounded, versioned, and each value made once however many ask."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from mtlviz.ui.core.memo import Memo


def test_thirty_who_ask_for_the_same_have_it_made_once():
    memo, made, gate = Memo(4), [], threading.Barrier(30)

    def make():
        made.append(1)
        return object()

    def ask(_):
        gate.wait()
        return memo.once("key", 1, make)

    with ThreadPoolExecutor(30) as pool:
        found = set(pool.map(ask, range(30)))
    assert len(made) == 1
    assert len(found) == 1


def test_another_key_does_not_wait_for_one_that_is_being_made():
    memo, begun, release = Memo(4), threading.Event(), threading.Event()

    def slow():
        begun.set()
        assert release.wait(10)
        return "slow"

    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(memo.once, "slow", 1, slow)
        assert begun.wait(10)
        assert memo.once("other", 1, lambda: "quick") == "quick"
        release.set()
        assert waiting.result(10) == "slow"


def test_another_version_is_made_anew_and_the_least_asked_for_goes():
    memo = Memo(2)
    assert memo.once("a", 1, lambda: "old") == "old"
    assert memo.once("a", 1, lambda: "unused") == "old"
    assert memo.once("a", 2, lambda: "new") == "new"
    memo.once("b", 1, lambda: "b")
    memo.once("a", 2, lambda: "unused")
    memo.once("c", 1, lambda: "c")
    assert memo.once("b", 1, lambda: "b again") == "b again"


def test_what_failed_is_not_remembered():
    memo = Memo(2)
    with pytest.raises(ZeroDivisionError):
        memo.once("a", 1, lambda: 1 / 0)
    assert memo.once("a", 1, lambda: 3) == 3
