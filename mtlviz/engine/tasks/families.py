"""Thirty-two built-in tasks in four families: what a method that groups tasks should find."""

from collections.abc import Sequence

from mtlviz.engine.config import HeadConfig, TaskConfig
from mtlviz.engine.tasks.synthetic import ASKS

NAMES = ("north", "east", "south", "west")
MEMBERS = 8
WORDS = 9
"""Every built-in sentence has as many."""
_COMMON = {"vocabulary_overlap": 0.5, "agreement": 0.92, "size": 60, "dev_size": 200}


def family_tasks(draw: int = 0) -> tuple[TaskConfig, ...]:
    """The tasks "north-1" to "west-8": readers of four countries, each with few examples.

    All are asked whether a sentence praises. The readers of a country praise the same traits, but
    for one that each judges in a way of its own; what one country praises says nothing of what
    another does. So members of a family have much to give each other, and strangers nothing. North
    and south speak of the same things, as do east and west: alike texts are no family.

    Args:
        draw: Another one has other sentences, and another trait that each judges in its own way.
    """
    return tuple(
        TaskConfig(
            name=f"{name}-{member + 1}",
            options={
                **_COMMON, "family": family, "vocabulary_pool": family % 2,
                "seed": MEMBERS * (len(NAMES) * draw + family) + member,
            },
            head=HeadConfig(dropout=0.0),
        )
        for family, name in enumerate(NAMES)
        for member in range(MEMBERS)
    )  # fmt: skip


def planted_families(tasks: Sequence[TaskConfig]) -> tuple[int, ...] | None:
    """The family that each task was made in; None unless all were made in some, not all in one."""
    made = [
        task.source == "synthetic"
        and "family" in task.options
        and task.options.get("asks", ASKS[0]) == ASKS[0]
        for task in tasks
    ]
    if not all(made):
        return None
    found = tuple(int(task.options["family"]) for task in tasks)
    return found if len(set(found)) > 1 else None
