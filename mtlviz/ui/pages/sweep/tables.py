"""Every setting of a sweep in a row, on screen and as a file."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import numpy as np
import streamlit as st

from mtlviz.runs.export import as_csv
from mtlviz.runs.sweep.plan import value_name
from mtlviz.ui.core.transfer_words import mean
from mtlviz.ui.pages.sweep.view import Found, SweepView

_SHOWN = 500


def table(view: SweepView) -> None:
    """The settings, best first, and all of them as CSV."""
    found = view.found
    rows = [_row(found, number) for number in found.order[:_SHOWN]]
    st.dataframe(rows, hide_index=True, height=360)
    st.download_button(
        "All settings and seeds (CSV)", data=lambda: as_csv(run_rows(found)), mime="text/csv",
        file_name=f"sweep-{view.sweep.id}.csv", on_click="ignore", key="sweep.csv",
        help="One row a setting, seed and task, with the number of the run.",
    )  # fmt: skip


def _row(found: Found, number: int) -> dict[str, Any]:
    known = found.known
    values = found.sweep.settings[number]
    named = dict(zip(found.names, map(value_name, values), strict=True))
    scores = {task: mean(known.scores[number, :, place]) for place, task in enumerate(known.tasks)}
    runs = ", ".join(str(run) for run in known.runs[number] if run)
    return {**named, "mean": mean(known.means[number]), **scores, "runs": runs}


def run_rows(found: Found) -> Iterator[list[object]]:
    """A heading, then a row for every setting, seed and task whose score is known."""
    known, over = found.known, list(found.sweep.plan.over)
    yield ["setting", *over, "seed", "run", "task", "score", "alone"]
    for number, seed, task in np.argwhere(np.isfinite(known.scores)).tolist():
        alone = float(known.alone[number, seed, task])
        yield [
            number, *map(str, found.sweep.settings[number]), known.seeds[seed],
            int(known.runs[number, seed]), known.tasks[task],
            float(known.scores[number, seed, task]), "" if math.isnan(alone) else alone,
        ]  # fmt: skip
