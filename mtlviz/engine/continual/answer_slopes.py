"""Slopes of earlier tasks' answers, which OGD keeps every later update at right angles to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import torch
from torch import Tensor

from mtlviz.engine.continual.fisher import single_examples
from mtlviz.engine.gradients import Row
from mtlviz.engine.kinds import KINDS
from mtlviz.engine.purposes import MEMORY

if TYPE_CHECKING:
    from mtlviz.engine.training import Training

_DEPENDENT = 1e-3  # What is left of a slope, as a share of it, that adds no direction.


def answer_slopes(training: Training, task: int, examples: int) -> list[Row]:
    """Slopes of a task's answers by what is shared, one for each example, without dropout.

    Of classes the answer is the logit of the labelled class, of scores the score; of other answers
    the loss stands in.

    Args:
        training: The run; its shared parameters are those of the phase under way.
        task: Number of the task.
        examples: Training examples to take, at most.

    Reference:
        Farajtabar et al., AISTATS 2020, section 4.1, the variant OGD-GTL.
    """
    model, kind, found = training.model, KINDS[training.tasks[task].kind], []
    for batch in single_examples(training, task, examples, MEMORY):
        logits = model(task, batch).float()
        if kind.target == "class":
            answer = logits[0, batch.labels[0]]
        else:
            answer = logits.sum() if kind.ranged else model.loss(task, logits, batch.labels)
        slopes = torch.autograd.grad(answer, training.shared, allow_unused=True)
        found.append([
            torch.zeros_like(parameter) if slope is None else slope
            for parameter, slope in zip(training.shared, slopes, strict=True)
        ])  # fmt: skip
    return found


def with_more(
    before: Mapping[str, Tensor], names: Sequence[str], rows: Sequence[Row]
) -> dict[str, Tensor]:
    """Slopes by parameter, (n, ...) each, with further ones; zero where a parameter stood still."""
    if not rows:
        return dict(before)
    more = {
        name: torch.stack(each) for name, each in zip(names, zip(*rows, strict=True), strict=True)
    }
    old = len(next(iter(before.values()))) if before else 0

    def part(found: Mapping[str, Tensor], name: str, count: int) -> Tensor:
        if name in found:
            return found[name]
        like = (before | more)[name]
        return like.new_zeros(count, *like.shape[1:])

    return {
        name: torch.cat([part(before, name, old), part(more, name, len(rows))])
        for name in {**before, **more}
    }


def directions(slopes: Mapping[str, Tensor], names: Sequence[str], like: Row) -> Tensor:
    """Orthonormal directions that span the slopes by these parameters, (k, P).

    Args:
        slopes: By parameter.
        names: The parameters that are shared now.
        like: Their tensors, for those that have no slopes.
    """
    count = len(next(iter(slopes.values())))
    parts = [
        slopes[name].reshape(count, -1) if name in slopes else each.new_zeros(count, each.numel())
        for name, each in zip(names, like, strict=True)
    ]
    flat = torch.cat(parts, dim=1)
    found, known = torch.zeros_like(flat), 0
    for slope in flat:
        rest = slope
        for _ in range(2):  # Once more, for what rounding left.
            rest = rest - (rest @ found[:known].T) @ found[:known]
        if rest.norm() > _DEPENDENT * slope.norm():
            found[known] = rest / rest.norm()
            known += 1
    return found[:known]


def take_out(row: Row, known: Tensor, of: Row | None = None) -> None:
    """Take from a gradient, in place, what of it (or of another) lies in these directions.

    Tensor by tensor: of all together no copy is made.
    """
    parts = known.split([each.numel() for each in row], dim=1)
    along = known.new_zeros(len(known))
    for each, part in zip(row if of is None else of, parts, strict=True):
        along += part @ each.reshape(-1)
    for each, part in zip(row, parts, strict=True):
        each.sub_((along @ part).view_as(each))
