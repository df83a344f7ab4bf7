"""Many small networks trained as one: a shared layer over fixed sentence vectors, a head per task.

Network b has its own tasks, data and weights, all networks the same shapes, so that a hundred of
them cost little more than one. The ways of sharing are those of `mtlviz.engine.models.sharing`; a
test holds them equal.
"""

from dataclasses import dataclass, field, replace

import torch
from torch import Tensor
from torch.nn import functional

WAYS = ("hard", "aligned", "control")


@dataclass(frozen=True)
class Data:
    """What M networks of K tasks train on and are scored on.

    Attributes:
        train: Sentence vectors, (M, K, N, d).
        labels: Class numbers, (M, K, N).
        classes: Number of classes of each task, (M, K).
        weights: Weight of each task's loss, (M, K).
        seeds: Seed of each network, M of them; networks of one seed see the same order of examples
            and the same dropout.
    """

    train: Tensor
    labels: Tensor
    classes: Tensor
    weights: Tensor
    seeds: tuple[int, ...]


@dataclass
class Networks:
    """M networks of one way of sharing.

    Attributes:
        shared: Layer of width r with ReLU: weight (M, 1, d, r) and bias (M, 1, 1, r).
        heads: Linear heads: weight (M, K, r, C) and bias (M, K, 1, C).
        turns: R less the identity, (M, K, d, d); None without alignment.
        maps: The control's factors, (M, K, r, m) and (M, K, m, r); None without it.
        frozen: Whether the shared layer stays as it is.
    """

    shared: tuple[Tensor, Tensor]
    heads: tuple[Tensor, Tensor]
    turns: Tensor | None = None
    maps: tuple[Tensor, Tensor] | None = None
    frozen: bool = False
    optimiser: torch.optim.Adam | None = field(default=None, repr=False)

    def parameters(self) -> list[Tensor]:
        """Everything that trains."""
        shared = () if self.frozen else self.shared
        turns = () if self.turns is None else (self.turns,)
        return [*shared, *self.heads, *turns, *(self.maps or ())]

    def inputs(self, vectors: Tensor) -> Tensor:
        """Vectors (M, K, N, d) as they enter the shared layer."""
        return vectors if self.turns is None else vectors + vectors @ self.turns

    def encode(self, vectors: Tensor) -> Tensor:
        """Vectors (M, K, N, d) as they enter the heads, (M, K, N, r)."""
        encoded = functional.relu(self.inputs(vectors) @ self.shared[0] + self.shared[1])
        return encoded if self.maps is None else encoded + encoded @ self.maps[0] @ self.maps[1]

    def logits(self, vectors: Tensor, kept: Tensor | None = None) -> Tensor:
        """Class scores (M, K, N, C); `kept` is a dropout mask for what enters the heads."""
        encoded = self.encode(vectors)
        return (encoded if kept is None else encoded * kept) @ self.heads[0] + self.heads[1]


def new_networks(data: Data, way: str, width: int, rate: float) -> Networks:
    """Networks with weights from their seeds; before training all ways are plain sharing."""
    inputs, tasks, classes = data.train.shape[-1], data.train.shape[1], int(data.classes.max())
    drawn = [_drawn(seed, inputs, tasks, classes, width) for seed in data.seeds]
    weight, bias, head, offset, down = (torch.stack(parts) for parts in zip(*drawn, strict=True))
    found = Networks((weight[:, None], bias[:, None, None]), (head, offset[:, :, None]))
    if way == "aligned":
        found.turns = torch.zeros(len(drawn), tasks, inputs, inputs)
    if way == "control":
        found.maps = (down, torch.zeros(len(drawn), tasks, down.shape[-1], width))
    return _ready(found, rate)


def after(start: Networks, data: Data, way: str, rate: float) -> Networks:
    """Networks that go on from others with the shared layer fixed, as Algorithm 1 asks."""
    width = start.shared[0].shape[-1]
    fresh = new_networks(data, way, width, rate)
    copied = [tuple(part.detach().clone() for part in pair) for pair in (start.shared, start.heads)]
    return _ready(replace(fresh, shared=copied[0], heads=copied[1], frozen=True), rate)


def _ready(found: Networks, rate: float) -> Networks:
    for parameter in found.parameters():
        parameter.requires_grad_(True)
    # Adam works entry by entry, so that networks side by side do not feel one another.
    found.optimiser = torch.optim.Adam(found.parameters(), lr=rate, fused=True)
    return found


def _drawn(seed: int, inputs: int, tasks: int, classes: int, width: int) -> tuple[Tensor, ...]:
    generator = torch.Generator().manual_seed(seed)
    inner = max(1, round(inputs**2 / (2 * width)))

    def uniform(*shape: int, fan: int) -> Tensor:
        return (2 * torch.rand(*shape, generator=generator) - 1) / fan**0.5

    return (
        uniform(inputs, width, fan=inputs),
        uniform(width, fan=inputs),
        uniform(tasks, width, classes, fan=width),
        uniform(tasks, classes, fan=width),
        uniform(tasks, width, inner, fan=width),
    )


def train(nets: Networks, data: Data, epochs: int, batch: int, dropout: float, turn: int) -> None:
    """So many passes, one batch of each task in every update.

    Args:
        nets: Changed in place.
        data: The examples.
        epochs: Passes.
        batch: Examples of a task in an update.
        dropout: Share of head inputs dropped.
        turn: Tells one call's random order from another's.
    """
    streams = {s: torch.Generator().manual_seed(1000 * s + turn) for s in sorted(set(data.seeds))}
    place = torch.tensor([sorted(set(data.seeds)).index(seed) for seed in data.seeds])
    tasks, count = data.train.shape[1:3]
    width = nets.shared[0].shape[-1]
    shown = torch.arange(int(data.classes.max())) < data.classes[..., None, None]
    rows = torch.arange(len(data.seeds))[:, None, None], torch.arange(tasks)[None, :, None]
    for _ in range(epochs):
        orders = torch.stack([_orders(tasks, count, stream) for stream in streams.values()])[place]
        for begin in range(0, count, batch):
            chosen = orders[..., begin : begin + batch]
            shape = (tasks, chosen.shape[-1], width)
            drawn = torch.stack([torch.rand(*shape, generator=s) for s in streams.values()])
            kept = ((drawn >= dropout) / (1 - dropout))[place]
            logits = nets.logits(data.train[(*rows, chosen)], kept)
            logits = logits.masked_fill(~shown, -torch.inf)
            labels = data.labels[(*rows, chosen)]
            losses = functional.cross_entropy(
                logits.flatten(0, 2), labels.flatten(), reduction="none"
            )
            loss = (losses.view(labels.shape).mean(-1) * data.weights).sum()
            nets.optimiser.zero_grad()
            loss.backward()
            nets.optimiser.step()


def _orders(tasks: int, count: int, generator: torch.Generator) -> Tensor:
    return torch.stack([torch.randperm(count, generator=generator) for _ in range(tasks)])


@torch.no_grad()
def margins(nets: Networks, place: int, task: int, held: Tensor, classes: int) -> Tensor:
    """Class scores (N, C) that one network gives evaluation sentences (N, d) of one task."""
    found = one(nets, place, task).logits(held[None, None])
    return found[0, 0, :, :classes]


def one(nets: Networks, place: int, task: int) -> Networks:
    """One network with one of its tasks."""

    def pick(tensor: Tensor) -> Tensor:
        return (
            tensor[place : place + 1, task : task + 1]
            if tensor.shape[1] > 1
            else tensor[place : place + 1]
        )

    return Networks(
        (pick(nets.shared[0]), pick(nets.shared[1])),
        (pick(nets.heads[0]), pick(nets.heads[1])),
        None if nets.turns is None else pick(nets.turns),
        None if nets.maps is None else (pick(nets.maps[0]), pick(nets.maps[1])),
    )
