"""Every printed number has a row, and what stands beside it stands in a data file."""

import re

import pytest

from mtlviz.engine import published_scores
from mtlviz.replication.catalogue import EXPERIMENTS
from mtlviz.replication.experiment import Value
from mtlviz.replication.printed import OUTCOMES, PRINTED
from mtlviz.replication.result_file import FOLDER, from_text, results, to_text
from mtlviz.runs.examples import EXAMPLES
from mtlviz.ui.pages.replication.words import number, ours, told

TABLES = [(name, table) for name, source in PRINTED.items() for table in source.tables]
CELLS = [(name, table, cell) for name, table in TABLES for cell in table.cells]
# The numbers of the sources' tables and text, source by source; settings of grids are no results.
SOURCES = {
    "blog": "2.35 100",
    "paper": "200 82.3 90.8 76.4 96.0 5 73.2 78.7 91.5 89.5 500 86.7 87.0 85.7 1205 82.6 85.1 "
    "7 10 2.5 13 15 4.1 0.4 5.6 2.4",
    "iyer": "0.506 0.536 0.512 0.556 0.734 0.460 0.312 0.222 0.233 0.613 0.314 8,544 1,101 2,210 "
    "141,506 20,215 40,431 6,041 864 1,726 0.200 0.500 0.000 0.900 0.467 0.752 0.947 0.879 0.859 "
    "0.762 0.956 0.886 0.868 0.764 0.942 0.887 0.864 0.515 0.338 0.628 0.532 0.747 0.645 0.641 "
    "0.504 0.608 0.620 0.533 0.751 0.626 0.637 0.7",
    "sharma": "90.825 93.577 92.087 83.529 84.264 83.311 87.398 88.135 50",
    "survey": "40",
}


@pytest.mark.parametrize("source", SOURCES)
def test_every_number_of_a_source_has_a_row(source):
    printed = " ".join(cell.printed for name, _, cell in CELLS if name == source)
    found = set(re.findall(r"\d[\d,.]*\d|\d", printed))
    assert not set(SOURCES[source].split()) - found


def test_every_score_that_runs_are_compared_with_stands_on_the_page():
    printed = " ".join(cell.printed for _, _, cell in CELLS)
    for experiment in published_scores._EXPERIMENTS:
        for score in filter(None, experiment.scores.values()):
            wanted = {f"{score.score:.3f}", f"{100 * score.score:.1f}", f"{100 * score.score:.3f}"}
            # A misprint stands there as it is printed.
            wanted |= {"96.0"} if "printed as 96.0" in score.flag else set()
            assert any(each in printed for each in wanted), score


@pytest.mark.parametrize(("name", "table", "cell"), CELLS)
def test_a_cell_is_reproduced_refuted_or_says_why_not(name, table, cell):
    assert cell.verdict in OUTCOMES
    assert cell.row
    assert cell.printed
    if cell.result:
        assert isinstance(results()[cell.result].values[cell.value], Value)
        assert ours(cell, results()) != "–"
    elif cell.verdict != "no number":
        assert cell.note, "an honest gap says why it is one"
        assert ours(cell, results()) == "–"
    if cell.verdict in ("refuted", "not comparable"):
        assert cell.note


def test_no_place_in_a_table_stands_there_twice():
    for _, table in TABLES:
        places = [(cell.row, cell.column) for cell in table.cells]
        assert len(places) == len(set(places))


def test_what_a_table_can_open_and_start_is_there():
    for _, table in TABLES:
        assert not table.experiment or table.experiment in EXPERIMENTS
        assert not table.example or table.example in EXAMPLES or table.example in EXPERIMENTS


@pytest.mark.parametrize("file", sorted(FOLDER.glob("*.json")), ids=lambda file: file.stem)
def test_a_file_says_when_where_and_how_it_was_made(file):
    text = file.read_text(encoding="utf-8")
    result = from_text(text)
    assert result.name == file.stem
    assert re.fullmatch(r"\d{4}-\d\d-\d\d", result.made)
    assert result.command
    assert result.machine
    assert result.versions
    assert result.values or result.tables or result.notes
    assert from_text(to_text(result)) == result
    assert not re.search(r"/(home|work|root|tmp)/", text)
    for each in result.tables:
        assert {len(row) for row in each.rows} == {len(each.columns)}


def test_averages_of_printed_rows_are_computed_and_not_copied():
    for _, table, cell in CELLS:
        if cell.verdict == "consistent" and cell.result == "arithmetic":
            mean = results()["arithmetic"].values[cell.value].mean
            digits = len(cell.printed.partition(".")[2])
            # Some are cut and not rounded.
            assert abs(mean - float(cell.printed)) < 10**-digits, (table.name, cell)


def test_what_is_called_reproduced_is_decided_by_its_interval():
    values = results()["toy"].values
    assert values["task 1 with task 2"].low > 0
    assert values["task 1 with task 3"].high < 0
    assert values["regression/T2 at 100"].high < 0
    assert values["regression/T3 at 100"].low > 0 or values["regression/T3 at 20"].low > 0
    assert values["regression/T4 at 100"].low > 0


def test_the_verdicts_are_counted():
    assert f"{len([c for _, _, c in CELLS if c.verdict != 'no number'])} printed" in told(
        PRINTED.values()
    )


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (Value(0.406, seeds=3, unit="accuracy", error=0.009), "0.406 ± 0.009, 3 seeds"),
        (Value(-3.8, -4.8, -2.75, 12, "AUC points"), "−3.8 (−4.8 to −2.8) AUC points, 12 seeds"),
        (Value(8544, unit="examples"), "8,544 examples"),
        (Value(0.81, 0.68, 0.94, 3, "accuracy"), "0.810 (0.680 to 0.940), 3 seeds"),
    ],
)
def test_numbers_are_shown_with_their_uncertainty(value, shown):
    assert number(value) == shown
