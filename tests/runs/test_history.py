"""A run from afar: its clock, its epochs, its strongest conflicts; and which examples made it."""

import dataclasses

import numpy as np
import pytest

from mtlviz.engine.records import AffinityRecord, WorkedExampleRecord, to_json
from mtlviz.runs import history as module
from mtlviz.runs.history import history
from mtlviz.runs.lease import lease
from mtlviz.runs.store import Store
from tests.runs import stand_in
from tests.runs.test_bad_homes import VERSION_1, database

CONFLICT = np.array([[1.0, -2.0], [-2.0, 16.0]])
AGREEING = np.array([[1.0, 0.5], [0.5, 1.0]])


def step(update, gram, seconds=1.0, **changes):
    return dataclasses.replace(
        stand_in.step(0, update), gram=gram, coefficients=None, order=None, seconds=seconds,
        **changes,
    )  # fmt: skip


@pytest.fixture
def held(store):
    return lease(store, store.create_run(stand_in.config()))


def test_the_clock_counts_work_before_each_update_and_nothing_else(store, held):
    held.append([step(0, None), AffinityRecord(1, np.eye(2), 0.1, 5.0), step(1, None, 2.0)])
    held.append([stand_in.evaluation(0, 2), step(2, None, 4.0)])
    evaluated = stand_in.evaluation(0, 2).seconds
    assert history(store, held.run, 2).clock == pytest.approx([0, 6, 8 + evaluated, 12 + evaluated])


def test_an_empty_run_has_no_clock(store, held):
    found = history(store, held.run, 2)
    assert len(found.clock) == 0
    assert len(found.strongest(3)) == 0


def test_the_strongest_conflicts_come_first_and_agreement_is_none(store, held):
    weaker = np.array([[1.0, -0.1], [-0.1, 1.0]])
    held.append([step(0, weaker), step(1, AGREEING), step(2, None), step(3, CONFLICT)])
    found = history(store, held.run, 2)
    np.testing.assert_allclose(found.cosine, [-0.1, 0.5, np.nan, -0.5])
    assert found.pair.tolist() == [[0, 1], [0, 1], [-1, -1], [0, 1]]
    assert found.strongest(5).tolist() == [3, 0]
    assert found.strongest(1).tolist() == [3]


def test_of_three_tasks_the_pair_that_agrees_least_is_named():
    gradients = np.array([[1.0, 0.0], [0.6, 0.8], [0.0, -1.0]])
    table = np.zeros(1, [(n, "<i8") for n in ("update", "epoch", "tokens")] + [("seconds", "<f8"),
                         ("gram", "<f8", (3, 3))])  # fmt: skip
    table["gram"] = gradients @ gradients.T
    found = module._of(0, table, 3)
    assert found.pair.tolist() == [[1, 2]]
    assert found.cosine == pytest.approx([-0.8])


def test_reading_on_equals_reading_at_once(store, held, monkeypatch):
    monkeypatch.setattr(module, "_CHUNK", 3)
    steps = [stand_in.step(0, update) for update in range(10)]
    held.append(steps[:4])
    early = history(store, held.run, 2)
    held.append([stand_in.evaluation(0, 4), *steps[4:]])
    late, whole = history(store, held.run, 2, early), history(store, held.run, 2)
    for field in dataclasses.fields(whole):
        np.testing.assert_array_equal(getattr(late, field.name), getattr(whole, field.name))
    assert whole.update.tolist() == list(range(10))


def test_examples_and_worked_examples_come_back_from_the_store(store, held):
    numbers = np.array([[3, -1], [7, 8]], dtype=np.int32)
    worked = WorkedExampleRecord(
        1, np.array([1, 0]), np.ones(2), np.array([4.0, np.nan]), CONFLICT, {}, 0.1, 0.1
    )
    held.append([step(0, CONFLICT, examples=numbers), worked])
    found = store.step(held.run, 0)
    np.testing.assert_array_equal(found.examples, numbers)
    assert found.examples.dtype == np.int32
    ((_, back),) = store.records(held.run, kinds=("worked_example",))
    assert to_json(back) == to_json(worked)


def test_a_store_from_before_examples_were_kept_opens_without_them(tmp_path):
    database(tmp_path, VERSION_1.read_text())
    store = Store(tmp_path)
    assert store.step(1, 0).examples is None
    assert history(store, 1, 2).update.tolist() == [0, 1, 2]
    store.close()
