"""CONTRIBUTING's "to add" table in the app: a new method is in form, link, menu and Share."""

import textwrap
from pathlib import Path
from types import SimpleNamespace

import pytest
import streamlit as st

from mtlviz.settings import GROUPS
from mtlviz.ui import pages
from mtlviz.ui.core import link, page, session
from mtlviz.ui.core.page import fold_key
from mtlviz.ui.pages.studio.settings import RUN
from tests.test_to_add import (
    ENCODER,
    METHODS,
    NAME,
    SOURCE,
    added,
    place_of_options,
)
from tests.ui import test_every_setting as laws
from tests.ui.drawn_settings import PARTS
from tests.ui.harness import opened, text, widget

OPEN = {fold_key(f"studio.{part}"): True for part in (*GROUPS, "Optimisation.more", "task")}
TASKS = '[{"name":"words","source":"throw_away"}]'


@pytest.fixture(params=METHODS)
def kind(request, tmp_path, monkeypatch):
    found = METHODS[request.param]
    added(found, tmp_path, monkeypatch)
    return found


def query_of(kind):
    """A link to a run with the throw-away method."""
    return {"studio.tasks": TASKS} if kind is SOURCE else {f"studio.{kind.place}": NAME}


def test_a_method_is_offered_with_its_help_and_its_options(kind, store):
    app = opened("studio", OPEN, **query_of(kind))
    assert not app.warning
    if kind is not SOURCE:
        choice = widget(app, f"studio.{kind.place}")
        assert kind.registry[NAME].title in choice.options
        assert kind.registry[NAME].help in text(app)
    if kind.option:
        shown = widget(app, f"studio.{place_of_options(kind)}.{kind.option[0]}")
        assert shown.help == kind.option[2]
        assert shown.value == kind.registry[NAME].option(kind.option[0]).default


def test_a_link_carries_a_method_and_its_options(kind, monkeypatch):
    monkeypatch.setattr(session, "st", SimpleNamespace(session_state={}))
    assert RUN.apply(query_of(kind)) == []
    assert RUN.now.value_at(kind.place) == NAME
    if kind is ENCODER:
        assert RUN.query() == query_of(kind)
        return
    option = kind.registry[NAME].option(kind.option[0])
    value = option.default + 1 if option.kind == "integer" else option.default / 2
    assert RUN.change_at(f"{place_of_options(kind)}.{option.name}", value)
    now, query = RUN.now, RUN.query()
    RUN.reset()
    assert RUN.apply(query) == []
    assert RUN.now == now


PAGE = {
    "__init__.py": '"""A page that is thrown away."""',
    "settings.py": '''
        """What is chosen."""
        from mtlviz.settings import Settings, setting
        from mtlviz.ui.core.part import Part


        class Answer(Settings):
            """The answer."""

            link_prefix = "thrown_"
            number: int = setting(7, "Number", "What is said.", "Data", low=1, high=9)


        PARTS = (Part("thrown", Answer),)
    ''',
    "panels.py": '''
        """What is shown."""
        import streamlit as st
        from mtlviz.ui.core.page import Panel
        from mtlviz.ui.pages.throw_away.settings import PARTS


        def _answer(_):
            st.markdown(f"The answer is {PARTS[0].now.number}.")


        PANELS = (Panel("throw_away.answer", "The answer", _answer),)
    ''',
    "page.py": '''
        """The throw-away page."""
        from mtlviz.ui.core import controls, page
        from mtlviz.ui.pages.throw_away.settings import PARTS

        share, sidebar = lambda: page.share("throw_away"), lambda: controls.controls(PARTS[0])
        page.run("throw_away", share, sidebar)
    ''',
}


@pytest.fixture
def thrown(tmp_path, monkeypatch, store):
    """The page's folder beside those of the others, and its one line."""
    home = Path(pages.__file__).parent
    rooms = tmp_path / "pages"
    (rooms / NAME).mkdir(parents=True)
    for room in filter(Path.is_dir, home.iterdir()):
        (rooms / room.name).symlink_to(room)
    for name, source in PAGE.items():
        (rooms / NAME / name).write_text(textwrap.dedent(source), encoding="utf-8")
    line = pages.PageEntry(NAME, "throw_away_page", "Throw-away", "A page for a test.")
    monkeypatch.setattr(pages, "_HERE", rooms)
    monkeypatch.setattr(pages, "__path__", [*pages.__path__, str(rooms)])
    for module in (pages, link, page):  # Each has the table by its name.
        monkeypatch.setattr(module, "PAGES", (*pages.PAGES[:9], line))
    return line


def test_a_page_is_in_the_menu_and_opens_by_its_path_and_link(thrown, monkeypatch):
    menus, navigation = [], st.navigation
    monkeypatch.setattr(
        st, "navigation", lambda found, **given: menus.append(found) or navigation(found, **given)
    )
    app = opened(thrown.path)
    assert "The answer is 7." in text(app)
    assert [(each.title, each.url_path) for each in menus[-1]][-1] == ("Throw-away", thrown.path)
    control = widget(app, "thrown.number")
    assert (control.label, control.help) == ("Number", "What is said.")
    control.set_value(3).run()
    assert "The answer is 3." in text(app)
    assert dict(app.query_params) == {"thrown_number": "3"}
    assert "The answer is 5." in text(opened(thrown.path, thrown_number="5"))
    assert "`thrown_number` must be from 1 to 9" in text(opened(thrown.path, thrown_number="10"))


def test_share_can_hide_the_pages_panel_and_control(thrown):
    app = opened(thrown.path)
    assert {"The answer", "Number"} <= set(widget(app, "throw_away.share.hide").options)
    hidden = opened(thrown.path, hide="throw_away.answer,thrown_number")
    assert "The answer is" not in text(hidden)
    assert not any(each.key == "thrown.number" for each in hidden.slider)


def test_a_pages_settings_pass_the_contract(thrown, monkeypatch):
    (part,) = thrown.parts()
    monkeypatch.setattr(session, "st", SimpleNamespace(session_state={}))
    monkeypatch.setitem(PARTS, part.name, part)
    laws.test_random_settings_are_read_from_their_link_exactly(part.name)
    laws.test_there_is_a_link_for_a_change_of_any_setting_alone(part.name)
    laws.test_a_page_that_takes_its_own_link_stays_as_it_is(part.name)
