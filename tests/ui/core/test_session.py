"""A widget shows in the browser what the session says, whatever was interrupted before."""

import ast
from pathlib import Path

from streamlit.proto.WidgetStates_pb2 import WidgetStates

from mtlviz.ui.core import session
from tests.ui import harness
from tests.ui.harness import widget

UI = Path(session.__file__).parents[1]
SETTERS = {"set_widget", "set_to_first"}
# Streamlit keeps no state of these: an untold fold is shut, an untold table has no ticks.
UNKEPT = {"expander", "dataframe"}


def names_called(function):
    """What a function calls, by the last part of its name."""
    calls = [node.func for node in ast.walk(function) if isinstance(node, ast.Call)]
    return [call.attr for call in calls if isinstance(call, ast.Attribute)]


def kept(function):
    """How many widgets a function draws whose state is kept."""
    given = [node.arg for node in ast.walk(function) if isinstance(node, ast.keyword)]
    named = [node.value for node in ast.walk(function) if isinstance(node, ast.Constant)]
    return (given + named).count("persist_state")


def test_every_widget_that_is_set_is_drawn_so_that_the_browser_is_told_again():
    found = {}
    for file in sorted(UI.rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef) and node.name != "unfold":
                called = names_called(node)
                told = kept(node) + sum(name in UNKEPT for name in called)
                found[f"{file.name}: {node.name}"] = (sum(map(SETTERS.__contains__, called)), told)
    assert sum(set_here > 0 for set_here, _ in found.values()) > 15
    assert [name for name, (set_here, told) in found.items() if set_here > told] == []


def test_a_browser_that_had_drawn_nothing_is_told_all_values_again(store):
    app = harness.opened("sweep", sweep_new_seeds="4")
    keys = ("sweep.values.optimisation.learning_rate", "sweep.tried.Optimisation")
    first = [widget(app, key).proto for key in (*keys, "sweep.form.seeds")]
    assert [each.set_value for each in first] == [True] * 3
    app._run(WidgetStates())  # What a click sends before the browser has drawn a widget.
    again = [widget(app, key).proto for key in (*keys, "sweep.form.seeds")]
    assert again == first
    app.run()  # Now it has drawn them, and is not told what it knows.
    assert [widget(app, key).proto.set_value for key in (*keys, "sweep.form.seeds")] == [False] * 3
