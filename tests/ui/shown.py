"""What a page shows as text, whether Streamlit drew it or the browser keeps it up to date."""

import json

from streamlit.testing.v1 import AppTest


def texts(app: AppTest) -> list[str]:
    """Every sentence on the page: Markdown, notes, warnings, and what is told of live runs."""
    drawn = [element.value for element in (*app.markdown, *app.info, *app.warning)]
    return [*drawn, *told(app)]


def told(app: AppTest) -> list[str]:
    """The sentences that the browser renews by itself."""
    live = [part.proto for part in app.get("bidi_component")]
    return [
        line
        for proto in live
        if proto.component_name == "mtlviz.told"
        for line in json.loads(proto.json)["said"]["lines"]
    ]
