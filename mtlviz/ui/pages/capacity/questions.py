"""What the Capacity lab asks before it shows pictures: of each story, study, way and grouping."""

from collections.abc import Mapping, Sequence

import numpy as np

from mtlviz.engine.measures.affinity import mean_of_known
from mtlviz.engine.measures.clusters import Agreement
from mtlviz.engine.measures.grouping import Grouping, Groups, total_affinity
from mtlviz.engine.measures.transfer import ONE_SEED, ONE_SEED_SENTENCE, Transfer
from mtlviz.engine.measures.widths import Sweep, differences
from mtlviz.questions import Answer, Question, answered
from mtlviz.runs.adding_study import TITLES, Added
from mtlviz.runs.sharing_study import ALONE, Arm
from mtlviz.toy.capacity import CapacityToyConfig
from mtlviz.ui.core.transfer_words import interval
from mtlviz.ui.core.words import counted, escaped, listed
from mtlviz.ui.pages.capacity import words
from mtlviz.ui.pages.capacity.settings import STORIES

_FIRST = CapacityToyConfig()

_ANSWERS = (
    Answer("At width 1", "One direction for all pools everybody's examples: that pays where all "
           "ask the same.", ("one",)),
    Answer("At a width between", "Fewer directions than tasks, but enough for the questions they "
           "ask: alike tasks pool their examples, others keep apart.", ("few",)),
    Answer("The wider the better", "With as many directions as tasks each keeps its own, and "
           "nothing transfers.", ("wide",)),
    Answer("Nowhere", "So it is where nobody asks what another asks, or where each task has "
           "examples enough of its own.", ("nowhere",)),
)  # fmt: skip
_TOLD = (
    "**Too narrow** and the tasks fight for room; **wide enough** and they ignore each other. Help "
    "lies between."
)
_END = "Every width is trained together and alone. **At which width does sharing gain most?**"
_AGAIN = {
    "Two families": "One question", "One question": "Strangers", "Strangers": "Plenty of data",
    "Plenty of data": "Two families",
}  # fmt: skip


def capacity_question(story: str, config: CapacityToyConfig) -> Question:
    """What is asked of the toy: the text says its settings, whatever a hand made of the story.

    Which answer is right is found by `with_answer`.

    Args:
        story: The story that the settings started from.
        config: The settings.
    """
    own = config == STORIES[story][1].changed(kind=config.kind)
    return Question(
        f"capacity.{story}",
        f"{_word(config.tasks).capitalize()} tasks share one module of few outputs, its **width**, "
        f"with a head each. {_what_they_ask(config)} {_END}",
        _ANSWERS,
        None,
        f"{STORIES[story][0]} {_TOLD}" if own else _TOLD,
        _AGAIN[story],
    )


def _what_they_ask(config: CapacityToyConfig) -> str:
    """How many questions the tasks ask, how alike they are, and on how many examples."""
    sizes = np.bincount(config.families).tolist()
    told = f"They ask **{_word(len(sizes))} different questions**"
    if len(sizes) == 1:
        told = "**All ask the same"
        told += "**" if config.alike == 1 else f", up to a cosine of {config.alike:g}**"
    elif len(sizes) == config.tasks:
        told = "Each asks a **question of its own**"
    elif len(set(sizes)) == 1:
        told += f", {_word(sizes[0])} tasks each"
    else:
        told += f", asked by {listed([_word(size) for size in sizes])} of them"
    if 1 < len(sizes) < config.tasks and config.alike != _FIRST.alike:
        told += f" (cosine {config.alike:g} within one)"
    if config.examples != _FIRST.examples:
        told += f", and each has **{config.examples} examples**, not {_FIRST.examples}"
    return f"{told}."


def _word(number: int) -> str:
    return ("one", "two", "three", "four", "five")[number - 1]


def with_answer(question: Question, sweep: Sweep, tasks: int) -> Question:
    """The question with what was found: the width at which sharing helps most, if any."""
    helped = [(found.mean, width)
              for width, found in zip(sweep.widths.tolist(), differences(sweep), strict=True)
              if found is not None and found.verdict == "helps"]  # fmt: skip
    if not helped:
        return answered(question, ["nowhere"])
    width = max(helped)[1]
    return answered(question, ["one" if width == 1 else "few" if width < tasks else "wide"])


_MOST_SPANS, _MOST_NAMED, _MOST_WAYS = 4, 8, 7
_STUDY_TOLD = (
    f"{_TOLD} Where each task has data enough of its own, there is nothing to gain at any width."
)


def can_be_judged(sweep: Sweep, live: bool) -> bool:
    """Whether a guess will be right or wrong: one seed tells no difference from chance.

    Args:
        sweep: The scores of the study so far.
        live: Whether runs are to come.
    """
    known = any(each is not None and each.seeds > 1 for each in differences(sweep))
    return known or (live and sweep.together.shape[1] > 1)


def study_question(name: str, tasks: Sequence[str], sweep: Sweep) -> Question:
    """What is asked of a width study: at which of its widths sharing gains most, if at any.

    Args:
        name: Tells the study from all others.
        tasks: Names of its tasks.
        sweep: Its scores so far.
    """
    found = dict(zip(sweep.widths.tolist(), differences(sweep), strict=True))
    helped = {width: each.mean for width, each in found.items()
              if each is not None and each.verdict == "helps"}  # fmt: skip
    best = max(helped, key=lambda width: helped[width]) if helped else None
    parts = [part.tolist() for part in
             np.array_split(sweep.widths, min(_MOST_SPANS, len(sweep.widths)))]  # fmt: skip
    spans = [Answer(_span(part), _gained(part, found)) for part in parts]
    nowhere = "No width helps beyond chance." if best is None else f"At width {best} it does: "
    nowhere += "" if best is None else f"{interval(found[best])}."  # type: ignore[arg-type]
    right = len(parts) if best is None else next(i for i, part in enumerate(parts) if best in part)
    return Question(
        f"capacity.study.{name}",
        f"{_named(tasks)} are trained at every width twice: one "
        "encoder for all, and one for each. **At which width does sharing gain most, in the "
        "mean over tasks?**",
        (*spans, Answer("Nowhere", nowhere)),
        right,
        _STUDY_TOLD,
        of_runs=True,
    )


_WAYS_TOLD = (
    "**More of its own is not better by itself**: what a way adds for each task costs examples to "
    "learn, what it shares can be pulled to where another task wants it. Which of the two weighs "
    "more depends on the tasks and their data, so ways are compared over seeds, each against every "
    "task alone."
)


def ways_question(
    name: str, tasks: Sequence[str], found: Mapping[str, Arm], live: bool
) -> Question | None:
    """Which way of sharing gains most over each task alone; None where one seed can judge none.

    Args:
        name: Tells the study from all others.
        tasks: Names of its tasks.
        found: Its ways, as far as their runs are finished.
        live: Whether runs are to come.
    """
    means = {way: arm.mean for way, arm in found.items() if way != ALONE}
    several = any(mean is not None and mean.seeds > 1 for mean in means.values())
    if not (several or (live and any(len(arm.scores) > 1 for arm in found.values()))):
        return None
    helped = {way: mean.mean for way, mean in means.items()
              if mean is not None and mean.verdict == "helps"}  # fmt: skip
    best = max(helped, key=lambda way: helped[way]) if helped else None
    ways = list(means)
    spans = len(ways) if len(ways) <= _MOST_WAYS else _MOST_SPANS
    parts = [part.tolist() for part in np.array_split(ways, spans)]
    none = (
        "No way scores more than each task alone beyond chance."
        if best is None
        else (f"{_capital(escaped(words.way_name(best)))} does: {_scored(means[best])}.")
    )
    return Question(
        f"sharing.{name}",
        f"{_named(tasks)} are trained together in {counted(len(ways), 'way')} of sharing an "
        "encoder, and **each task alone**, with the same seeds. **Which way of sharing gains most "
        "over each task alone, in the mean over tasks?**",
        (
            *(Answer(_capital(" or ".join(escaped(words.way_name(way)) for way in part)), "; ".join(
                f"{_capital(escaped(words.way_name(way)))} against alone: {_scored(means[way])}"
                for way in part
            ) + ".") for part in parts),
            Answer("None of them", none),
        ),
        len(parts) if best is None else next(i for i, part in enumerate(parts) if best in part),
        _WAYS_TOLD,
        of_runs=True,
    )  # fmt: skip


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _scored(mean: Transfer | None) -> str:
    return "not known yet" if mean is None else interval(mean)


_SURELY = 2.0
"""Standard errors by which the best helper is ahead of every other that is offered."""
_HELPER_TOLD = (
    "One step for one task alone changes everybody's loss a little. **Whose step lowers a task's "
    "loss most** need not be the task whose texts look most like its own: what counts is whether "
    "both want the shared weights moved the same way."
)


def helper_question(
    name: str, tasks: Sequence[str], measured: Sequence[np.ndarray], alike: np.ndarray | None
) -> tuple[Question, int] | None:
    """Who helps one task most, and which task is meant; None where nobody surely does.

    It is asked of the task whose best helper is most surely ahead of the others that are offered.

    Args:
        name: Tells the run from all others.
        tasks: Names of its K tasks.
        measured: Affinities, (T, K, K) of each run, row = the task stepped on.
        alike: How alike the tasks' texts look, (K, K); None where it is not known.
    """
    drawn = np.concatenate(measured)
    known = [(*_helpers(drawn, alike, task), task) for task in range(len(tasks))]
    sure, offered, best, task = max(known)
    if sure < _SURELY:
        return None
    mean, which = mean_of_known(drawn)[:, task], escaped(tasks[task])
    second = max((other for other in offered if other != best), key=lambda other: mean[other])

    def reason(step: int) -> str:
        told, than = escaped(tasks[step]), second if step == best else best
        return (f"By a step on {told} the loss of {which} {_falls(mean[step])}, by one on "
                f"{escaped(tasks[than])} it {_falls(mean[than])}.")  # fmt: skip

    question = Question(
        # Another seed may change who is asked about and offered: a guess is of these.
        f"affinity.{name}.helper.{task}.{'-'.join(map(str, offered))}",
        f"{len(tasks)} tasks were trained on one encoder; now and then one step was tried for one "
        "task alone, and everybody's loss read again. **A step on which other task lowers the loss "
        f"of {which} most?**",
        tuple(Answer(escaped(tasks[other]), reason(other)) for other in offered),
        offered.index(best),
        _HELPER_TOLD,
        of_runs=True,
    )  # fmt: skip
    return question, task


def _falls(affinity: float) -> str:
    """`falls by 1.1 %`, or rises."""
    return f"{'falls' if affinity > 0 else 'rises'} by {words.percent(abs(float(affinity)), 1)}"


def _helpers(
    drawn: np.ndarray, alike: np.ndarray | None, task: int
) -> tuple[float, list[int], int]:
    """How surely a task's best helper is ahead, who is offered beside it, and which it is.

    Offered are the best, the one that looks most alike, the worst, and one between, by number.
    """
    mean = mean_of_known(drawn)[:, task]
    others = [other for other in range(len(mean)) if other != task and np.isfinite(mean[other])]
    ranked = sorted(others, key=lambda other: -mean[other])
    if len(ranked) < _MOST_SPANS or mean[ranked[0]] <= 0:
        return 0.0, [], -1
    best = ranked[0]
    tempting = best if alike is None else max(others, key=lambda other: alike[other, task])
    between = (ranked[len(ranked) // 2], *ranked[-2:0:-1])
    wanted = dict.fromkeys((best, tempting, ranked[-1], *between))
    offered = sorted(list(wanted)[:_MOST_SPANS])
    ahead = [_ahead(drawn[:, best, task] - drawn[:, other, task])
             for other in offered if other != best]  # fmt: skip
    return min(ahead), offered, best


def _ahead(differences: np.ndarray) -> float:
    """A mean difference in its standard errors; 0 where it is not known."""
    known = differences[np.isfinite(differences)]
    spread = known.std(ddof=1) / np.sqrt(len(known)) if len(known) > 1 else 0.0
    return float(known.mean() / spread) if spread > 0 else 0.0


_UNTOLD = "the runs that would tell did not finish"
_ADDING_TOLD = (
    "What the old tasks use decides what they can lose: **where the encoder is kept they cannot "
    "change**, and the new task has to do with what was learned for others. Training everything "
    "bends the encoder towards the new task, and nothing holds it for the old ones."
)


def adding_question(name: str, new: str, found: Mapping[str, Added], live: bool) -> Question:
    """Which way of adding serves the new task best, at what price; undecided where nobody can tell.

    Args:
        name: Tells the study from all others.
        new: The new task, escaped.
        found: Every way, as far as its runs are finished.
        live: Whether runs are to come.
    """
    known = {way: each for way, each in found.items() if each.new and each.lost}
    several = any(each.lost is not None and each.lost.seeds > 1 for each in known.values())
    undecided = ""
    if not live and not (several and "everything" in known):
        one = "everything" in known
        undecided = ONE_SEED_SENTENCE if one else f"Not known: {_UNTOLD}."
    right, told = None, "Not known yet."
    if "everything" in known:
        best = max(known, key=lambda way: known[way].new.mean)  # type: ignore[union-attr]
        lost = known["everything"].lost
        # A loss that is the same in every seed has no interval, and is a loss all the same.
        hurts = lost is not None and (
            lost.verdict == "hurts" or (lost.spreadless and lost.mean < 0)
        )
        right = 0 if known[best].keeping else 1 if hurts else 2
        told = (
            f"Best for {new} is training {TITLES[best]}: {_scored(known[best].new)} against all "
            "tasks from the start. Training everything changes the old tasks by "
            f"{_scored(known['everything'].lost)}."
        )
    if undecided:  # Said before the reason, of all ways.
        told = told.replace(f" ({ONE_SEED})", "")
    answers = (
        "One that keeps the encoder, at no price",
        "Training everything, at a price for the old tasks",
        "Training everything, at no price that can be told",
    )
    return Question(
        f"adding.{name}",
        f"The other tasks were trained first; then {new} came, and a head, a head and an insert, a "
        f"head and a task embedding, or everything was trained for it. **Which way scores {new} "
        "highest, and what do the old tasks pay?**",
        tuple(Answer(answer, told) for answer in answers),
        right,
        _ADDING_TOLD,
        undecided=undecided,
        of_runs=True,
    )


_FAMILIES_TOLD = (
    "Tasks of one family want the same of a text, so their gradients tend to point one way. But "
    "each has few examples, and a gradient of few examples points where chance has it as well. "
    "Texts that look alike are no family: of two families that speak of the same things each may "
    "want what the other does not."
)
_EXACT = 0.99


def families_question(
    name: str, tasks: int, families: int, found: Agreement | None = None
) -> Question:
    """Whether planted families are found in what was measured.

    Args:
        name: Tells the run from all others.
        tasks: How many tasks there are.
        families: How many families they were made in.
        found: How well the groups agree with them; None where it is not known.
    """
    right, told = None, ""
    if found is not None:
        right = 0 if found.index >= _EXACT else 1 if found.index > found.chance else 2
        told = f"Groups and families agree by {found.index:.2f} (1: exactly, 0: as by chance)."
        told = told.replace("-0", "−0")
    answers = ("Yes, exactly", "In part, better than chance", "No better than chance")
    return Question(
        f"affinity.{name}.families",
        f"{tasks} tasks were trained on one encoder. They were made in {families} families, of "
        "which each wants something else of a text; nobody told the model. **Can the families be "
        "read from which way the tasks' gradients point?**",
        tuple(Answer(answer, told) for answer in answers),
        right,
        _FAMILIES_TOLD,
        of_runs=True,
    )


def _named(tasks: Sequence[str]) -> str:
    many = len(tasks) > _MOST_NAMED
    return f"{len(tasks)} tasks" if many else listed([escaped(task) for task in tasks])


def _span(widths: Sequence[int]) -> str:
    return f"At width {widths[0]}" if len(widths) == 1 else f"At widths {widths[0]} to {widths[-1]}"


def _gained(widths: Sequence[int], found: Mapping[int, Transfer | None]) -> str:
    """What sharing changes at each of these widths."""
    told = [f"at width {width} {'not known yet' if each is None else interval(each)}"
            for width in widths for each in (found[width],)]  # fmt: skip
    return f"Together less alone: {'; '.join(told)}."


_GROUPS_TOLD = (
    "One step for one task alone changes everybody's loss a little. A grouping counts what each "
    "task receives from the others of its group, averaged over training; a task whose company "
    "would raise its loss is better alone. Whether that predicts the score is another question, "
    "answered by the runs below."
)


def grouping_question(
    name: str, tasks: Sequence[str], found: Grouping, mean: np.ndarray, most: int
) -> Question | None:
    """Which tasks to train together; None where there is nothing to choose between.

    Args:
        name: Tells the run from all others.
        tasks: Names of its tasks.
        found: The suggestion.
        mean: Average affinity, (K, K), row = the task stepped on.
        most: Most groups allowed.
    """
    numbers = range(len(tasks))
    others: list[Groups | None] = [(tuple(numbers),), found.runner_up]
    others += [tuple((task,) for task in numbers)] if most >= len(tasks) else []
    others += [_without(task, len(tasks)) for task in numbers]
    known = list(dict.fromkeys(each for each in (found.groups, *others) if each is not None))
    offered = sorted([each for each in known if len(each) <= most][:_MOST_SPANS])
    if len(offered) < 2:
        return None
    return Question(
        f"affinity.{name}.{most}",
        f"{listed([escaped(task) for task in tasks])} were trained on one encoder; now and then "
        "one step was tried for one task alone, and everybody's loss read again. "
        f"**With at most {most} encoders: who should train together?**",
        tuple(
            Answer(words.in_words(each, tasks).replace("**", ""), _received(each, found, mean))
            for each in offered
        ),
        offered.index(found.groups),
        _GROUPS_TOLD,
        of_runs=True,
    )


def _without(task: int, tasks: int) -> Groups:
    """One task alone, and all others together."""
    rest = tuple(other for other in range(tasks) if other != task)
    return tuple(sorted(((task,), rest)))


def _received(groups: Groups, found: Grouping, mean: np.ndarray) -> str:
    total = words.percent(total_affinity(mean, groups), len(mean))
    told = f"By a step on its companions a task's loss falls by {total} in the mean"
    if groups == found.groups:
        return f"{told}: no grouping gives more."
    return f"{told}, in the best grouping by {words.percent(found.total, len(mean))}."
