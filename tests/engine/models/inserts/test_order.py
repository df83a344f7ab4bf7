"""Each task's gradient is its own, whatever is passed forwards and backwards in between."""

from contextlib import nullcontext

import pytest
import torch
from torch.testing import assert_close

from mtlviz.engine.models.inserts.method import InsertMethod
from mtlviz.engine.models.sharing import SHARING
from tests.engine.models.inserts.conftest import FAMILIES, loss

INSERTS = [name for name in SHARING if issubclass(SHARING[name].method, InsertMethod)]


def parameters(sharing, task):
    found = [*sharing.shared_parameters(), *sharing.task_parameters(task)]
    return [parameter for parameter in found if parameter.requires_grad]


def gradient(sharing, value, task):
    return torch.autograd.grad(value, parameters(sharing, task))


@pytest.mark.parametrize("family", ["bert", "distilbert", "transformer"])
@pytest.mark.parametrize("name", INSERTS)
def test_another_tasks_forward_pass_before_the_backward_pass_changes_nothing(
    name, family, sharing_of_family, tokens
):
    plain = sharing_of_family(family, name)
    expected = [gradient(plain, loss(plain(task, tokens)), task) for task in range(2)]
    sharing = sharing_of_family(family, name, recompute=True)
    values = [loss(sharing(task, tokens)) for task in range(2)]
    for task in range(2):
        assert_close(gradient(sharing, values[task], task), expected[task], rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("family", FAMILIES)
def test_without_the_context_of_its_task_a_repeated_pass_would_be_another_tasks(
    family, sharing_of_family, tokens
):
    # The trap itself: had it been harmless, the test above could not fail.
    plain = sharing_of_family(family, "houlsby")
    expected = gradient(plain, loss(plain(0, tokens)), 0)
    sharing = sharing_of_family(family, "houlsby", recompute=True)
    sharing.encoder.surround(lambda: (nullcontext(), nullcontext()))
    value = loss(sharing(0, tokens))
    with sharing.current.at(1, tokens.mask):
        found = torch.autograd.grad(value, parameters(sharing, 0), allow_unused=True)
    pairs = zip(found, expected, strict=True)
    assert any(f is None or not torch.allclose(f, e) for f, e in pairs)


@pytest.mark.parametrize("family", ["bert", "distilbert", "transformer"])
def test_a_kept_graph_can_be_passed_backwards_twice(family, sharing_of_family, tokens):
    sharing = sharing_of_family(family, "houlsby", recompute=True)
    value = loss(sharing(0, tokens))
    known = parameters(sharing, 0)
    first = torch.autograd.grad(value, known, retain_graph=True)
    sharing(1, tokens)
    assert_close(torch.autograd.grad(value, known), first)


@pytest.mark.parametrize("family", FAMILIES)
def test_no_gradient_is_missing_when_activations_are_computed_again(
    family, sharing_of_family, tokens
):
    # Checkpoints that go into autograd again give None for every parameter, without a word.
    sharing = sharing_of_family(family, "houlsby", recompute=True)
    value = loss(sharing(0, tokens))
    found = torch.autograd.grad(value, parameters(sharing, 0), allow_unused=True)
    assert all(each is not None and each.abs().sum() > 0 for each in found)
