"""What a browser fetches of a live run: the page's own curves, made once, and nothing twice."""

import json

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from mtlviz.engine.presets import preset
from mtlviz.runs.failures import StoreError
from mtlviz.runs.lease import lease
from mtlviz.ui.core import live, run_records, run_view
from mtlviz.ui.core.live import EVERYTHING
from mtlviz.ui.server import routes
from tests.runs.compare_runs import begin_default, finish
from tests.ui.test_run import evaluation, step


@pytest.fixture
def held(store):
    """A run of five updates that goes on."""
    found = lease(store, store.create_run(preset("default")))
    found.plan(30, ["accuracy", "accuracy", "accuracy", "pearson"])
    found.append([step(update) for update in range(5)])
    return found


@pytest.fixture
def browser():
    return TestClient(Starlette(routes=routes()))


@pytest.fixture
def asked(held, browser):
    """Asks for news of a run, as a browser does below any base path."""

    def ask(since="", run=None, **how):
        query = {"across": "update", "span": 10, "since": since} | how
        return browser.get(f"/some/base/mtlviz/live/{run or held.run}", params=query)

    return ask


def test_news_are_the_figures_and_the_bar_of_the_page(held, asked):
    answer = asked()
    assert answer.status_code == 200
    assert answer.headers["content-encoding"] == "gzip"
    told, run = answer.json(), held.store.run(held.run)
    assert set(told["figures"]) == {"loss", "weights", "cosines", "lengths"}
    assert told["figures"]["loss"] == json.loads(json.dumps(run_view.look(run, 10).figures["loss"]))
    assert told["bar"] == {"count": 5, "updates": [], "positions": [], "unit": ""}
    assert told["token"] == run_view.token(run)
    assert told["told"]["said"]["progress"] == pytest.approx(5 / 30)
    assert told["told"]["said"]["stage"] == "running cosines lengths loss weights"
    assert "update 5 of 30" in told["told"]["said"]["lines"][0]


def test_what_is_known_is_not_sent_again_and_what_is_newer_is(held, asked):
    first = asked().json()["token"]
    assert asked(first).status_code == 204
    held.append([step(5), evaluation(6)])
    later = asked(first).json()
    assert later["token"] != first
    assert later["bar"]["count"] == 6
    assert "scores" in later["told"]["said"]["stage"]
    assert "scores" in later["figures"]


def test_a_class_is_handed_one_answer(held, asked):
    first = live.news_of_run(held.run, "update", "10", "")
    assert live.news_of_run(held.run, "update", "10", "") is first
    assert live.news_of_run(held.run, "epoch", "10", "") is not first
    assert asked(across="epoch").json()["bar"]["unit"] == "epochs"


@pytest.mark.parametrize(
    ("wrong", "status", "said"),
    [
        (
            {"across": "banana"},
            400,
            "`across` must be one of update, epoch, tokens, time, got 'banana'.",
        ),
        ({"span": 101}, 400, "`span` must be a whole number from 0 to 100, got '101'."),
        ({"span": "many"}, 400, "`span` must be a whole number from 0 to 100, got 'many'."),
        ({"span": "9" * 5000}, 400, "`span` must be a whole number from 0 to 100, got '999"),
        ({"run": 99}, 404, "There is no run 99"),
        ({"run": "-1"}, 400, "The number of a run must be a whole number of at least 1"),
        ({"run": 2**63}, 400, "The number of a run must be a whole number of at least 1"),
        ({"run": "9" * 5000}, 400, "The number of a run must be a whole number of at least 1"),
        ({"run": "one"}, 400, "The number of a run must be a whole number of at least 1"),
    ],
)
def test_what_cannot_be_answered_gets_one_sentence(asked, wrong, status, said):
    answer = asked(**wrong)
    assert answer.status_code == status
    assert said in answer.text


def test_a_store_that_is_locked_is_no_deleted_run(asked, monkeypatch):
    def locked(run):
        raise StoreError("The store of runs is kept locked by another process; try again.")

    monkeypatch.setattr(run_records.store(), "run", locked)
    answer = asked()
    assert (answer.status_code, "locked" in answer.text) == (503, True)


def test_only_a_run_that_goes_on_has_charts_that_look_for_news(held):
    seen = run_view.look(held.store.run(held.run), 10)
    place = seen.fed("loss")
    assert place["address"] == f"mtlviz/live/{held.run}?across=update&span=10"
    assert (place["name"], place["token"]) == ("loss", run_view.token(held.store.run(held.run)))
    held.finish("finished", None)
    assert run_view.look(held.store.run(held.run), 10).fed("loss") is None


def test_the_list_of_runs_tells_where_those_that_go_on_stand(held, browser):
    waits = held.store.create_run(preset("default"))
    told = browser.get("/mtlviz/live/runs", params={"since": ""}).json()["told"]
    assert set(told) == {str(held.run), str(waits), EVERYTHING}
    assert "update 5 of 30" in told[str(held.run)]["lines"][1]
    assert "number 1 in the queue" in told[str(waits)]["lines"][1]
    assert told[str(held.run)]["progress"] == pytest.approx(5 / 30)


def test_a_page_whose_answers_are_covered_is_sent_nothing_that_tells_them(store, browser):
    for number in begin_default(store)[:3]:
        finish(store, number)

    def sent(**query):
        return browser.get("/mtlviz/live/runs", params={"since": ""} | query).text

    assert "So far: Training together" in sent()
    assert "3 of 25 runs" in sent(covered="1")
    assert "Training together" not in sent(covered="1")
    assert live.feed(store.runs(), covered=True).address == "mtlviz/live/runs?covered=1"


def test_an_update_is_news_of_a_run_and_an_end_is_news_of_the_page(held, browser):
    def asked(since):
        return browser.get("/mtlviz/live/runs", params={"since": since})

    first = asked("").json()
    assert asked(first["token"]).status_code == 204
    held.append([step(5)])
    later = asked(first["token"]).json()
    assert later["told"][EVERYTHING] == first["told"][EVERYTHING]
    held.finish("finished", None)
    last = asked(later["token"]).json()
    assert last["told"][EVERYTHING]["stage"] != later["told"][EVERYTHING]["stage"]
    assert set(last["told"]) == {EVERYTHING}
