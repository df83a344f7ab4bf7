"""Gradients of the tasks, one task's graph at a time, their Gram matrix, and their weighted sum.

A task with its own batch needs only its own graph, so each task's gradient is taken at once and
its activations are dropped before the next task's forward pass. Gradients stay lists of tensors,
one list per task: a flat (K, P) matrix would hold every gradient a second time.
"""

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

Row = list[Tensor]
"""One task's gradient: a tensor for each shared parameter, in the parameters' order."""

# Elements joined into one matrix product on an accelerator, where launching a kernel costs more
# than copying; on a CPU separate dot products of three tasks were 3 to 5 times faster than any
# joined form. Their number grows with the square of the tasks, and each reads memory anew: of many
# tasks, blocks that fit a cache are multiplied.
_JOINED = 1 << 22
_MANY, _BLOCK = 8, 1 << 15


def task_gradient(loss: Tensor, shared: Sequence[Tensor], own: Sequence[Tensor]) -> tuple[Row, Row]:
    """Differentiate one task's loss and free its graph.

    Args:
        loss: The task's mean loss, a scalar.
        shared: Shared parameters.
        own: Parameters of the task alone.

    Returns:
        The gradient with respect to `shared` and to `own`; zeros where the loss does not depend
        on a parameter.
    """
    parameters = [*shared, *own]
    if not parameters:
        return [], []
    found = torch.autograd.grad(loss, parameters, allow_unused=True)
    filled = _separate(parameters, found)
    return filled[: len(shared)], filled[len(shared) :]


def _separate(parameters: Sequence[Tensor], found: Sequence[Tensor | None]) -> Row:
    """Gradients that may be changed in place, each in memory of its own.

    Autograd hands out the same tensor twice where two parameters are only ever added, and tensors
    of stride 0 where a parameter is only summed.
    """
    filled, seen = [], set()
    for parameter, gradient in zip(parameters, found, strict=True):
        if gradient is None:
            gradient = torch.zeros_like(parameter)
        elif gradient.data_ptr() in seen or not gradient.is_contiguous():
            gradient = gradient.clone(memory_format=torch.contiguous_format)
        seen.add(gradient.data_ptr())
        filled.append(gradient)
    return filled


def add_into(total: Row, gradient: Row) -> None:
    """Add a gradient to another in place, and empty it; an empty total takes its tensors over."""
    if total:
        torch._foreach_add_(total, gradient)
    else:
        total.extend(gradient)
    gradient.clear()


def scale(gradient: Row, factor: float) -> None:
    """Multiply a gradient by a number, in place."""
    if gradient and factor != 1.0:
        torch._foreach_mul_(gradient, factor)


def gram_matrix(rows: Sequence[Row]) -> NDArray[np.floating]:
    """Inner products of the tasks' gradients.

    Args:
        rows: One gradient for each of K tasks.

    Returns:
        G = J Jᵀ, shape (K, K): products within a tensor in the gradient's own precision, added up
        in float64. Exactly symmetric. Zeros if there are no shared parameters. The number format
        is that of the products, so that combiners know what is rounding noise in it.
    """
    wide = not rows or not rows[0] or rows[0][0].dtype == torch.float64
    return inner_products(rows).cpu().numpy().astype(np.float64 if wide else np.float32)


def inner_products(rows: Sequence[Row]) -> Tensor:
    """`gram_matrix` where the gradients are: on a GPU nobody waits for it yet."""
    if not rows or not rows[0]:
        return torch.zeros(len(rows), len(rows), dtype=torch.float64)
    if rows[0][0].device.type != "cpu":
        return _joined_products(rows)
    return _dot_products(rows) if len(rows) < _MANY else _blocked_products(rows)


def layer_products(rows: Sequence[Row], layers: Sequence[Sequence[int]]) -> Tensor:
    """The Gram matrix of each layer by itself; over all layers they add up to the whole one.

    Args:
        rows: One gradient for each of K tasks.
        layers: Numbers of the parameters of each of B layers.

    Returns:
        Inner products, (B, K, K); not-a-number where a layer has no parameters.
    """
    found = []
    for members in layers:
        products = inner_products([[row[number] for number in members] for row in rows])
        found.append(products if members else torch.full_like(products, torch.nan))
    device = rows[0][0].device
    return torch.stack([products.to(device) for products in found])


def _dot_products(rows: Sequence[Row]) -> Tensor:
    """The Gram matrix by one dot product for each pair of tasks and tensor."""
    gram = torch.zeros(len(rows), len(rows), dtype=torch.float64)
    pairs = [(i, j) for i in range(len(rows)) for j in range(i + 1)]
    products: dict[tuple[int, int], list[Tensor]] = {pair: [] for pair in pairs}
    for same in zip(*rows, strict=True):
        # Tensor by tensor, so that only one of each row is widened at a time.
        flat = [_wide(tensor).reshape(-1) for tensor in same]
        for i, j in pairs:
            products[i, j].append(torch.dot(flat[i], flat[j]).double())
    for (i, j), found in products.items():
        gram[i, j] = gram[j, i] = torch.stack(found).sum()
    return gram


def _blocked_products(rows: Sequence[Row]) -> Tensor:
    """The Gram matrix by one matrix product for each block of each tensor."""
    gram = torch.zeros(len(rows), len(rows), dtype=torch.float64)
    for same in zip(*rows, strict=True):
        flat = [tensor.reshape(-1) for tensor in same]
        size = len(flat[0])
        # One piece of memory for all blocks: new pages cost more than the copy.
        block = flat[0].new_empty(len(rows), min(size, _BLOCK))
        for start in range(0, size, _BLOCK):
            matrix = block[:, : size - start]
            torch.stack([part[start : start + _BLOCK] for part in flat], out=matrix)
            wide = _wide(matrix)
            gram += wide @ wide.T
    # A matrix product need not be symmetric to the last bit.
    return (gram + gram.T) / 2


def _wide(tensor: Tensor) -> Tensor:
    """A tensor whose products may be added up: bfloat16 keeps too few digits for that."""
    return tensor.float() if tensor.dtype == torch.bfloat16 else tensor


def _joined_products(rows: Sequence[Row]) -> Tensor:
    """The Gram matrix by one matrix product for each run of tensors of about `_JOINED` elements."""
    gram = torch.zeros(len(rows), len(rows), dtype=torch.float64, device=rows[0][0].device)
    for start, stop in _runs([tensor.numel() for tensor in rows[0]]):
        matrix = _wide(_matrix([row[start:stop] for row in rows]))
        gram += (matrix @ matrix.T).double()
    # A matrix product need not be symmetric to the last bit.
    return (gram + gram.T) / 2


def _matrix(rows: Sequence[Row]) -> Tensor:
    """Gradients as the rows of one matrix, (K, P), each element copied once."""
    size = sum(tensor.numel() for tensor in rows[0])
    matrix = rows[0][0].new_empty(len(rows), size)
    for line, row in zip(matrix, rows, strict=True):
        torch.cat([tensor.reshape(-1) for tensor in row], out=line)
    return matrix


def _runs(sizes: Sequence[int]) -> list[tuple[int, int]]:
    """Split consecutive tensors into runs that end once they hold `_JOINED` elements."""
    runs, start, held = [], 0, 0
    for stop, size in enumerate(sizes, start=1):
        held += size
        if held >= _JOINED or stop == len(sizes):
            runs.append((start, stop))
            start, held = stop, 0
    return runs


def combine_into(rows: Sequence[Row], weights: NDArray[np.float64]) -> Row:
    """The weighted sum of the tasks' gradients, written over the first of them.

    Working in place keeps the peak at K gradients. The rows are used up, and emptied, so that
    their memory is free when the optimiser needs some.

    Args:
        rows: One gradient for each of K tasks, in float32 or in bfloat16.
        weights: Weight of each, shape (K,).

    Returns:
        The update, one tensor for each shared parameter, never in bfloat16.
    """
    if rows[0] and rows[0][0].dtype == torch.bfloat16:
        return _combine_widened(rows, weights)
    update = list(rows[0])
    if update:
        scale(update, float(weights[0]))
        for row, weight in zip(rows[1:], weights[1:], strict=True):
            torch._foreach_add_(update, row, alpha=float(weight))
    for row in rows:
        row.clear()
    return update


def _combine_widened(rows: Sequence[Row], weights: NDArray[np.float64]) -> Row:
    """The weighted sum in float32 of rows in bfloat16, which are emptied tensor by tensor."""
    update: Row = []
    while rows[0]:
        first, *others = (row.pop() for row in rows)
        total = first.float().mul_(float(weights[0]))
        for tensor, weight in zip(others, weights[1:], strict=True):
            total.add_(tensor, alpha=float(weight))
        update.append(total)
    return update[::-1]


def narrow(gradient: Row, dtype: torch.dtype) -> None:
    """Keep a gradient in another number format, tensor by tensor so that no second copy arises."""
    for place, tensor in enumerate(gradient):
        gradient[place] = tensor.to(dtype)


def lengths(rows: Sequence[Row], device: torch.device) -> Tensor:
    """Euclidean length of each gradient over all its tensors, (K,) float64."""
    return torch.stack([_length(row, device) for row in rows])


def _length(gradient: Row, device: torch.device) -> Tensor:
    if not gradient:
        return torch.zeros((), dtype=torch.float64, device=device)
    return torch.stack(torch._foreach_norm(gradient)).double().square().sum().sqrt()


def assign(parameters: Sequence[torch.nn.Parameter], gradient: Row) -> None:
    """Hand a gradient to the optimiser by way of each parameter's `grad`."""
    for parameter, tensor in zip(parameters, gradient, strict=True):
        parameter.grad = tensor
