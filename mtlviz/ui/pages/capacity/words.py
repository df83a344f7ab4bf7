"""What the Capacity lab says: verdicts with numbers."""

from collections.abc import Sequence

import numpy as np

from mtlviz.engine.measures.affinity import Correlation
from mtlviz.engine.measures.grouping import Grouping, Groups
from mtlviz.engine.measures.transfer import Transfer
from mtlviz.engine.measures.widths import Best, Sweep, band, differences
from mtlviz.figures.capacity import Region, capacity_curves
from mtlviz.runs.sharing_study import ALONE, way_title
from mtlviz.ui.core import guess
from mtlviz.ui.core.page import Panel
from mtlviz.ui.core.transfer_words import digits, interval
from mtlviz.ui.core.words import MARKS, escaped, listed, listed_first, plural

_SURE, _CHANCE = 0.9, 0.025  # Either way: 5 % in all.
NOT_ENOUGH = (
    "Not enough runs yet: transfer is measured by runs with the same settings and seeds in which "
    "every task has an encoder of its own (sharing “separate”) and, where updates are fixed, by "
    "runs of each pair. The button below makes them all."
)
VERDICT = Panel("capacity.verdict", "The verdict", reveals="answer")
_VERBS = {"helps": "beats", "hurts": "is beaten by", "undecided": "cannot be told apart from"}
_SAID = {"helps": "**helps**", "hurts": "**hurts**", "undecided": "cannot be told apart from zero"}


_PHRASES = {
    ALONE: "alone", "hard": "one encoder for all", "partial": "some layers shared",
    "soft": "encoders held close", "aligned": "words turned", "control": "extra parameters only",
}  # fmt: skip
"""What a way of sharing does, where papers call it by a word that says nothing by itself."""


_TASKS = {
    "sst2_sent": "SST-2", "trec": "TREC", "cs224n_quora": "Quora", "cr": "CR", "mpqa": "MPQA",
    "sick": "SICK", "mr": "MR", "subj": "SUBJ", "cs224n_sst": "SST", "cs224n_sts": "STS",
}  # fmt: skip


def task_title(name: str) -> str:
    """What papers call a task's data set; its own name where they do not know it."""
    return _TASKS.get(name, name)


def way_name(way: str) -> str:
    """What a way of sharing is called in pictures and sentences."""
    return _PHRASES.get(way) or way_title(way)


def way_choice(way: str) -> str:
    """The same in a list, with the word of the papers and the settings."""
    return f"{_PHRASES[way]} ({way_title(way)})" if way in _PHRASES else way_title(way)


def picture(sweep: Sweep, found: Best | None, region: Region | None, **given: str) -> dict:
    """The curves over the width; what they amount to is left out while a question covers it."""
    covered = guess.covers("answer")
    return capacity_curves(
        sweep.widths, band(sweep.together), band(sweep.alone),
        [None] * len(sweep.widths) if covered else differences(sweep),
        best=None if covered else found, region=None if covered else region, **given,
    )  # fmt: skip


def how_to_read(paired: str) -> str:
    """How the curves are read; `paired` says over what the intervals are."""
    if guess.covers("answer"):
        return f"The higher line is better. Bands: 95 % intervals over {paired}."
    return (
        "Above: the higher line is better; rings mark the best widths. Below, together less alone: "
        "▲ blue sharing helps, ▼ vermillion it hurts, grey cannot be told apart. Bands and bars: "
        f"95 % intervals over {paired}."
    )


def best_verdict(best: Best) -> str:
    """The best shared model against the best models of the tasks' own, with both capacities."""
    own = " + ".join(map(str, best.alone))
    start = (
        f"The best shared encoder, of width **{best.together}**, {{verb}} {len(best.alone)} "
        f"encoders of their own, of widths {own} = **{best.summed}**"
    )
    if best.found is None:
        return f"{MARKS['undecided']} {start.format(verb='is still to be compared with')}."
    verdict = best.found.verdict
    return f"{MARKS[verdict]} {start.format(verb=_VERBS[verdict])}: {interval(best.found)}."


def how_chosen(best: Best | None) -> str:
    """How the best widths were chosen without being flattered; empty where they are."""
    if best is None or best.found is None or not best.apart:
        return ""
    return "Every second repetition chose these widths, the others score them."


def width_verdict(sweep: Sweep) -> str:
    """At which widths sharing helps, hurts, or does neither."""
    told: dict[str, list[str]] = {"hurts": [], "helps": [], "same": [], "undecided": []}
    for width, found in zip(sweep.widths.tolist(), differences(sweep), strict=True):
        if found is None:
            continue
        same = found.spreadless and abs(found.mean) < 1e-6
        points = "" if same or found.verdict == "undecided" else f" ({digits(found)[0]})"
        told["same" if same else found.verdict].append(f"{width}{points}")
    parts = [f"{_SAID[name]} at {_widths(told[name])}" for name in _SAID if told[name]]
    if told["same"]:
        parts.append(f"changes nothing at {_widths(told['same'])}")
    return f"Width for width, sharing {'; '.join(parts)}." if parts else ""


def task_verdict(tasks: Sequence[str], points: Sequence[Transfer | None]) -> str:
    """Which tasks gain and which lose between the best widths."""
    told: dict[str, list[str]] = {"helps": [], "hurts": [], "undecided": []}
    for task, found in zip(tasks, points, strict=True):
        if found is not None:
            told[found.verdict].append(f"{escaped(task)} ({digits(found)[0]})")
    words = {"helps": "**gains**", "hurts": "**loses**", "undecided": "cannot be told apart"}
    parts = [f"{words[verdict]}: {listed(told[verdict])}" for verdict in words if told[verdict]]
    return f"Task by task, {'; '.join(parts)}." if parts else ""


def _widths(texts: Sequence[str]) -> str:
    return f"{plural(len(texts), 'width')} {listed(texts)}"


def unknown(sweep: Sweep) -> int:
    """How many scores of a sweep are not known."""
    return int(np.isnan(sweep.together).sum() + np.isnan(sweep.alone).sum())


def averaged(runs: Sequence[int], measurements: int, drawn_anew: Sequence[int] = ()) -> str:
    """Which runs the affinities are averaged over, and which of the same names are not."""
    if len(runs) == 1 and drawn_anew:
        which = f"{plural(len(drawn_anew), 'run')} {listed(list(map(str, drawn_anew)))}"
        has = "has tasks" if len(drawn_anew) == 1 else "have tasks"
        return (
            f"Averaged over {measurements} measurements of run {runs[0]}. The other "
            f"{plural(len(drawn_anew), 'seed')} ({which}) {has} of the same names that were "
            "drawn anew, so nothing is averaged with them."
        )
    if len(runs) == 1:
        return f"Averaged over {measurements} measurements of run {runs[0]}: one seed."
    return (
        f"Averaged over {measurements} measurements each of runs {listed(list(map(str, runs)))}: "
        f"{len(runs)} seeds of the same settings."
    )


def suggestion(found: Grouping, tasks: Sequence[str], seeds: int) -> list[str]:
    """Which tasks to train together, and how sure that is."""
    mark = MARKS["helps" if found.share >= _SURE else "undecided"]
    told = [f"{mark} Train together: {in_words(found.groups, tasks)}.", _confidence(found, seeds)]
    if found.runner_up is not None:
        told.append(
            f"Next comes {in_words(found.runner_up, tasks)} "
            f"({found.runner_up_share:.0%} of the resamples)."
        )
    gain = 100 * (found.total - found.together)
    told.append(
        f"A step on a task’s companions lowers its loss by {percent(found.total, len(tasks))} in "
        f"the mean over tasks, in one single group by {percent(found.together, len(tasks))}."
        if gain > 0
        else "One encoder for all is the best of these groupings."
    )
    return told


def in_words(groups: Groups, tasks: Sequence[str]) -> str:
    """`**a + b** and **c** alone`."""
    parts = [
        f"**{' + '.join(escaped(tasks[task]) for task in group)}**"
        + (" alone" if len(group) == 1 else "")
        for group in groups
    ]
    return listed(parts)


def _confidence(found: Grouping, seeds: int) -> str:
    over = f"{seeds} seeds and their updates" if seeds > 1 else "the updates of one seed"
    text = f"This grouping wins in **{found.share:.0%}** of 500 resamples over {over}"
    return f"{text}, so it is not settled." if found.share < _SURE else f"{text}."


def percent(total: float, tasks: int) -> str:
    """A grouping's total as what each task receives in the mean."""
    return f"{100 * total / tasks:.2g} %".replace("-", "−")


def correlation(found: Correlation | None, pairs: int) -> str:
    """Whether affinity and measured transfer go together."""
    if found is None:
        return f"{MARKS['undecided']} {pairs} pairs are too few, or too equal, for a correlation."
    mark, word = MARKS["undecided"], "cannot be told to go with"
    if found.share <= _CHANCE:
        mark, word = MARKS["helps"], "go with"
    elif found.share_below <= _CHANCE:
        mark, word = MARKS["hurts"], "go against"
    spread = f" (interval over tasks, at least 95 %: {found.low:+.2f} to {found.high:+.2f})"
    ceiling = (
        f" A prediction without error would reach about {found.ceiling:+.2f}: so well do one half "
        "of the seeds and the other agree."
    )
    return (
        f"{mark} Over {found.pairs} measurements, affinity and transfer {word} one another: rank "
        f"correlation {found.value:+.2f}{spread if np.isfinite(found.low) else ''}. With tasks’ "
        f"names dealt out anew, 95 % of correlations lie between {found.between[0]:+.2f} and "
        f"{found.between[1]:+.2f}."
        f"{ceiling if np.isfinite(found.ceiling) else ''}"
    ).replace(" -", " −")


def mixed_metrics(tasks: Sequence[str], metrics: Sequence[str]) -> str:
    """That points of several metrics stand in one list, and whose they are; empty for one."""
    kinds = list(dict.fromkeys(metrics))
    if len(kinds) < 2:
        return ""
    of = {kind: [escaped(task) for task, each in zip(tasks, metrics, strict=True) if each == kind]
          for kind in kinds}  # fmt: skip
    told = "; ".join(f"{kind.replace('_', ' ')} of {listed_first(of[kind])}" for kind in kinds)
    return (
        f"Points are of each task's own metric ({told}) and stand in one list all the same: a "
        "point of one need not be worth a point of another."
    )


MATHEMATICS = r"""
Every ten updates, one batch of each task is taken aside. The shared weights $\theta$ make one plain
gradient step on the loss of task $i$ alone, the losses are read again, and the step is undone:

$$Z_{i \to j} = 1 - \frac{L_j(\theta - \eta \nabla L_i)}{L_j(\theta)} .$$

Above zero, a step for $i$ helps $j$. Averages are over training and then over seeds, with $\eta$
the learning rate of the moment. A grouping's total is what every task receives in the mean from
the others of its group; a task alone receives nothing. Up to eight tasks every grouping is tried. A
resample draws seeds with replacement and, within each, measurements; neighbouring measurements are
alike, so with one seed the share is too high rather than too low.

Of more than eight tasks not every grouping can be tried. There each column of the affinities is put
on one scale, counted from its mean; tasks are merged one by one (average linkage), then moved
between groups as long as what lies inside the groups adds up to more (modularity; Newman, PNAS
2006). Agreement of two groupings is the adjusted Rand index (Hubert and Arabie 1985): 1 the same,
0 what chance gives on average. The *cosine* is that of the tasks’ gradients, in the mean over the
second half of training. The *estimate* takes the trained model as linear near its weights, so that
a model of two tasks is a logistic regression on gradients, sketched where they are long (Li, Sharma
and Zhang, KDD 2024). Whether affinity *predicts* is asked with whole tasks: measurements that share
a task are not independent, so the tasks' names are dealt out anew (Mantel 1967), and tasks, not
pairs, are drawn for the interval.

Source: Fifty et al. (NeurIPS 2021), equation 1 and section 4. There groups may overlap, and a step
on a task's own loss counts for it; here groups do not overlap, and it does not. Their code also
divides by the learning rate.
"""
