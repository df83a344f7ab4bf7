"""How much each task trains in each group, and how many updates that takes, in sentences."""

from collections.abc import Mapping, Sequence

from mtlviz.runs.comparison import Group
from mtlviz.runs.comparison_budget import Share, budgets_differ, evaluations, shares, updates
from mtlviz.runs.flat_settings import differing, in_words, is_budget
from mtlviz.ui.core.words import escaped, grouped, listed

_MOST = 4


def warning(groups: Sequence[Group]) -> str:
    """That a task gets more in one group than in another; empty where it does not."""
    found = shares(groups)
    if not budgets_differ(found):
        return ""
    places = differing([run.settings for group in groups for run in group.runs])
    settings = [escaped(in_words(place)) for place in places if is_budget(place)]
    because = f" They differ in {listed(settings)}." if settings else ""
    return (
        "**The budgets differ**, so a difference between groups may be one of training time."
        f"{because} {_told(groups, found)}"
    )


def remarks(groups: Sequence[Group]) -> list[str]:
    """What equal budgets do not tell: the number of updates, and of scores to choose from."""
    found = shares(groups)
    return [
        sentence
        for sentence in (
            "" if budgets_differ(found) else _updates(groups, found),
            _evaluations(groups),
        )
        if sentence
    ]


def _updates(groups: Sequence[Group], found: Sequence[Mapping[str, Share]]) -> str:
    """Equal budgets that one scheduler spends in more updates than another."""
    counts = _by_count({group.label: updates(group) for group in groups})
    if len(counts) < 2:
        return ""
    low, *_, high = sorted(counts)
    told = [f"{grouped(count)} in {listed(counts[count])}" for count in sorted(counts)]
    times = f"{high / low:.1f}".removesuffix(".0")
    return (
        f"{_told(groups, found)} The encoder makes {listed(told)}: {times} times as many updates, "
        "each from fewer examples."
    )


def _evaluations(groups: Sequence[Group]) -> str:
    """Bests that were chosen among unequally many."""
    counts = _by_count({group.label: evaluations(group) for group in groups})
    if len(counts) < 2:
        return ""
    told = [f"{count} in {listed(counts[count])}" for count in sorted(counts)]
    return (
        f"A run's score is the best of its evaluations: {listed(told)}. The best of more is a "
        "little higher by chance."
    )


def _by_count(counts: Mapping[str, int]) -> dict[int, list[str]]:
    """The groups of each count, those of no finished run left out."""
    found: dict[int, list[str]] = {}
    for label, count in counts.items():
        if count:
            found.setdefault(count, []).append(escaped(label))
    return found


def _told(groups: Sequence[Group], found: Sequence[Mapping[str, Share]]) -> str:
    """What each task gets in each group, in a sentence for all tasks or for the first few."""
    tasks = list(dict.fromkeys(task for shares in found for task in shares))
    told = {task: _of_task(task, groups, found) for task in tasks}
    if len(set(told.values())) == 1:
        return f"Each task gets {told[tasks[0]]}."
    some = [f"{escaped(task)} gets {told[task]}" for task in tasks[:_MOST]]
    more = [f"{len(tasks) - _MOST} more tasks are not told"] if len(tasks) > _MOST else []
    return f"{'; '.join([*some, *more])}."


def _of_task(task: str, groups: Sequence[Group], found: Sequence[Mapping[str, Share]]) -> str:
    """`96 batches in sum; 288 batches in pcgrad`; without names where all agree."""
    sizes = {share.size for shares in found for share in shares.values()}
    told: dict[str, list[str]] = {}
    for group, shares_ in zip(groups, found, strict=True):
        if task in shares_:
            amount = _amount(shares_[task], with_size=len(sizes) > 1)
            told.setdefault(amount, []).append(escaped(group.label))
    if len(told) == 1:
        return f"{next(iter(told))}{' in every group' if len(groups) > 1 else ''}"
    return "; ".join(f"{amount} in {listed(labels)}" for amount, labels in told.items())


def _amount(share: Share, *, with_size: bool) -> str:
    batches = f"{_span(share.batches)} batch{'es' if share.batches != (1, 1) else ''}"
    return f"{batches} of {_span(share.size)} examples" if with_size else batches


def _span(ends: tuple[int, int]) -> str:
    low, high = map(grouped, ends)
    return low if low == high else f"{low} to {high}"
