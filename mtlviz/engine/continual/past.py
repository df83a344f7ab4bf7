"""Past: what a run of texts keeps of the tasks of earlier phases, and what an update makes of it.

A recipe says what to keep. Earlier tasks take part in an update as further due tasks: each with a
batch of its kept examples, or with the distance of its answers from the old model's on the new
examples. So combiners, Gram matrices, planes and the conflict pages see them as they see any task.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor

from mtlviz.engine.continual.answer_slopes import answer_slopes, directions, take_out, with_more
from mtlviz.engine.continual.fisher import fisher
from mtlviz.engine.continual.formulas import Anchor, anchored, ewc_slope
from mtlviz.engine.continual.memory import Memory
from mtlviz.engine.continual.old_model import distance
from mtlviz.engine.continual.recipe import Recipe
from mtlviz.engine.gradients import Row
from mtlviz.engine.phases import earlier_tasks, numbers, phases_of

if TYPE_CHECKING:
    from mtlviz.engine.batches import Batch
    from mtlviz.engine.training import Training

Batches = Mapping[int, Sequence["Batch"]]


class Past:
    """What is kept of earlier tasks; one for each run.

    Args:
        recipe: What the run's method against forgetting does.

    Attributes:
        memory: Kept examples.
        anchors: What EWC keeps, by name of the parameter.
        old: What the run changes of the model, as it was when the phase began, for LwF; empty in
            the first phase.
        slopes: Slopes of earlier tasks' answers, (n, ...) by name of the parameter, for OGD.
    """

    def __init__(self, recipe: Recipe) -> None:
        self.recipe, self.memory = recipe, Memory()
        self.combiner = recipe.make_combiner()
        self.anchors: dict[str, Anchor] = {}
        self.old: dict[str, Tensor] = {}
        self.slopes: dict[str, Tensor] = {}
        self._directions: tuple[list[str], Tensor] | None = None

    def due(self, training: Training) -> tuple[int, ...]:
        """The earlier tasks that take part in the coming update, by number."""
        phase, recipe = training.progress.phase, self.recipe
        if recipe.retraining:
            return self._retrained(training)
        found = earlier_tasks(training.config, phase) if phase else ()
        if recipe.distillation:
            # One head is asked once, whosever it is.
            return found[:1] if training.model.has_one_head else found
        return tuple(task for task in found if task in self.memory.numbers)

    def _retrained(self, training: Training) -> tuple[int, ...]:
        """All earlier tasks, near the end of each phase."""
        phase = training.progress.phase
        start, stop = training.span(phase)
        joint = stop - round(self.recipe.retraining * (stop - start))
        return earlier_tasks(training.config, phase) if training.progress.update >= joint else ()

    @property
    def trains(self) -> bool:
        """Whether an earlier task's own parameters train on what is kept of it."""
        return not self.recipe.projects

    @property
    def has_losses(self) -> bool:
        """Whether what an earlier task adds to an update is its own loss."""
        return not self.recipe.distillation

    @property
    def needs_rows(self) -> bool:
        """Whether each task's gradient must be taken by itself."""
        return self.recipe.projects or bool(self.anchors) or bool(self.slopes)

    def batches(self, training: Training, task: int, present: Batches) -> list[Batch]:
        """What an earlier task reads in the coming update.

        Args:
            training: The run.
            task: Number of the task.
            present: The batches of the tasks of this phase.
        """
        if self.recipe.distillation:
            return [batch for each in present.values() for batch in each]
        feed, count = training.streams[task], training.config.optimisation.accumulate
        if self.recipe.retraining:
            return [feed.next() for _ in range(count)]
        examples = max(1, round(self.recipe.share * training.config.data.batch_size))
        place = (training.config.seed, training.progress.update)
        return [self.memory.draw(task, feed, examples, *place, part) for part in range(count)]

    def distance(self, training: Training, task: int, batch: Batch) -> Tensor:
        """How far an earlier task's answers have moved, where the recipe keeps them."""
        return distance(training.model, self.old, task, batch, self.recipe.temperature)

    def weight(self, training: Training, task: int) -> float:
        """How much an earlier task counts beside a new one of weight 1."""
        recipe = self.recipe
        if recipe.distillation:
            return recipe.distillation
        if recipe.weigh == "task" or recipe.retraining or recipe.projects:
            return 1.0
        phase = phases_of(training.config)[training.progress.phase]
        new = sum(len(training.streams[n].batches) for n in numbers(training.config, phase.tasks))
        return len(self.memory.numbers[task]) / new

    def bend(self, training: Training, row: Row, share: float) -> None:
        """Change a new task's gradient, in place, by what is kept of earlier ones.

        Args:
            training: The run.
            row: The gradient of the shared parameters.
            share: The task's part of what is added once for all new tasks together.
        """
        if row and self.anchors:
            torch._foreach_add_(row, self.pull(training), alpha=share)
        if row and self.slopes:
            take_out(row, self._known(training))

    @contextmanager
    def kept_off(self, training: Training) -> Iterator[None]:
        """Take from the step made within what would move earlier tasks' answers.

        Of a gradient that keeps off them Adam makes a step that does not: it scales every number by
        itself, and remembers steps of before.
        """
        before = [parameter.detach().clone() for parameter in training.shared if self.slopes]
        yield
        if not before:
            return
        now = [parameter.data for parameter in training.shared]
        for was, parameter in zip(before, now, strict=True):
            was.neg_().add_(parameter)  # The step, in the same place.
        take_out(now, self._known(training), before)

    def _known(self, training: Training) -> Tensor:
        """The directions that later updates keep off; made anew when others are shared."""
        names = [_names(training)[parameter] for parameter in training.shared]
        if self._directions is None or self._directions[0] != names:
            self._directions = names, directions(self.slopes, names, training.shared)
        return self._directions[1]

    def pull(self, training: Training) -> list[Tensor]:
        """The slope of EWC's penalty by the shared parameters."""
        names = _names(training)
        return [self._pull(names[parameter], parameter) for parameter in training.shared]

    def _pull(self, name: str, parameter: Tensor) -> Tensor:
        if name not in self.anchors:
            return torch.zeros_like(parameter)
        return ewc_slope(self.anchors[name], parameter.detach(), self.recipe.stiffness)

    def finish(self, training: Training) -> None:
        """Keep what is to be kept of the tasks of the phase that has just ended."""
        recipe, config = self.recipe, training.config
        phase = phases_of(config)[training.progress.phase]
        tasks = numbers(config, phase.tasks)
        if recipe.examples:
            for task in tasks:
                self.memory.keep(
                    task, training.streams[task], recipe.examples, recipe.balanced, config.seed
                )
        if recipe.stiffness:
            for task in tasks:
                self._anchor(training, fisher(training, task, recipe.fisher_examples))
        if recipe.slopes and training.shared:
            names = [_names(training)[parameter] for parameter in training.shared]
            for task in tasks:
                rows = answer_slopes(training, task, recipe.slopes)
                self.slopes, self._directions = with_more(self.slopes, names, rows), None
        if recipe.distillation:
            self.old = training.changing_values()

    def _anchor(self, training: Training, found: Sequence[Tensor]) -> None:
        names = _names(training)
        for parameter, information in zip(training.shared, found, strict=True):
            name = names[parameter]
            before = self.anchors.get(name)
            self.anchors[name] = anchored(before, information, parameter.detach().clone())

    def tensors(self) -> dict[str, Tensor]:
        """All that is kept in tensors, by name."""
        found = {f"memory/{name}": each for name, each in self.memory.tensors().items()}
        for name, anchor in self.anchors.items():
            found |= {f"fisher/{name}": anchor.fisher, f"moment/{name}": anchor.moment}
        found |= {f"slopes/{name}": each for name, each in self.slopes.items()}
        return found | {f"old/{name}": each for name, each in self.old.items()}

    def state(self) -> dict[str, Any]:
        """All else, as JSON."""
        return {"memory": self.memory.state()}

    def restore(self, state: Mapping[str, Any], tensors: Mapping[str, Tensor]) -> None:
        """Go on from what `state` and `tensors` gave."""
        self.memory.restore(state["memory"], _under(tensors, "memory/"))
        fishers, moments = _under(tensors, "fisher/"), _under(tensors, "moment/")
        self.anchors = {name: Anchor(fishers[name], moments[name]) for name in fishers}
        self.old, self.slopes = _under(tensors, "old/"), _under(tensors, "slopes/")


def _names(training: Training) -> dict[Tensor, str]:
    return {parameter: name for name, parameter in training.model.named_parameters()}


def _under(tensors: Mapping[str, Tensor], start: str) -> dict[str, Tensor]:
    return {name[len(start) :]: each for name, each in tensors.items() if name.startswith(start)}
