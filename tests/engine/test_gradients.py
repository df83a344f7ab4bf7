"""Task gradients: correctness against hand-worked numbers, plain autograd and torchjd."""

import sys

import numpy as np
import pytest
import torch
from torch import nn

from mtlviz.engine import gradients
from mtlviz.engine.combiners import make_combiner


def generator(seed=0):
    return torch.Generator().manual_seed(seed)


class Tiny(nn.Module):
    """A shared two-layer encoder and one linear head per task."""

    def __init__(self, tasks, dtype=torch.float64):
        super().__init__()
        self.shared = nn.Sequential(nn.Linear(4, 6), nn.Tanh(), nn.Linear(6, 5)).to(dtype)
        self.heads = nn.ModuleList(nn.Linear(5, 1).to(dtype) for _ in range(tasks))
        for number, parameter in enumerate(self.parameters()):
            drawn = torch.randn(parameter.shape, generator=generator(number), dtype=dtype)
            parameter.data = drawn
        self.inputs = torch.randn(tasks, 8, 4, generator=generator(1), dtype=dtype)
        self.targets = torch.randn(tasks, 8, 1, generator=generator(2), dtype=dtype)

    def features(self, task):
        return self.shared(self.inputs[task])

    def loss(self, task, features=None):
        features = self.features(task) if features is None else features
        return (self.heads[task](features) - self.targets[task]).square().mean()


def rows_of(model, tasks):
    shared = list(model.shared.parameters())
    return [
        gradients.task_gradient(model.loss(k), shared, list(model.heads[k].parameters()))[0]
        for k in range(tasks)
    ]


def flat(row):
    return torch.cat([tensor.reshape(-1) for tensor in row])


def test_gradients_of_a_product_worked_by_hand():
    # d(w a) / dw = a = 3 and d(w a) / da = w = 2; the unused parameter gets zeros.
    w, a, unused = (torch.tensor([v], requires_grad=True) for v in (2.0, 3.0, 7.0))
    shared, own = gradients.task_gradient((w * a).sum(), [w, unused], [a])
    assert [tensor.item() for tensor in shared] == [3.0, 0.0]
    assert own[0].item() == 2.0


def test_two_parameters_that_are_only_added_get_gradients_in_separate_memory():
    first, second = (torch.zeros(3, requires_grad=True) for _ in range(2))
    (a, b), _ = gradients.task_gradient(((first + second) * 1.0).sum(), [first, second], [])
    a.add_(1.0)
    assert torch.equal(b, torch.ones(3))
    # A bare sum hands out one number seen three times; it must be changeable as well.
    (c,), _ = gradients.task_gradient(first.sum(), [first], [])
    c.add_(1.0)
    assert torch.equal(c, torch.full((3,), 2.0))


def test_gram_matrix_worked_by_hand():
    rows = [
        [torch.tensor([[1.0, 2.0]]), torch.tensor([3.0])],
        [torch.tensor([[0.0, -1.0]]), torch.tensor([4.0])],
    ]
    assert gradients.gram_matrix(rows).tolist() == [[14.0, 10.0], [10.0, 17.0]]


@pytest.mark.parametrize("tasks", [1, 2, 3, 8, 32])
def test_all_ways_to_the_gram_matrix_agree_with_a_flat_jacobian(tasks, monkeypatch):
    monkeypatch.setattr(gradients, "_JOINED", 20)  # several runs, one of them partial
    monkeypatch.setattr(gradients, "_BLOCK", 7)  # several blocks, one of them partial
    rows = rows_of(Tiny(tasks), tasks)
    jacobian = torch.stack([flat(row) for row in rows])
    expected = (jacobian @ jacobian.T).numpy()
    np.testing.assert_allclose(gradients.gram_matrix(rows), expected, rtol=1e-9)
    for way in (gradients._joined_products, gradients._blocked_products):
        found = way(rows).numpy()
        np.testing.assert_allclose(found, expected, rtol=1e-9)
        assert (found == found.T).all()


def test_no_shared_parameters_give_a_zero_gram_matrix_and_an_empty_update():
    assert gradients.gram_matrix([[], []]).tolist() == [[0.0, 0.0], [0.0, 0.0]]
    assert gradients.combine_into([[], []], np.ones(2)) == []
    assert gradients.lengths([[], []], torch.device("cpu")).tolist() == [0.0, 0.0]


def test_combination_is_the_weighted_sum_and_uses_no_new_memory():
    rows = rows_of(Tiny(3), 3)
    weights = np.array([0.5, -2.0, 3.0])
    expected = weights[0] * flat(rows[0]) + weights[1] * flat(rows[1]) + weights[2] * flat(rows[2])
    pointers = [tensor.data_ptr() for tensor in rows[0]]
    update = gradients.combine_into(rows, weights)
    torch.testing.assert_close(flat(update), expected)
    assert [tensor.data_ptr() for tensor in update] == pointers
    (length,) = gradients.lengths([update], torch.device("cpu"))
    assert float(length) == pytest.approx(float(expected.norm()), rel=1e-12)


def test_accumulated_gradients_are_added():
    total = []
    gradients.add_into(total, [torch.ones(2)])
    gradients.add_into(total, [torch.full((2,), 3.0)])
    gradients.scale(total, 0.5)
    assert total[0].tolist() == [2.0, 2.0]


def ours(model, combiner, tasks):
    rows = rows_of(model, tasks)
    weights = make_combiner(combiner)(gradients.gram_matrix(rows), np.random.default_rng(0)).weights
    return flat(gradients.combine_into(rows, weights))


@pytest.mark.parametrize("combiner", ["sum", "pcgrad"])
@pytest.mark.parametrize("tasks", [2, 3])
def test_the_combined_gradient_equals_torchjds(combiner, tasks, monkeypatch):
    from torchjd.aggregation import PCGrad, Sum
    from torchjd.autojac import jac_to_grad, mtl_backward

    # Both visit the other tasks in their order, so that no random draw sets them apart.
    monkeypatch.setattr(
        sys.modules["mtlviz.engine.combiners.pcgrad"],
        "random_order",
        lambda shape, _: np.array(
            [[j for j in range(shape[-1]) if j != i] for i in range(shape[-1])]
        ),
    )
    monkeypatch.setattr(torch, "randperm", lambda n, **_: torch.arange(n))
    model = Tiny(tasks)
    mine = ours(model, combiner, tasks)
    features = [model.features(k) for k in range(tasks)]
    mtl_backward([model.loss(k, features[k]) for k in range(tasks)], features=features)
    shared = list(model.shared.parameters())
    jac_to_grad(shared, {"sum": Sum, "pcgrad": PCGrad}[combiner]())
    torch.testing.assert_close(mine, flat([p.grad for p in shared]), rtol=1e-10, atol=1e-12)


def test_the_tiny_model_has_a_conflict_so_that_surgery_differs_from_the_sum():
    model = Tiny(3)
    assert (gradients.gram_matrix(rows_of(model, 3)) < 0).any()
    assert not torch.allclose(ours(model, "sum", 3), ours(model, "pcgrad", 3))
