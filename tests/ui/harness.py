"""Pages opened as a link opens them, and what a visitor then reads and can use.

app = opened("toy_lab", capacity="3")
widget(app, "toy.steps").set_value(10).run()
assert "Training with task 2" in text(app)
"""

import json
import re
from collections.abc import Mapping
from typing import Any

from streamlit.testing.v1 import AppTest
from streamlit.util import calc_hash

from mtlviz.questions import Question
from mtlviz.ui.core import guess, session
from mtlviz.ui.server import MAIN_SCRIPT

START = "start"
_WORDS = ("markdown", "caption", "info", "warning", "error", "success")
_WIDGETS = (
    *("slider", "select_slider", "selectbox", "multiselect", "segmented_control", "toggle"),
    *("checkbox", "radio", "button", "text_input", "text_area", "number_input"),
)
_LONGEST = 60  # Seconds that a run of a script may take.


def opened(page: str, state: Mapping[str, Any] | None = None, /, **query: str) -> AppTest:
    """A page as a link opens it; neither that nor any later run may leave an exception on it.

    Args:
        page: Its path in the address.
        state: What the session holds already, such as parts that are unfolded.
        query: The link's parameters, `__` for a dot.
    """
    app = _checked(AppTest.from_file(str(MAIN_SCRIPT), default_timeout=_LONGEST))
    # Most tests are about what is shown once nothing is asked; see tests/ui/test_guess.py.
    for name, value in ({"guess:skip_all": True} | dict(state or {})).items():
        put(app, name, value)
    for name, value in query.items():
        app.query_params[name.replace("__", ".")] = value
    if page != START:
        return visit(app, page)
    # What the address without a path opens.
    return app.run()


def _checked(app: AppTest) -> AppTest:
    """The same, each of whose runs, a widget's too, fails where an exception is on the page."""
    run = app._run

    def checked(*given: Any, **named: Any) -> AppTest:
        run(*given, **named)
        assert not app.exception, app.exception
        return app

    app._run = checked
    return app


def put(app: AppTest, name: str, value: Any) -> None:
    """Have the session hold a piece, or a widget show a value."""
    if session.PIECES not in app.session_state:
        app.session_state[session.PIECES] = {}
    app.session_state[session.PIECES][name] = app.session_state[name] = value


def piece(app: AppTest, name: str) -> Any:
    """What the session holds under a name."""
    return app.session_state[session.PIECES][name]


def visit(app: AppTest, page: str) -> AppTest:
    """Go on to another page of the same session, as from the bar at the top."""
    # `switch_page` finds a script by its path only once the app has run.
    app._page_hash = calc_hash(page)
    return app.run()


def lines(app: AppTest) -> list[str]:
    """What can be read, whether Streamlit drew it or the browser keeps it up to date."""
    drawn = [element.value for kind in _WORDS for element in getattr(app, kind)]
    told = [line for sent in payloads(app, "mtlviz.live_text") for line in said_in(sent["said"])]
    missing = [sent["missing"] for sent in payloads(app, "mtlviz.chart") if "missing" in sent]
    return drawn + told + missing


def said_in(part: Mapping[str, Any]) -> list[str]:
    """What the component `live_text` shows of a part."""
    tables = part.get("tables", [])
    cells = [cell for table in tables for row in table["rows"] for cell in row]
    captions = [text for table in tables for text in (table["title"], table["caption"])]
    return [*part["lines"], *part["notes"], *cells, *captions]


def text(app: AppTest) -> str:
    """Everything that can be read, a line for each element."""
    return "\n".join(lines(app))


def said(app: AppTest, sentence: str) -> bool:
    """Whether this can be read."""
    return sentence in text(app) or sentence in unescaped(text(app))


def unescaped(markdown: str) -> str:
    """Markdown's escapes as what they show."""
    return re.sub(r"\\([^A-Za-z0-9\s])", r"\1", markdown)


def charts(app: AppTest) -> int:
    """How many parts the browser draws itself: charts, films and the like."""
    return len(app.get("bidi_component"))


def payloads(app: AppTest, component: str) -> list[dict[str, Any]]:
    """What each component of this name was sent."""
    protos = [element.proto for element in app.get("bidi_component")]
    return [json.loads(proto.json) for proto in protos if proto.component_name == component]


def widgets(app: AppTest) -> dict[str, Any]:
    """Every widget that has a key, by its key."""
    found = [element for kind in _WIDGETS for element in getattr(app, kind)]
    return {element.key: element for element in found if element.key is not None}


def widget(app: AppTest, key: str) -> Any:
    """The widget of this key, whatever its kind."""
    assert key in widgets(app), f"no widget {key!r} on the page"
    return widgets(app)[key]


def points_back(question: Question) -> list[str]:
    """Words by which what is asked at last leans on what stands before it, out of sight by then."""
    return re.findall(
        r"\b(?:it|its(?! own)|they|them|that|this)\b", guess.asked_at_last(question).lower()
    )
