"""How much each task trains in each group, and how many updates that takes, in sentences."""

from collections.abc import Mapping, Sequence

from mtlviz.runs.comparison import Group
from mtlviz.runs.comparison_budget import Share, budgets_differ, evaluations, shares, updates
from mtlviz.runs.flat_settings import differing, in_words, is_budget
from mtlviz.ui.core.budget_words import told
from mtlviz.ui.core.words import escaped, grouped, listed, listed_first


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
        f"{because} {told([group.label for group in groups], found)}"
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
    spent = [f"{grouped(count)} in {listed_first(counts[count])}" for count in sorted(counts)]
    times = f"{high / low:.1f}".removesuffix(".0")
    return (
        f"{told([group.label for group in groups], found)} The encoder makes {listed(spent)}: "
        f"{times} times as many updates, each from fewer examples."
    )


def _evaluations(groups: Sequence[Group]) -> str:
    """Bests that were chosen among unequally many."""
    counts = _by_count({group.label: evaluations(group) for group in groups})
    if len(counts) < 2:
        return ""
    chosen = [f"{count} in {listed_first(counts[count])}" for count in sorted(counts)]
    return (
        f"A run's score is the best of its evaluations: {listed(chosen)}. The best of more is a "
        "little higher by chance."
    )


def _by_count(counts: Mapping[str, int]) -> dict[int, list[str]]:
    """The groups of each count, those of no finished run left out."""
    found: dict[int, list[str]] = {}
    for label, count in counts.items():
        if count:
            found.setdefault(count, []).append(escaped(label))
    return found
