"""Links made by an earlier version of the app open what they opened then, digit for digit."""

import json
import re
from pathlib import Path

import pytest

from mtlviz.ui.core import link
from mtlviz.ui.pages import PAGES
from tests.golden.tree import missing, with_changes
from tests.ui.harness import START, opened, widget
from tests.ui.opened_settings import PARTS_OF, opened_settings

# Lists of what is known, which grow with every method and every part that can be hidden.
_KNOWN = re.compile(r"(?<= Known: ).*|(?<=one of ).*(?=, got )|(?<=it takes names of ).*")
GOLDEN = json.loads((Path(__file__).parents[1] / "golden/links.json").read_text())


@pytest.mark.parametrize("name", GOLDEN["links"])
def test_a_link_opens_what_it_opened_when_it_was_made(name):
    kept = GOLDEN["links"][name]
    found = opened_settings(kept["page"], kept["query"])
    expected = with_changes(GOLDEN["defaults"], kept["opens"])
    assert found.keys() >= {"app", "problems", *PARTS_OF[kept["page"]]}
    for settings in (expected, found):
        settings["problems"] = [_KNOWN.sub("…", line) for line in settings["problems"]]
    assert missing({part: expected[part] for part in expected.keys() & found.keys()}, found) == []


def test_there_are_links_of_every_page_and_good_and_bad_ones():
    kept = GOLDEN["links"].values()
    paths = {"/" if page.path == START else f"/{page.path}" for page in PAGES if page.listed}
    assert {each["page"] for each in kept} == set(PARTS_OF) == paths
    told = ["problems" in each["opens"] for each in kept]
    assert told.count(False) >= 100
    assert told.count(True) >= 30


def test_what_a_link_no_longer_opens_is_named_by_its_place():
    expected = {"toy": {"tasks": [{"x": 1.0}, {"x": 2.0}], "seed": 0}, "alone": False}
    later = {"toy": {"tasks": [{"x": 1.0, "new": 7}, {"x": 2.5}], "seed": 0}}
    assert missing(expected, later) == ["toy.tasks.1.x: 2.0, now 2.5", "alone: False, now absent"]
    assert missing({"seed": 1}, {"seed": True}) == ["seed: 1, now True"]
    assert missing({"runs": [1, 2]}, {"runs": [1]}) == ["runs: [1, 2], now [1]"]


def test_a_click_before_the_page_has_written_its_own_address_is_not_undone(home, monkeypatch):
    """A click ends a run that takes long; the address is still the one that opened the page."""
    with monkeypatch.context() as interrupted:
        interrupted.setattr(link, "write_link", lambda page=None: {})
        app = opened("toy_lab", preset="one_direction")
        widget(app, "toy.capacity").set_value(3).run()
    assert widget(app, "toy.capacity").value == 3
