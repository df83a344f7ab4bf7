"""How many numbers a model learns, and where: counted on the model itself."""

from dataclasses import dataclass


@dataclass(frozen=True)
class ParameterCounts:
    """Trained parameters that all tasks share, of each task alone (head included), and the rest."""

    shared: int
    tasks: tuple[int, ...]
    frozen: int

    @property
    def total(self):
        return self.shared + sum(self.tasks) + self.frozen


def parameter_counts(model):
    tasks = tuple(count(model.task_parameters(task)) for task in range(len(model.tasks)))
    frozen = count([p for p in model.parameters() if not p.requires_grad])
    return ParameterCounts(count(model.shared_parameters()), tasks, frozen)


def count(parameters):
    return sum(p.numel() for p in parameters)
