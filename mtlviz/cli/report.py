"""What a finished run says: its scores beside baselines and published numbers."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from mtlviz.engine.config import RunConfig
from mtlviz.engine.presets import lesson_of
from mtlviz.engine.published_scores import Published, published_scores
from mtlviz.engine.records import GroupScore

DASH = "–"
SELECTED = (
    "Scores are on the development splits, at the evaluation with the best mean: the choice makes "
    "them slightly hopeful. ± is one standard error from the number of examples; seeds vary more."
)
NEVER_SCORED = "The run ended before its first evaluation, so there are no scores."
COMPARED = (
    "The ± of a difference comes from the number of examples and knows nothing of other seeds."
)
ALONE = (
    "That choice favours `alone`: each of its runs is chosen by its own task's score, the run by "
    "the mean over all tasks. A difference below zero is therefore partly the choice's doing."
)
PEOPLE = (
    "People: the second person's answers, scored by those of the others, of the questions that "
    "several people answered."
)
FULL_EXPERIMENT = "Published scores are of the full experiment: other encoder, data or budget."


@dataclass(frozen=True)
class Outcome:
    """Best development scores of a run.

    Attributes:
        tasks: Names of the tasks.
        metrics: Main metric of each.
        scores: Score of each, NaN where undefined.
        errors: Standard error of each score.
        baselines: Score of an answer without learning; NaN where there is none.
        ceilings: What people score; NaN where the data do not tell.
        groups: Groups of examples of each task that are scored apart as well.
        update: Updates done when they were taken; None if the run was never evaluated.
    """

    tasks: tuple[str, ...]
    metrics: tuple[str, ...]
    scores: tuple[float, ...]
    errors: tuple[float, ...]
    baselines: tuple[float, ...]
    update: int | None
    ceilings: tuple[float, ...] = ()
    groups: tuple[Sequence[GroupScore], ...] = ()

    @property
    def knows_people(self) -> bool:
        """Whether anybody knows what people score on one of the tasks."""
        return any(not math.isnan(each) for each in self.ceilings)


def table(config: RunConfig, outcome: Outcome, alone: Mapping[str, tuple[float, float]]) -> str:
    """The final table as text, with footnotes.

    Args:
        config: The run's settings; its tasks and methods decide which published numbers stand
            beside.
        outcome: The run's scores.
        alone: Score and standard error of each task trained by itself, where that was done.
    """
    published = published_scores(config)
    header = ["task", "metric", "score"]
    header += ["alone", "difference"] if alone else []
    header += ["floor"] + (["people"] if outcome.knows_people else [])
    header += ["published"] if published else []
    notes: list[str] = []
    rows = [_row(outcome, task, alone, published, notes) for task in range(len(outcome.tasks))]
    lines = _aligned([header, *rows])
    footnotes = [f"[{number}] {note}." for number, note in enumerate(notes, start=1)]
    sources = sorted({entry.source for entry in published.values()})
    if published:
        footnotes += [f"Published: {'; '.join(sources)}. {FULL_EXPERIMENT}"]
    footnotes += [f"{lesson}."] if (lesson := lesson_of(config)) else []
    footnotes += [NEVER_SCORED] if outcome.update is None else [SELECTED]
    footnotes += [COMPARED, ALONE] if alone else []
    footnotes += [PEOPLE] if outcome.knows_people else []
    return "\n".join([*lines, *_groups(outcome), *footnotes])


def _groups(outcome: Outcome) -> list[str]:
    """One line for each group of examples that is scored apart as well."""
    return [
        f"{name}, {group.name} ({group.count:,}): "
        + ", ".join(
            f"{each} {with_error(s, group.errors[each])}" for each, s in group.metrics.items()
        )
        for name, groups in zip(outcome.tasks, outcome.groups, strict=False)
        for group in groups
    ]


def _row(
    outcome: Outcome,
    task: int,
    alone: Mapping[str, tuple[float, float]],
    published: Mapping[str, Published],
    notes: list[str],
) -> list[str]:
    """One task's cells; what must be said about a published number is added to the notes."""
    name, score, error = outcome.tasks[task], outcome.scores[task], outcome.errors[task]
    cells = [name, outcome.metrics[task], with_error(score, error)]
    if alone:
        single, single_error = alone.get(name, (math.nan, math.nan))
        cells += [with_error(single, single_error)]
        # Both runs are scored on the same examples, so adding variances overstates the error.
        both = math.hypot(error, single_error)
        cells.append(with_error(score - single, both, signed=True))
    cells.append(number(outcome.baselines[task]))
    cells += [number(outcome.ceilings[task])] if outcome.knows_people else []
    if published:
        cells.append(_published(published.get(name), notes))
    return cells


def _published(entry: Published | None, notes: list[str]) -> str:
    """A published score with a mark where something must be known about it."""
    if entry is None:
        return DASH
    if not entry.flag:
        return number(entry.score)
    if entry.flag not in notes:
        notes.append(entry.flag)
    return f"{number(entry.score)} [{notes.index(entry.flag) + 1}]"


def number(value: float, *, signed: bool = False) -> str:
    """Three decimals, or a dash where there is no number."""
    if math.isnan(value):
        return DASH
    return f"{value:+.3f}" if signed else f"{value:.3f}"


def with_error(value: float, error: float, *, signed: bool = False) -> str:
    """A number with its standard error."""
    text = number(value, signed=signed)
    return text if math.isnan(value) or math.isnan(error) else f"{text} ± {error:.3f}"


def _aligned(rows: Sequence[Sequence[str]]) -> list[str]:
    """Rows as lines, every column as wide as its longest cell."""
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    ]
