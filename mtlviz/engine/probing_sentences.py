"""The worked example of a course report: three sentences whose gradients are followed in a run."""

from collections.abc import Sequence
from dataclasses import dataclass

from mtlviz.engine.tasks.task import Kind, Task
from mtlviz.errors import ConfigError

SOURCE = "Iyer, CS224N report, section 6.2 and figure 3"
_WANTED = "one with five classes, one that tells paraphrases, and one that scores similarity"


@dataclass(frozen=True)
class ProbeSentence:
    """One example of the report.

    Attributes:
        kind: Kind of task it belongs to.
        first: The sentence, or the first of the pair.
        second: The second of the pair; None for a single sentence.
        label: Number of its class, or its score.
        classes: How many classes its task has; 0 for scores.
    """

    kind: Kind
    first: str
    second: str | None
    label: float
    classes: int


SENTENCES = (
    ProbeSentence("classification", "As an actress, Madonna is one helluva singer.", None, 4, 5),
    ProbeSentence(
        "pair_classification",
        "Who is the most famous contemporary singer/band in German-speaking world?",
        "Who is your favorite singer/band from your country?",
        0,
        2,
    ),
    ProbeSentence(
        "pair_regression",
        "Red-shirt leader calls not to oppose army.",
        "Beijing not to send army.",
        0.6,
        0,
    ),
)


def fitting_tasks(tasks: Sequence[Task]) -> tuple[int, ...] | None:
    """Numbers of the first tasks that the three examples fit; None where one has no task.

    The sentiment example needs a task of five classes, the paraphrase example one of two, the
    similarity example a task whose scores reach its label.

    Args:
        tasks: The tasks of a run.
    """
    found = tuple(
        next((number for number, task in enumerate(tasks) if _fits(sentence, task)), None)
        for sentence in SENTENCES
    )
    return None if None in found else found


def required_tasks(tasks: Sequence[Task]) -> tuple[int, ...]:
    """As `fitting_tasks`, but a run without such tasks is refused.

    Raises:
        ConfigError: If one of the examples has no task.
    """
    found = fitting_tasks(tasks)
    if found is None:
        names = ", ".join(repr(task.name) for task in tasks)
        raise ConfigError(
            f"`probes.worked_example_every` needs three kinds of tasks ({_WANTED}), got {names}; "
            "set it to 0 for this run."
        )
    return found


def _fits(sentence: ProbeSentence, task: Task) -> bool:
    if task.kind != sentence.kind:
        return False
    if sentence.classes:
        return len(task.label_names) == sentence.classes
    low, high = task.score_range or (1.0, 0.0)
    return low <= sentence.label <= high
