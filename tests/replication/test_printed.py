"""Every printed number has a row, and what stands beside it stands in a data file."""

import re

import pytest

from mtlviz.engine import published_scores
from mtlviz.replication.catalogue import EXPERIMENTS
from mtlviz.replication.experiment import Value
from mtlviz.replication.printed import NOTHING, OUTCOMES, PRINTED
from mtlviz.replication.result_file import FOLDER, from_text, results, to_text
from mtlviz.runs.examples import EXAMPLES
from mtlviz.ui.pages.replication.words import footnotes, meanings, number, ours, told

TABLES = [(name, table) for name, source in PRINTED.items() for table in source.tables]
CELLS = [(name, table, cell) for name, table in TABLES for cell in table.cells]
# Every number, table by table and row by row, copied by hand from the texts of the sources (the
# paper's from its own): what stands here and not on the page is missing there.
BY_HAND = {
    "blog": {
        "Figure 1": "",
        "Figure 2": "",
        "Figure 4": "",
        "Figure 6": "",
        "Figure 3": "helps hurts",
        "Figure 5": "smaller 100 twice",
        "Text": "+2.35 %",
        "Set-up": "k = 4 five six",
    },
    "paper": {
        "Figure 2": "",
        "Figure 4": "",
        "Figure 3": "always hurts hurts 0.96 100",
        "Figure 6": "200 82.3 90.8 200 76.4 96.0 5 73.2 78.7 200 91.5 89.5 500 86.7 87.0 "
        "100 85.7 78.7 1205 82.6 85.1",
        "Figure 5": "+2.35 % 7 of 10 4 of 5 +2.5 %",
        "Figure 7": "13 of 15 +4.1 % 15 of 15",
        "Section 4": "+0.4 % 5.6 +2.4 %",
        "Set-up": "5 5 to 500 99 % 5 to 10 112,120 14 20",
    },
    "iyer": {
        "Figure 1": "",
        "Figure 2": "",
        "Table 1": "0.506 0.536 0.512",
        "Table 2": "0.556 0.734 0.460 0.312",
        "Table 3": "0.222 0.233 0.613 0.314",
        "Table 4": "0.200 0.500 0.000 0.233 0.900 0.500 0.000 0.467 0.752 0.947 0.879 0.859 "
        "0.762 0.956 0.886 0.868 0.764 0.942 0.887 0.864",
        "Table 5": "0.200 0.500 0.000 0.233 0.515 0.500 0.000 0.338 0.536 0.734 0.613 0.628 "
        "0.532 0.747 0.645 0.641 0.747 0.504 0.608 0.620",
        "Section 4.2": "3 % 3 %",
        "Section 5.1": "8,544 1,101 2,210 141,506 20,215 40,431 6,041 864 1,726 one one",
        "Sections 4.3 and 5.3": "8 16 32 64 128 0.1 0.3 0.5 0.7 3e-4 1e-4 5e-5 3e-5 "
        "0 1e-5 1e-4 1e-3 1e-2 400 32 0.5 3e-5 1e-2 16 two 10 6,041",
        "Section 5.4": "0.533 0.751 0.626 0.637",
        "Section 5.4, text": "higher lowest superior best",
        "Section 6.2": "0.7 negative negative 4 0 0.6",
    },
    "sharma": {
        "Figure 1": "",
        "Figure 2": "",
        "Table 1": "90.825 93.577 92.087",
        "Table 2": "83.529 84.264 83.311",
        "Table 3": "87.398 88.135",
        "Sections 5 and 6": "two three all",
        "Section 3.2": "50 %",
    },
    "survey": {
        "Claims": "N few data suffice noise helps",
        "First three experiments": "– – –",
        "Next checks": "3 to 5 – –",
        "Open questions": "– – –",
        "Quick facts and confidence": "40 high medium low",
    },
}


@pytest.mark.parametrize("source", BY_HAND)
def test_every_number_of_a_source_has_its_row_in_order(source):
    wanted = BY_HAND[source]
    assert {table.name for table in PRINTED[source].tables} == set(wanted)
    for table in PRINTED[source].tables:
        words = re.findall(r"[^\s,]+(?:,\d+)*", " ".join(cell.printed for cell in table.cells))
        for word in wanted[table.name].split():
            assert word in words, (source, table.name, word)
            words = words[words.index(word) + 1 :]


def numbers(text):
    return sorted(re.findall(r"\d[\d,.]*(?:e-\d)?(?<![,.])", text))


@pytest.mark.parametrize("source", BY_HAND)
def test_no_row_has_a_number_that_the_source_does_not_print(source):
    for table in PRINTED[source].tables:
        printed = " ".join(cell.printed for cell in table.cells)
        assert numbers(printed) == numbers(BY_HAND[source][table.name]), (source, table.name)


# What is known to be wrong in printed numbers, where it stands: each cell says so itself.
WRONG = [
    ("paper", "Figure 6", "MR", "together"),
    ("paper", "Figure 6", "overall", "together"),
    ("paper", "Figure 3", "rotated (T4)", "few samples"),
    ("iyer", "Table 5", "Round robin", "SST"),
    ("iyer", "Table 5", "Round robin", "PARA"),
    *(("iyer", table, "Base minBERT", "STS") for table in ("Table 4", "Table 5")),
    ("iyer", "Table 5", "Base minBERT", "PARA"),
    ("iyer", "Table 4", "Base minBERT", "PARA"),
    *(("iyer", "Table 2", row, "PARA")
      for row in ("Sum", "Cosine embeddings", "Cosine hidden states")),
    *(("iyer", "Section 5.1", task, split)
      for task in ("PARA", "STS") for split in ("train", "dev", "test")),
    ("iyer", "Section 5.4, text", "classic", "average"),
    *(("sharma", "Table 1", row, "EM") for row in ("SST-2", "SST-2 + MNLI")),
    *(("sharma", "Table 2", row, "EM") for row in ("MNLI", "MNLI + SST-2", "MNLI + SQuAD")),
    *(("sharma", "Table 3", row, "EM") for row in ("SQuAD", "SQuAD + SST-2")),
]  # fmt: skip


@pytest.mark.parametrize("place", WRONG)
def test_what_is_wrong_in_a_printed_number_stands_in_its_cell(place):
    (cell,) = [cell for name, table, cell in CELLS
               if (name, table.name, cell.row, cell.column) == place]  # fmt: skip
    assert cell.flag


def test_words_in_cells_are_plain():
    for _, _, cell in CELLS:
        for text in (cell.row, cell.column, cell.printed, cell.note, cell.flag):
            assert not set(text) & set("`*_") - ({"_"} if "probes." in text else set()), cell


def test_numbers_on_withheld_test_labels_stand_apart_and_have_none_of_ours():
    (apart,) = [table for name, table in TABLES if (name, table.name) == ("iyer", "Section 5.4")]
    for cell in apart.cells:
        assert cell.result in ("", "arithmetic"), "ours is chosen on development"
    for other in [table for name, table in TABLES if name == "iyer" and table is not apart]:
        assert not {"0.533", "0.751", "0.626", "0.637"} & {cell.printed for cell in other.cells}


def test_the_course_is_trained_and_chosen_without_its_test_split(tmp_path):
    for size in ("full", "quick", "tiny"):
        for config in EXPERIMENTS["course"].runs(size, "encoder").values():
            assert all("test" not in (task.path or "") for task in config.data.tasks)
    values = results()["course"].values | results()["course-quick"].values
    assert not [name for name in values if "test" in name]


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
    elif cell.verdict != "nothing printed":
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


WITHOUT_SETTINGS = {
    "arithmetic": "it counts printed numbers",
    "counts": "it counts files",
    "sharing-built-in": "made as the Capacity lab opens",
    "spans": "its command holds them",
    "speed": "each row has its command",
    "width": "made as the Capacity lab opens",
}


def test_every_file_holds_its_settings_but_those_that_say_why_not():
    assert {name for name, each in results().items() if not each.settings} == set(WITHOUT_SETTINGS)


def test_what_six_sets_show_of_the_leak_is_in_its_numbers():
    (leak,) = [each for each in results()["six"].tables if "leaked examples add" in each.title]
    gain = {(row[0], row[1]): row[4] for row in leak.rows}
    for task in ("sst2_sent", "mr"):
        found = [float(gain[task, arm].split()[0].replace("−", "-"))
                 for arm in ("with", "without", "the leak's part")]  # fmt: skip
        assert found[2] > found[0] / 2 > found[1], "most of the gain is the leak's part"
        assert gain[task, "the leak's part"].endswith("higher")
    (few,) = [each for each in results()["six"].tables if each.title == "Task by task"]
    small = {(row[0], row[1]): row[6] for row in few.rows if row[2] == "mr"}
    with_leak, without = (small["lstm", arm].split(":")[0] for arm in ("with", "without"))
    (figure,) = [each for _, each in TABLES if each.experiment == "six" and each.name == "Figure 6"]
    for words in (results()["six"].notes[1], " ".join(figure.flags)):
        # What is said of whole sets is not said of fewer examples, where it does not hold.
        assert "On whole sets, five seeds" in words
        assert "the leak's part cannot be told for MR" in words
        assert with_leak.split()[0] in words
        assert without in words
        for task in ("sst2_sent", "mr"):
            for arm in ("with", "without"):
                assert gain[task, arm].split()[0].removeprefix("+") in words
    assert float(small["cnn", "without"].split()[0]) > float(small["cnn", "with"].split()[0])


def test_what_is_said_of_counts_of_examples_is_counted():
    def is_count(printed, of):
        return any(f"{100 * count / of:.3f}" == printed for count in range(of + 1))

    assert is_count("87.398", 10_570)
    assert not is_count("88.135", 10_570)
    for _, table, cell in CELLS:
        if "no count out of" in cell.note:
            assert "88.135 is no count out of 10,570" in cell.note
        if table.title == "SST-2":
            assert ("cut, not rounded" in cell.flag) != is_count(cell.printed, 872)


def test_of_two_numbers_that_contradict_each_other_one_is_wrong():
    (figure,) = [each for _, each in TABLES if each.experiment == "six" and each.name == "Figure 6"]
    both = {cell.row: cell for cell in figure.cells if cell.column == "together"}
    assert " if " in both["MR"].flag
    assert " if " in both["overall"].flag
    assert any("one of them is wrong, not both" in flag for flag in figure.flags)


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
    six = results()["six"].values
    assert six["lstm/without/capacity"].mean == six["mean/without/capacity"].mean == 100
    assert six["mean/with/capacity"].mean == 500
    assert six["lstm/without/ratio"].mean > 1 / 6


# What is printed in words, table by table, by hand: a word for a number may stand in it.
CLAIMS = [
    "helps", "hurts", "smaller",
    "always helps", "hurts", "hurts",
    "higher", "lowest of the three", "notably superior", "by far the best", "negative", "negative",
    "all",
    "close to N times smaller", "few data suffice", "noise helps", "high", "medium", "low",
]  # fmt: skip


def test_claims_in_words_are_no_printed_numbers_and_neither_is_a_dash():
    assert [cell.printed for _, _, cell in CELLS if cell.is_claim] == CLAIMS
    in_words = [cell.printed for _, _, cell in CELLS
                if cell.is_number and not re.search(r"\d", cell.printed)]  # fmt: skip
    assert in_words == ["twice as large on average", "five", "six", "one to five", "one to five",
                        "two times", "two out of three"]  # fmt: skip
    for _, _, cell in CELLS:
        assert cell.is_number + cell.is_claim + (cell.printed == NOTHING) == 1
        assert (cell.printed == NOTHING) == (cell.verdict == "nothing printed")


def test_numbers_and_claims_are_counted_apart():
    numbers = [cell for _, _, cell in CELLS if cell.is_number]
    said = told(PRINTED.values())
    first, second = said.split("; and ")
    assert first.startswith(f"{len(numbers)} printed numbers: ")
    assert second.startswith(f"{len(CLAIMS)} claims in words: ")
    for part, counted in ((first, len(numbers)), (second, len(CLAIMS))):
        assert sum(map(int, re.findall(r"\*\*(\d+)\*\*", part))) == counted


# Where ours can decide: in the setting of what is printed, or because it holds in general.
DECIDED = {
    ("blog", "Figure 3"): "said in general",
    ("paper", "Figure 3"): "said in general",
    ("iyer", "Section 5.1"): "the same files, counted",
    ("paper", "Figure 6"): "arithmetic of the printed",
    ("iyer", "Section 5.4, text"): "arithmetic of the printed",
    ("survey", "Claims"): "counted",
}
TRAINED = {
    "course", "course-quick", "heads-quick", "halves-quick", "six", "alignment", "reweighting",
    "built-in-quick", "sharing-quick", "groups", "continual-four",
}  # fmt: skip
"""Results of other data, another model or another size than the printed numbers."""


def test_only_what_is_the_same_general_or_counted_is_reproduced_or_refuted():
    decided = [(name, table.name, cell) for name, table, cell in CELLS
               if cell.verdict in ("reproduced", "refuted")]  # fmt: skip
    assert {place[:2] for place in decided} == set(DECIDED)
    for _, _, cell in decided:
        if cell.result in TRAINED:
            assert cell.note.startswith("by arithmetic"), cell
        elif cell.result:
            value = results()[cell.result].values[cell.value]
            by_chance = value.seeds > 0
            assert not by_chance or value.low is not None, "no interval decides nothing"
            assert not by_chance or value.low > 0 or value.high < 0


def test_ours_of_another_setting_is_not_comparable_and_says_so():
    for _, _, cell in CELLS:
        if cell.result in TRAINED and not cell.note.startswith("by arithmetic"):
            assert cell.verdict in ("not comparable", "nothing printed")
            assert cell.note


def test_one_guess_has_one_verdict_in_every_column():
    """A uniform guess of C classes scores 1/C, and correlates with nothing."""
    for _, table, cell in CELLS:
        if cell.row == "Random guess":
            assert cell.verdict == "consistent", (table.name, cell)
            assert not cell.flag
            wanted = {"SST": 1 / 5, "PARA": 1 / 2, "STS": 0.0, "average": (1 / 5 + 1 / 2) / 3}
            assert abs(float(cell.printed) - wanted[cell.column]) < 0.001


def test_every_meaning_of_a_verdict_is_in_the_tooltip():
    for verdict, meaning in OUTCOMES.items():
        assert f"*{verdict}*: {meaning}." in meanings()


@pytest.mark.parametrize(("name", "table"), TABLES)
def test_a_reason_stands_in_its_cell_or_begins_there(name, table):
    notes = footnotes(table.cells)
    for cell in table.cells:
        if found := notes.get(cell.note):
            assert not found.short.startswith("see "), "it begins with a reason in few words"
            head = found.short.rsplit(" (", 1)[0]
            assert cell.note == f"{head}: {found.below.partition(': ')[2]}"


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (Value(0.406, seeds=3, unit="accuracy", error=0.009), "0.406 ± 0.009, 3 seeds"),
        (Value(-3.8, -4.8, -2.75, 12, "AUC points"), "−3.8 (−4.8 to −2.8) AUC points, 12 seeds"),
        (Value(8544, unit="examples"), "8,544 examples"),
        (Value(0.81, 0.68, 0.94, 3, "accuracy"), "0.810 (0.680 to 0.940), 3 seeds"),
        (
            Value(-0.0029, -0.01, 0.0042, 3, "cosine"),
            "−0.003 (−0.010 to 0.004) cosine, 3 seeds",
        ),
        (Value(0.078, 0.041, 0.116, 3, "span_f1"), "0.078 (0.041 to 0.116) F1, 3 seeds"),
    ],
)
def test_numbers_are_shown_with_their_uncertainty(value, shown):
    assert number(value) == shown


@pytest.mark.parametrize(("name", "table", "cell"), CELLS)
def test_no_number_of_ours_shows_an_identifier_or_hides_all_its_digits(name, table, cell):
    shown = ours(cell, results())
    assert "_" not in shown
    if cell.result and results()[cell.result].values[cell.value].mean:
        mean = re.match(r"[+−]?([\d.,]+)", shown)
        assert re.search(r"[1-9]", mean[1]), (table.name, shown)


def test_all_of_a_table_stand_on_one_scale():
    (table,) = [each for name, each in TABLES if (name, each.name) == ("sharma", "Table 3")]
    for cell in table.cells:
        shown = ours(cell, results())
        share = results()[cell.result].values[cell.value].mean
        assert shown.startswith(f"{100 * share:.1f} (")
        assert shown.endswith(" per cent F1, 3 seeds")


def test_ours_stands_in_the_unit_of_the_printed_number():
    (cell,) = [each for name, table, each in CELLS
               if (name, table.name, each.row) == ("sharma", "Table 1", "SST-2")]  # fmt: skip
    share = results()["halves-quick"].values["alone/glue_sst2"].mean
    assert share < 1
    assert ours(cell, results()).startswith(f"{100 * share:.1f} (")
    assert " per cent, 3 seeds" in ours(cell, results())
    (cell,) = [each for name, table, each in CELLS
               if (name, table.name, each.row) == ("iyer", "Table 1", "2 layers")]  # fmt: skip
    assert ours(cell, results()).startswith("0.")
