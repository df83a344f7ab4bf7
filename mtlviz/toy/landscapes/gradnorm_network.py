"""A shared ReLU trunk with one linear head per task; several copies side by side, in numpy."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[Any]


@dataclass(frozen=True)
class Sizes:
    """Shape of A networks with T heads.

    Attributes:
        copies: Networks side by side, A.
        tasks: Heads of each, T.
        inputs: Numbers in.
        outputs: Numbers out of each head.
        width: Neurons of each trunk layer.
        layers: Trunk layers.
    """

    copies: int
    tasks: int
    inputs: int
    outputs: int
    width: int
    layers: int

    def shapes(self) -> list[tuple[int, ...]]:
        """Weight and shift of each trunk layer, then of the heads."""
        found: list[tuple[int, ...]] = []
        for layer in range(self.layers):
            before = self.width if layer else self.inputs
            found += [(self.copies, before, self.width), (self.copies, 1, self.width)]
        heads = (self.copies, self.tasks)
        return [*found, (*heads, self.width, self.outputs), (*heads, 1, self.outputs)]


class Networks:
    """A networks that start alike.

    Attributes:
        values: All parameters in a row; move them in place.
        slopes: Gradient of the weighted loss, in the same places, after `backward`.
    """

    def __init__(
        self, sizes: Sizes, generator: np.random.Generator, dtype: type[np.floating] = np.float32
    ) -> None:
        shapes = sizes.shapes()
        total = sum(int(np.prod(shape)) for shape in shapes)
        self._layers = sizes.layers
        self.values, self.slopes = np.zeros(total, dtype), np.zeros(total, dtype)
        self._weights, self._slopes = _views(self.values, shapes), _views(self.slopes, shapes)
        for index in range(0, len(shapes), 2):
            trunk = index < 2 * sizes.layers
            before = shapes[index][-2]
            # He's rule for ReLU layers; heads start with outputs of about the trunk's size.
            scale = np.sqrt((2 if trunk else 1) / before)
            self._weights[index][:] = generator.normal(0, scale, shapes[index][1:])

    def forward(self, inputs: Numbers) -> tuple[list[Numbers], Numbers]:
        """Run all networks on the same inputs, shape (N, inputs).

        Returns:
            The inputs and each trunk layer's outputs, (A, N, width), and predictions
            (A, T, N, out).
        """
        active = [inputs]
        for layer in range(self._layers):
            hidden = active[-1] @ self._weights[2 * layer]
            hidden += self._weights[2 * layer + 1]
            active.append(np.maximum(hidden, 0, out=hidden))
        return active, active[-1][:, None] @ self._weights[-2] + self._weights[-1]

    def backward(self, active: list[Numbers], pull: Numbers, weights: Numbers) -> Numbers:
        """Fill `slopes` with the gradient of Σ wᵢLᵢ.

        Args:
            active: From `forward`.
            pull: Derivative of each unweighted loss by its predictions, shape (A, T, N, out).
            weights: Weight of each loss, shape (A, T).

        Returns:
            Length of each unweighted loss's gradient on the last trunk layer's weights, (A, T).
        """
        # What each loss wants of the last trunk layer before its ReLU, (A, T, N, width).
        wanted = (pull @ self._weights[-2].swapaxes(-1, -2)) * (active[-1] > 0)[:, None]
        before = active[-2].swapaxes(-1, -2)
        last = (before[:, None] if before.ndim == 3 else before) @ wanted
        lengths = np.sqrt(np.square(last).sum((-2, -1), dtype=np.float64))
        scale = weights.astype(pull.dtype)[..., None, None]
        np.matmul(active[-1].swapaxes(-1, -2)[:, None], pull * scale, out=self._slopes[-2])
        np.sum(pull * scale, axis=-2, keepdims=True, out=self._slopes[-1])
        self._trunk_backward(active, (wanted * scale).sum(axis=1))
        return lengths

    def _trunk_backward(self, active: list[Numbers], back: Numbers) -> None:
        """From the pull on the last layer (A, N, width), before its ReLU, down to the first."""
        for layer in reversed(range(self._layers)):
            np.matmul(active[layer].swapaxes(-1, -2), back, out=self._slopes[2 * layer])
            np.sum(back, axis=-2, keepdims=True, out=self._slopes[2 * layer + 1])
            if layer:
                back = back @ self._weights[2 * layer].swapaxes(-1, -2)
                back *= active[layer] > 0


def _views(flat: Numbers, shapes: Sequence[tuple[int, ...]]) -> list[Numbers]:
    ends = np.cumsum([int(np.prod(shape)) for shape in shapes])
    return [
        part.reshape(shape) for part, shape in zip(np.split(flat, ends[:-1]), shapes, strict=True)
    ]
