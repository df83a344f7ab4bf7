"""Pictures of the app as one HTML file that opens without a server and without a network.

The browser components draw from data; the file holds their modules, as data addresses under the
names of an import map, and what they draw.
"""

import base64
import json
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from html import escape
from pathlib import Path
from typing import Any

import plotly

LARGEST = 6_000_000
"""Bytes of a file that people send each other."""
_FRONTEND = Path(__file__).with_name("frontend")
_LIBRARY = Path(plotly.__file__).with_name("package_data") / "plotly.min.js"
_ITALIC = re.compile(r"(?<![*\\])\*([^*\\]+)\*(?!\*)")  # The components know bold alone.
_ALONE: Mapping[str, Any] = {"feed": None, "events": []}
_IMPORT = re.compile(r'(from|import) "\./([a-z_]+\.js)"')
_STYLE = """
:root { color-scheme: light; --st-font: sans-serif; --st-base-radius: .5rem;
  --st-button-radius: .5rem;
  --st-background-color: #fff; --st-secondary-background-color: #f4f6f8; --st-text-color: #1b1f24;
  --st-border-color: #80808066; --st-primary-color: #0072b2; }
@media (prefers-color-scheme: dark) { :root { color-scheme: dark; --st-background-color: #12161c;
  --st-secondary-background-color: #1c222b; --st-text-color: #e8ecf1;
  --st-primary-color: #56b4e9; --st-red-text-color: #ff9a5c; } }
body { font: 1rem/1.45 var(--st-font); max-width: 80rem; margin: 0 auto; padding: 1rem;
  background: var(--st-background-color); color: var(--st-text-color); }
.blue { color: #0072b2; } .red { color: #b34a00; } .gray { color: #6b7078; }
@media (prefers-color-scheme: dark) { .blue { color: #56b4e9; } .red { color: #ff9a5c; }
  .gray { color: #a3a9b3; } }
footer { font-size: .85rem; opacity: .8; }
"""
_BOOT = """
import { paragraph } from "mv/live_text.js";
const given = JSON.parse(document.getElementById("given").textContent);
for (const text of given.sentences) {
  document.getElementById("said").append(paragraph(text));
}
for (const [number, { component, data }] of given.pieces.entries()) {
  const place = document.createElement("div");
  document.getElementById("pictures").append(place);
  const { default: draw } = await import(`mv/${component}.js`);
  const silent = { setTriggerValue() {}, setStateValue() {} };
  draw({ parentElement: place, data, key: `piece ${number}`, ...silent });
}
"""


@dataclass(frozen=True)
class Piece:
    """One picture.

    Attributes:
        component: "film" or "chart".
        data: What the component draws.
    """

    component: str
    data: Mapping[str, Any]


@dataclass(frozen=True)
class Shown:
    """What a page shows at some moment, to be drawn without the app.

    Attributes:
        sentences: What it says, as Markdown.
        pieces: Its pictures, by names of their own.
    """

    sentences: Sequence[str] = ()
    pieces: Mapping[str, Piece] = field(default_factory=dict)


def page(title: str, sentences: Sequence[str], pieces: Sequence[Piece], address: str = "") -> str:
    """One HTML file with sentences and pictures, which stay alive.

    Charts are left out where the file would be larger than `LARGEST`.

    Args:
        title: What it is called.
        sentences: What the app says of it, as Markdown.
        pieces: The pictures.
        address: The app's link to the same; empty for none.
    """
    made = _page(title, sentences, pieces, address)
    if len(made.encode()) <= LARGEST:
        return made
    kept = [piece for piece in pieces if piece.component != "chart"]
    told = [*sentences, "The charts were left out: with them this file would be too large."]
    return _page(title, told, kept, address)


def _page(title: str, sentences: Sequence[str], pieces: Sequence[Piece], address: str) -> str:
    given = {
        "sentences": plain(sentences),
        "pieces": [{"component": each.component, "data": _ALONE | dict(each.data)}
                   for each in pieces],
    }  # fmt: skip
    return document(title, given, _BOOT, {piece.component for piece in pieces}, address)


def plain(sentences: Sequence[str]) -> list[str]:
    """Markdown as the components know it."""
    return [_ITALIC.sub(r"\1", each) for each in sentences]


def document(
    title: str, given: Mapping[str, Any], boot: str, names: Collection[str], address: str
) -> str:
    """The file around a program and what it draws.

    Args:
        title: What it is called.
        given: What the program finds in the element `given`, as JSON.
        boot: The program, which fills the elements `said` and `pictures`.
        names: The components that it draws with, and other style sheets.
        address: The app's link to the same; empty for none.
    """
    styles = "".join((_FRONTEND / f"{name}.css").read_text("utf-8") for name in sorted(names))
    library = f"<script>{_library()}</script>" if "chart" in names else ""
    # Nothing in a text may end the element it stands in.
    content = json.dumps(given, separators=(",", ":")).replace("<", "\\u003c")
    return (
        '<!doctype html><html lang="en"><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<link rel="icon" href="data:,">'
        f"<title>{escape(title)}</title><style>{_STYLE}{styles}</style>"
        f'<h1>{escape(title)}</h1><div id="said"></div><div id="pictures"></div>'
        f"<footer><p>{escape(address)}</p><p>Made with mtlviz. Needs no network.</p></footer>"
        f'<script type="application/json" id="given">{content}</script>{library}'
        f'<script type="importmap">{json.dumps({"imports": _modules()})}</script>'
        f'<script type="module">{boot}</script></html>'
    )


@cache
def _modules() -> dict[str, str]:
    """Every module of the components under a bare name, as a data address."""
    return {f"mv/{file.name}": _address(file) for file in sorted(_FRONTEND.glob("*.js"))}


def _address(file: Path) -> str:
    text = _IMPORT.sub(r'\1 "mv/\2"', file.read_text(encoding="utf-8"))
    return f"data:text/javascript;base64,{base64.b64encode(text.encode()).decode()}"


@cache
def _library() -> str:
    return _LIBRARY.read_text(encoding="utf-8").replace("</script", "<\\/script")
