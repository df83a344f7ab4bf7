"""Task gradients that wait in bfloat16: half the memory, nearly the same update."""

import numpy as np
import pytest
import torch

from mtlviz.engine import gradients
from mtlviz.engine.resuming import save
from mtlviz.engine.step import make_update
from mtlviz.engine.train import records, start
from tests.engine.test_train import config, timeless

TRANSFORMER = {"encoder": "transformer", "width": 32, "vector_width": 32, "depth": 2}
# Rounding to 8 binary digits is off by up to 1/512 of an entry; over many, most of it cancels.
GRAM_ERROR, COSINE_ERROR = 1e-3, 1e-5


def run(precision, **settings):
    settings = {"combiner": "pcgrad", "capacity": TRANSFORMER, "clip_norm": None, **settings}
    return start(config(3, gradient_precision=precision, seed=3, **settings))


def first_update(precision, monkeypatch, **settings):
    """The Gram matrix and the shared gradient of a run's first update."""
    training, seen = run(precision, **settings), []
    monkeypatch.setattr(
        training.optimiser, "step", lambda: seen.extend(p.grad.clone() for p in training.shared)
    )
    gram = make_update(training).gram
    assert {tensor.dtype for tensor in seen} == {torch.float32}
    return gram, torch.cat([tensor.reshape(-1) for tensor in seen]).double()


@pytest.mark.parametrize("combiner", ["sum", "pcgrad", "cagrad"])
def test_the_update_is_nearly_that_of_float32(combiner, monkeypatch):
    gram, update = first_update("float32", monkeypatch, combiner=combiner)
    assert (gram < 0).any()  # PCGrad has something to do
    rounded, near = first_update("bfloat16", monkeypatch, combiner=combiner)
    error = np.linalg.norm(rounded - gram) / np.linalg.norm(gram)
    assert 0 < error < GRAM_ERROR
    assert torch.cosine_similarity(update, near, dim=0) > 1 - COSINE_ERROR
    assert float(near.norm() / update.norm()) == pytest.approx(1, abs=GRAM_ERROR)


def test_a_task_that_is_due_alone_is_not_rounded(monkeypatch):
    (_, full), (_, alone) = (
        first_update(precision, monkeypatch, scheduler="round_robin")
        for precision in ("float32", "bfloat16")
    )
    assert torch.equal(full, alone)


def test_a_run_with_rounded_gradients_goes_on_exactly(tmp_path):
    chosen = run("bfloat16", accumulate=2).config
    expected = timeless(records(start(chosen)))
    training = start(chosen)
    found = records(training)
    early = timeless(next(found) for _ in range(2))
    save(training, tmp_path / "run.safetensors")
    later = timeless(records(start(chosen, resume=tmp_path / "run.safetensors")))
    assert early + later == expected
    assert expected != timeless(records(start(chosen.changed_at(
        "optimisation.gradient_precision", "float32"
    ))))  # fmt: skip


def test_rounded_rows_hold_half_the_bytes_and_are_added_up_in_float32():
    drawn = torch.Generator().manual_seed(0)
    full = [[torch.randn(300, 200, generator=drawn), torch.randn(7, generator=drawn)] for _ in "ab"]
    rows = [list(row) for row in full]
    for row in rows:
        gradients.narrow(row, torch.bfloat16)
    assert sum(t.nbytes for row in rows for t in row) == sum(t.nbytes for t in full[0])
    # What is lost is lost by rounding the entries: products and sums of them lose nothing more.
    wide = [[tensor.float() for tensor in row] for row in rows]
    expected = gradients.gram_matrix(wide)
    np.testing.assert_array_equal(gradients.gram_matrix(rows), expected)
    np.testing.assert_allclose(gradients._joined_products(rows), expected, rtol=1e-5)
    weights = np.array([0.3, -1.7])
    update, plain = (gradients.combine_into(each, weights) for each in (rows, wide))
    for one, other in zip(update, plain, strict=True):
        torch.testing.assert_close(one, other)
    assert rows == [[], []]
