"""The components' Python side: what they refuse, and that their payload reaches the browser."""

import json

import pytest
from streamlit.testing.v1 import AppTest

from mtlviz.errors import ConfigError
from mtlviz.ui.component import chart, film


def page():
    from mtlviz.ui.component import chart, film

    line = {
        "type": "scatter",
        "x": [0, 1],
        "y": {"dtype": "f4", "bdata": "AACAPwAAAEA=", "shape": "2"},
    }
    events = chart({"data": [line]}, key="c", alt="A line.", events=("click",))
    edits = film({"panels": [{}], "steps": [0]}, key="f", alt="A film.", cursor_group="g")
    assert (events.click, events.hover, edits.edit) == (None, None, None)


def test_both_components_render_and_their_payload_reaches_the_browser():
    app = AppTest.from_function(page, default_timeout=20).run()
    assert not app.exception, app.exception
    protos = [element.proto for element in app.get("bidi_component")]
    assert [proto.component_name for proto in protos] == ["mtlviz.chart", "mtlviz.film"]
    assert [proto.js_source_path for proto in protos] == ["chart.js", "film.js"]
    drawn, played = (json.loads(proto.json) for proto in protos)
    assert drawn["figure"]["data"][0]["y"]["bdata"] == "AACAPwAAAEA="
    assert (drawn["alt"], drawn["events"]) == ("A line.", ["click"])
    assert played["payload"] == {"panels": [{}], "steps": [0]}


@pytest.mark.parametrize(
    ("call", "sentence"),
    [
        (lambda: chart({"data": []}, key="c", alt=" "), "`alt` must say what the chart shows"),
        (lambda: chart({"data": []}, key="c", alt="A.", events=("drag",)), "Unknown chart event"),
        (lambda: film({"panels": [{}]}, key="f", alt="", cursor_group="g"), "`alt` must say"),
        (
            lambda: film({"panels": [{}]}, key="f", alt="A.", cursor_group="g", view="map"),
            "Unknown film view 'map'. Known: panels, landscape",
        ),
        (
            lambda: film({"panels": [{}]}, key="f", alt="A.", cursor_group="g", panel=1),
            "`panel` must be from 0 to 0, got 1",
        ),
    ],
)
def test_wrong_arguments_are_refused_in_a_sentence(call, sentence):
    with pytest.raises(ConfigError, match=sentence):
        call()
