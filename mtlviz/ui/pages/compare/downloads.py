"""Everything on the page as files: tables, settings, and a script that trains a run again."""

import json
from collections.abc import Iterable

import streamlit as st

from mtlviz.errors import MtlvizError
from mtlviz.runs.comparison import Difference
from mtlviz.runs.export import as_csv, differences_table, means_table, scores_table
from mtlviz.runs.script import FILE, script
from mtlviz.runs.store import Store
from mtlviz.ui.core import run_records, session
from mtlviz.ui.core.run_words import status
from mtlviz.ui.core.scored_runs import Known
from mtlviz.ui.pages.compare.compared_runs import ComparedRuns
from mtlviz.ui.pages.compare.pair import differences, pair


def downloads_section(compared: ComparedRuns) -> None:
    """Buttons; each file is made when it is asked for."""
    st.subheader("Take it with you", anchor="export")
    with st.container(horizontal=True):
        _tables(compared)
        _button("Settings (JSON)", "settings.json", lambda: settings_json(compared.picked), "json",
                "The settings of every run picked, by its number.")  # fmt: skip
    _script(compared)
    st.caption("Every picture has its own buttons for PNG, SVG and CSV.")


def compared_pairs(compared: ComparedRuns) -> Iterable[tuple[str, str, Difference]]:
    """All differences on the page: against training alone, and between the two groups chosen."""
    for (label, _), found in compared.transfers.items():
        yield label, f"trained alone ({compared.kind})", found
    chosen = pair(compared)
    if chosen is not None:
        first, second = chosen
        for found in differences(compared, first, second):
            yield first.label, second.label, found


def _tables(compared: ComparedRuns) -> None:
    _button("Scores (CSV)", "scores.csv", lambda: as_csv(scores_table(compared.groups)), "csv",
            "One row a run and task.")  # fmt: skip
    _button("Means (CSV)", "means.csv", lambda: as_csv(means_table(compared.groups)), "csv",
            "One row a group and task, with standard error and interval.")  # fmt: skip
    _button("Differences (CSV)", "differences.csv",
            lambda: as_csv(differences_table(compared_pairs(compared))), "csv",
            "Against training alone, and between the two groups chosen above.")  # fmt: skip


def settings_json(runs: Iterable[Known]) -> str:
    """The settings of runs as JSON, by number of the run."""
    settings = {str(run.summary.id): run.config.model_dump(mode="json") for run in runs}
    return json.dumps(settings, indent=2, ensure_ascii=False)


def _script(compared: ComparedRuns) -> None:
    """The script and the settings of one run."""
    runs = {run.id: run for run in compared.runs}
    key = "compare.script_run"
    session.set_to_first(key, list(runs))
    with st.container(horizontal=True, vertical_alignment="bottom"):
        chosen = st.selectbox(
            "One run, to be trained again",
            list(runs),
            key=key,
            persist_state="session",
            format_func=lambda number: f"{number} · {runs[number].summary.name}",
            help="The script uses the engine alone, without the app, and says whether all records "
            "came out the same. On a CPU they do, to the last bit.",
            width=320,
        )
        store = run_records.store()  # Files are made in a thread that has no page.
        run = next(each for each in compared.picked if each.summary.id == chosen)
        _button("Python script", FILE, lambda: _made(store, run.summary.id), "x-python",
                "Trains this run again and compares with what is stored.")  # fmt: skip
        _button(
            "Its settings (JSON)", "config.json", lambda: run.config.to_json() + "\n", "json",
            "For `mtlviz train --config config.json`.",
        )  # fmt: skip
    if not runs[run.summary.id].counts:
        st.caption(
            f"Run {chosen} is not finished ({status(run.summary)}): the script trains all of it "
            "and compares what is stored."
        )


def _made(store: Store, run: int) -> str:
    try:
        return script(store, run)
    except MtlvizError as error:
        return f"raise SystemExit({str(error)!r})\n"


def _button(label: str, name: str, made: object, kind: str, help_text: str) -> None:
    st.download_button(
        label,
        data=made,
        file_name=name,
        mime=f"text/{kind}",
        on_click="ignore",
        key=f"compare.download.{label}",
        help=help_text,
    )
