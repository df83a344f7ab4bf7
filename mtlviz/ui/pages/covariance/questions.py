"""What each view asks before it shows its answer: a question of the data, or one a story."""

from collections.abc import Mapping, Sequence

import numpy as np

from mtlviz.engine.measures.task_spectra import Analysis
from mtlviz.engine.measures.transfer import Transfer
from mtlviz.questions import Answer, Question, answered
from mtlviz.ui.core.words import escaped
from mtlviz.ui.pages.covariance.settings import REWEIGHING_STORIES, STORIES

_REASONS = {
    "helps": ("It helps task 1", "It does where the source's labels follow, behind R₂, the "
              "direction that task 1's labels follow."),
    "hurts": ("It hurts task 1", "It does where the source pulls the one shared direction to where "
              "task 1's labels do not change."),
    "undecided": ("It changes nothing that can be told", "So it is where the module has room for "
                  "both, or where help and harm are too small for these repetitions."),
}  # fmt: skip
_ANSWERS = tuple(Answer(text, why, (name,)) for name, (text, why) in _REASONS.items())
_END = "**What does training with task 2 do to task 1?**"


def _question(story: str, text: str, right: int, again: str) -> Question:
    told = (
        f"{STORIES[story][0]} The shared module keeps as many directions as its capacity. A source "
        "helps where its labels ask for the direction that the target needs, whatever its cloud "
        "looks like: how alike two clouds are does not decide it."
    )
    return Question(f"align.{story}", f"{text} {_END}", _ANSWERS, right, told, again)


ALIGN_QUESTIONS: Mapping[str, Question] = {
    "Start": _question(
        "Start", "Two tasks share one direction. They ask **almost the same** of clouds that lie "
        "across one another.", 1, "Same question, other cloud",
    ),
    "Same question, other cloud": _question(
        "Same question, other cloud", "Both tasks' labels follow **one and the same** direction; "
        "only their clouds differ, and are little alike.", 0, "Turned by its cloud",
    ),
    "Turned by its labels": _question(
        "Turned by its labels", "A matrix R₂ turns task 2's inputs, before the shared direction, "
        "**until its labels follow task 1's direction**. The clouds are not made alike.", 0,
        "Start",
    ),
    "Turned by its cloud": _question(
        "Turned by its cloud", "Both tasks' labels follow one direction. A matrix R₂ turns task "
        "2's inputs **until the two clouds look as alike as can be**.", 2, "Turned by its labels",
    ),
    "Two directions": _question(
        "Two directions", "The tasks of the first story, with **capacity 2**: the shared module "
        "keeps two directions for two tasks.", 2, "Start",
    ),
}  # fmt: skip
ANY = Question(
    "align.any",
    f"Two tasks share one module; a matrix R₂ in front of it turns task 2's inputs. {_END}",
    _ANSWERS, None, "Look at which direction each task's labels follow, and what the module keeps.",
)  # fmt: skip


def with_answer(question: Question, found: Mapping[str, Transfer]) -> Question:
    """The question with what was found of the last of the ways: plain, by hand, trained."""
    last = list(found.values())[-1:]
    return answered(question, [each.verdict for each in last])


_HELPED = {
    "free": ("Task 2, and task 1 loses nothing", "So it is where both ask for about the same "
             "direction: less of the coin's pull turns it to where both need it.",
             ((0, "no loss"), (1, "helps"))),
    "paid": ("Task 2, and task 1 pays", "Task 2 gains wherever the coin's labels pull less; task 1 "
             "pays where the shared direction turns away from what it needs.",
             ((0, "hurts"), (1, "helps"))),
    "noisy": ("Task 1, and not task 2", "Its own labels are the wrong ones: with less weight they "
              "pull less, and what is right in them pulls less too.",
              ((0, "helps"), (1, "no gain"))),
    "nobody": ("Nobody", "So it is where each task can keep a direction of its own: weights "
               "change who wins a place, and nobody loses one.", ((0, "no gain"), (1, "no gain"))),
}  # fmt: skip
_WEIGHED = tuple(Answer(*each) for each in _HELPED.values())
_WHOM = (
    "Reweighting gives a task less weight where its labels have little in common with the other's. "
    "**Whom does the reweighting help, against equal weights?**"
)


def _weighing(story: str, text: str, right: int, again: str) -> Question:
    told = (
        f"{REWEIGHING_STORIES[story][0]} Weights decide whose needs turn the one direction that "
        "all share. With as many directions as tasks nothing is decided by them (Proposition 1)."
    )
    return Question(f"reweigh.{story}", f"{text} {_WHOM}", _WEIGHED, right, told, again)


REWEIGHING_QUESTIONS: Mapping[str, Question] = {
    "Careless labels": _weighing(
        "Careless labels", "Two tasks ask **nearly the same** and share one direction. **60 % of "
        "task 1's labels are a coin's.**", 0, "Wide apart",
    ),
    "Wide apart": _weighing(
        "Wide apart", "Two tasks share one direction, and 60 % of task 1's labels are a coin's. "
        "What they ask for lies **far apart**.", 1, "Two for two",
    ),
    "Two for two": _weighing(
        "Two for two", "Two tasks ask nearly the same, 60 % of task 1's labels are a coin's. The "
        "shared module keeps **two directions**.", 3, "Careless labels",
    ),
}  # fmt: skip
ANY_WEIGHTS = Question(
    "reweigh.any", f"Some of task 1's labels are a coin's. {_WHOM}", _WEIGHED, None,
    "Weights decide whose needs turn the direction that all share.",
)  # fmt: skip


def weighed(question: Question, found: Sequence[tuple[str, Transfer]]) -> Question:
    """The question with what was found for task 1, and for the others."""
    also = {"helps": ["no loss"], "hurts": ["no gain"], "undecided": ["no loss", "no gain"]}
    return answered(question, [(task, word) for task, (_, each) in enumerate(found)
                               for word in (each.verdict, *also[each.verdict])])  # fmt: skip


_MOST_ANSWERS = 4
_UNEQUAL = 1.5  # Times as many directions that count as more.
_PAIRS_TOLD = (
    "Similarity compares along which directions two tasks' points spread, and how much along each. "
    "What the sentences mean does not enter, only where their vectors lie. Spread around the "
    "*origin* counts where a task lies as well; around its *own mean* only the cloud's shape "
    "counts, and another pair may be the most alike."
)


def pair_question(found: Analysis, names: Sequence[str], key: str) -> Question | None:
    """Which two of these tasks spread most alike, with a reason for each pair that is offered.

    Args:
        found: What is known of the tasks' embeddings.
        names: Their names.
        key: Changes with the embeddings, and with what they spread around.

    Returns:
        The question; None where there is nothing to choose between.
    """
    offered = offered_pairs(found)
    if len(offered) < 2:
        return None
    best = max(offered, key=lambda pair: found.normalised[pair])
    return Question(
        f"covariance.{key}",
        f"Every example of {len(names)} tasks is a point, its embedding. **Which two tasks spread "
        "most along the same directions?**",
        tuple(
            Answer(
                " and ".join(escaped(names[task]) for task in pair),
                _reason(found, names, pair, best),
            )
            for pair in offered
        ),
        offered.index(best),
        _PAIRS_TOLD,
    )


def offered_pairs(found: Analysis) -> list[tuple[int, int]]:
    """Pairs to choose from, in the order of the tasks: of many the telling ones."""
    pairs = [(i, j) for i in range(len(found.spectra)) for j in range(i + 1, len(found.spectra))
             if np.isfinite(found.normalised[i, j])]  # fmt: skip
    ranked = sorted(pairs, key=lambda pair: -found.normalised[pair])
    if len(ranked) <= _MOST_ANSWERS:
        return pairs
    telling = [ranked[0], _nearest(found, ranked), ranked[-1], ranked[1], ranked[2]]
    return sorted(list(dict.fromkeys(telling))[:_MOST_ANSWERS])


def _nearest(found: Analysis, pairs: Sequence[tuple[int, int]]) -> tuple[int, int]:
    """The two tasks that lie nearest to one another, which is easily taken for being alike."""
    return max(pairs, key=lambda pair: found.cosines[pair])


def _reason(
    found: Analysis, names: Sequence[str], pair: tuple[int, int], best: tuple[int, int]
) -> str:
    """Why a pair is, or seemed, the most alike."""
    if pair == best:
        return "Of all pairs their leading directions agree most."
    if pair == _nearest(found, offered_pairs(found)):
        return (
            f"These two lie nearest to one another (mean cosine {found.cosines[pair]:.2f}), and "
            "where points lie is not how they spread."
        )
    few, many = sorted(pair, key=lambda task: found.spectra[task].effective_dimensions)
    counts = [found.spectra[task].effective_dimensions for task in (few, many)]
    if counts[1] > _UNEQUAL * counts[0]:
        return (
            f"{escaped(names[few])} uses {counts[0]:.1f} directions effectively, "
            f"{escaped(names[many])} {counts[1]:.1f}: one is flat where the other is not."
        )
    return "Both use about as many directions, and not the same ones."
