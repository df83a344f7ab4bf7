"""Which task's inserts are in use, now and when activations are computed once more."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from types import TracebackType

from torch import Tensor


class Moment:
    """A task and its texts' mask, while its inserts are in use; may be entered again and again.

    Attributes:
        task: Number of the task.
        mask: True where a token is real, (N, T).
        seen: What modules read, by place, until it is used; empty whenever the moment begins.
    """

    def __init__(self, current: Current, task: int, mask: Tensor) -> None:
        self.task, self.mask = task, mask
        self.seen: dict[str, Tensor] = {}
        self._current = current
        self._before: list[Moment | None] = []

    def __enter__(self) -> Moment:
        self._before.append(self._current.moment)
        self._current.moment = self
        self.seen = {}
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._current.moment = self._before.pop()
        self.seen = {}


class Current:
    """The present moment of one encoder; None while no task uses it."""

    def __init__(self) -> None:
        self.moment: Moment | None = None

    def at(self, task: int, mask: Tensor) -> Moment:
        """The moment of a task, to be entered around its passes."""
        return Moment(self, task, mask)

    def keep(self, key: str, read: Tensor) -> None:
        """Remember what a module reads, until the change at this place uses it."""
        if self.moment is not None:
            self.moment.seen[key] = read

    def replay(self) -> tuple[AbstractContextManager[object], AbstractContextManager[object]]:
        """What surrounds a checkpointed forward pass, and its repetition in the backward pass.

        A checkpoint asks for it during the forward pass. Without it, activations that are computed
        again after another task's forward pass would be that task's, and gradients silently wrong.
        """
        again = self.moment
        if again is None:
            return nullcontext(), nullcontext()
        return nullcontext(), self.at(again.task, again.mask)
