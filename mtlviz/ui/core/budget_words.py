"""How much of the training each task gets, in sentences."""

from collections.abc import Mapping, Sequence

from mtlviz.runs.comparison_budget import Share
from mtlviz.ui.core.words import escaped, grouped, listed_first

_MOST = 4
Shares = Mapping[str, Share]


def told(labels: Sequence[str], found: Sequence[Shares]) -> str:
    """What each task gets in each group, in a sentence for all tasks or for the first few.

    Args:
        labels: What the groups are called.
        found: What each task gets in each of them.
    """
    tasks = list(dict.fromkeys(task for shares in found for task in shares))
    told = {task: _of_task(task, labels, found) for task in tasks}
    if len(set(told.values())) == 1:
        return f"Each task gets {told[tasks[0]]}."
    some = [f"**{escaped(task)}** gets {told[task]}" for task in tasks[:_MOST]]
    more = [f"{len(tasks) - _MOST} more tasks are not told"] if len(tasks) > _MOST else []
    return f"{'; '.join([*some, *more])}."


def _of_task(task: str, labels: Sequence[str], found: Sequence[Shares]) -> str:
    """`96 batches in sum; 288 batches in pcgrad`; without names where all agree."""
    sizes = {share.size for shares in found for share in shares.values()}
    told: dict[str, list[str]] = {}
    for label, shares in zip(labels, found, strict=True):
        if task in shares:
            amount = _amount(shares[task], with_size=len(sizes) > 1)
            told.setdefault(amount, []).append(escaped(label))
    if len(told) == 1:
        return f"{next(iter(told))}{' in every group' if len(labels) > 1 else ''}"
    return "; ".join(f"{amount} in {listed_first(names)}" for amount, names in told.items())


def _amount(share: Share, *, with_size: bool) -> str:
    batches = f"{_span(share.batches)} batch{'es' if share.batches != (1, 1) else ''}"
    return f"{batches} of {_span(share.size)} examples" if with_size else batches


def _span(ends: tuple[int, int]) -> str:
    low, high = map(grouped, ends)
    return low if low == high else f"{low} to {high}"
