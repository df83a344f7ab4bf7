"""Records: every kind survives JSON, and what was not measured stays missing."""

import dataclasses
import json
import math

import numpy as np
import pytest

from mtlviz.engine.records import (
    LONGEST_NOTE,
    AffinityRecord,
    EvalRecord,
    GroupScore,
    Note,
    Plane,
    Snapshot,
    StepRecord,
    WorkedExampleRecord,
    from_json,
    to_json,
)
from mtlviz.errors import DataError

NAN = math.nan
STEP = StepRecord(
    update=3,
    epoch=1,
    due=np.array([True, False]),
    losses=np.array([0.1 + 0.2, NAN]),
    loss_weights=np.array([1.0, NAN]),
    weights=np.array([1.0, NAN]),
    coefficients=np.array([[1.0, NAN], [NAN, NAN]]),
    gram=np.array([[2.0, NAN], [NAN, NAN]]),
    order=np.array([[1], [0]]),
    planes={"two parameters": Plane(np.array([[1.0, 2.0], [NAN, NAN]]), np.array([0.5, NAN]))},
    clipping=1.0,
    learning_rate=1e-3,
    tokens=64,
    seconds=0.25,
)
RECORDS = [
    STEP,
    dataclasses.replace(STEP, gram=None, coefficients=None, order=None, planes={}),
    dataclasses.replace(STEP, examples=np.array([[4, 2], [-1, -1]], dtype=np.int32)),
    EvalRecord(
        4, 1, np.array([0.5, NAN]), np.array([0.1, NAN]), np.array([1.0, 2.0]),
        [{"accuracy": 0.5}, {"pearson": NAN}], np.array([0.4, NAN]), True, 0.1,
    ),
    EvalRecord(
        4, 1, np.array([0.5]), np.array([0.1]), np.array([1.0]), [{"span_f1": 0.5}],
        np.array([0.4]), True, 0.1, np.array([0.9]),
        [[GroupScore("one reference", 12, {"span_f1": 0.4}, {"span_f1": NAN})]],
    ),
    Snapshot(0, [np.ones((2, 3), np.float32)], [np.array([0.0, 1.0])], 0.1),
    AffinityRecord(0, np.array([[0.1, -0.2], [NAN, math.inf]]), 1e-3, 0.1),
    WorkedExampleRecord(
        7, np.array([2, 0]), np.array([1.0, 0.5]), np.array([4.0, 0.3]), np.eye(2),
        {"two parameters": Plane(np.ones((2, 2)), np.array([0.5, NAN]))}, 1e-3, 0.1,
    ),
    Note(5, "divergence", "It stopped."),
]  # fmt: skip


def test_a_note_that_nobody_reads_to_its_end_is_cut_and_says_so():
    note = Note(0, "data", "x" * 5000)
    assert len(note.text) == LONGEST_NOTE
    assert note.text.endswith("(The rest of these 5,000 characters is left out.)")
    assert Note(0, "data", "x" * LONGEST_NOTE).text == "x" * LONGEST_NOTE


def same(first, second):
    if isinstance(first, np.ndarray):
        assert first.dtype == second.dtype
        np.testing.assert_array_equal(first, second)
    elif isinstance(first, dict):
        assert first.keys() == second.keys()
        for name in first:
            same(first[name], second[name])
    elif isinstance(first, list):
        for one, other in zip(first, second, strict=True):
            same(one, other)
    elif isinstance(first, Plane | GroupScore):
        same(vars(first), vars(second))
    else:
        assert first == second or (first != first and second != second)


@pytest.mark.parametrize("record", RECORDS, ids=lambda record: record.kind)
def test_a_record_survives_strict_json_bit_for_bit(record):
    text = json.dumps(to_json(record), allow_nan=False)
    back = from_json(json.loads(text))
    assert type(back) is type(record)
    same(vars(record), vars(back))


def test_what_was_not_measured_is_null():
    assert to_json(STEP)["losses"] == [0.1 + 0.2, None]


@pytest.mark.parametrize(
    "values",
    [{}, {"kind": "dream"}, {"kind": "note", "update": 1}, to_json(STEP) | {"more": 1}],
)
def test_what_is_no_record_is_refused_in_words(values):
    with pytest.raises(DataError, match="record"):
        from_json(values)
