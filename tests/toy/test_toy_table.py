import pytest

from mtlviz.errors import DataError
from mtlviz.toy.config import ToyConfig
from mtlviz.toy.program import train
from mtlviz.toy.table import read_table

ROWS = [f"{x},{x % 3},{x % 2},{task}" for task in ("a", "b") for x in range(4)]
GOOD = "x1,x2,label,task\n" + "\n".join(ROWS) + "\n"


def test_a_table_becomes_own_points_that_train():
    table = read_table(GOOD.encode("utf-8-sig"))
    assert table.task_names == ("a", "b")
    assert table.points[1] == (0, 1, 1, 1)
    assert table.points[4] == (1, 0, 0, 0)
    config = ToyConfig(source="table", own_points=table.points, seeds=3, steps=2,
                       tasks=ToyConfig().tasks[:2])  # fmt: skip
    result = train(config)
    # Each task has two rows of each class: one to train, one held out, in every repetition.
    assert (result.scene.signs.sum(-1) == 0).all()
    assert result.scene.held_out_signs.shape == (2, 3, 2)
    assert result.scene.draws is None


def test_columns_may_stand_in_any_order_and_wide_values_are_scaled_with_a_note():
    text = "task,label,x2,x1\n" + "".join(
        f"{t},{label},{x2},{x1}\n"
        for t in (1, 2) for label in ("no", "yes") for x1, x2 in ((0, 1), (100, -1))
    )  # fmt: skip
    table = read_table(text.encode())
    assert {point[1] for point in table.points} == {-4, 4}
    assert {point[2] for point in table.points} == {-1, 1}
    assert "x1 is shown as (x1 − 50) × 0.08." in table.notes
    assert "no is class 0 and yes is class 1" in table.notes[0]


def test_a_note_subtracts_no_negative_number():
    text = GOOD.replace("3,0,1,a", "-100,0,1,a")
    assert "x1 is shown as (x1 + 48.5) × 0.0777." in read_table(text.encode()).notes


def changed(line, text):
    lines = GOOD.splitlines()
    lines[line] = text
    return "\n".join(lines).encode()


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "file is empty"),
        (b"  \n", "file is empty"),
        (b"x1,x2,label,task\n", "no rows"),
        (b"a,b\n1,2\n", "columns must be x1, x2, label, task, got a, b"),
        (b"x1,x1,label,task\n1,2,0,1\n", "columns must be"),
        (GOOD.encode("utf-16"), "not UTF-8"),
        (b"\xff\xfe\x00", "not UTF-8"),
        (changed(1, "one,2,0,a"), "x1 in line 2 must be a finite number, got 'one'"),
        (changed(2, "1,inf,1,a"), "x2 in line 3"),
        (changed(2, "1,2,1"), "Line 3 must have 4 values, got 3"),
        (changed(2, "1,2,,a"), "Line 3 has no label"),
        (changed(2, "1,2,0,a"), "at least 2 rows of class 1"),
        (changed(2, "1,2,7,a"), "exactly 2 classes, got 3"),
        (GOOD.replace(",1,b", ",0,b").encode(), "Task b must have exactly 2 classes, got 1"),
        (GOOD.replace(",b", ",a").encode(), "2 to 5 tasks, got 1"),
        (GOOD.encode() + b"".join(b"0,0,0,%d\n" % task for task in range(4)), "tasks, got 6"),
        (GOOD.encode() + b"0,0,0,a\n" * 5000, "at most 5000 rows, got 5008"),
        (GOOD.replace(",", ";").encode(), "semicolons: separate them with commas"),
        (GOOD.replace(",", "\t").encode(), "tabs: separate them with commas"),
    ],
)
def test_a_bad_table_is_refused_in_one_sentence(content, words):
    with pytest.raises(DataError, match=words) as caught:
        read_table(content)
    assert str(caught.value).count("\n") == 0


def test_a_nul_byte_or_open_quote_never_crashes():
    for content in (GOOD.encode() + b'"0,0,0,a\n', GOOD.encode() + b"\x00\n"):
        with pytest.raises(DataError):
            read_table(content)
