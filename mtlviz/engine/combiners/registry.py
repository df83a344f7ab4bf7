"""From a registered method and its options to a combiner that is ready for one run."""

import functools
import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mtlviz.engine.combiners.combination import Array, Combination
from mtlviz.engine.combiners.gram import precision_of
from mtlviz.methods import Spec

_BESIDE = frozenset({"losses", "precision", "current"})


@dataclass(frozen=True)
class Bound:
    """A combiner with its options set.

    Attributes:
        name: Its name in the registry.
        method: The method, options included.
        wants: What it takes beside Gram matrix and generator: losses, precision, current.
    """

    name: str
    method: Callable[..., Combination]
    wants: frozenset[str]

    def __call__(
        self,
        gram: Array,
        generator: np.random.Generator,
        losses: Array | None = None,
        *,
        precision: float | None = None,
        current: NDArray[np.bool_] | None = None,
    ) -> Combination:
        """Combine; see `Combiner`.

        Args:
            gram: Gram matrix, shape (..., K, K).
            generator: Source of any randomness.
            losses: Losses, shape (..., K), for the methods that use them.
            precision: Relative error of the Gram matrix; that of its number format if None.
            current: Which of the due tasks are learned now, shape (K,), the others being memory of
                earlier phases; None where there is no such difference.
        """
        precision = precision or precision_of(gram)
        beside = {"losses": losses, "precision": precision, "current": current}
        gram = np.asarray(gram, dtype=np.float64)
        broken = ~np.isfinite(gram).all(axis=(-2, -1))
        whole = np.where(broken[..., None, None], np.eye(gram.shape[-1]), gram)
        given = {name: beside[name] for name in self.wants}
        result = self.method(whole if broken.any() else gram, generator, **given)
        if not broken.any():
            return result
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


def bind(spec: Spec, options: Mapping[str, object]) -> Bound:
    """Set a method's options; a class is made, a function is bound.

    Raises:
        ConfigError: If an option is unknown or its value is not allowed.
    """
    chosen = spec.checked(options)
    is_class = inspect.isclass(spec.method)
    method = spec.method(**chosen) if is_class else functools.partial(spec.method, **chosen)
    return Bound(spec.name, method, _wanted(spec.method.__call__ if is_class else spec.method))


@functools.cache
def _wanted(method: Callable[..., Combination]) -> frozenset[str]:
    """What a method takes beside Gram matrix and generator."""
    return frozenset(_BESIDE & inspect.signature(method).parameters.keys())
