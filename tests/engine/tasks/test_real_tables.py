"""Tables as people have them: the shell and the Data page read each alike, or say the same."""

import json
from io import BytesIO

import numpy as np
import pytest

from mtlviz import access
from mtlviz.engine.kinds import KINDS
from mtlviz.engine.tasks.labels import plain_label, read_labels
from mtlviz.engine.tasks.mapping import guessed
from mtlviz.engine.tasks.records import parquet_records
from mtlviz.engine.tasks.sheet import Format, read_sheet
from mtlviz.engine.tasks.table import table
from mtlviz.engine.tasks.upload import Wishes, check_upload
from mtlviz.errors import DataError, MtlvizError
from mtlviz.runs.own_tasks import save_own

WORDS = [f"text {number}" for number in range(12)]
LABELS = ["yes", "no"] * 6


def lines(*header, mark=",", end="\n", rows=None):
    rows = list(zip(WORDS, LABELS, strict=True)) if rows is None else rows
    return end.join(mark.join(map(str, row)) for row in ([header] if header else []) + rows) + end


def parquet(**columns):
    arrow = pytest.importorskip("pyarrow")
    from pyarrow.parquet import write_table

    file = BytesIO()
    write_table(arrow.table(columns), file)
    return file.getvalue()


def both(tmp_path, content, name="mine.csv", **options):
    """What the shell and the page make of a table: a task each, or their sentences."""
    content = content if isinstance(content, bytes) else content.encode()
    file = tmp_path / name
    file.write_bytes(content)
    form = {key: options.pop(key) for key in tuple(options) if key in vars(Format())}
    try:
        shell = table("mine", str(file), **form, **options)
    except MtlvizError as error:
        shell = str(error)
    try:
        sheet = read_sheet(content, name, Format(**form))
        missing = options.get("missing")
        wishes = Wishes("mine", guessed(sheet), missing=missing and tuple(missing))
        found = check_upload(sheet, wishes)
        page = found.task or found.problems[0]
    except MtlvizError as error:
        page = str(error)
    return shell, page


def same(tmp_path, content, name="mine.csv", **options):
    """The task that both make."""
    shell, page = both(tmp_path, content, name, **options)
    assert not isinstance(shell, str), shell
    assert not isinstance(page, str), page
    for split, examples in shell.splits.items():
        assert examples.first == page.splits[split].first
        assert examples.labels.tolist() == page.splits[split].labels.tolist()
    assert (shell.kind, shell.label_names, shell.notes) == (page.kind, page.label_names, page.notes)
    return shell


def texts(task):
    return sorted(text for examples in task.splits.values() for text in examples.first)


JSON = "\n".join(json.dumps({"text": t, "label": n}) for t, n in zip(WORDS, LABELS, strict=True))


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (lines("text", "label"), "mine.csv"),
        (lines("text", "label"), "MINE.CSV"),
        (lines("text", "label", mark=";"), "mine.csv"),
        (lines("text", "label", mark="|"), "mine.csv"),
        (lines("text", "label", mark="\t"), "mine.csv"),
        (lines("text", "label", mark="\t"), "Mine.TSV"),
        (lines("text", "label", mark="\t", end="\r\n"), "mine.txt"),
        (lines("text", "label", end="\r\n"), "mine.csv"),
        (lines("text", "label", end="\r"), "mine.csv"),
        ("sep=;\r\n" + lines("text", "label", mark=";", end="\r\n"), "mine.csv"),
        (lines("text", "label", end=",\n"), "mine.csv"),
        (lines("text", "label").replace("\n", ",\n").replace("label,", "label"), "mine.csv"),
        ("\n \n" + lines("text", "label") + ",,\n", "mine.csv"),
        (lines("text", "label").encode("utf-8-sig"), "mine.csv"),
        (lines("text", "label").encode("utf-16"), "mine.csv"),
        (lines("text", "label").encode("utf-16-le"), "mine.csv"),
        (lines("text", "label").encode("utf-16-be"), "mine.csv"),
        (lines("text", "label").encode("utf-32"), "mine.csv"),
        (lines(rows=list(zip(WORDS, LABELS, strict=True))), "mine.csv"),
        (lines("0", "1"), "mine.csv"),
        (lines("", "text", "label", rows=[[n, t, c] for n, (t, c) in
                                          enumerate(zip(WORDS, LABELS, strict=True))]), "mine.csv"),
        (JSON, "mine.jsonl"),
        (JSON.replace("\n", "\r\n\r\n"), "mine.NDJSON"),
        (f"[{JSON.replace(chr(10), ',')}]", "mine.json"),
        (parquet(text=WORDS, label=LABELS), "mine.parquet"),
    ],
)  # fmt: skip
def test_one_table_in_any_form_makes_one_task(tmp_path, content, name):
    task = same(tmp_path, content, name)
    assert texts(task) == sorted(WORDS)
    assert task.label_names == ("no", "yes")
    plain = same(tmp_path, lines("text", "label"))
    assert {split: part.first for split, part in task.splits.items()} == {
        split: part.first for split, part in plain.splits.items()
    }


@pytest.mark.parametrize(
    ("content", "name", "message"),
    [
        (b"", "mine.csv", "mine.csv is empty"),
        (b"\xff\xfe", "mine.csv", "mine.csv is empty"),
        (b"PK\x03\x04", "mine.xlsx", "is an Excel workbook or another packed file, not text"),
        (b"\x1f\x8b rest", "mine.csv", "is packed with gzip, not text"),
        (b"PAR1 rest", "mine.parquet", "mine.parquet is a damaged Parquet file"),
        (lines("text", "label", "text"), "mine.csv", "two columns called 'text': rename one"),
        (lines("text", rows=[["a"], ["b"]]), "mine.csv", "has one column, 'text'"),
        ("text,label\ncafé,x\n".encode("latin-1"), "mine.csv", "not in the encoding UTF-8 (byte"),
        (f'text,label\n{"x" * 200_000},yes\n', "mine.csv", "line 2: field larger than"),
        ('text,label\na,x\n"b,y\nc,x\n', "mine.csv", "line 3: a quotation mark (\") opens"),
        ("text,label\na,yes\nb\0,no\n", "mine.csv", "ine 3: a NUL byte, which no text holds"),
        ("text,label\na,yes,x\nb,no\n", "mine.csv", "ine 2: 3 cells under 2 columns"),
        ("text,label\na,yes\n ,no\n", "mine.csv", "ine 3: no text in column 'text'"),
        ('{"text": "a"}\n[1]\n', "mine.jsonl", "line 2: each row must be an object"),
        ('{"text": "a"}\n{"text"\n', "mine.jsonl", "line 2 is not valid JSON"),
        ('{"text":' + "[" * 99 + "\n", "mine.jsonl", "mine.jsonl, line 1 is not"),
        ("[]", "mine.json", "mine.json holds no rows"),
        (lines("text", "label", "split", rows=[["a", "x", "train"], ["b", "y", "later"]]),
         "mine.csv", "ine 3: split 'later' in column 'split' is none of train, dev (or val,"),
        (lines("text", "label", "split", rows=[["a", "x", "train"], ["b", "y", "test"]]),
         "mine.csv", "'split' puts no row into dev"),
    ],
)  # fmt: skip
def test_what_is_no_table_is_refused_in_the_same_sentence(tmp_path, content, name, message):
    shell, page = both(tmp_path, content, name)
    assert isinstance(shell, str)
    assert isinstance(page, str)
    assert message in shell
    assert message in page
    assert str(tmp_path) not in shell


@pytest.mark.parametrize("nested", [False, True], ids=["texts", "lists of texts"])
def test_a_parquet_file_that_repeats_a_text_too_often_is_refused_before_it_fills_the_memory(nested):
    pa = pytest.importorskip("pyarrow")
    texts = pa.array(["x" * 2**16]).dictionary_encode().take(pa.array([0] * 5000))
    if nested:
        texts = pa.ListArray.from_arrays(pa.array(range(5001), pa.int32()), texts)
    content = parquet(text=texts, label=[1] * 5000)
    assert len(content) < 2**19
    small = access.chosen(access.Access(largest=2**24))
    with (
        small,
        pytest.raises(DataError, match=r"^bomb\.parquet is too large: it holds more than 16 MB"),
    ):
        parquet_records(content, "bomb.parquet", 10**6)


def test_a_parquet_file_without_the_package_is_one_sentence(tmp_path, monkeypatch):
    content = parquet(text=WORDS, label=LABELS)
    monkeypatch.setitem(__import__("sys").modules, "pyarrow", None)
    shell, page = both(tmp_path, content, "mine.parquet")
    assert shell == page
    assert "needs the package pyarrow" in shell


def test_between_tabs_a_quotation_mark_is_a_letter_unless_it_is_said_to_enclose(tmp_path):
    rows = [[f'"text {n}', LABELS[n]] for n in range(12)]
    task = same(tmp_path, lines("text", "label", mark="\t", rows=rows), "mine.tsv")
    assert texts(task) == sorted(row[0] for row in rows)
    quoted = lines("text", "label", mark="\t", rows=[[f'"a\n{n}"', LABELS[n]] for n in range(12)])
    task = same(tmp_path, quoted, "mine.tsv", quoted=True)
    assert texts(task) == sorted(f"a\n{n}" for n in range(12))
    assert "12 cells hold line breaks" in task.notes[0]
    closed = lines("text", "label", mark="\t", rows=[[f'"a {n}"', LABELS[n]] for n in range(12)])
    assert "12 cells begin and end with a quotation" in same(tmp_path, closed, "a.tsv").notes[0]


def test_an_encoding_that_no_byte_tells_is_named(tmp_path):
    content = lines("text", "label").replace("text 1", "très 1").encode("latin-1")
    assert "très 1" in texts(same(tmp_path, content, encoding="latin-1"))


def test_a_first_row_that_is_an_example_is_told_and_can_be_said_to_be_names(tmp_path):
    content = lines(rows=list(zip(WORDS, LABELS, strict=True)))
    assert "first row looks like an example" in same(tmp_path, content).notes[0]
    assert len(texts(same(tmp_path, content, header=True))) == 11


@pytest.mark.parametrize("word", ["dev", "val", "valid", "Validation", "DEVELOPMENT", " val "])
def test_usual_names_of_splits_are_followed(tmp_path, word):
    rows = [[t, c, word if n < 4 else "Training"] for n, (t, c) in
            enumerate(zip(WORDS, LABELS, strict=True))]  # fmt: skip
    task = same(tmp_path, lines("text", "label", "split", rows=rows))
    assert task.splits["dev"].first == tuple(WORDS[:4])


def test_a_test_split_without_labels_is_left_out_and_told(tmp_path):
    names = ("train", "val", "test")
    rows = [[t, "" if n % 3 == 2 else c, names[n % 3]] for n, (t, c) in
            enumerate(zip(WORDS, LABELS, strict=True))]  # fmt: skip
    task = same(tmp_path, lines("text", "label", "split", rows=rows))
    assert {split: len(part) for split, part in task.splits.items()} == {"train": 4, "dev": 4}
    assert task.notes == (
        "4 of 12 rows have no label and are left out (an empty cell in 4).",
        "No row of test has a label: it can be answered, but never scored.",
    )


@pytest.mark.parametrize("mark", ["-", "", "nan", "NaN", "None", "null", "NA", "-1"])
def test_rows_without_a_label_are_left_out_and_counted(tmp_path, mark):
    rows = [[t, mark if n < 3 else n % 3] for n, t in enumerate(WORDS)]
    task = same(tmp_path, lines("text", "label", rows=rows))
    assert texts(task) == sorted(WORDS[3:])
    assert task.label_names == ("0", "1", "2")
    assert "3 of 12 rows have no label and are left out" in task.notes[0]
    kept = same(tmp_path, lines("text", "label", rows=rows), missing=["?"]) if mark else None
    assert kept is None or len(kept.label_names) == 4


def test_other_marks_of_no_label_can_be_named(tmp_path):
    rows = [[t, "?" if n < 3 else LABELS[n]] for n, t in enumerate(WORDS)]
    task = same(tmp_path, lines("text", "label", rows=rows), missing=["?"])
    assert task.label_names == ("no", "yes")
    assert "('?' in 3)" in task.notes[0]


@pytest.mark.parametrize(
    "labels", [["-1", "1"], ["-1", "+1"], ["-1", "0", "1"], ["-2", "-1", "0", "1"]]
)
def test_minus_one_among_its_like_is_a_class(labels):
    found = read_labels(labels * 10, KINDS["classification"])
    assert found.names[-1] == "1"
    assert found.marks == {}
    assert "Label -1 counts as a class" in found.notes[0]


def test_minus_one_is_a_score():
    assert None not in read_labels(["-1", "0.5"], KINDS["regression"]).cells


def test_classes_are_in_the_order_of_their_values(tmp_path):
    rows = [[f"text {n}", n % 11 + 1] for n in range(44)]
    task = same(tmp_path, lines("text", "label", rows=rows))
    assert task.label_names == tuple(map(str, range(1, 12)))


@pytest.mark.parametrize(
    ("cell", "label"),
    [
        (" positive", "positive"),
        ("positive\u200b", "positive"),
        ("\ufeffpositive\u00a0", "positive"),
        ("pos\u00aditive", "positive"),
        ("cafe\u0301", "café"),
        ("1.0", "1"),
        ("1.", "1"),
        ("+1", "1"),
        ("-1.00", "-1"),
        ("0.5", "0.5"),
        ("007", "007"),
        ("👩\u200d💻", "👩\u200d💻"),
        ("100", "100"),
        ("10.10", "10.10"),
        ("１", "1"),
    ],
)
def test_one_label_is_written_in_one_way(cell, label):
    assert plain_label(cell) == label


def test_labels_that_differ_in_case_alone_are_told(tmp_path):
    rows = [[t, ("Yes", "yes", "no")[n % 3]] for n, t in enumerate(WORDS)]
    task = same(tmp_path, lines("text", "label", rows=rows))
    assert task.label_names == ("Yes", "no", "yes")
    assert "Labels 'Yes' and 'yes' differ in how they are written only" in task.notes[0]


@pytest.mark.parametrize(
    ("cells", "first"), [(["0,5", "1,25"], 0.5), (["1,882", "0,046"], 1.882), (["0.5", "1"], 0.5)]
)
def test_scores_may_have_a_decimal_comma(tmp_path, cells, first):
    rows = [[t, cells[n % 2]] for n, t in enumerate(WORDS)]
    task = same(tmp_path, lines("text", "label", mark=";", rows=rows))
    scores = dict(
        pair for part in task.splits.values() for pair in zip(part.first, part.labels, strict=True)
    )
    assert (task.kind, scores["text 0"]) == ("regression", first)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ('"joy,anger"', '"anger, joy"'),
        ("joy;anger", "anger;joy"),
        ("joy|anger", "anger | joy"),
        ("\"['joy', 'anger']\"", "\"['anger', 'joy']\""),
    ],
)
def test_several_labels_in_a_cell_are_a_set_however_they_are_written(tmp_path, one, other):
    cells = [one, other, one.split("joy")[0] + "joy" + ('"' if one[0] == '"' else "")]
    cells[2] = cells[2] if "[" not in one else "['joy']"
    rows = [[t, cells[n % 3]] for n, t in enumerate(WORDS)]
    task = same(tmp_path, lines("text", "label", rows=rows))
    assert (task.kind, task.label_names) == ("multilabel", ("anger", "joy"))
    found = {tuple(label) for part in task.splits.values() for label in part.labels.tolist()}
    assert found == {(1, 1), (0, 1)}


def test_lists_of_labels_in_json_and_parquet_are_sets(tmp_path):
    lists = [["joy", "anger"], ["anger", "joy"], ["joy"]] * 4
    task = same(tmp_path, parquet(text=WORDS, label=lists), "mine.parquet")
    assert (task.kind, task.label_names) == ("multilabel", ("anger", "joy"))


def test_columns_that_are_named_are_taken_and_the_rest_found_out(tmp_path):
    rows = [[n, f"one {n}", f"two {n}", LABELS[n]] for n in range(12)]
    content = lines("nr", "premise", "hypothesis", "gold_label", rows=rows)
    pair = same(tmp_path, content)
    assert (pair.kind, pair.splits["dev"].second is None) == ("pair_classification", False)
    alone = table("t", str(tmp_path / "mine.csv"), text="premise")
    assert (alone.kind, alone.splits["dev"].second) == ("classification", None)


def test_a_split_column_can_be_left_aside(tmp_path):
    rows = [[t, c, "train"] for t, c in zip(WORDS, LABELS, strict=True)]
    same_split = lines(
        "text", "label", "split", rows=[*rows[:6], *([*r[:2], "dev"] for r in rows[6:])]
    )
    (tmp_path / "mine.csv").write_text(same_split)
    assert len(table("t", str(tmp_path / "mine.csv")).splits["dev"]) == 6
    assert len(table("t", str(tmp_path / "mine.csv"), split="none").splits["dev"]) == 3


def test_a_table_sorted_by_split_and_label_is_understood_and_every_split_has_all_classes(tmp_path):
    rows = [
        [f"text {split} {label} {n}", label, split]
        for split in ("test", "train", "dev")
        for label in ("zero", "one")
        for n in range(1100)
    ]
    task = same(tmp_path, lines("words", "answer", "when", rows=rows))
    assert task.label_names == ("one", "zero")
    for split in ("train", "dev", "test"):
        assert task.splits[split].labels.tolist() == [1] * 1100 + [0] * 1100
    content = lines("words", "answer", rows=[row[:2] for row in rows])
    assert set(same(tmp_path, content).splits["dev"].labels.tolist()) == {0, 1}
    scores = [[f"text {n}", n // 1500 / 2] for n in range(3000)]
    assert same(tmp_path, lines("text", "answer", rows=scores)).kind == "regression"


def test_cells_with_a_comma_that_are_classes_are_not_taken_for_several_labels(tmp_path):
    cities = ("New York, NY", "Boston, MA")
    rows = [[t, f'"{cities[n % 2]}"'] for n, t in enumerate(WORDS)]
    task = same(tmp_path, lines("text", "label", rows=rows))
    assert (task.kind, task.label_names) == ("classification", ("Boston, MA", "New York, NY"))


def test_a_column_that_is_mostly_empty_is_not_taken_for_the_label(tmp_path):
    rows = [["gj04", n % 2, "*" if n % 2 else "", t] for n, t in enumerate(WORDS)]
    task = same(tmp_path, lines(mark="\t", rows=rows), "cola.tsv")
    assert (task.label_names, texts(task)) == (("0", "1"), sorted(WORDS))


@pytest.mark.parametrize(
    ("content", "name", "message"),
    [
        ("te\0xt,label\na,1\nb,0\n", "mine.csv", "a NUL byte in the name of a column"),
        ('{"text": ["a", "b"], "label": [1, 0]}', "mine.json", "holds one object: write one per"),
    ],
)
def test_other_files_that_are_no_table_are_told(tmp_path, content, name, message):
    shell, page = both(tmp_path, content, name)
    assert shell == page
    assert message in shell


PIECES = (
    *("text", "label", "split", "train", "dev", "a", "b", "0", "1.0", "-1", "-", "nan", "1e400"),
    *("joy,anger", '"', '""', ",", "\t", ";", "|", "\n", "\r\n", "\r", "\0", " ", "sep=;", "0,5"),
    *("\u2028", "\ufeff", "ก่า", "👩\u200d💻", '{"text":"a"}', "[1]", "PAR1", "1_0", "½"),
)


@pytest.mark.parametrize("seed", range(100))
def test_whatever_is_sent_is_a_task_that_can_be_kept_or_a_sentence(tmp_path, seed):
    drawn = np.random.default_rng(seed)
    mark, end = drawn.choice([",", "\t", ";", "|"]), drawn.choice(["\n", "\r\n", "\r"])
    rows = [mark.join(drawn.choice(PIECES, 2)) for _ in range(drawn.integers(1, 20))]
    content = (
        end.join([f"text{mark}label", *rows]) if seed % 3 else "".join(drawn.choice(PIECES, 40))
    )
    name = str(drawn.choice(["a.csv", "a.tsv", "a.txt", "a.jsonl", "a.parquet"]))
    encoding = str(drawn.choice(["utf-8", "utf-8-sig", "utf-16"]))
    try:
        sheet = read_sheet(content.encode(encoding), name)
        found = check_upload(sheet, Wishes("mine", guessed(sheet)))
    except MtlvizError:
        return
    assert all(len(problem) < 400 for problem in found.problems)
    assert (found.task is None) == bool(found.problems)
    if found.task is not None:
        save_own(tmp_path, found.task)
