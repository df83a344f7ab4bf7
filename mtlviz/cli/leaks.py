"""Evaluation texts that training splits give away, in lines."""

from collections.abc import Iterator, Sequence

from mtlviz.engine.tasks import Task
from mtlviz.engine.tasks.leakage import Leak, leaks


def leak_lines(tasks: Sequence[Task]) -> Iterator[str]:
    """One line for every evaluation split that a training split gives away in part."""
    found = [leak for leak in leaks(tasks) if leak.count]
    if not found:
        yield "No evaluation text occurs in a training split."
    for leak in sorted(found, key=lambda leak: -leak.share):
        yield (
            f"{leak.count:,} of {leak.examples:,} {leak.split} texts of {leak.evaluation_task} "
            f"({leak.share:.1%}) occur in the training split of {leak.train_task}."
        )
    yield from _union_lines(found)


def _union_lines(found: Sequence[Leak]) -> Iterator[str]:
    """One line for every evaluation split that several training splits give away in part."""
    groups: dict[tuple[str, str], list[Leak]] = {}
    for leak in found:
        groups.setdefault((leak.evaluation_task, leak.split), []).append(leak)
    for (name, split), leaking in groups.items():
        if len(leaking) > 1:
            together = len({position for leak in leaking for position in leak.positions})
            whole = leaking[0].examples
            yield (
                f"Together {together:,} of {whole:,} {split} texts of {name} "
                f"({together / whole:.1%}) occur in {len(leaking)} training splits."
            )
