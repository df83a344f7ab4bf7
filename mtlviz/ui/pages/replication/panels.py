"""What the Replication page shows: printed tables beside ours, and what else was found."""

from typing import Any

import streamlit as st

from mtlviz.replication.catalogue import EXPERIMENTS
from mtlviz.replication.printed import NOTHING, PRINTED, PrintedSource, PrintedTable
from mtlviz.replication.result_file import Result, results
from mtlviz.ui.core.config_words import sentences
from mtlviz.ui.core.controls import control
from mtlviz.ui.core.page import Panel, folded, lecture_switch, share
from mtlviz.ui.core.text_table import table
from mtlviz.ui.core.words import escaped, sentence
from mtlviz.ui.pages.replication import again
from mtlviz.ui.pages.replication.settings import SHOWN
from mtlviz.ui.pages.replication.words import (
    first_run,
    footnotes,
    made,
    meanings,
    ours,
    plain_settings,
    printed,
    rows_of,
    told,
)

_COLUMNS = ("where", "printed", "ours", "verdict", "what to know")


def header() -> None:
    """Which source, and how its numbers fared."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        control(SHOWN, "source", look="segmented")
        share("replication")
        lecture_switch()
    source = PRINTED[SHOWN.now.source]
    st.markdown(f"**{escaped(source.title)}** · {escaped(source.where)}")
    st.markdown(f"{told([source])} All sources: {told(PRINTED.values())}", help=meanings())


def chosen() -> PrintedSource:
    """The source whose tables are shown."""
    return PRINTED[SHOWN.now.source]


def _tables(source: PrintedSource) -> None:
    """Every table with a number in it; the drawings are named at the end."""
    drawings = [each for each in source.tables if _is_drawing(each)]
    # What was made here comes first; else they stand as in the source.
    for each in sorted(source.tables, key=lambda each: not _was_made(each)):
        if each not in drawings:
            with st.container(border=True):
                _table(each)
    if drawings:
        named = "; ".join(_drawing(each) for each in drawings)
        st.caption(f"Drawings without a number: {named}.")


def _was_made(each: PrintedTable) -> bool:
    return bool(each.experiment) and any(cell.result for cell in each.cells)


def _is_drawing(each: PrintedTable) -> bool:
    return all(cell.printed == NOTHING and not cell.result for cell in each.cells)


def _drawing(each: PrintedTable) -> str:
    note = each.cells[0].note
    return escaped(f"{each.name}, {each.title}" + (f" ({note})" if note else ""))


def _table(each: PrintedTable) -> None:
    st.markdown(f"**{escaped(each.name)}** · {escaped(each.title)}")
    marks = footnotes(each.cells)
    rows = [
        (
            " · ".join(filter(None, (cell.row, cell.column))),
            printed(cell),
            ours(cell, results()),
            cell.verdict,
            marks[cell.note].short if cell.note in marks else cell.note,
        )
        for cell in each.cells
    ]
    table(_COLUMNS, rows, side=(0, 1, 2, 3), stacked=True)
    below = [mark.below for mark in marks.values()]
    if found := [*below, *each.flags]:
        st.markdown("\n".join(f"- {sentence(line)}" for line in found))
    again.buttons(f"replication.{each.name}", each.experiment, each.example)
    used = dict.fromkeys(cell.result for cell in each.cells if cell.result)
    for name in used:
        _how(results()[name], rows_of(name, each.cells))


def _found(_: Any) -> None:
    """Our own results, each with how it was made."""
    for name, result in results().items():
        folded(
            f"{result.title} ({name}, {result.made})", f"replication.{name}",
            lambda name=name: _result(name),
        )  # fmt: skip


def _result(name: str) -> None:
    result = results()[name]
    st.caption(escaped(made(result)))
    asked = name.removesuffix("-quick")
    experiment = asked if asked in EXPERIMENTS else ""
    again.buttons(f"replication.found.{name}", experiment, experiment, result.command)
    for each in result.tables:
        if each.title:
            st.markdown(f"**{escaped(each.title)}**")
        plain = [[_plain(cell) for cell in row] for row in each.rows]
        table([_plain(title) for title in each.columns], plain, side=range(len(each.columns)))
    for note in result.notes:
        st.markdown(note)
    _settings(result, "all tables above")


def _plain(cell: str) -> str:
    return cell.replace("**", "").replace("`", "")


def _how(result: Result, rows: str) -> None:
    """When and where the numbers beside the printed ones were made, and with which settings."""
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(escaped(f"{result.name}: {made(result)}"))
        _settings(result, rows)


def _settings(result: Result, rows: str) -> None:
    """How a result was trained, in words, and which rows have its numbers."""
    if not result.settings:
        return
    with st.popover(f"Settings of {result.name}"):
        st.markdown(f"Rows: **{escaped(rows)}**.")
        config = first_run(result)
        if config is None:
            table(("setting", "value"), plain_settings(result.settings), side=(0, 1))
            return
        st.markdown("\n".join(f"- {line}" for line in sentences(config)))
        st.caption(
            f"This is one of its runs, “{escaped(config.name)}”; the others have another seed, or "
            "what their rows are named by."
        )


def _commands(_: Any) -> None:
    """What can be made again from the shell."""
    st.markdown(
        "`mtlviz replicate NAME` trains what is missing and writes the numbers above with date, "
        "machine, versions and settings; `--quick` is small enough for two CPU cores, `--tiny` "
        "only shows that it works."
    )
    rows = [(name, each.title, each.source or "ours") for name, each in EXPERIMENTS.items()]
    table(("NAME", "asks", "of"), rows, side=(0, 2))


PANELS = (
    Panel("replication.tables", "Printed beside ours", _tables),
    Panel("replication.found", "What else was found", _found),
    Panel("replication.commands", "Make it again", _commands, folded="Make it again: commands"),
)
