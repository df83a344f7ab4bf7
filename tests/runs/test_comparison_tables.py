"""Comparisons as CSV: every number is there, and no cell is a formula."""

import csv
import io

import pytest

from mtlviz.runs.comparison import difference, grouped
from mtlviz.runs.export import as_csv, differences_table, means_table, scores_table
from tests.runs.test_comparison import pcgrad, run


@pytest.fixture
def groups():
    runs = [run((0.7, 0.6), seed=0), run((0.8, 0.6), seed=1), pcgrad(0, (0.9, 0.5)),
            pcgrad(1, (0.9, 0.6)), run((0.1, 0.1), seed=2, status="failed")]  # fmt: skip
    return grouped(runs, ("optimisation.combiner",))


def read(table):
    return list(csv.DictReader(io.StringIO(as_csv(table))))


def test_scores_have_a_row_for_each_run_and_task_and_say_which_count(groups):
    rows = read(scores_table(groups))
    assert len(rows) == 10
    assert [row["score"] for row in rows[:2]] == ["0.7", "0.6"]
    assert {row["status"] for row in rows if row["counted"] == "0"} == {"failed"}


def test_means_are_over_the_seeds_that_count(groups):
    rows = read(means_table(groups))
    assert float(rows[0]["mean"]) == pytest.approx(0.75)
    assert rows[0]["seeds"] == "2"


def test_differences_have_their_interval_verdict_and_what_was_left_out(groups):
    first, second = groups
    found = [("sum", "pcgrad", difference(first, second, task)) for task in ("reviews", "none")]
    rows = read(differences_table(found))
    assert float(rows[0]["points"]) == pytest.approx(-15.0)
    assert rows[0]["paired seeds"] == "0 1"
    assert rows[1]["verdict"] == "not paired"
    assert rows[1]["points"] == ""


@pytest.mark.parametrize("name", ["=1+1", "+1", "-1", "@x", "\t=1", "＝1"])
def test_no_cell_is_a_formula(name):
    assert as_csv([[name, -1.5]]).strip() in (f"'{name},-1.5", f'"\'{name}",-1.5')
