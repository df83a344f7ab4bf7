"""A task's own last layers: from encoded texts to class logits or one scaled score."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from mtlviz.engine.config import HeadConfig
from mtlviz.engine.kinds import KINDS
from mtlviz.engine.models.initial import linear
from mtlviz.engine.tasks.task import Task
from mtlviz.errors import ConfigError


class Head(nn.Module):
    """What every head is: (N, r), or (N, 2, r) for pairs read apart, to logits (N, C)."""


class SentenceHead(Head):
    """Score one vector per example: a single sentence, or a pair read jointly.

    Each layer is dropout, then linear; ReLU between layers. Two layers are the first source's
    choice for sentiment.

    Args:
        inputs: Width r of an encoded text.
        outputs: Classes, or 1 for a score.
        config: Layers, their width, dropout.
        generator: Source of the starting weights.
    """

    def __init__(
        self, inputs: int, outputs: int, config: HeadConfig, generator: torch.Generator
    ) -> None:
        super().__init__()
        hidden = config.layers - 1
        self.hidden = hidden_layers(inputs, hidden, config, generator)
        self.score = _last(config.width if hidden else inputs, outputs, config, generator)

    def forward(self, features: Tensor) -> Tensor:
        """(N, r) to logits (N, C)."""
        return self.score(self.hidden(features))


class FusionHead(Head):
    """Fuse the vectors of two texts that were encoded apart, then score the result.

    - 'sum': h₁ + h₂.
    - 'concat': h₁ beside h₂.
    - 'compare': h₁, h₂, |h₁ − h₂| and h₁·h₂ elementwise, side by side.

    With one layer the encoded texts are fused and scored. With two, each text first passes the
    same hidden layer, then they are fused. A third layer is hidden and follows the fusion. Note
    that with 'sum' or 'concat' and fewer than three layers the score is a sum of one term per
    text: nothing in the head compares the two, and the encoder must make up for it.

    Args:
        inputs: Width r of an encoded text.
        outputs: Classes, or 1 for a score.
        config: Layers, their width, dropout, fusion.
        generator: Source of the starting weights.

    Reference:
        Equations 4 and 5 of the first source (Iyer, CS224N); 'compare' from Conneau et al.,
        EMNLP 2017, section 3.1.
    """

    def __init__(
        self, inputs: int, outputs: int, config: HeadConfig, generator: torch.Generator
    ) -> None:
        super().__init__()
        before = min(config.layers - 1, 1)
        self.fusion = config.fusion
        self.each = hidden_layers(inputs, before, config, generator)
        fused = WIDENING[config.fusion] * (config.width if before else inputs)
        after = config.layers - 1 - before
        self.hidden = hidden_layers(fused, after, config, generator)
        self.score = _last(config.width if after else fused, outputs, config, generator)

    def forward(self, features: Tensor) -> Tensor:
        """(N, 2, r) to logits (N, C)."""
        first, second = self.each(features).unbind(1)
        return self.score(self.hidden(_fuse(self.fusion, first, second)))


class CosineHead(Head):
    """Score a pair by the cosine of its two vectors.

    'cosine_embedding' compares the encoded texts after dropout and has no layers of its own;
    'cosine_hidden' compares them after the head's hidden layers (all of its layers are hidden).
    A similarity score is the cosine, cut at zero and stretched over the score range: pairs with a
    negative cosine get the lowest score and no gradient. Classes get one logit each, linear in
    the cosine.

    Args:
        inputs: Width r of an encoded text.
        task: Decides whether the cosine is the score or feeds class logits.
        config: Layers, their width, dropout, fusion.
        generator: Source of the starting weights.

    Raises:
        ConfigError: 'cosine_embedding' with more than one layer.

    Reference:
        Equations 6 and 7 and section 4.2 of the first source (Iyer, CS224N).
    """

    def __init__(
        self, inputs: int, task: Task, config: HeadConfig, generator: torch.Generator
    ) -> None:
        super().__init__()
        plain = config.fusion == "cosine_embedding"
        if plain and config.layers != 1:
            raise ConfigError(
                f"Fusion 'cosine_embedding' of task {task.name!r} has no layers of its own, so "
                f"layers must be 1, got {config.layers}; 'cosine_hidden' has layers."
            )
        self.each: nn.Module = nn.Dropout(config.dropout)
        if not plain:
            self.each = hidden_layers(inputs, config.layers, config, generator)
        is_score = KINDS[task.kind].cosine_is_score
        self.score = nn.ReLU() if is_score else linear(1, task.outputs, generator)

    def forward(self, features: Tensor) -> Tensor:
        """(N, 2, r) to logits (N, C)."""
        first, second = self.each(features).unbind(1)
        # A zero vector has cosine 0, but in float16 torch makes it not a number.
        cosine = functional.cosine_similarity(first.float(), second.float(), dim=1)
        return self.score(cosine.unsqueeze(1))


WIDENING = {"sum": 1, "concat": 2, "compare": 4}
"""How many times wider than one text's vector a fused pair is."""


def make_head(
    task: Task, config: HeadConfig, inputs: int, generator: torch.Generator
) -> SentenceHead | FusionHead | CosineHead:
    """The head that a task's kind and settings call for.

    Args:
        task: The task.
        config: Its head's settings.
        inputs: Width r of an encoded text.
        generator: Source of the starting weights.

    Raises:
        ConfigError: The task's kind has no head yet, or its settings contradict each other.
        DataError: The task lacks what its kind needs.
    """
    KINDS[task.kind].check_trainable(task)
    if not KINDS[task.kind].reads_apart(config):
        return SentenceHead(inputs, task.outputs, config, generator)
    if config.fusion in WIDENING:
        return FusionHead(inputs, task.outputs, config, generator)
    return CosineHead(inputs, task, config, generator)


def hidden_layers(
    inputs: int, count: int, config: HeadConfig, generator: torch.Generator
) -> nn.Sequential:
    """So many layers of dropout, linear and ReLU."""
    layers = nn.Sequential()
    for layer in range(count):
        layers.append(nn.Dropout(config.dropout))
        layers.append(linear(config.width if layer else inputs, config.width, generator))
        layers.append(nn.ReLU())
    return layers


def _last(
    inputs: int, outputs: int, config: HeadConfig, generator: torch.Generator
) -> nn.Sequential:
    return nn.Sequential(nn.Dropout(config.dropout), linear(inputs, outputs, generator))


def _fuse(fusion: str, first: Tensor, second: Tensor) -> Tensor:
    if fusion == "sum":
        return first + second
    parts = [first, second]
    if fusion == "compare":
        parts += [(first - second).abs(), first * second]
    return torch.cat(parts, dim=1)
