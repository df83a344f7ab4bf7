"""From a registered method and its options to a combiner that is ready for one run."""

import functools
import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from mtlviz.engine.combiners.combination import Array, Combination
from mtlviz.methods import Spec


@dataclass(frozen=True)
class Bound:
    """A combiner with its options set.

    Attributes:
        name: Its name in the registry.
        method: The method, options included.
        uses_losses: Whether the method wants the losses.
    """

    name: str
    method: Callable[..., Combination]
    uses_losses: bool

    def __call__(
        self, gram: Array, generator: np.random.Generator, losses: Array | None = None
    ) -> Combination:
        """Combine; see `Combiner`. Losses, shape (..., K), go to the methods that use them."""
        gram = np.asarray(gram, dtype=np.float64)
        broken = ~np.isfinite(gram).all(axis=(-2, -1))
        if not broken.any():
            return self._combine(gram, generator, losses)
        result = self._combine(
            np.where(broken[..., None, None], np.eye(gram.shape[-1]), gram), generator, losses
        )
        return Combination(
            np.where(broken[..., None], np.nan, result.weights),
            np.where(broken[..., None, None], np.nan, result.coefficients),
            result.order,
        )

    @property
    def remembers(self) -> bool:
        """Whether the method learns from step to step, so that every run needs its own."""
        return hasattr(self.method, "state_dict")

    def state_dict(self) -> dict[str, object]:
        """What the method remembers between steps, in a form that JSON can hold; {} for most."""
        return self.method.state_dict() if self.remembers else {}

    def load_state_dict(self, state: dict[str, object]) -> None:
        """Go on from a stored state."""
        if state:
            self.method.load_state_dict(state)

    def _combine(
        self, gram: Array, generator: np.random.Generator, losses: Array | None
    ) -> Combination:
        if self.uses_losses:
            return self.method(gram, generator, losses)
        return self.method(gram, generator)


def bind(spec: Spec, options: Mapping[str, object]) -> Bound:
    """Set a method's options; a class is made, a function is bound.

    Raises:
        ConfigError: If an option is unknown or its value is not allowed.
    """
    chosen = spec.checked(options)
    is_class = inspect.isclass(spec.method)
    method = spec.method(**chosen) if is_class else functools.partial(spec.method, **chosen)
    return Bound(spec.name, method, "losses" in inspect.signature(method).parameters)
