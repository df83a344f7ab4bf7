"""Every setting of every page travels in a link exactly, and is declared once."""

from types import SimpleNamespace

import pytest
from hypothesis import Phase, find, given, settings

from mtlviz.ui.core import session
from tests.ui.drawn_settings import PARTS, places, settings_of

EXAMPLES = 40
DRAWN = settings(max_examples=EXAMPLES, derandomize=True)
FIRST = settings(max_examples=300, derandomize=True, phases=[Phase.generate])
every_part = pytest.mark.parametrize("name", PARTS)


@pytest.fixture(autouse=True)
def visitor(monkeypatch):
    """A session, and nothing stored."""
    monkeypatch.setattr(session, "st", SimpleNamespace(session_state={}))


def link_of(part, preset, now):
    """The parameters of the settings' link, which must open them exactly."""
    base = part.presets[preset] if part.presets else part.model()
    query = now.query(base)
    read, problems = part.model.read(query, base)
    assert problems == []
    assert read == now
    return query


@every_part
def test_random_settings_are_read_from_their_link_exactly(name):
    @DRAWN
    @given(settings_of(PARTS[name]))
    def is_exact(drawn):
        link_of(PARTS[name], *drawn)

    is_exact()


@every_part
def test_there_is_a_link_for_a_change_of_any_setting_alone(name):
    part = PARTS[name]
    for path, _ in places(part):
        only = {path, "own"} if path == "source" else {path}  # A table needs its points.
        found = find(settings_of(part, *only), lambda drawn: link_of(part, *drawn), settings=FIRST)
        assert link_of(part, *found)


@every_part
def test_a_page_that_takes_its_own_link_stays_as_it_is(name):
    part = PARTS[name]

    @DRAWN
    @given(settings_of(part))
    def stays(drawn):
        part.open(*drawn)
        settled = part.apply(part.query())  # What does not fit other settings is said once.
        assert settled or part.now == drawn[1]
        now, query = part.now, part.query()
        assert part.apply(query) == []
        assert (part.preset, part.now, part.query()) == (drawn[0], now, query)

    stays()
