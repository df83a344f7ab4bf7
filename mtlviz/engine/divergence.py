"""When a run has left the road: losses that are not finite, or that exploded."""

import numpy as np
from numpy.typing import NDArray

EXPLODED = 100.0
"""How many times its first value a loss may reach."""

IN_A_ROW = 3
"""For so many updates in a row: one bad batch is not a divergence."""


class Watch:
    """Follows each task's training loss and says when the run should stop."""

    def __init__(self, names: tuple[str, ...]) -> None:
        self.names = names
        self.first: list[float | None] = [None] * len(names)
        self.high = [0] * len(names)

    def complaint(self, losses: NDArray[np.float64], learning_rate: float) -> str | None:
        """What went wrong, in words for a person, or None.

        Args:
            losses: This update's loss of each task, NaN only where the task is not due, (K,).
                Infinity stands for any value that is not finite.
            learning_rate: Of this update, for the advice.
        """
        advice = (
            f"Training stopped; everything recorded so far is kept. A learning rate below "
            f"{learning_rate:.2g}, a longer warm-up or clipping usually helps."
        )
        for task in np.flatnonzero(~np.isnan(losses)):
            loss = float(losses[task])
            if not np.isfinite(loss):
                return f"The loss of {self.names[task]!r} is no longer a finite number. {advice}"
            if self._exploded(int(task), loss):
                return (
                    f"The loss of {self.names[task]!r} rose from {self.first[task]:.3g} to "
                    f"{loss:.3g}. {advice}"
                )
        return None

    def _exploded(self, task: int, loss: float) -> bool:
        """Note one loss; whether it has been far above the first for several updates."""
        first = self.first[task]
        if first is None:
            self.first[task] = first = loss
        # A first loss near zero is luck, not a scale.
        too_high = loss > EXPLODED * max(first, 1.0)
        self.high[task] = self.high[task] + 1 if too_high else 0
        return self.high[task] >= IN_A_ROW

    def state(self) -> dict[str, list[float | None] | list[int]]:
        """What an exact resumption needs."""
        return {"first": list(self.first), "high": list(self.high)}

    def restore(self, state: dict[str, list]) -> None:
        """Continue from a stored state."""
        self.first, self.high = list(state["first"]), list(state["high"])
