"""A user's table: columns, labels, splits, and one sentence for every mistake."""

import gzip

import pytest

from mtlviz.engine.tasks import reading
from mtlviz.engine.tasks.table import table
from mtlviz.errors import ConfigError, DataError

ROWS = (
    'text,label,part\ngood,yes,train\n"<b>bad</b>, =1+1",no,train\nNA,yes,Validation\nx,no,test\n'
)
PAIRS = "a\tb\tscore\none\ttwo\t1.5\nthree\tfour\t-2\nfive\tsix\t4e0\n"


def write(place, content=ROWS, name="mine.csv"):
    file = place / name
    file.write_bytes(content if isinstance(content, bytes) else content.encode())
    return str(file)


def test_columns_labels_and_splits_are_read_and_cells_stay_text(tmp_path):
    task = table("t", write(tmp_path), split="part")
    assert task.label_names == ("no", "yes")
    assert task.splits["train"].first == ("good", "<b>bad</b>, =1+1")
    assert task.splits["train"].labels.tolist() == [1, 0]
    assert task.splits["dev"].first == ("NA",)
    assert task.splits["test"].ids == ("line 5",)


def test_given_label_names_keep_their_order(tmp_path):
    task = table("t", write(tmp_path), labels=("yes", "no"), split="part")
    assert task.splits["train"].labels.tolist() == [0, 1]


def test_tabs_pairs_and_scores(tmp_path):
    file = write(tmp_path, PAIRS, "mine.tsv")
    task = table("t", file, text="a", text_b="b", label="score", target="score", dev_share=0.3)
    assert (task.kind, task.metric, task.score_range) == ("pair_regression", "pearson", (-2, 4))
    assert len(task.splits["train"]) == 2
    assert len(task.splits["dev"]) == 1


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "latin-1"])
def test_other_encodings_and_archives_are_read_when_named(tmp_path, encoding):
    content = gzip.compress(ROWS.replace("good", "très bon").encode(encoding))
    task = table("t", write(tmp_path, content, "mine.csv.gz"), split="part", encoding=encoding)
    assert task.splits["train"].first[0] == "très bon"


def test_line_separators_inside_a_cell_do_not_end_the_row(tmp_path):
    content = "text,label\none\u2028two,yes\n\n\x0cthree,no\nfour,no\n"
    task = table("t", write(tmp_path, content), dev_share=0.3)
    texts = task.splits["train"].first + task.splits["dev"].first
    assert sorted(texts) == ["\x0cthree", "four", "one\u2028two"]


@pytest.mark.parametrize(
    ("content", "options", "message"),
    [
        (ROWS, {"text": "body"}, "no column 'body'; it has 'text', 'label', 'part'"),
        (
            ROWS,
            {"split": "text", "text": "part"},
            "line 2: split 'good' in column 'text' is none of",
        ),
        (
            ROWS,
            {"labels": ("yes", "maybe")},
            "line 3: column 'label': label 'no' is not one of 'yes', 'maybe'",
        ),
        ("text,label\na,yes\nb,yes\n", {}, "Column 'label' has one class, 'yes': two are needed"),
        ("text,label\na,yes\n ,no\n", {}, "line 3: no text in column 'text'"),
        ("text,label\na,yes\nb,\n", {"missing": ["-"]}, "line 3: no label in column 'label'"),
        ("text,label\na,yes,x\n", {}, "line 2: 3 cells under 2 columns"),
        ("text,label,text\na,b,c\n", {}, "has two columns called 'text'"),
        ("text,label\n", {}, "has column names but no rows below them"),
        ("text,label\ncafé,yes\n".encode("latin-1"), {}, r"not in the encoding.*\(byte 15 does"),
        (f"text,label\n{'x' * 200_000},yes\n", {}, "line 2: field larger than field limit"),
        (
            'text,label\na,yes\n"b,no\nc,yes\nd,no\n',
            {},
            r'line 3: a quotation mark \("\) opens in this row and is never closed',
        ),
        ('text,label\n"b"c,no\n', {}, "line 2: a quotation mark .* in the middle"),
    ],
)
def test_mistake_in_the_file_is_one_sentence(tmp_path, content, options, message):
    with pytest.raises(DataError, match=message) as caught:
        table("t", write(tmp_path, content), **options)
    assert str(tmp_path) not in str(caught.value)


@pytest.mark.parametrize("score", ["high", "inf", "1_0"])
def test_score_that_is_no_finite_number_is_an_error(tmp_path, score):
    file = write(tmp_path, PAIRS.replace("-2", score), "mine.tsv")
    with pytest.raises(DataError, match=f"line 3: column 'score': '{score}' is not a finite"):
        table("t", file, text="a", text_b="b", label="score", target="score")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"encoding": "klingon"}, "Unknown encoding 'klingon'"),
        ({"delimiter": "dash"}, "Unknown delimiter 'dash'"),
        ({"target": "rank"}, "must be 'class' or 'score' or 'labels', got 'rank'"),
        ({"target": "labels", "text_b": "part"}, "must be 'class' or 'score', got 'labels'"),
        ({"labels": ("yes", "no", "yes")}, "A class is named twice"),
        ({"dev_share": 1.0}, "`dev_share` must lie between 0 and 1"),
    ],
)
def test_wrong_option_is_one_sentence(tmp_path, options, message):
    with pytest.raises(ConfigError, match=message):
        table("t", write(tmp_path), **options)


def test_too_long_a_table_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(reading, "MAX_ROWS", 3)
    with pytest.raises(DataError, match="more than 3 rows"):
        table("t", write(tmp_path))


def test_single_texts_have_scores_and_several_labels_as_well(tmp_path):
    rated = table("t", write(tmp_path, "text,label\na,1.5\nb,4\nc,2\n"), target="score")
    assert (rated.metric, rated.score_range, rated.outputs) == ("pearson", (1.5, 4.0), 1)
    content = 'text,label,part\na,"joy,anger",train\nb,"anger, joy",train\nc,,train\nd,joy,dev\n'
    tagged = table("t", write(tmp_path, content), target="labels", split="part")
    assert (tagged.metric, tagged.label_names) == ("f1_micro", ("anger", "joy"))
    assert tagged.splits["train"].labels.tolist() == [[1, 1], [1, 1], [0, 0]]
    with pytest.raises(DataError, match="line 2: column 'label': labels 'joy,joy' name one twice"):
        table("t", write(tmp_path, 'text,label\na,"joy,joy"\n'), target="labels")
    with pytest.raises(
        DataError, match="line 2: column 'label': label 'anger' is not one of 'joy', 'fear'"
    ):
        table("t", write(tmp_path, content), target="labels", labels=("joy", "fear"))
