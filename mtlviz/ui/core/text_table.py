"""Texts of strangers as a table: every character is shown, none has an effect."""

import html
import re
from collections.abc import Sequence
from dataclasses import dataclass

import streamlit as st

_LONGEST = 2_000
_STYLE = """<style>
.mv-list { width: 100%; border-collapse: collapse; font-size: 0.95rem; line-height: 1.45; }
.mv-list th { text-align: left; font-weight: 600; opacity: 0.75; padding: 0.3rem 0.8rem 0.3rem 0; }
.mv-list td { vertical-align: top; min-width: 4rem; padding: 0.4rem 0.8rem 0.4rem 0;
  overflow-wrap: anywhere;
  border-top: 1px solid color-mix(in srgb, currentColor 15%, transparent); white-space: pre-wrap; }
.mv-list td.mv-side { white-space: normal; min-width: 8rem; font-variant-numeric: tabular-nums;
  overflow-wrap: break-word; }
.mv-list td.mv-quiet { opacity: 0.7; overflow-wrap: normal; }
.mv-list td.mv-side p + p { font-size: 0.8rem; opacity: 0.75; }
.mv-list p { margin: 0 0 0.25rem; } .mv-list p:last-child { margin: 0; }
.mv-list mark { background: #F0E442; color: #1B1F24; }
@media (max-width: 640px) { .mv-list .mv-quiet { display: none; }
  .mv-list td.mv-side { min-width: 4.5rem; padding-right: 0; } }
.mv-scroll { overflow-x: auto; }
@media (max-width: 640px) {
  .mv-stack thead { display: none; } .mv-stack tr { display: block; padding: 0.4rem 0;
    border-top: 1px solid color-mix(in srgb, currentColor 15%, transparent); }
  .mv-stack td, .mv-list.mv-stack td.mv-side { display: block; border: none; padding: 0.1rem 0; }
  .mv-stack td:not(:first-child)::before { content: attr(data-title) ": "; opacity: 0.7; }
  .mv-stack td p { display: inline; } .mv-list.mv-stack td p + p { margin-left: 0.5rem; }
  .mv-stack td:first-child { font-weight: 600; }
}
.mv-list mark.mv-answer { background: none; color: inherit; font-weight: 700;
  border: 2px solid #0072B2; border-radius: 4px; padding: 0 0.15em; }
.mv-list .mv-only-read { position: absolute; width: 1px; height: 1px; overflow: hidden;
  clip-path: inset(50%); white-space: nowrap; }
</style>"""
_ANSWER = '<mark class="mv-answer"><span class="mv-only-read">answer begins: </span>'
_ANSWER_ENDS = '<span class="mv-only-read"> (answer ends)</span></mark>'


@dataclass(frozen=True)
class Passage:
    """A text in which answers stand.

    Attributes:
        text: The text.
        answers: First and one-past-last character of each answer.
    """

    text: str
    answers: tuple[tuple[int, int], ...]


Text = str | Passage
Cell = Text | tuple[Text, ...]


def table(  # noqa: PLR0913 (a table and how it is laid out, by names)
    columns: Sequence[str],
    rows: Sequence[Sequence[Cell]],
    *,
    marked: str = "",
    quiet: Sequence[int] = (),
    side: Sequence[int] = (),
    stacked: bool = False,
) -> None:
    """Show rows of text.

    Args:
        columns: Titles of the columns.
        rows: Cells; a pair of sentences is two texts under each other, in either of which answers
            may be framed.
        marked: Text to highlight wherever it stands, whatever its case; none if empty.
        quiet: Columns shown faintly, and not at all where there is little room.
        side: Narrow columns beside the text.
        stacked: Whether a telephone shows the cells of a row below each other.
    """
    head = "".join(
        f'<th class="{_looks(place, quiet, side)}">{html.escape(title)}</th>'
        for place, title in enumerate(columns)
    )
    cells = (_row(row, marked, quiet, side) for row in rows)
    titled = (_titled(row, columns) for row in cells) if stacked else cells
    body = "".join(f"<tr>{''.join(row)}</tr>" for row in titled)
    look = "mv-list mv-stack" if stacked else "mv-list"
    st.html(
        f'{_STYLE}<div class="mv-scroll"><table class="{look}"><thead><tr>{head}</tr></thead>'
        f"<tbody>{body}</tbody></table></div>"
    )


def _titled(cells: Sequence[str], columns: Sequence[str]) -> list[str]:
    """Cells that know the titles of their columns."""
    return [
        cell.replace("<td", f'<td data-title="{html.escape(title)}"', 1)
        for cell, title in zip(cells, columns, strict=True)
    ]


def _row(row: Sequence[Cell], marked: str, quiet: Sequence[int], side: Sequence[int]) -> list[str]:
    cells = []
    for place, cell in enumerate(row):
        texts = cell if isinstance(cell, tuple) else (cell,)
        inner = "".join(f"<p>{_paragraph(text, marked)}</p>" for text in texts)
        cells.append(f'<td class="{_looks(place, quiet, side)}">{inner}</td>')
    return cells


def _looks(place: int, quiet: Sequence[int], side: Sequence[int]) -> str:
    """Classes of a cell in the style sheet."""
    named = (("mv-quiet", quiet), ("mv-side", side))
    return " ".join(name for name, places in named if place in places)


def _paragraph(text: Text, marked: str) -> str:
    """A text, with its answers in frames; whoever listens hears where one begins and ends."""
    if isinstance(text, str):
        return shown(text, marked)
    found, before = [], 0
    for start, end in _apart(text.answers):
        found += [shown(text.text[before:start], marked), _ANSWER]
        found += [shown(text.text[start:end], marked), _ANSWER_ENDS]
        before = end
    return "".join([*found, shown(text.text[before:], marked)])


def _apart(places: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Places in order, those that share characters joined; places of nothing left out."""
    found: list[tuple[int, int]] = []
    for start, end in sorted(place for place in places if place[1] > place[0]):
        if found and start < found[-1][1]:
            found[-1] = (found[-1][0], max(end, found[-1][1]))
        else:
            found.append((start, end))
    return found


def shown(text: str, marked: str = "") -> str:
    """A text as HTML that shows exactly this text, cut where it is very long.

    Args:
        text: The text.
        marked: Text to highlight in it.
    """
    cut = text if len(text) <= _LONGEST else f"{text[:_LONGEST]} … ({len(text):,} characters)"
    wanted = marked.strip()
    if not wanted:
        return html.escape(cut)
    parts = re.split(f"({re.escape(wanted)})", cut, flags=re.IGNORECASE)
    # Every second part is a match.
    return "".join(
        f"<mark>{html.escape(part)}</mark>" if place % 2 else html.escape(part)
        for place, part in enumerate(parts)
    )
