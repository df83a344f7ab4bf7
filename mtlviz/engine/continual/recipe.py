"""A recipe: what is kept of earlier tasks, and what every later update makes of it."""

from dataclasses import dataclass
from typing import Literal

from mtlviz.engine.combiners import make_combiner
from mtlviz.engine.combiners.registry import Bound

Weigh = Literal["task", "share"]
"""How much a memory counts: as much as a new task, or by its share of the examples."""


@dataclass(frozen=True)
class Recipe:
    """What a method against forgetting does; the plain default trains on what is new alone.

    Attributes:
        everything: Whether all tasks train from the start, as if none came later.
        frozen: Whether what the tasks share is kept as it is from the second step on.
        examples: Training examples of each task that are kept when later ones come.
        weigh: How much each memory counts where it is trained on.
        combiner: How the gradients of new tasks and of memories become one update. `sum` trains on
            the memories; the others only keep the update from undoing them.
        margin: Option of the combiner of this name, where it has one.
        stiffness: λ of the pull to earlier parameters, λ/2 Σ F (θ − θ*)²; 0 for none.
        distillation: Weight of keeping the old heads' answers on the new texts; 0 for none.
        temperature: What the logits are divided by where answers are compared.
        own_parts: Whether each task must have trained parts of its own beside its head, while what
            is shared is kept from the start.
        retraining: Share of each later step, its last part, in which all tasks so far train
            together on all of their examples.
        balanced: Whether examples of all classes are kept in equal parts.
        share: Examples of each memory in an update, as a share of a new task's batch.
        fisher_examples: Training examples that a Fisher information is taken from, at most.
        slopes: Training examples of each task whose answers' slopes are kept; every later update
            is at right angles to them.
    """

    everything: bool = False
    frozen: bool = False
    examples: int = 0
    weigh: Weigh = "task"
    combiner: str = "sum"
    margin: float = 0.0
    stiffness: float = 0.0
    distillation: float = 0.0
    temperature: float = 2.0
    own_parts: bool = False
    retraining: float = 0.0
    balanced: bool = False
    share: float = 1.0
    fisher_examples: int = 100
    slopes: int = 0

    @property
    def trains_on_memory(self) -> bool:
        """Whether kept examples are learned from, and not only looked at."""
        return self.examples > 0 and self.combiner == "sum"

    @property
    def projects(self) -> bool:
        """Whether a combiner bends the new tasks' gradient by those of the memories."""
        return self.combiner != "sum"

    def make_combiner(self) -> Bound:
        """The combiner with its options set."""
        return make_combiner(self.combiner, **({"margin": self.margin} if self.margin else {}))

    def kept(self, tasks: int, shared: int, all_examples: int = 0) -> tuple[int, int]:
        """Examples and numbers that are kept when so many tasks are learned.

        Args:
            tasks: Tasks that were learned.
            shared: Shared parameters P.
            all_examples: Training examples of all these tasks, which joint training keeps.

        Returns:
            Kept examples, and numbers beside the model itself: 2 P of a penalty, which adds up over
            tasks without loss, P of an old model, and P of each slope of an answer.
        """
        whole = self.everything or self.retraining > 0
        examples = all_examples if whole else tasks * self.examples
        numbers = (2 if self.stiffness else 0) + (1 if self.distillation else 0)
        numbers += tasks * self.slopes
        return examples, numbers * shared
