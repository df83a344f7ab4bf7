"""Probes: planes of fixed directions and lookahead affinity, against numbers worked by hand."""

import numpy as np
import pytest
import torch
from torch import nn

from mtlviz.engine import probes
from mtlviz.engine.probes import (
    lookahead_affinity,
    plane,
    two_parameters,
    two_random_directions,
    word_vector_tables,
)


def generator(seed=0):
    return np.random.default_rng(seed)


def parameters(*shapes):
    return [nn.Parameter(torch.zeros(shape, dtype=torch.float64)) for shape in shapes]


def dense(directions, shared):
    """The two vectors in full, by projecting every unit vector."""
    total = sum(p.numel() for p in shared)
    columns = []
    for number in range(total):
        flat = torch.zeros(total, dtype=torch.float64)
        flat[number] = 1.0
        split = flat.split([p.numel() for p in shared])
        row = [part.reshape(p.shape) for part, p in zip(split, shared, strict=True)]
        columns.append(directions.project(row).numpy())
    return np.stack(columns, axis=1)


@pytest.mark.parametrize("seed", range(5))
def test_two_parameters_are_two_different_unit_vectors_outside_word_tables(seed):
    shared = parameters((3, 2), (4,), (2, 2))
    vectors = dense(two_parameters(shared, {shared[0]}, generator(seed)), shared)
    assert sorted(vectors.sum(axis=1)) == [1.0, 1.0]
    assert np.count_nonzero(vectors) == 2
    assert vectors[0] @ vectors[1] == 0
    assert not vectors[:, :6].any()


def test_word_tables_are_used_where_there_is_nothing_else():
    shared = parameters((3, 2))
    vectors = dense(two_parameters(shared, set(shared), generator()), shared)
    assert np.count_nonzero(vectors) == 2


def test_tables_are_found_in_a_model():
    model = nn.Sequential(nn.Embedding(3, 2), nn.Linear(2, 2))
    assert word_vector_tables(model) == {model[0].weight}


@pytest.mark.parametrize("looked_at", [1 << 16, 6])
def test_random_directions_are_at_right_angles_and_of_length_one(looked_at, monkeypatch):
    monkeypatch.setattr(probes, "PROBED", looked_at)
    shared = parameters((3, 2), (4,), (2, 5))
    vectors = dense(two_random_directions(shared, generator()), shared)
    np.testing.assert_allclose(vectors @ vectors.T, np.eye(2), atol=1e-12)
    assert np.count_nonzero(vectors[0]) <= looked_at


def test_a_projection_is_the_inner_product_with_each_direction():
    shared = parameters((3, 2), (4,))
    directions = two_random_directions(shared, generator())
    drawn = torch.Generator().manual_seed(0)
    row = [torch.randn(p.shape, generator=drawn, dtype=torch.float64) for p in shared]
    flat = torch.cat([tensor.reshape(-1) for tensor in row]).numpy()
    expected = dense(directions, shared) @ flat
    np.testing.assert_allclose(directions.project(row).numpy(), expected, rtol=1e-12)


def test_the_plane_says_what_share_of_a_gradient_it_keeps():
    seen = plane(np.array([[3.0, 4.0], [0.0, 0.0], [0.0, 0.0]]), np.array([10.0, 2.0, 0.0]))
    np.testing.assert_array_equal(seen.share, [0.5, 0.0, np.nan])


def test_affinity_worked_by_hand():
    # L1 = θ², L2 = (θ − 4)², θ = 1, η = 0.1. A step on L1 leads to 0.8, one on L2 to 1.6.
    # So Z11 = 1 − .64, Z12 = 1 − 10.24 / 9, Z21 = 1 − 2.56, Z22 = 1 − 5.76 / 9.
    theta = nn.Parameter(torch.tensor([1.0], dtype=torch.float64))
    targets = (0.0, 4.0)

    def loss(task, batch):
        return (theta - targets[task]).square().sum()

    affinity, seconds = lookahead_affinity(loss, [None, None], [theta], 0.1)
    expected = [[1 - 0.64, 1 - 10.24 / 9], [1 - 2.56, 1 - 5.76 / 9]]
    np.testing.assert_allclose(affinity, expected, rtol=1e-12)
    assert theta.item() == 1.0
    assert seconds > 0


def test_affinity_restores_parameters_to_the_last_bit_even_when_a_loss_fails():
    theta = nn.Parameter(torch.tensor([0.1 + 0.2]))
    before = theta.detach().clone()
    calls = []

    def loss(task, batch):
        calls.append(task)
        if len(calls) == 2:
            raise RuntimeError("out of memory")
        return theta.square().sum()

    with pytest.raises(RuntimeError):
        lookahead_affinity(loss, [None], [theta], 0.5)
    assert torch.equal(theta, before)


def test_affinity_onto_a_loss_of_zero_is_missing():
    theta = nn.Parameter(torch.tensor([1.0]))
    affinity, _ = lookahead_affinity(
        lambda task, batch: theta.square().sum() * task, [None, None], [theta], 0.1
    )
    assert np.isnan(affinity[:, 0]).all()
    assert np.isfinite(affinity[:, 1]).all()
