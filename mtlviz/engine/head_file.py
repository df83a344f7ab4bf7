"""Heads for other programs: their tensors, and in words and steps how each is applied."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from torch import Tensor, nn

from mtlviz.engine.config import DataConfig
from mtlviz.engine.kinds import KINDS
from mtlviz.engine.models.heads import WIDENING, CosineHead, FusionHead
from mtlviz.engine.models.model import MultiTaskModel
from mtlviz.engine.tasks.task import Task

FUSIONS = {
    "sum": "a + b",
    "concat": "[a, b]",
    "compare": "[a, b, |a - b|, a * b]",
    "cosine": "[cosine of a and b]",
}
"""How two texts' vectors a and b become one."""


def head_tensors(model: MultiTaskModel) -> dict[str, Tensor]:
    """Tensors of all heads, named by the number of the task from 0: `0.score.1.weight`."""
    state = model.heads.state_dict()
    return {name: each.detach().cpu().contiguous() for name, each in state.items()}


def head_steps(model: MultiTaskModel, data: DataConfig) -> list[dict[str, Any]]:
    """What each task's head does, as JSON: which vectors it reads, its steps, and its answer.

    A step is `relu`, or `{"linear": NAME}` for x Wᵀ + b with the tensors NAME.weight and NAME.bias.
    With `each`, every text's vector passes those steps before `fusion` joins the two; `steps`
    follow.
    """
    return [
        _described(number, task, model.heads[number], data)
        for number, task in enumerate(model.tasks)
    ]


def _described(number: int, task: Task, head: nn.Module, data: DataConfig) -> dict[str, Any]:
    settings = data.tasks[number].head
    found: dict[str, Any] = {
        "task": task.name,
        "kind": task.kind,
        "labels": list(task.label_names),
        "metric": task.metric,
        "reads": _reads(task, KINDS[task.kind].reads_apart(settings)),
    }
    if isinstance(head, FusionHead | CosineHead):
        fusion = settings.fusion if settings.fusion in WIDENING else "cosine"
        found |= {"each": _steps(head.each, f"{number}.each"), "fusion": FUSIONS[fusion]}
    hidden = getattr(head, "hidden", nn.Sequential())
    found["steps"] = [
        *_steps(hidden, f"{number}.hidden"),
        *_steps(head.score, f"{number}.score"),
    ]
    return found | {"answer": _answer(task)}


def _steps(module: nn.Module, name: str) -> list[str | Mapping[str, str]]:
    """A module's layers in order; dropout does nothing after training."""
    if isinstance(module, nn.Sequential):
        parts = ((part, f"{name}.{place}") for place, part in module.named_children())
        return [step for part, place in parts for step in _steps(part, place)]
    if isinstance(module, nn.Linear):
        return [{"linear": name}]
    return ["relu"] if isinstance(module, nn.ReLU) else []


def _reads(task: Task, apart: bool) -> str:
    kind = KINDS[task.kind]
    if kind.reads_tokens:
        return "each token's vector of a question and a piece of its paragraph, read as a pair"
    if not kind.pair:
        return "one text"
    return "two texts, each alone" if apart else "two texts, as a pair"


def _answer(task: Task) -> str:
    """How the last numbers are an answer."""
    kind = KINDS[task.kind]
    if kind.reads_tokens:
        return (
            "two numbers a token, for the answer's first and last: the pair of places in the "
            "paragraph with the largest sum"
            + (", or no answer where the first token's sum is larger" if kind.or_none else "")
        )
    odds = kind.probabilities(np.array([[1.0, 0.0, 0.0]], np.float32))
    if odds is None:
        low, high = task.score_range or (0.0, 1.0)
        return f"{low:g} + {high - low:g} times the number"
    return _CLASS if np.isclose(odds.sum(), 1) else _SEVERAL


_CLASS = "softmax gives the probability of each label in this order; the largest is the answer"
_SEVERAL = "the logistic function gives each label's probability; those above one half are given"
