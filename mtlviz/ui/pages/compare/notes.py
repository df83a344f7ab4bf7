"""What must be known before numbers are compared, in sentences."""

from collections.abc import Iterable, Sequence

from mtlviz.engine.measures.transfer import ONE_SEED
from mtlviz.runs.comparison import Difference, Group
from mtlviz.runs.comparison_names import columns, of_every_task, spoken, usual
from mtlviz.runs.flat_settings import differing, in_words, is_data, is_evaluation
from mtlviz.runs.scored_run import ScoredRun
from mtlviz.ui.core.run_words import numbered, status
from mtlviz.ui.core.words import escaped, listed
from mtlviz.ui.pages.compare import budget
from mtlviz.ui.pages.compare.compared_runs import ComparedRuns

_MOST = 6


def warnings(compared: ComparedRuns) -> list[str]:
    """Why some of these groups must not be compared without thought; empty if nothing is wrong."""
    return [
        *_tasks(compared.groups),
        *_data(compared),
        *filter(None, [budget.warning(compared.groups)]),
        *[sentence for group in compared.groups for sentence in _pooled(group)],
    ]


def remarks(compared: ComparedRuns) -> list[str]:
    """Which runs are in no mean, and why."""
    return [
        *[_unfinished(run) for run in compared.runs if not run.counts][:_MOST],
        *[sentence for group in compared.groups for sentence in _repeated(group)],
        *_seeds(compared.groups),
        *_without_score(compared),
        *budget.remarks(compared.groups),
    ]


def names(compared: ComparedRuns) -> str:
    """What the short names of the groups leave out."""
    if not compared.by:
        return "All runs are one group."
    groups = [group.runs[0].settings for group in compared.groups]
    known, alike = columns(groups, compared.by), of_every_task(groups, compared.by)
    told = [
        f"{said} {value}" if not value.startswith(said := spoken(place, alike)) else value
        for place, value in zip(known, usual(list(zip(*known.values(), strict=True))), strict=False)
        if value
    ]
    return f"Unless a group's name says otherwise: {escaped(listed(told))}." if told else ""


def one_seed(found: Iterable[Difference]) -> str:
    """What must stand beside differences that come from one seed; empty where all have more."""
    alone = [len(each.seeds) == 1 for each in found if each.found is not None]
    if not any(alone):
        return ""
    return f" ({ONE_SEED})" if all(alone) else f" (some with {ONE_SEED})"


def _tasks(groups: Sequence[Group]) -> list[str]:
    """Groups that do not train the same tasks."""
    sets = {frozenset(run.tasks) for group in groups for run in group.runs}
    if len(sets) < 2:
        return []
    return [
        "**Not all groups train the same tasks**: what one task gains depends on which others it "
        "is trained with. A task is compared among the groups that have it."
    ]


def _data(compared: ComparedRuns) -> list[str]:
    """Groups whose scores are of other examples, or that learned from other examples."""
    places = differing([run.settings for run in compared.runs])
    evaluation = [place for place in places if is_evaluation(place)]
    training = [place for place in places if is_data(place) and place not in evaluation]
    training = [place for place in training if place != "data.tasks"]
    found = []
    if evaluation:
        found.append(
            f"**The runs are not scored on the same examples**: they differ in "
            f"{_places(evaluation)}. A difference between them is also one between test sets."
        )
    if training:
        found.append(f"**The runs learn from different data**: they differ in {_places(training)}.")
    return found


def _pooled(group: Group) -> list[str]:
    places = differing([run.settings for run in group.used], trained=True)
    if not places:
        return []
    return [
        f"**{escaped(group.label)}** pools runs that also differ in {_places(places)}: runs of one "
        "seed are averaged first, so seeds are counted, not runs. Pairs agree in every setting "
        "that groups are not made by."
    ]


def _unfinished(run: ScoredRun) -> str:
    name = f"Run {run.id}, {escaped(run.summary.name)},"
    if run.summary.status == "finished":
        return f"{name} is finished but was never scored."
    so_far = "" if run.best_update is None else " Its scores so far are rings, in no mean."
    error = f" ({escaped(run.summary.error)})" if run.summary.error else ""
    state = status(run.summary).removesuffix(" …")
    return f"{name} is not finished: {state}{error}.{so_far}"


def _repeated(group: Group) -> list[str]:
    if not group.repeated:
        return []
    which = numbered(run.id for run in group.repeated)
    return [
        f"{which.capitalize()} of {escaped(group.label)} repeat the settings and seed of a newer "
        "run, which is used instead."
    ]


def _seeds(groups: Sequence[Group]) -> list[str]:
    """Groups with one seed, and seeds that not all groups have."""
    single = [escaped(group.label) for group in groups
              if len({run.seed for run in group.used}) == 1]  # fmt: skip
    found = []
    if single:
        found.append(f"{ONE_SEED.capitalize()}: {listed(single)}.")
    seeds = {
        group.label: sorted({run.seed for run in group.used}) for group in groups if group.used
    }
    if len({tuple(each) for each in seeds.values()}) > 1:
        told = "; ".join(f"{escaped(name)}: {listed(list(map(str, each)))}"
                         for name, each in seeds.items())  # fmt: skip
        found.append(f"The groups have different seeds ({told}); differences use common ones only.")
    return found


def _without_score(compared: ComparedRuns) -> list[str]:
    """Scores that are no number, such as the correlation of a constant."""
    missing = [
        (task, run.id)
        for run in compared.runs
        if run.counts
        for task, score in zip(run.tasks, run.scores, strict=True)
        if score != score
    ]
    tasks = dict.fromkeys(task for task, _ in missing)
    return [
        f"**{escaped(task)}** has no score in "
        f"{numbered(run for other, run in missing if other == task)}: its answers were constant."
        for task in tasks
    ]


def _places(places: Sequence[str]) -> str:
    """Settings in words, the first few of them."""
    names = [escaped(in_words(place)) for place in places]
    more = f" and {len(names) - _MOST} more" if len(names) > _MOST else ""
    return f"{', '.join(names[:_MOST])}{more}" if more else listed(names)
