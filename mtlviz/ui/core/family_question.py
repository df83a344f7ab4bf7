"""What is asked of real runs before their outcome is shown: whom training together helps."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from mtlviz.engine.config import RunConfig
from mtlviz.engine.measures.joint_verdict import joint_verdict
from mtlviz.engine.measures.transfer import ONE_SEED, ONE_SEED_SENTENCE, Transfer, signed
from mtlviz.engine.presets import lesson_of
from mtlviz.errors import MtlvizError
from mtlviz.questions import Answer, Question, answered
from mtlviz.runs.family import SEEDS
from mtlviz.runs.summary import RunSummary
from mtlviz.ui.core import families, guess, link, run_records, scored_runs
from mtlviz.ui.core.words import escaped, listed, listed_first

Found = Mapping[str, Transfer | None]
_MOST_NAMED = 4
"""So many tasks have a button each; of more it is asked how many gain."""
_TOLD = (
    "Sharing **helps** a task that wants of the shared weights what others want too, the more so "
    "the fewer examples it has of its own; it **hurts** where another wants the opposite. Which "
    "tasks pull against each other stands on Run, under *Who pulls against whom*."
)
_WAITS = "It is told when the runs are done."


@dataclass(frozen=True)
class Asked:
    """A question about runs, and how far its answer is.

    Attributes:
        question: The question.
        waits: That its runs are still to come; empty where they are not.
    """

    question: Question
    waits: str = ""

    @property
    def stage(self) -> guess.Stage:
        """How far a visitor is with it."""
        return guess.stage(self.question.name, sees=bool(self.waits))

    def ask(self, key: str = "guess") -> None:
        """Draw it, or what became of it; what gives it away stays covered until then."""
        guess.enter(self.question.name, sees=bool(self.waits))
        guess.ask(self.question, waits=self.waits, key=key)


def ask_where_hidden(asks: Callable[[], Asked | None]) -> None:
    """Ask where a link hides the answers, and nobody else; without a question all is open."""
    guess.pass_by()
    if link.is_hidden("answers") and (asked := asks()) is not None:
        asked.ask()


def is_covered(asks: Callable[[], Asked | None]) -> bool:
    """Whether a question still covers what runs have found, on a page that asks another."""
    if not link.is_hidden("answers"):
        return False
    asked = asks()
    return asked is not None and asked.stage in ("asked", "seeing")


def about_family(run: RunSummary, runs: Sequence[RunSummary]) -> Asked | None:
    """What is asked of a run and those begun with it; None where nothing is or will be known.

    Args:
        run: The run.
        runs: All runs of the store.
    """
    members = families.members(runs, run.family)
    pending = any(each.pending for each in members)
    together = next((each for each in (run, *members * pending) if _tasks(each)), None)
    if together is None:
        return None
    found = scored_runs.family_of(together) if together.status == "finished" else None
    known: dict[str, Transfer | None] = dict.fromkeys(_tasks(together))
    if found is not None:
        known |= found.transfers
    alone = any(not _tasks(each) for each in members)
    config = run_records.run_config(together)
    name = name_of([config], run)
    # Whoever was asked meanwhile is told that nobody knows.
    told = any(known.values()) or guess.given(name).guess is not None
    if not told and not (pending and alone):
        return None
    question = asked_of(name, known, mechanism(config))
    return Asked(question, _WAITS if pending else "")


def name_of(together: Iterable[RunConfig], run: RunSummary) -> str:
    """What the question about runs that train together is called, the same on every page."""
    marks = sorted({SEEDS.mark(config) for config in together})
    return " ".join(["family", run.recorded.pack if run.recorded else "", *marks])


def mechanism(config: RunConfig) -> str:
    """Why sharing helps and hurts; of tasks that were made to show it, what was planted."""
    lesson = lesson_of(config)
    return f"{lesson}. {_TOLD}" if lesson else _TOLD


def _tasks(run: RunSummary) -> list[str]:
    """Names of the tasks that a run trains together; none where it trains one."""
    try:
        names = [task.name for task in run_records.run_config(run).data.tasks]
    except MtlvizError:
        return []  # Of a newer version.
    return names if len(names) > 1 else []


def asked_of(name: str, found: Found, told: str, every: str = "") -> Question:
    """Whom training together helps, with the answer that the transfers give.

    Args:
        name: Tells the question from all others.
        found: The transfer of each task; None where it is not known (yet).
        told: Why it is so, said at the end; Markdown.
        every: What the transfers are of, where not each is a task's of one way of training, such
            as "8 comparisons".
    """
    few = len(found) <= _MOST_NAMED and not every
    question = (_whom if few else _how_many)(name, found, every)
    question = replace(question, mechanism=told, undecided=_undecided(found), of_runs=True)
    return answered(question, () if question.undecided else (_most(found), _share(found)))


def _undecided(found: Found) -> str:
    """Why nobody can say yet whom it helps."""
    if missing := [_bold(task) for task, each in found.items() if each is None]:
        return f"Not known yet for {listed_first(missing)}."
    if any(each is not None and each.seeds == 1 for each in found.values()):
        return ONE_SEED_SENTENCE
    return ""


def _known(found: Found) -> dict[str, Transfer]:
    return {task: each for task, each in found.items() if each is not None}


def _best(found: Found) -> str | None:
    """The task that surely gains most; None where none does."""
    helped = {task: each for task, each in _known(found).items() if each.verdict == "helps"}
    return max(helped, key=lambda task: helped[task].mean) if helped else None


def _most(found: Found) -> tuple[str, str | None]:
    """What one of the answers about few tasks claims."""
    return "most", _best(found)


def _whom(name: str, found: Found, _: str) -> Question:
    tasks = listed([_bold(task) for task in found])
    best = _best(found)
    return Question(
        name,
        f"{tasks} are trained together, and each alone with the same data, seeds and number of "
        "updates. **Whom does training together help most?**",
        (
            *(Answer(escaped(task), _reason(task, found, best), (("most", task),))
              for task in found),
            Answer("Nobody", _nobody(found, best), (("most", None),)),
        ),
        None,
        "",
    )  # fmt: skip


def _reason(task: str, found: Found, best: str | None) -> str:
    """What training together did to a task, and how that compares with the one it helps most."""
    mine = found[task]
    if mine is None:
        return ""
    told = joint_verdict({task: mine}, _bold)
    if _undecided(found) == ONE_SEED_SENTENCE:  # Said before the reason, of all tasks.
        told = told.replace(f" ({ONE_SEED})", "")
    if best is None or (most := found[best]) is None or _undecided(found):
        return told
    if task == best:
        return f"{told} No other task gains as much."
    return f"{told} {_bold(best)} gains {signed(most.mean)} points."


def _nobody(found: Found, best: str | None) -> str:
    if best is None:
        return "" if _undecided(found) else "Of no task is a gain sure."
    return joint_verdict({best: _known(found)[best]}, _bold)


_SHARES: tuple[tuple[str, str, Callable[[int, int, int], bool]], ...] = (
    ("most gain", "Most of them", lambda gain, lose, every: 2 * gain > every),
    ("some pay", "Some, and it hurts others", lambda gain, lose, every: gain > 0 and lose > 0),
    ("some gain", "Some, and it hurts none", lambda gain, lose, every: gain > 0),
    ("none", "None", lambda gain, lose, every: True),
)
"""Of each answer about many: what it claims, what it says, and when it is the first that holds."""


def _counts(found: Found) -> tuple[int, int, int]:
    verdicts = [each.verdict for each in _known(found).values()]
    return verdicts.count("helps"), verdicts.count("hurts"), len(found)


def _share(found: Found) -> str:
    return next(claim for claim, _, holds in _SHARES if holds(*_counts(found)))


def _how_many(name: str, found: Found, every: str) -> Question:
    gain, lose, count = _counts(found)
    what = every or f"{count} tasks"
    who = "Tasks are trained together in several ways" if every else f"{what} are trained together"
    told = (
        f"Of {what} training together surely helps in {gain} and hurts in {lose}."
        if every
        else f"Of {what} {gain} surely gain and {lose} lose."
    )
    return Question(
        name,
        f"{who}, each alone too with the same data, seeds and number of updates. **How many of the "
        f"{what} does training together help?**",
        tuple(Answer(text, told, (claim,)) for claim, text, _ in _SHARES),
        None,
        "",
    )


def _bold(task: str) -> str:
    return f"**{escaped(task)}**"
