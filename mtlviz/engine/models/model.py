"""The whole multi-task model: what the tasks share, each task's head, losses and predictions."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, NamedTuple

import torch
from torch import Tensor, nn

from mtlviz.engine.kinds import KINDS
from mtlviz.engine.kinds.kind import Labels
from mtlviz.engine.models.heads import Head
from mtlviz.engine.models.pooling import average
from mtlviz.engine.models.sharing.sharing import Sharing
from mtlviz.engine.models.tokens import Tokens
from mtlviz.engine.models.vectors import Coverage
from mtlviz.engine.tasks.task import Task

if TYPE_CHECKING:  # Batches are made of tokens: at run time they import this package.
    from mtlviz.engine.batches import Batch
    from mtlviz.engine.compiling import CompiledLayers


class TaskEmbeddings(NamedTuple):
    """How a task's texts look at three places of the model, for covariance pictures.

    Attributes:
        words: Embedding-layer vectors averaged over a text's tokens (N, d).
        inputs: The same after the task's alignment, as they enter the shared module (N, d);
            equal to `words` where the sharing aligns nothing.
        outputs: Encoder outputs, as they enter the head (N, r).
    """

    words: Tensor
    inputs: Tensor
    outputs: Tensor


class MultiTaskModel(nn.Module):
    """A shared encoder, however the tasks share it, and one head per task.

    Args:
        sharing: Turns a task's tokens into vectors.
        heads: One per task, in the tasks' order.
        tasks: The tasks.
        coverage: How many words got a vector from a file; None for other word vectors.

    Attributes:
        compiled: Stands in for `sharing` where its layers are to be compiled; None where not.
        classes: Which classes of a head that grows are there, (C,); None where all are.
    """

    compiled: CompiledLayers | None = None
    classes: Tensor | None = None

    def __init__(
        self,
        sharing: Sharing,
        heads: Sequence[Head],
        tasks: Sequence[Task],
        coverage: Coverage | None = None,
    ) -> None:
        super().__init__()
        self.sharing = sharing
        self.heads = nn.ModuleList(heads)
        self.tasks = tuple(tasks)
        self.coverage = coverage

    def forward(self, task: int, batch: Batch) -> Tensor:
        """One task's logits for one batch: (N, C), scaled scores (N, 1), or spans (N, T, 2)."""
        logits = self.heads[task](self.features(task, batch))
        if self.classes is not None:
            logits = logits.masked_fill(~self.classes, -torch.inf)
        places = None if batch.first is None else batch.first.places
        # No answer begins or ends in a question, a mark or padding.
        return logits if places is None else logits.masked_fill(~places.unsqueeze(2), -torch.inf)

    def vectors(self, task: int, batch: Batch) -> Tensor:
        """One vector per example, (N, r): the mean of a pair's two, or of a window's tokens."""
        features = self.features(task, batch)
        if batch.first is not None and batch.first.places is not None:
            return average(features, batch.first.mask)
        return features.mean(1) if features.ndim == 3 else features

    def features(self, task: int, batch: Batch) -> Tensor:
        """Encoder outputs: (N, r), (N, 2, r) for pairs read apart, (N, T, r) for spans."""
        if batch.features is not None:
            return batch.features
        encode = self.compiled or self.sharing
        first = encode(task, batch.first)
        if batch.second is None:
            return first
        return torch.stack([first, encode(task, batch.second)], dim=1)

    def loss(self, task: int, logits: Tensor, labels: Tensor) -> Tensor:
        """The task's mean loss over a batch, a scalar in float32, as its kind defines it.

        Args:
            task: Number of the task.
            logits: What `forward` returned, (N, C).
            labels: The batch's labels, in the task's own units.
        """
        asked = self.tasks[task]
        return KINDS[asked.kind].loss(asked, logits.float(), labels)

    def predict(self, task: int, logits: Tensor) -> Labels:
        """The task's answers in the form of its labels, as its kind defines them."""
        asked = self.tasks[task]
        return KINDS[asked.kind].predict(asked, logits.detach().float().cpu().numpy())

    def embeddings(self, task: int, tokens: Tokens) -> TaskEmbeddings:
        """A task's texts averaged after the embedding layer, and after the encoder."""
        words, inputs = self.sharing.embed(task, tokens)
        outputs = self.sharing.encode(task, inputs, tokens)
        if tokens.places is not None:
            outputs = average(outputs, tokens.mask)
        return TaskEmbeddings(average(words, tokens.mask), average(inputs, tokens.mask), outputs)

    def shared_parameters(self) -> list[nn.Parameter]:
        """Trained parameters that every task uses; empty when nothing is shared."""
        every = [*self.sharing.shared_parameters(), *self._common_head()]
        return [p for p in every if p.requires_grad]

    def task_parameters(self, task: int) -> list[nn.Parameter]:
        """Trained parameters of one task alone: its head and its own part of the sharing."""
        head = () if self.has_one_head else self.heads[task].parameters()
        own = [*self.sharing.task_parameters(task), *head]
        return [p for p in own if p.requires_grad]

    def set_by_phases(self) -> dict[str, Tensor]:
        """What decides the answers beside parameters: kept buffers, and which classes are there."""
        kept = self.state_dict().keys()
        found = {name: each for name, each in self.named_buffers() if name in kept}
        return found if self.classes is None else found | {"classes": self.classes}

    @property
    def has_one_head(self) -> bool:
        """Whether several tasks are answered by one head."""
        return len(self.heads) > 1 and self.heads[0] is self.heads[1]

    def _common_head(self) -> Iterable[nn.Parameter]:
        return self.heads[0].parameters() if self.has_one_head else ()
