"""What phases are called, what was forgotten in them and what came back, in sentences."""

from collections.abc import Sequence

import numpy as np

from mtlviz.engine.measures.conflict import SURE
from mtlviz.engine.measures.forgetting import BACK, Change, Recovery
from mtlviz.engine.records import PhaseRecord
from mtlviz.ui.core.words import escaped, grouped, score


def phase_names(begun: Sequence[PhaseRecord], tasks: Sequence[str]) -> list[str]:
    """Each phase by those who train in it."""
    return [_named(phase, tasks) for phase in begun]


def _named(phase: PhaseRecord, tasks: Sequence[str]) -> str:
    if phase.due.all() and len(tasks) > 1:
        return "all tasks"
    return " + ".join(tasks[task] for task in np.flatnonzero(phase.due))


def change_in_words(found: Change, begun: Sequence[PhaseRecord], tasks: Sequence[str]) -> str:
    """What a phase did to a task that did not train in it."""
    task = escaped(tasks[found.task])
    while_training = (
        f"while {escaped(_named(begun[found.phase], tasks))} trained (phase {found.phase + 1})"
    )
    if not np.isfinite(found.points):
        return f"**{task}**: no score at both ends {while_training}, so nothing is known."
    size = f"{abs(found.points):.1f} ± {found.error:.1f} points"
    if not abs(found.points) > SURE * found.error:
        sign = "+" if found.points > 0 else "−"
        return (
            f"**{task}** {while_training}: {sign}{size}, which cannot be told from nothing "
            "forgotten."
        )
    verb = "gained" if found.points > 0 else "forgot"
    return f"**{task}** {verb} {size} {while_training}."


def recovery_in_words(found: Recovery, begun: Sequence[PhaseRecord], tasks: Sequence[str]) -> str:
    """How soon a returning task had its earlier score back."""
    task = f"**{escaped(tasks[found.task])}**, back in phase {found.phase + 1},"
    if not np.isfinite(found.earlier):
        return f"{task} has no earlier score to come back to: it was not measured."
    if found.earlier <= 0:
        return f"{task} had no earlier score above zero to come back to."
    goal = f"{BACK:.0%} of its earlier {score(found.earlier)}"
    if found.updates == 0:
        return f"{task} still had {goal} when it returned."
    if found.updates is not None:
        return f"{task} had {goal} again at the score after {grouped(found.updates)} updates."
    if not found.seen:
        return f"{task} has not been scored since, so nothing is known of {goal}."
    return f"{task} did not reach {goal} within {grouped(found.seen)} updates."
