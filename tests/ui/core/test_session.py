"""A widget shows in the browser what the session says, whatever was interrupted before."""

import ast
from pathlib import Path
from types import SimpleNamespace

import pytest
from streamlit.proto.WidgetStates_pb2 import WidgetStates

from mtlviz.ui.core import link, session
from tests.ui import harness
from tests.ui.harness import widget

UI = Path(session.__file__).parents[1]
SETTERS = {"set_widget", "set_to_first"}
SWITCHES = {"fold", "unfold", "_close"}  # Set before the fold is drawn, elsewhere.
TOLD = {"persist_state", "selection_default", "expander"}  # A fold is told each time.


def counted(function):
    """How many widgets a function sets, and how many it draws that are told again."""
    nodes = list(ast.walk(function))
    names = [node.attr for node in nodes if isinstance(node, ast.Attribute)]
    names += [node.arg for node in nodes if isinstance(node, ast.keyword)]
    names += [node.value for node in nodes if isinstance(node, ast.Constant)]
    return sum(name in SETTERS for name in names), sum(name in TOLD for name in names)


def test_every_widget_that_is_set_is_drawn_so_that_the_browser_is_told_again():
    found = {}
    for file in sorted(UI.rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef) and node.name not in SWITCHES:
                found[f"{file.name}: {node.name}"] = counted(node)
    assert sum(set_here > 0 for set_here, _ in found.values()) > 15
    assert [name for name, (set_here, told) in found.items() if set_here > told] == []


def test_a_browser_that_had_drawn_nothing_is_told_all_values_again(store):
    app = harness.opened("sweep", sweep_new_seeds="4")

    def protos():
        values, tried = "sweep.values.optimisation.learning_rate", "sweep.tried.Optimisation"
        return [widget(app, key).proto for key in (values, tried, "sweep.form.seeds")]

    first = protos()
    assert all(each.set_value for each in first)
    app._run(WidgetStates())  # What a click sends before the browser has drawn a widget.
    assert protos() == first
    app.run()  # Now it has drawn them, and is not told what it knows.
    assert not any(each.set_value for each in protos())


@pytest.mark.parametrize(("moment", "steps"), [(60.0, 600), (0.0, 150)])
def test_a_click_before_the_browser_has_drawn_a_storys_value_does_not_take_it_back(
    store, monkeypatch, moment, steps
):
    monkeypatch.setattr(session, "_MOMENT", moment)
    app = harness.opened("toy_lab")
    assert widget(app, "toy.steps").value == 150
    widget(app, "toy.story").select("capacity").run()
    assert widget(app, "toy.steps").value == 600
    # What the browser sends with a click elsewhere while it shows the value before.
    widget(app, "toy.steps").set_value(150)
    widget(app, "frame.lecture").set_value(True).run()
    assert widget(app, "frame.lecture").value
    assert widget(app, "toy.steps").value == steps


@pytest.mark.parametrize(
    ("page", "key", "name", "values"),
    [("toy_lab", "toy.story", "preset", ("clouds", "moved_cloud")),
     ("studio", "studio.experiment", "experiment", ("default", "families"))],
)  # fmt: skip
def test_a_click_before_the_browser_has_drawn_what_a_preset_is_does_not_take_it_back(
    store, monkeypatch, page, key, name, values
):
    monkeypatch.setattr(link, "_STALE_SECONDS", 0.0)
    monkeypatch.setattr(session, "_MOMENT", 60.0)
    before, after = values
    app = harness.opened(page)
    assert widget(app, key).value == before
    app.query_params[name] = after  # As Back does, and the next step of a lesson.
    app.run()
    assert widget(app, key).value == after
    widget(app, key).set_value(before)
    widget(app, "frame.lecture").set_value(True).run()
    assert widget(app, "frame.lecture").value
    assert widget(app, key).value == after


def test_a_choice_that_is_none_any_more_is_the_first(monkeypatch):
    monkeypatch.setattr(session, "st", SimpleNamespace(session_state={}))
    for choices, shown in (("ab", "a"), ("ca", "a"), ("bc", "b")):
        session.set_to_first("key", choices)
        assert session.widget("key") == shown
