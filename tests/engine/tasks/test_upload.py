"""A table somebody sends: what it makes, and one sentence for everything that can be wrong."""

import numpy as np
import pytest

from mtlviz.engine.kinds import KINDS
from mtlviz.engine.tasks.decoding import ENCODINGS
from mtlviz.engine.tasks.mapping import Columns, guessed
from mtlviz.engine.tasks.matching import keys
from mtlviz.engine.tasks.sheet import Format, read_sheet
from mtlviz.engine.tasks.splitting import hold_out
from mtlviz.engine.tasks.task import Examples
from mtlviz.engine.tasks.upload import MAX_CLASSES, Wishes, check_upload
from mtlviz.errors import ConfigError, DataError

CLASSES = Columns("text", "", "label", "class")
PAIRS = Columns("a", "b", "score", "score")
LABELS = Columns("text", "", "label", "labels")


def table(*rows, header="text,label"):
    return "\n".join([header, *rows]).encode()


def rows(count, labels=("yes", "no")):
    return [f"text {number},{labels[number % len(labels)]}" for number in range(count)]


def checked(content, columns=CLASSES, **wishes):
    return check_upload(read_sheet(content, "mine.csv"), Wishes("mine", columns, **wishes))


def test_a_good_table_makes_a_task_whose_classes_keep_their_shares():
    found = checked(table(*rows(40, ("yes", "no", "no", "no"))), dev_share=0.2)
    assert found.problems == ()
    assert found.task.label_names == ("no", "yes")
    assert {split: len(part) for split, part in found.task.splits.items()} == {
        "train": 32,
        "dev": 8,
    }
    assert np.bincount(found.task.splits["dev"].labels).tolist() == [6, 2]
    assert np.bincount(found.task.splits["train"].labels).tolist() == [24, 8]


def test_the_seed_decides_who_is_held_out():
    content = table(*rows(60))
    first, again, other = (
        checked(content, seed=seed).task.splits["dev"].first for seed in (1, 1, 2)
    )
    assert first == again
    assert first != other


def test_rows_of_one_text_stay_together_and_copies_are_told():
    content = table(
        *(f"text {number // 3},{'yes' if number % 2 else 'no'}" for number in range(60))
    )
    found = checked(content)
    splits = found.task.splits
    assert not set(keys(splits["train"])) & set(keys(splits["dev"]))
    assert "40 rows repeat the text of another row; 20 texts have more" in found.notes[-1]


def test_cells_stay_the_text_they_are():
    formula, markup, mark = '"=SUM(A1,B2)"', "<b>x</b><script>y</script>", "**bold** [a](b) $x$"
    found = checked(table(f"{formula},yes", f"{markup},no", f"{mark},yes", "plain,no"))
    texts = [text for part in found.task.splits.values() for text in part.first]
    assert sorted(texts) == sorted(["=SUM(A1,B2)", markup, mark, "plain"])


def test_pairs_with_scores_make_a_similarity_task_with_the_range_found():
    content = table(*(f"one {n},two {n},{n / 4}" for n in range(20)), header="a,b,score")
    task = checked(content, PAIRS).task
    assert (task.kind, task.metric, task.score_range) == ("pair_regression", "pearson", (0.0, 4.75))
    low, high = task.splits["dev"].labels.min(), task.splits["dev"].labels.max()
    assert low < 1.0 < 3.75 < high  # A share of the lowest band and of the highest one.


def test_single_texts_with_scores_make_a_task_of_scores():
    content = table(*(f"text {n},{n / 4}" for n in range(20)))
    columns = guessed(read_sheet(content, "mine.csv"))
    task = checked(content, columns).task
    assert (columns.target, task.metric, task.score_range) == ("score", "pearson", (0.0, 4.75))
    assert task.splits["train"].second is None


def test_cells_with_several_labels_make_a_task_in_which_their_order_does_not_matter():
    cells = ("joy", '"joy,anger"', '" anger, joy"', "", '"fear,joy"', "anger")
    content = table(*(f"text {n},{cells[n % 6]}" for n in range(60)))
    columns = guessed(read_sheet(content, "mine.csv"))
    found = checked(content, columns)
    assert (columns.target, found.task.label_names) == ("labels", ("anger", "fear", "joy"))
    sets = {
        text: tuple(label)
        for part in found.task.splits.values()
        for text, label in zip(part.first, part.labels.tolist(), strict=True)
    }
    assert [sets[f"text {n}"] for n in range(6)] == [
        (0, 0, 1), (1, 0, 1), (1, 0, 1), (0, 0, 0), (0, 1, 1), (1, 0, 0),
    ]  # fmt: skip
    assert found.notes == ("10 rows have an empty label cell, which counts as none of the labels.",)
    # Each label has its share of dev, the rarest first.
    assert [part.labels[:, 1].sum() for part in found.task.splits.values()] == [8, 2]


def test_a_split_column_is_found_and_followed():
    content = table("a,yes,train", "b,no,TRAIN", "c,yes,validation", "d,no,test",
                    header="text,label,fold")  # fmt: skip
    columns = guessed(read_sheet(content, "mine.csv"))
    assert columns.split == "fold"
    splits = checked(content, columns).task.splits
    assert {split: part.first for split, part in splits.items()} == {
        "train": ("a", "b"),
        "dev": ("c",),
        "test": ("d",),
    }


@pytest.mark.parametrize(
    ("header", "cells", "expected"),
    [
        ("id,sentence,sentiment", "7,good film,{}", ("sentence", "", "sentiment", "class")),
        ("question1,question2,same", "a b,c d,{}", ("question1", "question2", "same", "class")),
        ("text_b,text_a,score", "a b,c d,{}.5", ("text_a", "text_b", "score", "score")),
        ("what,mark", "a long sentence {0}{0},{0}", ("what", "", "mark", "class")),
        ("Label,Text", "{},a long sentence", ("Text", "", "Label", "class")),
    ],
)
def test_columns_are_guessed_from_names_and_cells(header, cells, expected):
    content = table(*(cells.format(number) for number in range(3)), header=header)
    columns = guessed(read_sheet(content, "mine.csv"))
    assert (columns.text, columns.text_b, columns.label, columns.target) == expected


@pytest.mark.parametrize(("mark", "name"), [(",", "comma"), ("\t", "tab"), (";", "semicolon")])
def test_the_separator_is_guessed(mark, name):
    content = f"text{mark}label\none{mark}yes\n".encode()
    found = read_sheet(content, "mine.csv")
    assert (found.delimiter, found.columns, found.rows[0]) == (
        name,
        ("text", "label"),
        ["one", "yes"],
    )


@pytest.mark.parametrize("encoding", ["UTF-8", "UTF-16", "Western (Windows)"])
def test_an_encoding_that_is_named_is_read(encoding):
    content = "text,label\ntrès bon,oui\n".encode(ENCODINGS[encoding])
    assert read_sheet(content, "mine.csv", Format(encoding)).rows[0][0] == "très bon"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "mine.csv is empty"),
        (b" \n \n", "mine.csv is empty"),
        (b"text,label\n", "has column names but no rows"),
        (b"text,label,text\na,b,c\n", "has two columns called 'text': rename one"),
        (b"text\na\nb\n", "has one column, 'text': a text and a label are needed"),
        (b'text,label\na,x\n"b,y\nc,x\n', "mine.csv, line 3: a quotation mark .* never closed"),
        (b'text,label\n"a"b,x\n', "mine.csv, line 2: a quotation mark .* twice"),
        ("text,label\ncafé,x\n".encode("latin-1"), r"not in the encoding UTF-8 \(byte 15"),
        (b"PK\x03\x04 rest of a workbook", "is an Excel workbook or another packed file, not text"),
        (b"\xd0\xcf\x11\xe0 old workbook", "is an old Excel workbook, not text"),
        (f"text,label\n{'x' * 200_000},yes\n".encode(), "line 2: field larger than"),
    ],
)
def test_a_file_that_is_no_table_is_one_sentence(content, message):
    with pytest.raises(DataError, match=message):
        read_sheet(content, "mine.csv")


def test_too_many_rows_are_refused_before_the_rest_is_read():
    unreadable = b"x" * 200_000 + b",x\n"
    content = b"text,label\n" + b"a b,x\n" * 100_001 + unreadable
    with pytest.raises(DataError, match="has more than 100,000 rows: take a part of it, or train"):
        read_sheet(content, "mine.csv")


def test_unknown_encoding_and_delimiter_are_wrong_settings():
    with pytest.raises(ConfigError, match="Unknown encoding 'klingon'"):
        read_sheet(table("a,x"), "mine.csv", Format("klingon"))
    with pytest.raises(ConfigError, match="Unknown delimiter 'blank'"):
        read_sheet(table("a,x"), "mine.csv", Format(delimiter="blank"))


def test_problems_are_told_row_by_row_ten_of_them_and_the_rest_counted():
    broken = ["a,yes", ",no", "b,", "c", "d\0,yes", *([" ,yes"] * 20), "e,no"]
    found = checked(table(*broken))
    assert found.task is None
    assert found.problems[:5] == (
        "Line 3: no text in column 'text'.",
        "Line 5: 1 cell under 2 columns.",
        "Line 6: a NUL byte, which no text holds.",
        "Line 7: no text in column 'text'.",
        "Line 8: no text in column 'text'.",
    )
    assert (len(found.problems), found.more) == (10, 13)


@pytest.mark.parametrize(
    ("content", "columns", "message"),
    [
        (table(*rows(9, ("yes",))), CLASSES, "Column 'label' has one class, 'yes': two are"),
        (table(*rows(9)), Columns("body", "", "label", "class"), "no column 'body'; it has 'text'"),
        (table(*rows(9)), Columns("text", "", "text", "class"), "The column 'text' is used twice"),
        (table(*rows(9)), Columns("text", "", "label", "score"),
         "Line 2: column 'label': 'yes' is not a finite number"),
        (table("a,b,x", "c,d,y", header="a,b,label"), Columns("a", "b", "label", "labels"),
         "`target` of a pair of sentences must be 'class' or 'score', got 'labels'"),
        (table('a,"joy,anger"', 'b,"joy,"'), LABELS, "Line 3: column 'label': labels 'joy,' have"),
        (table('a,"joy,anger"', 'b,"joy, joy"'), LABELS, "'joy,joy' name one twice"),
        (table("a,joy", "b,joy"), LABELS, "Column 'label' has one class, 'joy': two are"),
        (table("a,", "b,"), LABELS, "Column 'label' has one class, '': two are"),
        (table(*[f'{n},"joy,anger"' for n in range(9)]), LABELS,
         "all have the same labels (anger, joy)"),
        (
            table(*rows(500, [f"l{n}" for n in range(MAX_CLASSES + 1)])),
            CLASSES,
            "has 201 different labels in 500 rows; at most 200 classes",
        ),
        (table("a,b,1", "c,d,one", "e,f,nan", header="a,b,score"), PAIRS,
         "Line 3: column 'score': 'one' is not a finite number"),
        (table("a,b,1", "c,d,1", header="a,b,score"), PAIRS, "the same score in every row"),
        (table("a,x,train", "b,y,train", header="text,label,part"),
         Columns("text", "", "label", "class", "part"), "puts no row into dev"),
        (table("a,x,train", "b,y,later", header="text,label,part"),
         Columns("text", "", "label", "class", "part"), "Line 3: split 'later'"),
        (table("a,x", "b,y"), CLASSES, "No example is left for dev: every class has one text"),
        (table("a,x,train", "b,x,train", "c,y,dev", header="text,label,part"),
         Columns("text", "", "label", "class", "part"), "are all of the class 'x'"),
    ],
)  # fmt: skip
def test_a_table_that_makes_no_task_says_why(content, columns, message):
    found = checked(content, columns)
    assert found.task is None
    assert message in found.problems[0]


def test_labels_that_are_half_numbers_are_told():
    found = checked(table(*rows(40, ("1", "2", "good", "bad"))))
    assert found.task.label_names == ("1", "2", "bad", "good")
    assert "Labels are part numbers ('1', …) and part words ('bad', …)" in found.notes[0]


def test_a_class_that_dev_lacks_is_told():
    found = checked(table(*rows(40), "alone,rare"))
    assert found.notes == ("No example of 'rare' is in dev.",)


@pytest.mark.parametrize(
    ("name", "message"), [("", "1 to 60"), ("x" * 61, "1 to 60"), ("a\nb", "does not print")]
)
def test_a_name_that_cannot_be_shown_is_refused(name, message):
    sheet = read_sheet(table(*rows(9)), "mine.csv")
    assert message in check_upload(sheet, Wishes(name, CLASSES)).problems[0]


def test_f1_is_offered_for_two_classes_only():
    assert "f1" in KINDS["classification"].fitting(2)
    assert "f1" not in KINDS["classification"].fitting(3)


@pytest.mark.parametrize("share", [0.05, 0.2, 0.5])
@pytest.mark.parametrize("seed", range(3))
def test_every_class_of_two_texts_is_in_both_splits_with_its_share(share, seed):
    generator = np.random.default_rng(seed)
    labels = generator.choice(4, size=300, p=[0.7, 0.2, 0.07, 0.03])
    texts = tuple(f"text {number}" for number in range(300))
    train, dev = hold_out(Examples(texts, texts, None, labels), share, seed)
    assert sorted(train.first + dev.first) == sorted(texts)
    assert len(dev) == 300 * share
    for label in range(4):
        whole, held = (labels == label).sum(), (dev.labels == label).sum()
        assert held >= 1
        assert abs(held - share * whole) <= 1


@pytest.mark.parametrize("share", [0.0, 1.0, -0.5])
def test_a_share_outside_0_and_1_is_a_wrong_setting(share):
    with pytest.raises(ConfigError, match="must lie between 0 and 1"):
        hold_out(Examples(("1",), ("a",), None, np.zeros(1)), share)
