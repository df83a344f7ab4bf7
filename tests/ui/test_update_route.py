"""What a browser is told of another update: the page's own parts, and nothing of other visitors."""

import json

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from mtlviz.ui.core import browser_cursor
from mtlviz.ui.pages.run.update_parts import PARTS
from mtlviz.ui.server import routes
from tests.ui import harness
from tests.ui.harness import payloads
from tests.ui.test_run import recorded, step


@pytest.fixture
def ask(store):
    """Asks for parts of an update of a finished run of nine, as a browser does."""
    run = recorded(store, [step(update) for update in range(9)])
    browser = TestClient(Starlette(routes=routes()))

    def asked(update, names="matrix", run=run, **how):
        query = {"update": update, "names": names} | how
        return browser.get(f"/some/base/mtlviz/update/{run}", params=query)

    return asked


def test_the_browser_is_told_exactly_what_the_page_would_draw(ask):
    app = harness.opened("run", {"fold.run.combiners": True}, run_update="6", run_plane="pair")
    drawn = [sent for name in ("chart", "live_text") for sent in payloads(app, f"mtlviz.{name}")]
    fed = {sent["feed"]["name"]: sent for sent in drawn if "cursor" in (sent["feed"] or {})}
    assert set(fed) == {"matrix", "arrows", "combiners"}
    parts = ask(6, ",".join(fed), run_plane="pair").json()["parts"]
    assert parts["combiners"] == fed["combiners"]["said"]
    for name in ("matrix", "arrows"):
        assert {key: fed[name][key] for key in parts[name]} == parts[name]
    # And the place that the page names leads there.
    assert fed["matrix"]["feed"]["address"].startswith("mtlviz/update/1?run_plane=pair&visitor=")


def test_everything_told_at_once_is_of_the_same_update(ask):
    told = ask(4, "matrix,arrows,combiners").json()
    assert told["update"] == 4
    for name in ("matrix", "arrows"):
        assert "at update 4." in told["parts"][name]["alt"]
    assert ask(99).json()["update"] == 8


def test_every_part_can_be_asked_for_and_said_in_json(ask):
    names = [name for name in PARTS if not name.startswith("worked")]
    assert set(ask(3, ",".join(names)).json()["parts"]) == set(names)
    assert json.dumps(ask(3, "conflicts").json()["parts"]["conflicts"]["choices"][0])


@pytest.mark.parametrize(
    ("wrong", "status", "said"),
    [
        ({"update": "x"}, 400, "`update` must be a whole number"),
        ({"update": -1}, 400, "`update` must be a whole number"),
        ({"update": "9" * 5000}, 400, "`update` must be a whole number"),
        ({"names": "secrets"}, 400, "`names` must be some of conflicts, matrix"),
        ({"names": "worked"}, 400, "No look at the worked example was taken in this run."),
        ({"names": "matrix," * 5000}, 400, "`names` must be some of conflicts, matrix"),
        ({"run_plane": "mood"}, 400, "`run_plane` must be one of most"),
        ({"run": 99}, 404, "There is no run 99"),
        ({"run": "one"}, 400, "The number of a run must be a whole number"),
    ],
)
def test_what_cannot_be_answered_gets_one_sentence(ask, wrong, status, said):
    answer = ask(**{"update": 3} | wrong)
    assert (answer.status_code, said in answer.text) == (status, True)


def test_the_next_run_of_the_page_begins_where_the_browser_was(ask):
    ask(5, visitor="somebody")
    assert browser_cursor.take("nobody") is None
    assert browser_cursor.take("somebody", run=77) is None
    assert browser_cursor.take("somebody") == browser_cursor.Place(1, 5)
    assert browser_cursor.take("somebody") is None
    ask(8, visitor="somebody", newest="1")
    assert browser_cursor.take("somebody", run=1) == browser_cursor.Place(1, None)


def test_visitors_are_forgotten_before_they_fill_the_memory():
    for number in range(browser_cursor.MOST + 5):
        browser_cursor.note(f"v{number}", browser_cursor.Place(1, number))
    browser_cursor.note("x" * 1000, browser_cursor.Place(1, 1))
    assert browser_cursor.take("v4") is None
    assert browser_cursor.take("v5") == browser_cursor.Place(1, 5)
    assert browser_cursor.take("x" * 1000) is None
