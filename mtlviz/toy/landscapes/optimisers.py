"""Adam and plain gradient descent on arrays that are changed in place."""

from collections.abc import Callable

import numpy as np

from mtlviz.toy.landscapes.formulas import Array


class Adam:
    """Step by a running mean of gradients over the root of a running mean of their squares.

    Every number takes steps of about the learning rate, whatever the length of its gradient.

    Args:
        values: The numbers to move, changed in place.
        rate: Learning rate.

    Reference:
        Kingma & Ba, ICLR 2015, Algorithm 1, with its defaults. https://arxiv.org/abs/1412.6980
    """

    def __init__(self, values: Array, rate: float) -> None:
        self._values, self._rate = values, rate
        self._mean, self._square = np.zeros_like(values), np.zeros_like(values)
        self._decay_mean = self._decay_square = 1.0

    def step(self, gradient: Array) -> None:
        """Move against a gradient of the values' shape."""
        self._mean *= 0.9
        self._mean += 0.1 * gradient
        self._square *= 0.999
        self._square += 0.001 * (gradient * gradient)
        self._decay_mean *= 0.9
        self._decay_square *= 0.999
        root = np.sqrt(self._square * (1 / (1 - self._decay_square)))
        root += 1e-8
        self._values -= (self._rate / (1 - self._decay_mean)) * self._mean / root


class Sgd:
    """Step against the gradient, by the learning rate times its length."""

    def __init__(self, values: Array, rate: float) -> None:
        self._values, self._rate = values, rate

    def step(self, gradient: Array) -> None:
        """Move against a gradient of the values' shape."""
        self._values -= self._rate * gradient


OPTIMISERS: dict[str, Callable[[Array, float], Adam | Sgd]] = {"adam": Adam, "sgd": Sgd}
