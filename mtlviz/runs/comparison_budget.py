"""What each task gets of the training, whatever scheduler takes the tasks in which order.

A round robin over three tasks makes three updates where joint training makes one; each task still
gets as many batches. So it is these that a budget is compared by, not updates.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from mtlviz.engine.config import RunConfig
from mtlviz.runs.comparison import Group


@dataclass(frozen=True)
class Share:
    """What a task gets in the runs of a group: fewest and most, as runs may differ.

    Attributes:
        batches: Batches over the whole run.
        size: Examples in each.
    """

    batches: tuple[int, int]
    size: tuple[int, int]

    @property
    def examples(self) -> tuple[int, int]:
        """Examples over the whole run, those met again counted again."""
        return self.batches[0] * self.size[0], self.batches[1] * self.size[1]


def shares(groups: Sequence[Group]) -> list[dict[str, Share]]:
    """What each task gets in the finished runs of each group; tasks with no such run are left out.

    Runs of common seeds alone are counted, if there are any: some schedulers draw who is next.
    """
    seeds = set.intersection(*({run.seed for run in group.used} for group in groups))
    return [_shares(group, seeds or {run.seed for run in group.used}) for group in groups]


def budgets_differ(found: Sequence[Mapping[str, Share]]) -> bool:
    """Whether a task gets more examples in one group than in another.

    Args:
        found: What each task gets, one entry a group.
    """
    examples: dict[str, set[tuple[int, int]]] = {}
    for task, share in (each for group in found for each in group.items()):
        examples.setdefault(task, set()).add(share.examples)
    return any(len(amounts) > 1 for amounts in examples.values())


def planned_shares(config: RunConfig, batches: Sequence[int]) -> dict[str, Share]:
    """What each task is to get in a run, from the batches that it is planned to read.

    Args:
        config: The run's settings.
        batches: Batches of each task over the whole run, accumulated ones counted.
    """
    size = config.data.batch_size
    return {
        task.name: Share((int(count),) * 2, (size, size))
        for task, count in zip(config.data.tasks, batches, strict=True)
    }


def unequal_within(found: Mapping[str, Share]) -> bool:
    """Whether one task of a run gets more examples than another."""
    return len({share.examples for share in found.values()}) > 1


def updates(group: Group) -> int:
    """Updates that a finished run of the group makes, at most; 0 if none is finished."""
    return max((run.summary.updates for run in group.used), default=0)


def evaluations(group: Group) -> int:
    """How often a finished run of the group is scored, at most; 0 if none is finished."""
    return max((run.evaluations for run in group.used), default=0)


def _shares(group: Group, seeds: Collection[int]) -> dict[str, Share]:
    found: dict[str, list[tuple[int, int]]] = {}
    for run in group.used:
        if run.seed in seeds:
            for task, updates in zip(run.tasks, run.trained or (), strict=False):
                batches = updates * int(run.settings["optimisation.accumulate"])
                size = int(run.settings["data.batch_size"])
                found.setdefault(task, []).append((batches, size))
    return {task: _share(known) for task, known in found.items()}


def _share(known: Sequence[tuple[int, int]]) -> Share:
    batches, sizes = zip(*known, strict=True)
    return Share((min(batches), max(batches)), (min(sizes), max(sizes)))
