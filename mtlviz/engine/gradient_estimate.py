"""What each pair of tasks would do to each other, estimated from one model's gradients.

Near the values θ* of a model trained on all tasks, an example's margin is nearly linear in them:
m(θ) ≈ m(θ*) + ∇m · (θ − θ*). A model fitted on some tasks alone is then a logistic regression on
the gradients ∇m, far cheaper than training it. Gradients are first made short by a random sketch,
which keeps their products on average.

Reference:
    Li, Sharma, Zhang, "Scalable Multitask Learning Using Gradient-based Estimation of Task
    Affinity", KDD 2024. https://arxiv.org/abs/2409.06091. They project on dense random directions;
    a count sketch (Charikar et al. 2002) needs no matrix. With more than two classes the margin is
    the right class's score less the log-sum-exp of the others, whose logistic loss is the
    cross-entropy.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from mtlviz.engine.batches import Batch
from mtlviz.engine.tasks.task import SplitName, Task
from mtlviz.engine.trained_model import TrainedModel
from mtlviz.engine.training import read_batches
from mtlviz.errors import DataError

Array = NDArray[np.float64]
WIDTH = 2000
"""Length of a gradient after the sketch; one that is no longer stays as it is."""
EXAMPLES = 100
"""Of each task and split, at most."""
_RIDGES = (1e-3, 1e-2, 1e-1, 1.0, 10.0)
_MOST_NEWTON, _MOST_HALVINGS = 100, 40
_SETTLED = 1e-10
"""A loss that would fall by no more is the lowest one."""
_AT_ONCE = 16


@dataclass(frozen=True)
class Linearised:
    """One split of one task near the trained model.

    Attributes:
        margins: Margin of each of N examples, (N,).
        slopes: Its sketched gradient, (N, D).
    """

    margins: Tensor
    slopes: Tensor


@dataclass(frozen=True, eq=False)
class Estimate:
    """How far an estimate is.

    Attributes:
        progress: Share that is done.
        affinity: By how much training with task i is estimated to lower the development loss of
            task j against training j alone, (K, K); NaN on the diagonal. None before the end.
    """

    progress: float
    affinity: Array | None = None


def can_be_estimated(task: Task) -> bool:
    """Whether the task asks for one of several classes; only there a margin says all."""
    return len(task.label_names) > 1 and task.splits["train"].labels.ndim == 1


def estimates(model: TrainedModel, generator: np.random.Generator) -> Iterator[Estimate]:
    """Estimate what every pair of tasks would do to each other.

    Args:
        model: A model that was trained on all of them.
        generator: Draws the examples and the sketch.

    Yields:
        How far it is, at the end with the affinities.

    Raises:
        DataError: The tasks share no trained weights, or one does not ask for a class.
    """
    other = [task.name for task in model.tasks if not can_be_estimated(task)]
    if other:
        raise DataError(
            f"Transfer is estimated from gradients for tasks that ask for a class; {other[0]} "
            "asks for something else."
        )
    shared = model.model.shared_parameters()
    if not shared:
        raise DataError("These tasks share no trained weights, so there is nothing to estimate.")
    sketch = _Sketch(shared, generator)
    splits: dict[SplitName, list[Linearised]] = {"train": [], "dev": []}
    tasks = len(model.tasks)
    for task in range(tasks):
        for split, found in splits.items():
            found.append(_linearised(model, task, split, sketch, generator))
        yield Estimate(0.8 * (task + 1) / tasks)
    yield Estimate(1.0, affinity_of(splits["train"], splits["dev"]))


class _Sketch:
    """Gradients made short: each entry goes, its sign drawn, to a drawn place."""

    def __init__(self, shared: Sequence[Tensor], generator: np.random.Generator) -> None:
        size = sum(parameter.numel() for parameter in shared)
        self.shared = shared
        self.places, self.signs = torch.arange(size), torch.ones(size)
        if size > WIDTH:
            self.places = torch.as_tensor(generator.integers(WIDTH, size=size))
            self.signs = torch.as_tensor(generator.choice([-1.0, 1.0], size), dtype=torch.float32)

    def of(self, margin: Tensor) -> Tensor:
        """The sketched gradient of a margin, (D,)."""
        gradient = torch.autograd.grad(
            margin, self.shared, retain_graph=True, allow_unused=True, materialize_grads=True
        )
        flat = torch.cat([part.reshape(-1) for part in gradient]).cpu()
        return torch.zeros(WIDTH).index_add_(0, self.places, self.signs * flat)


def _linearised(
    model: TrainedModel,
    task: int,
    split: SplitName,
    sketch: _Sketch,
    generator: np.random.Generator,
) -> Linearised:
    """Margins and their sketched gradients on some examples of a split."""
    asked = model.tasks[task]
    feed = read_batches(model.config, task, asked, split, model.tokenizer, model.device)
    chosen = np.sort(generator.permutation(len(feed))[:EXAMPLES])
    margins, slopes = [], []
    for start in range(0, len(chosen), feed.batch_size):
        batch = feed.collate(chosen[start : start + feed.batch_size]).to(model.device)
        found = _margins(model.model(task, batch).float(), batch)
        margins.append(found.detach().cpu())
        slopes += [sketch.of(each) for each in found]
    return Linearised(torch.cat(margins), torch.stack(slopes))


def _margins(logits: Tensor, batch: Batch) -> Tensor:
    """The right class's logit less the log-sum-exp of the others, (N,)."""
    right = batch.labels.long()[:, None]
    others = logits.scatter(1, right, -torch.inf)
    return logits.gather(1, right)[:, 0] - others.logsumexp(1)


def affinity_of(train: Sequence[Linearised], dev: Sequence[Linearised]) -> Array:
    """By how much company lowers each task's development loss, row = the company, (K, K).

    The ridge is the one under which the tasks alone have the lowest development loss in the mean.

    Args:
        train: The training split of each of K tasks.
        dev: The development split of each.
    """
    # One scale for all, so that the ridge has a meaning.
    scale = torch.cat([each.slopes for each in train]).square().sum(1).mean().sqrt()
    scale = scale if scale > 0 else torch.ones(())
    train, dev = ([Linearised(e.margins, e.slopes / scale) for e in part] for part in (train, dev))
    single = [(task,) for task in range(len(train))]
    alone, ridge = min(
        ((_dev_losses(train, dev, single, ridge), ridge) for ridge in _RIDGES),
        key=lambda found: float(found[0][:, 0].mean()),
    )
    pairs = list(combinations(range(len(train)), 2))
    found = np.full((len(train), len(train)), np.nan)
    for (one, other), losses in zip(pairs, _dev_losses(train, dev, pairs, ridge), strict=True):
        found[other, one] = alone[one, 0] - losses[0]
        found[one, other] = alone[other, 0] - losses[1]
    return found


def _dev_losses(
    train: Sequence[Linearised],
    dev: Sequence[Linearised],
    subsets: Sequence[tuple[int, ...]],
    ridge: float,
) -> Array:
    """Development loss of each task of each subset after fitting that subset, (subsets, size)."""
    losses = []
    for start in range(0, len(subsets), _AT_ONCE):
        some = subsets[start : start + _AT_ONCE]
        moved = _fitted(train, some, ridge)
        losses += [
            [float(functional.softplus(-(dev[task].margins + dev[task].slopes @ step)).mean())
             for task in subset]
            for subset, step in zip(some, moved, strict=True)
        ]  # fmt: skip
    return np.array(losses)


def _fitted(
    train: Sequence[Linearised], subsets: Sequence[tuple[int, ...]], ridge: float
) -> Tensor:
    """The step that lowers the mean loss of each subset's tasks most, (subsets, D).

    Every task counts the same, however many examples it has. By Newton, each step halved until the
    loss falls by a quarter of what it promises: whole steps run away where margins are large. The
    step is a sum of the slopes, so its N weights are sought, of which there are few.

    Raises:
        DataError: Some example has no finite margin or gradient.
    """
    longest = max(len(each.margins) for each in train)
    margins, slopes, weights = zip(*(_padded(each, longest) for each in train), strict=True)
    z, x, w = (
        torch.stack([torch.cat([part[task] for task in subset]) for subset in subsets]).double()
        for part in (margins, slopes, weights)
    )
    alike = x @ x.mT
    own = ridge * torch.eye(z.shape[-1], dtype=z.dtype)
    sums = torch.zeros_like(z)

    def moved(sums: Tensor) -> tuple[Tensor, Tensor]:
        """Margins after such steps, and the loss with its ridge."""
        gained = (alike @ sums[..., None])[..., 0]
        loss = (w * functional.softplus(-(z + gained))).sum(-1) + ridge / 2 * (sums * gained).sum(
            -1
        )
        return z + gained, loss

    for _ in range(_MOST_NEWTON):
        margin, loss = moved(sums)
        wrong = torch.sigmoid(-margin)
        slope = ridge * sums - w * wrong
        curved = (w * wrong * (1 - wrong))[..., None] * alike + own
        step = -torch.linalg.solve(curved, slope)
        promised = -(slope * (alike @ step[..., None])[..., 0]).sum(-1)
        if bool((promised <= _SETTLED).all()):
            break
        reach = torch.ones_like(promised)
        for _ in range(_MOST_HALVINGS):
            short = moved(sums + reach[:, None] * step)[1] > loss - reach * promised / 4 + _SETTLED
            if not bool(short.any()):
                break
            reach = torch.where(short, reach / 2, reach)
        sums = sums + reach[:, None] * step
    else:
        raise DataError("The estimate did not settle: some margins or gradients are not finite.")
    return (x.mT @ sums[..., None])[..., 0].to(slopes[0].dtype)


def _padded(part: Linearised, length: int) -> tuple[Tensor, Tensor, Tensor]:
    """Margins, slopes and weights of a task, filled up with examples that weigh nothing."""
    more = length - len(part.margins)
    weights = torch.full((len(part.margins),), 1 / len(part.margins))
    return (
        functional.pad(part.margins, (0, more)),
        functional.pad(part.slopes, (0, 0, 0, more)),
        functional.pad(weights, (0, more)),
    )
