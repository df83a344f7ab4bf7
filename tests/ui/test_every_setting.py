"""Every setting of every page travels in a link exactly, and is declared once."""

import ast
from types import SimpleNamespace

import pytest
from hypothesis import Phase, find, given, settings

from mtlviz.ui.core import controls, link, session
from mtlviz.ui.pages import PAGES
from tests.ui.drawn_settings import PARTS, places, settings_of

EXAMPLES = 25
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


@pytest.mark.slow
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


WIDGETS = {"checkbox", "multiselect", "number_input", "pills", "radio", "segmented_control",
           "select_slider", "selectbox", "slider", "text_area", "text_input", "toggle"}  # fmt: skip


def labels(source):
    """Texts that a file gives to widgets as their names."""
    for node in ast.walk(ast.parse(source.read_text(encoding="utf-8"))):
        if not isinstance(node, ast.Call):
            continue
        named = [each.value for each in node.keywords if each.arg in ("label", "title")]
        is_widget = isinstance(node.func, ast.Attribute) and node.func.attr in WIDGETS
        first = node.args[:1] if is_widget else []
        yield from (each.value for each in (*first, *named) if isinstance(each, ast.Constant))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_a_control_is_named_where_it_is_declared_and_nowhere_else(page):
    parts = [part for part in page.parts() if part.name in PARTS]
    titles = {part.now.control_at(path).title
              for part in parts for path, _ in places(part) if path != "own"}  # fmt: skip
    sources = [file for file in page.script.parent.glob("*.py") if file.name != "settings.py"]
    assert sources
    repeated = {(file.name, label) for file in sources for label in labels(file) if label in titles}
    # How many arrows there are is no setting; GradNorm's toy has one of this name.
    assert repeated <= ({("panels.py", "Tasks")} if page.name == "conflict" else set())


def hidden_on(name, monkeypatch):
    """The pages on which `hide=` with this name leaves something out."""
    monkeypatch.setattr(link, "hidden", lambda: frozenset({name}))
    found = []
    for page in PAGES:
        session.put("link.page", page.path)
        shown = [panel.shown for panel in page.panels()]
        shown += [panel.shown for each in page.panels() for panel in each.parts]
        shown += [not controls.is_hidden(part, part.now.control_at(path))
                  for part in page.parts() if part.name in PARTS
                  for path, _ in places(part) if path != "own"]  # fmt: skip
        found += [] if all(shown) else [page.name]
    return found


def test_a_name_below_data_or_capacity_hides_on_one_page_alone(monkeypatch):
    names = {name for page in PAGES for name in page.hide_names()}
    for part in PARTS.values():
        for path, _ in places(part):
            names |= {path, part.widget(path), part.model.link_prefix + path}
    chosen = sorted(name for name in names if name.startswith(("data.", "capacity.")))
    found = {name: hidden_on(name, monkeypatch) for name in chosen}
    assert {name: pages for name, pages in found.items() if len(pages) > 1} == {}
    assert {"studio", "data", "capacity"} <= {page for pages in found.values() for page in pages}
