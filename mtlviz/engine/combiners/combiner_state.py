"""What combiners that learn from step to step have in common: their state, and that tasks stay."""

from typing import ClassVar

import numpy as np

from mtlviz.engine.combiners.combination import Array
from mtlviz.errors import ConfigError


class Remembering:
    """A combiner with arrays that it keeps between steps; make a new object for each run.

    Attributes:
        title: Its name as a person reads it.
        remembered: Names of the attributes that a resumed run must bring back: arrays, or None
            before the first step.
    """

    title: ClassVar[str]
    remembered: ClassVar[tuple[str, ...]]

    def state_dict(self) -> dict[str, object]:
        """What an exact continuation needs, in a form that JSON can hold."""
        kept = {name: getattr(self, name) for name in self.remembered}
        return {name: None if value is None else value.tolist() for name, value in kept.items()}

    def load_state_dict(self, state: dict[str, object]) -> None:
        """Go on from a stored state."""
        for name in self.remembered:
            stored = state[name]
            setattr(self, name, None if stored is None else np.array(stored, dtype=np.float64))

    def last_shares(self, shape: tuple[int, ...]) -> Array:
        """The shares (..., K) of the last step, equal ones before the first.

        Raises:
            ConfigError: If the number of tasks or problems changed since the last step.
        """
        kept = getattr(self, "shares", None)
        return np.full(shape, 1 / shape[-1]) if kept is None else self.same_tasks(kept, shape)

    def same_tasks(self, kept: Array, shape: tuple[int, ...]) -> Array:
        """A copy of what was kept, if the tasks are still those it belongs to.

        Raises:
            ConfigError: If the number of tasks or problems changed since the last step.
        """
        if kept.shape != shape:
            raise ConfigError(
                f"{self.title} remembers earlier steps, so the tasks must stay the same: it "
                f"began with {kept.shape[-1]} tasks and got {shape[-1]}."
            )
        return kept.copy()
