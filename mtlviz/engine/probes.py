"""Measured while training beyond losses: planes of fixed directions, embeddings, affinity."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from mtlviz.engine.batches import Batch, TaskBatches
from mtlviz.engine.config import RunConfig
from mtlviz.engine.device import read_together
from mtlviz.engine.gradients import Row, task_gradient
from mtlviz.engine.models.model import MultiTaskModel
from mtlviz.engine.purposes import PLANES, generator
from mtlviz.engine.records import Plane

PROBED = 1 << 16
"""Entries of the gradient that a random direction looks at, at most."""


@dataclass(frozen=True)
class Directions:
    """Two unit vectors over the shared parameters, kept as their few non-zero entries.

    Attributes:
        places: For each parameter that has such entries: its number, and where they are in it.
        entries: The entries of both vectors in the same order, shape (2, M).
    """

    places: tuple[tuple[int, Tensor], ...]
    entries: Tensor

    def project(self, gradient: Row) -> Tensor:
        """Coordinates of a gradient along the two vectors, shape (2,)."""
        picked = [gradient[number].reshape(-1)[inside] for number, inside in self.places]
        return self.entries @ torch.cat(picked).to(self.entries.dtype)


def two_parameters(
    shared: Sequence[nn.Parameter], skipped: set[nn.Parameter], generator: np.random.Generator
) -> Directions:
    """The plane of two single shared parameters drawn at random.

    Args:
        shared: Shared parameters.
        skipped: Those not to draw from: tables of word vectors, where nearly every gradient entry
            is zero. They are used after all where there is nothing else.
        generator: Decides the draw.

    Reference:
        Iyer, CS224N report, figure 3.
    """
    allowed = np.array([0 if p in skipped else p.numel() for p in shared])
    if allowed.sum() < 2:
        allowed = np.array([p.numel() for p in shared])
    ends = np.cumsum(allowed)
    drawn = np.sort(generator.choice(ends[-1], size=min(2, ends[-1]), replace=False))
    numbers = np.searchsorted(ends, drawn, side="right")
    inside = drawn - (ends - allowed)[numbers]
    entries = np.eye(2)[:, : len(drawn)]
    return _directions(shared, numbers, inside, entries)


def two_random_directions(
    shared: Sequence[nn.Parameter], generator: np.random.Generator
) -> Directions:
    """A plane of two random directions at right angles.

    Both have entries of equal size and random sign at the same, at most 65,536, random places and
    zeros elsewhere, so that a projection costs next to nothing in a large model.
    """
    sizes = np.array([p.numel() for p in shared])
    ends = np.cumsum(sizes)
    total = int(ends[-1])
    if total <= PROBED:
        places = np.arange(total)
    else:
        # Drawn with repeats and made unique: drawing without would list all P places.
        places = np.unique(generator.integers(0, total, PROBED))
    places = places[: len(places) // 2 * 2] if len(places) > 1 else places
    numbers = np.searchsorted(ends, places, side="right")
    first = generator.choice([-1.0, 1.0], len(places))
    # Half of the signs turned, half kept: the two vectors' inner product is exactly zero.
    turned = np.repeat([1.0, -1.0], (len(places) + 1) // 2)[: len(places)]
    second = first * generator.permutation(turned)
    entries = np.stack([first, second]) / np.sqrt(len(places))
    return _directions(shared, numbers, places - (ends - sizes)[numbers], entries)


def _directions(
    shared: Sequence[nn.Parameter],
    numbers: NDArray[np.int64],
    inside: NDArray[np.int64],
    entries: NDArray[np.float64],
) -> Directions:
    """Group sorted entries by the parameter they belong to."""
    device = shared[0].device
    # Accelerators without float64 exist; float32 is what gradients have.
    dtype = torch.float64 if device.type == "cpu" else torch.float32
    places = tuple(
        (int(number), torch.as_tensor(inside[numbers == number], device=device))
        for number in np.unique(numbers)
    )
    return Directions(places, torch.as_tensor(entries, dtype=dtype, device=device))


def word_vector_tables(model: nn.Module) -> set[nn.Parameter]:
    """Parameters of the model that are tables with one row a word or position."""
    return {module.weight for module in model.modules() if isinstance(module, nn.Embedding)}


def run_planes(
    config: RunConfig, model: nn.Module, shared: Sequence[nn.Parameter]
) -> dict[str, Directions]:
    """The planes of fixed directions that a run's gradients are seen in, by name."""
    if not config.probes.planes_every or not shared:
        return {}
    drawn = generator(config.seed, PLANES)
    return {
        "two parameters": two_parameters(shared, word_vector_tables(model), drawn),
        "random directions": two_random_directions(shared, drawn),
    }


def plane(coordinates: NDArray[np.float64], lengths: NDArray[np.float64]) -> Plane:
    """Projections with the share of each gradient's length they keep.

    Args:
        coordinates: Of each task's gradient, (K, 2).
        lengths: Of the whole gradients, (K,). A zero gradient keeps an undefined share: NaN.
    """
    kept = np.linalg.norm(coordinates, axis=1)
    share = np.divide(kept, lengths, out=np.full_like(kept, np.nan), where=lengths > 0)
    # Both are rounded separately, so a fully kept gradient may come out a hair above 1.
    return Plane(coordinates, np.minimum(share, 1.0))


@dataclass(frozen=True)
class ProbeSet:
    """Fixed development examples of each task whose embeddings are followed through training."""

    splits: Sequence[TaskBatches]
    chosen: tuple[NDArray[np.int64], ...]

    @staticmethod
    def drawn(
        splits: Sequence[TaskBatches], examples: int, generator: np.random.Generator
    ) -> "ProbeSet":
        """Draw so many examples of each task, or all it has."""
        chosen = tuple(
            np.sort(generator.permutation(len(split))[: min(examples, len(split))])
            for split in splits
        )
        return ProbeSet(splits, chosen)

    @torch.no_grad()
    def embeddings(
        self, model: MultiTaskModel, device: torch.device
    ) -> tuple[list[NDArray[np.float32]], list[NDArray[np.float64]]]:
        """Shared embedding and label of each probe example, one array a task.

        A pair read as two texts has the mean of their embeddings, so that every task has width D.
        """
        was_training = model.training
        model.eval()
        try:
            found = [self._of_task(model, task, device) for task in range(len(self.splits))]
        finally:
            model.train(was_training)
        labels = [
            np.asarray(split.labels[torch.as_tensor(chosen)], dtype=np.float64)
            for split, chosen in zip(self.splits, self.chosen, strict=True)
        ]
        return found, labels

    def _of_task(
        self, model: MultiTaskModel, task: int, device: torch.device
    ) -> NDArray[np.float32]:
        split, chosen = self.splits[task], self.chosen[task]
        parts = []
        for start in range(0, len(chosen), split.batch_size):
            batch = split.collate(chosen[start : start + split.batch_size]).to(device)
            parts.append(model.vectors(task, batch).float().cpu().numpy())
        return np.concatenate(parts)


def lookahead_affinity(
    loss: Callable[[int, Batch], Tensor],
    batches: Sequence[Batch],
    shared: Sequence[nn.Parameter],
    learning_rate: float,
) -> tuple[NDArray[np.float64], float]:
    """How a plain gradient step of the shared parameters on one task changes each task's loss.

    Z_ij = 1 − L_j(θ − η ∇L_i) / L_j(θ), on one batch per task. Optimiser and parameters are left
    as they were, to the last bit.

    Args:
        loss: A task's loss on a batch, with the same dropout masks whenever it is called.
        batches: One per task.
        shared: Shared parameters.
        learning_rate: Step size η.

    Returns:
        Z, shape (K, K), row = the task stepped on; NaN where the loss before is zero. And the time
        it took, in seconds.

    Reference:
        Fifty et al., NeurIPS 2021, equation 1. https://arxiv.org/abs/2109.04617
    """
    started = time.perf_counter()
    tasks = range(len(batches))
    kept = [parameter.detach().clone() for parameter in shared]
    before: list[Tensor] = []
    after: list[Tensor] = []
    for i in tasks:
        own_loss = loss(i, batches[i])
        before.append(own_loss.detach())
        gradient, _ = task_gradient(own_loss, shared, [])
        try:
            with torch.no_grad():
                if gradient:
                    torch._foreach_add_(list(shared), gradient, alpha=-learning_rate)
                after.append(torch.stack([loss(j, batches[j]) for j in tasks]))
        finally:
            with torch.no_grad():
                for parameter, value in zip(shared, kept, strict=True):
                    parameter.copy_(value)
    read = read_together({"before": torch.stack(before), "after": torch.stack(after)})
    undefined, defined = np.full_like(read["after"], np.nan), read["before"] > 0
    ratio = np.divide(read["after"], read["before"], out=undefined, where=defined)
    return 1 - ratio, time.perf_counter() - started
