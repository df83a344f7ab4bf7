"""A shared layer over fixed sentence vectors, learned step after step, all seeds side by side.

    h = max(0, x W + b),    logits = h A + c over the classes that are known so far

A-GEM and GEM project what the tasks share: W and b, and the head where there is but one. EWC pulls
W and b alone, which are also what is frozen.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from mtlviz.engine.continual import Recipe
from mtlviz.engine.continual.formulas import Anchor, anchored, distillation_slope, ewc_slope

Array = NDArray[np.float64]
Floats = NDArray[np.float32]
_HUGE = np.float32(1e9)


@dataclass(frozen=True)
class Step:
    """What arrives in one step: vectors (N, d), labels (N,), its head, classes known then (C,)."""

    train: Floats
    labels: NDArray[np.int64]
    held: Floats
    held_labels: NDArray[np.int64]
    head: int
    known: NDArray[np.bool_]


@dataclass
class Network:
    """Parameters of M seeds: W (M, d, r), b (M, 1, r), A (M, H, r, C), c (M, H, 1, C)."""

    parts: list[Floats]
    mean: list[Floats] = field(default_factory=list)
    square: list[Floats] = field(default_factory=list)
    count: int = 0

    def reset(self) -> None:
        """Adam begins anew."""
        self.mean = [np.zeros_like(each) for each in self.parts]
        self.square = [np.zeros_like(each) for each in self.parts]
        self.count = 0

    def move(self, slopes: Sequence[Floats], rate: float) -> None:
        """One step of Adam."""
        self.count += 1
        for part, slope, mean, square in zip(
            self.parts, slopes, self.mean, self.square, strict=True
        ):
            mean += 0.1 * (slope - mean)
            square += 0.001 * (slope**2 - square)
            scale = np.sqrt(square / (1 - 0.999**self.count)) + 1e-8
            part -= rate * mean / (1 - 0.9**self.count) / scale


def new_network(inputs: int, width: int, heads: int, classes: int, seeds: Sequence[int]) -> Network:
    """Networks as torch's linear layers begin: uniform within 1 / √inputs."""
    shapes = [(inputs, width), (1, width), (heads, width, classes), (heads, 1, classes)]
    fans = [inputs, inputs, width, width]
    drawn = [
        [np.random.default_rng([seed, place]).uniform(-1, 1, shape) / np.sqrt(fan)
         for place, (shape, fan) in enumerate(zip(shapes, fans, strict=True))]
        for seed in seeds
    ]  # fmt: skip
    found = Network([np.float32([each[place] for each in drawn]) for place in range(4)])
    found.reset()
    return found


def logits(net: Network, x: Floats, head: int) -> tuple[Floats, Floats]:
    """Outputs of the shared layer and of a head, (M, n, r) and (M, n, C)."""
    w, b, a, c = net.parts
    hidden = np.maximum(x @ w + b, 0)
    return hidden, hidden @ a[:, head] + c[:, head]


def chances(values: Floats, known: NDArray[np.bool_]) -> Floats:
    """Class probabilities among the classes known."""
    shown = np.where(known, values, -_HUGE)
    powers = np.exp(shown - shown.max(-1, keepdims=True))
    return powers / powers.sum(-1, keepdims=True)


def back(net: Network, x: Floats, hidden: Floats, out: Floats, head: int) -> list[Floats]:
    """Slopes of the four parts from those of the logits, (M, n, C)."""
    a = net.parts[2]
    inner = (out @ a[:, head].swapaxes(1, 2)) * (hidden > 0)
    found = [np.swapaxes(x, -1, -2) @ inner, inner.sum(1, keepdims=True),
             np.zeros_like(a), np.zeros_like(net.parts[3])]  # fmt: skip
    found[2][:, head] = hidden.swapaxes(1, 2) @ out
    found[3][:, head] = out.sum(1, keepdims=True)
    return found


def loss_slopes(
    net: Network, x: Floats, labels: NDArray[np.int64], head: int, known: NDArray[np.bool_]
) -> list[Floats]:
    """Slopes of the mean cross-entropy on a batch, x (M, n, d) and labels (M, n)."""
    hidden, values = logits(net, x, head)
    out = chances(values, known)
    np.put_along_axis(
        out, labels[..., None], np.take_along_axis(out, labels[..., None], -1) - 1, -1
    )
    return back(net, x, hidden, out / np.float32(x.shape[1]), head)


def kept_slopes(
    net: Network, old: Network, x: Floats, head: int, known: NDArray[np.bool_], temperature: float
) -> list[Floats]:
    """Slopes of keeping an old model's answers on new texts, among the classes it knew."""
    hidden, values = logits(net, x, head)
    before = logits(old, x, head)[1]
    out = np.zeros_like(values)
    out[..., known] = distillation_slope(before[..., known], values[..., known], temperature)
    return back(net, x, hidden, out / np.float32(x.shape[1]), head)


def fisher(net: Network, step: Step) -> list[Floats]:
    """Fisher information of one text on average, exactly, of W and b."""
    hidden, values = logits(net, step.train[None], step.head)
    p = chances(values, step.known)
    total = [np.zeros_like(part) for part in net.parts[:2]]
    for label in np.flatnonzero(step.known):
        out = p.copy()
        out[..., label] -= 1
        inner = (out @ net.parts[2][:, step.head].swapaxes(1, 2)) * (hidden > 0)
        weighted = p[..., label, None] * inner**2 / len(step.train)
        total[0] += np.swapaxes(step.train[None] ** 2, -1, -2) @ weighted
        total[1] += weighted.sum(1, keepdims=True)
    return total


def flat(slopes: Sequence[Floats], parts: int) -> Floats:
    """The slopes of the first parts as one vector a seed, (M, P)."""
    return np.concatenate([each.reshape(len(each), -1) for each in slopes[:parts]], axis=1)


class Learning:
    """One recipe on its way through the steps; see `learned`."""

    def __init__(
        self,
        recipe: Recipe,
        net: Network,
        rate: float,
        head_shared: bool = True,
        each_old: bool = False,
    ) -> None:
        self.recipe, self.net, self.rate = recipe, net, rate
        self.each_old = each_old
        self.parts = 4 if head_shared and net.parts[2].shape[1] == 1 else 2
        self.memory: list[tuple[Floats, NDArray[np.int64], Step]] = []
        self.anchor: list[Anchor] | None = None
        self.old: Network | None = None
        self.combiner = recipe.make_combiner()

    def update(self, x: Floats, labels: NDArray[np.int64], step: Step) -> None:
        """One update on a batch of the new task and what the recipe adds."""
        found = loss_slopes(self.net, x, labels, step.head, step.known)
        if self.memory and self.recipe.examples:
            found = self._with_memory(found, step)
        if self.old is not None and self.recipe.distillation:
            for head, known in self._old_heads(step):
                kept = kept_slopes(self.net, self.old, x, head, known, self.recipe.temperature)
                found = [a + self.recipe.distillation * b for a, b in zip(found, kept, strict=True)]
        if self.anchor is not None:
            for place, anchor in enumerate(self.anchor):
                found[place] = found[place] + np.float32(
                    ewc_slope(anchor, self.net.parts[place], self.recipe.stiffness)
                )
        if self.recipe.frozen and self.memory:
            found[:2] = [np.zeros_like(each) for each in found[:2]]
        self.net.move(found, self.rate)

    def update_all(self, batches: Sequence[tuple[Floats, NDArray[np.int64], Step]]) -> None:
        """One update on the sum of several steps' losses."""
        rows = [loss_slopes(self.net, x, y, step.head, step.known) for x, y, step in batches]
        self.net.move([sum(parts) for parts in zip(*rows, strict=True)], self.rate)

    def finish(self, step: Step, kept: NDArray[np.int64]) -> None:
        """Keep of a learned step what the recipe keeps; `kept` (M, m) are examples."""
        self.memory.append((step.train[kept], step.labels[kept], step))
        if self.recipe.stiffness:
            before = self.anchor or [None, None]
            self.anchor = [
                anchored(old, new, part.copy())
                for old, new, part in zip(
                    before, fisher(self.net, step), self.net.parts[:2], strict=True
                )
            ]
        self.old = Network([part.copy() for part in self.net.parts])

    def _old_heads(self, step: Step) -> list[tuple[int, NDArray[np.bool_]]]:
        """Heads of old steps with the classes they knew; one head is asked once."""
        if self.each_old:
            return [(each.head, each.known) for _, _, each in self.memory]
        return list({each.head: (each.head, each.known) for _, _, each in self.memory}.values())

    def _with_memory(self, fresh: list[Floats], step: Step) -> list[Floats]:
        rows = [
            loss_slopes(self.net, x, labels, each.head, step.known | each.known
                        if each.head == step.head else each.known)
            for x, labels, each in self.memory
        ]  # fmt: skip
        if self.recipe.trains_on_memory:
            return [sum(parts) for parts in zip(fresh, *rows, strict=True)]
        flattened = [flat(each, self.parts) for each in (*rows, fresh)]
        vectors = np.stack(flattened, axis=1).astype(np.float64)
        current = np.arange(vectors.shape[1]) == len(rows)
        found = self.combiner(
            vectors @ vectors.swapaxes(1, 2), np.random.default_rng(0), current=current
        )
        weights = [np.float32(found.weights[:, k]) for k in range(len(rows))]
        bent = [
            part + sum(_times(w, row[place]) for w, row in zip(weights, rows, strict=True))
            for place, part in enumerate(fresh[: self.parts])
        ]
        return [*bent, *fresh[self.parts :]]


def _times(weights: Floats, slopes: Floats) -> Floats:
    """Each seed's slopes times its weight."""
    return weights.reshape(-1, *(1,) * (slopes.ndim - 1)) * slopes
